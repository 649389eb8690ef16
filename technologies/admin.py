"""Technologies in the admin."""

from __future__ import annotations

from django.contrib import admin

from listings.admin import ListingAdmin, RowInline
from technologies.models import Benefit, Right, Site, Technology


class BenefitInline(RowInline):
    model = Benefit


class SiteInline(RowInline):
    model = Site


class RightInline(RowInline):
    model = Right


@admin.register(Technology)
class TechnologyAdmin(ListingAdmin):
    inlines = (BenefitInline, SiteInline, RightInline)
    list_filter = (*ListingAdmin.list_filter, "type", "maturity")
