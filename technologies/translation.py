"""Columns of technologies that exist once for each language."""

from modeltranslation.translator import TranslationOptions, register

from technologies.models import Technology


@register(Technology)
class TechnologyTranslation(TranslationOptions):
    fields = Technology.TEXT_FIELDS
