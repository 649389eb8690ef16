"""Columns of programmes that exist once for each language."""

from modeltranslation.translator import TranslationOptions, register

from programmes.models import Event, Programme


@register(Programme)
class ProgrammeTranslation(TranslationOptions):
    fields = ("title", "summary", "description")


@register(Event)
class EventTranslation(TranslationOptions):
    fields = ("title",)
