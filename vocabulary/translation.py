"""Columns of the vocabulary that exist once for each language."""

from modeltranslation.translator import TranslationOptions, register

from vocabulary.models import Concept


@register(Concept)
class ConceptTranslation(TranslationOptions):
    fields = ("label", "synonyms")
