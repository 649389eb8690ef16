"""Needs in the admin."""

from __future__ import annotations

from django.contrib import admin

from listings.admin import ListingAdmin, RowInline
from needs.models import Need, Target


class TargetInline(RowInline):
    model = Target


@admin.register(Need)
class NeedAdmin(ListingAdmin):
    inlines = (TargetInline,)
    list_filter = (*ListingAdmin.list_filter, "procurement")
