"""What the API tells about a concept."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.languages import CODES, column
from vocabulary.models import Concept

LABELS = {"type": "object", "properties": {code: {"type": "string"} for code in CODES}}
SYNONYMS = {
    "type": "object",
    "properties": {code: {"type": "array", "items": {"type": "string"}} for code in CODES},
}


class ConceptSerializer(serializers.ModelSerializer[Concept]):
    label = serializers.SerializerMethodField()  # type: ignore[assignment]
    synonyms = serializers.SerializerMethodField()
    parent = serializers.SerializerMethodField()  # type: ignore[assignment]
    maps_to = serializers.SerializerMethodField()

    class Meta:
        model = Concept
        fields = (
            "id",
            "key",
            "scheme",
            "code",
            "version",
            "label",
            "synonyms",
            "parent",
            "maps_to",
        )
        read_only_fields = fields

    @extend_schema_field(LABELS)
    def get_label(self, concept: Concept) -> dict[str, str]:
        texts = {code: getattr(concept, column("label", code)) for code in CODES}
        return {code: text for code, text in texts.items() if text}

    @extend_schema_field(SYNONYMS)
    def get_synonyms(self, concept: Concept) -> dict[str, list[str]]:
        texts = {code: getattr(concept, column("synonyms", code)) or "" for code in CODES}
        return {code: text.split("|") for code, text in texts.items() if text}

    @extend_schema_field(
        {"type": "string", "nullable": True, "description": "Key of the broader concept."}
    )
    def get_parent(self, concept: Concept) -> str | None:
        return concept.parent.key if concept.parent else None

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_maps_to(self, concept: Any) -> list[str]:
        return [other.key for other in concept.maps_to.all()]
