"""Columns of organisations that exist once for each language. The name is the same in all."""

from modeltranslation.translator import TranslationOptions, register

from partners.models import Organisation


@register(Organisation)
class OrganisationTranslation(TranslationOptions):
    fields = ("description",)
