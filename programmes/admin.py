"""Programmes in the admin: the programme manager's desk for now."""

from django.contrib import admin
from modeltranslation.admin import TranslationAdmin, TranslationStackedInline

from programmes.models import Event, Programme


class EventInline(TranslationStackedInline):
    model = Event
    extra = 0


@admin.register(Programme)
class ProgrammeAdmin(TranslationAdmin):
    list_display = ("title", "organisation", "phase", "starts", "ends", "public")
    list_filter = ("phase", "public")
    list_select_related = ("organisation",)
    autocomplete_fields = ("organisation", "managers")
    inlines = (EventInline,)
