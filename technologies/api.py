"""Reading published technologies."""

from __future__ import annotations

from listings.api import ListingViewSet
from technologies.filters import TechnologyFilterSet
from technologies.models import Technology
from technologies.serializers import TechnologySerializer


class TechnologyViewSet(ListingViewSet):
    queryset = Technology.objects.published().for_page()
    serializer_class = TechnologySerializer
    filterset_class = TechnologyFilterSet
