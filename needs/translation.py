"""Columns of needs that exist once for each language."""

from modeltranslation.translator import TranslationOptions, register

from needs.models import Need


@register(Need)
class NeedTranslation(TranslationOptions):
    fields = Need.TEXT_FIELDS
