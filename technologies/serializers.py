"""What the API tells about a technology."""

from __future__ import annotations

from rest_framework import serializers

from listings.serializers import CodesSerializerField, ListingSerializer, TextsField
from technologies.models import Benefit, Right, Site, Technology


class BenefitSerializer(serializers.ModelSerializer[Benefit]):
    class Meta:
        model = Benefit
        fields = Technology.PARTS["benefits"]


class SiteSerializer(serializers.ModelSerializer[Site]):
    class Meta:
        model = Site
        fields = Technology.PARTS["sites"]


class RightSerializer(serializers.ModelSerializer[Right]):
    class Meta:
        model = Right
        fields = Technology.PARTS["rights"]


class TechnologySerializer(ListingSerializer):
    description = TextsField()
    problem_solved = TextsField()
    difference = TextsField()
    economic_case = TextsField()
    deployed_in = CodesSerializerField(read_only=True)
    available_in = CodesSerializerField(read_only=True)
    benefits = BenefitSerializer(many=True, read_only=True)
    sites = SiteSerializer(many=True, read_only=True)
    rights = RightSerializer(many=True, read_only=True)

    class Meta:
        model = Technology
        fields = (
            *ListingSerializer.FIRST,
            *Technology.TEXT_FIELDS,
            *Technology.FACT_FIELDS,
            *Technology.PARTS,
            *ListingSerializer.LAST,
        )
        read_only_fields = fields
