"""What the API tells about a need."""

from __future__ import annotations

from rest_framework import serializers

from listings.serializers import CodesSerializerField, ListingSerializer, TextsField
from needs.models import Need, Target


class TargetSerializer(serializers.ModelSerializer[Target]):
    class Meta:
        model = Target
        fields = Need.PARTS["targets"]


class NeedSerializer(ListingSerializer):
    problem = TextsField()
    baseline = TextsField()
    target = TextsField()
    constraints = TextsField()
    must = CodesSerializerField(read_only=True)
    team_languages = CodesSerializerField(read_only=True)
    targets = TargetSerializer(many=True, read_only=True)

    class Meta:
        model = Need
        fields = (
            *ListingSerializer.FIRST,
            *Need.TEXT_FIELDS,
            *(name for name in Need.FACT_FIELDS if name != "capacity"),
            *Need.PARTS,
            *ListingSerializer.LAST,
        )
        read_only_fields = fields
