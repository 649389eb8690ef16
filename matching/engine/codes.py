"""Numbers for the codes of facts: countries, terms, metrics, concepts, kinds of price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from threading import Lock

from .records import WORLDWIDE

MOST = (1 << 15) - 1  # of a kind; the keys of benefits are twice the number and fit in 16 bits
KINDS = ("concepts", "places", "regions", "terms", "metrics", "prices", "budgets")


class CodesError(ValueError):
    """More kinds of a fact than can be told apart."""


class Codes:
    """A number for each code of a kind; 0 is "" or none, and new codes get the next one."""

    def __init__(self, known: Mapping[str, Sequence[str]] | None = None) -> None:
        first = {kind: [""] for kind in KINDS} | {"places": ["", WORLDWIDE]}
        self.codes = {kind: list((known or first)[kind]) for kind in KINDS}
        self._numbers = {k: {c: n for n, c in enumerate(v)} for k, v in self.codes.items()}
        self._growing = Lock()

    def number(self, kind: str, code: str) -> int:
        """The number of a code; raises CodesError when a kind has no number left."""
        found = self._numbers[kind].get(code)
        if found is None:
            with self._growing:
                if len(self.codes[kind]) > MOST:
                    raise CodesError(f"more than {MOST:,} different {kind}")
                found = self._numbers[kind].setdefault(code, len(self.codes[kind]))
                if found == len(self.codes[kind]):
                    self.codes[kind].append(code)
        return found

    def numbers(self, kind: str, codes: Iterable[str]) -> list[int]:
        """The numbers of codes, in the order of the codes."""
        return [self.number(kind, code) for code in sorted(codes)]
