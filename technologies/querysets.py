"""Questions asked of technologies."""

from typing import Any, Self

from listings.querysets import ListingQuerySet


class TechnologyQuerySet(ListingQuerySet[Any]):
    def for_cards(self) -> Self:
        return super().for_cards().prefetch_related("benefits")

    def for_page(self) -> Self:
        return self.for_cards().prefetch_related("sites", "rights")
