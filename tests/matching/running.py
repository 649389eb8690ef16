"""Carrying a run through, step by step."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from matching import runs
from matching.models import Chunk, Suggestion
from matching.policy import in_force
from matching.querysets import CHUNK_LEASE
from matching.stages import STAGES


def limit(**limits: int) -> None:
    policy = in_force()
    policy.limits.update(limits)
    policy.save()


def run_through() -> None:
    runs.start()
    go_on()


def go_on() -> None:
    while runs.step(STAGES):
        pass


def pairs() -> set[tuple[int, int, float]]:
    return set(Suggestion.objects.values_list("need", "technology", "score"))


def let_leases_end() -> None:
    Chunk.objects.update(due_at=timezone.now())
    ended = timezone.now() - CHUNK_LEASE - timedelta(seconds=1)
    Chunk.objects.filter(claimed_at__isnull=False).update(claimed_at=ended)
