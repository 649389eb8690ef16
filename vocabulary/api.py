"""Reading the vocabulary."""

from __future__ import annotations

from rest_framework.viewsets import ReadOnlyModelViewSet

from vocabulary.filters import ConceptFilterSet
from vocabulary.models import Concept
from vocabulary.serializers import ConceptSerializer


class ConceptViewSet(ReadOnlyModelViewSet):
    """Fields, topics and classes with labels and synonyms in six languages."""

    queryset = Concept.objects.select_related("parent").prefetch_related("maps_to").in_order()
    serializer_class = ConceptSerializer
    filterset_class = ConceptFilterSet
    lookup_value_regex = "[0-9]{1,18}"
