"""Every component of a page under one name: ``{% load design %}``."""

from __future__ import annotations

from django import template

from common.templatetags import (
    dates,
    fields,
    fit,
    money,
    navigation,
    places,
    plots,
    quantities,
    shapes,
)

register = template.Library()

for library in (dates, fields, fit, money, navigation, places, plots, quantities, shapes):
    register.tags.update(library.register.tags)
    register.filters.update(library.register.filters)
