"""Intentions for the outbox: one transaction each, written again while the database is away."""

from __future__ import annotations

from typing import Any

from faults.kit.watch import insist


class Writer:
    def __init__(self, readers: int) -> None:
        from accounts.models import User

        made = [User(email=f"reader{n}@people.example", name="Reader") for n in range(readers + 1)]
        self.readers: list[Any] = User.objects.bulk_create(made)
        self.written = 0

    def write_until(self, count: int) -> None:
        while self.written < count:
            insist(self._write)
            self.written += 1

    def _write(self) -> None:
        """The key makes it the same e-mail, also when nobody knows whether it was committed."""
        from outbox.actions import put
        from outbox.choices import MessageKind

        key = f"mail {self.written}"
        reader = self.readers[self.written % len(self.readers)]
        put(MessageKind.DECISION, to=reader, subject=key, text=f"{key}\n", dedupe_key=key)
