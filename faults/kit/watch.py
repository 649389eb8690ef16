"""Looking at the outbox of a site under test from outside, also while its database is down."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

Found = TypeVar("Found")
PATIENCE = 60.0


def insist(ask: Callable[[], Found]) -> Found:
    """Ask again while the database is away."""
    from django.db import Error, connection

    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return ask()
        except Error:
            if time.monotonic() > deadline:
                raise
            connection.close()
            time.sleep(0.2)


def messages() -> Any:
    from outbox.models import Message

    return Message.objects.all()


def states() -> Counter[str]:
    return insist(lambda: Counter(messages().values_list("status", flat=True)))


@dataclass
class Doubts:
    """Every e-mail that was ever seen as unknown, and how long it stayed so."""

    since: dict[int, float] = field(default_factory=dict)
    longest: float = 0.0
    ever: set[int] = field(default_factory=set)

    def look(self) -> None:
        now = time.monotonic()
        unknown = set(
            insist(lambda: list(messages().filter(status="unknown").values_list("pk", flat=True)))
        )
        for pk in set(self.since) - unknown:
            self.longest = max(self.longest, now - self.since.pop(pk))
        for pk in unknown - set(self.since):
            self.since[pk] = now
        self.ever |= unknown
