"""Questions asked of the vocabulary."""

from typing import Any

from django.db import models

from vocabulary.choices import Scheme


class ConceptQuerySet(models.QuerySet[Any]):
    def fields(self) -> "ConceptQuerySet":
        return self.filter(scheme=Scheme.FIELD)

    def topics(self) -> "ConceptQuerySet":
        return self.filter(scheme=Scheme.TOPIC).select_related("parent")

    def goals(self) -> "ConceptQuerySet":
        return self.filter(scheme=Scheme.SDG)

    def in_order(self) -> "ConceptQuerySet":
        return self.order_by("scheme", "position", "code")
