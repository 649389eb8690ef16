"""Questions asked of what happens after an introduction."""

from typing import Any, NoReturn

from django.db import models
from django.utils import timezone

from introductions.choices import Step, Word


class AppendedQuerySet(models.QuerySet[Any]):
    """Rows that are written once: a correction is another row."""

    def update(self, **_columns: Any) -> NoReturn:
        raise TypeError("append-only")

    def delete(self) -> NoReturn:
        raise TypeError("append-only")


class MilestoneQuerySet(AppendedQuerySet):
    def standing(self) -> "MilestoneQuerySet":
        """Not replaced by a correction and not contested."""
        return self.filter(correction__isnull=True).exclude(answer__word=Word.CONTESTED)

    def waiting(self) -> "MilestoneQuerySet":
        """For the word of the other side."""
        return self.filter(correction__isnull=True, answer__isnull=True).exclude(side="")

    def confirmed(self) -> "MilestoneQuerySet":
        return self.filter(correction__isnull=True, answer__word=Word.CONFIRMED)

    def closing(self) -> "MilestoneQuerySet":
        return self.filter(step=Step.CLOSED)

    def for_timeline(self) -> "MilestoneQuerySet":
        rows = self.select_related("by", "answer", "answer__by", "correction")
        return rows.prefetch_related("attachments").order_by("at", "pk")


class ImpactQuerySet(AppendedQuerySet):
    def standing(self) -> "ImpactQuerySet":
        """Not replaced by a correction or a verification."""
        return self.filter(replacement__isnull=True)


class ReminderQuerySet(models.QuerySet[Any]):
    def due(self) -> "ReminderQuerySet":
        return self.filter(done_at__isnull=True, due_at__lte=timezone.now()).order_by("due_at")
