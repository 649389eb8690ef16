"""Questions asked of needs."""

from typing import Any, Self

from listings.querysets import ListingQuerySet


class NeedQuerySet(ListingQuerySet[Any]):
    def for_cards(self) -> Self:
        return super().for_cards().prefetch_related("targets")

    def for_page(self) -> Self:
        return self.for_cards()
