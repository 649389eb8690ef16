"""Reading published needs."""

from __future__ import annotations

from listings.api import ListingViewSet
from needs.filters import NeedFilterSet
from needs.models import Need
from needs.serializers import NeedSerializer


class NeedViewSet(ListingViewSet):
    queryset = Need.objects.published().for_page()
    serializer_class = NeedSerializer
    filterset_class = NeedFilterSet
