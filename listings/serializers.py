"""What the API tells about a listing: content only, no person, no contact detail."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.languages import CODES
from partners.models import Organisation

TEXTS = {
    "type": "object",
    "description": "The text by language code; with ?lang= only that language.",
    "properties": {code: {"type": "string"} for code in CODES},
}


@extend_schema_field(TEXTS)
class TextsField(serializers.Field):
    """``{"en": "…", "fr": "…"}``: every language in which the field is written."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, value: Any) -> dict[str, str]:
        wanted = self.context.get("languages") or CODES
        name = str(self.field_name)
        return {code: text for code in wanted if (text := value.said(name, code))}


class OrganisationSerializer(serializers.ModelSerializer[Organisation]):
    class Meta:
        model = Organisation
        fields = ("id", "kind", "name", "country", "place")
        read_only_fields = fields


@extend_schema_field(
    {"type": "array", "items": {"type": "string"}, "example": ["topic:buildings.cooling"]}
)
class ConceptKeysField(serializers.Field):
    def to_representation(self, value: Any) -> list[str]:
        return [concept.key for concept in value.all()]


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class CodesSerializerField(serializers.Field):
    def to_representation(self, value: Any) -> list[str]:
        return list(value)


class ListingSerializer(serializers.ModelSerializer):
    """Fields that both kinds share; each adds its own."""

    title = TextsField()
    summary = TextsField()
    url = serializers.SerializerMethodField(help_text="The page of the record.")
    organisation = OrganisationSerializer(read_only=True)
    concepts = ConceptKeysField(read_only=True)
    terms = CodesSerializerField(read_only=True)

    FIRST = ("id", "reference", "url", "organisation", "source_language")
    LAST = (
        *("concepts", "status", "published_at", "updated_at", "confirmed_at"),
        *("source", "external_id", "source_url", "source_licence"),
    )

    def get_url(self, record: Any) -> str:
        path = record.get_absolute_url()
        request = self.context.get("request")
        return request.build_absolute_uri(path) if request else path
