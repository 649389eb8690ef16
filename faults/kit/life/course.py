"""Where each pair stands, read from the rows alone, and which ways lead from one state on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from matching.choices import Decision, Side
from matching.models import Response, Suggestion

YES, NO = str(Decision.ACCEPT), str(Decision.DECLINE)


@dataclass(frozen=True, slots=True)
class Pair:
    """A need and a technology that were suggested to each other."""

    need: int
    technology: int
    ends: datetime
    closed: bool = False
    introduction: int | None = None
    told: bool = False
    said: dict[str, str] = field(default_factory=dict)

    def listing(self, side: str) -> int:
        return self.need if side == Side.NEED else self.technology

    @property
    def mutual(self) -> bool:
        return all(self.said.get(side) == YES for side in Side.values)

    @property
    def settled(self) -> bool:
        """Introduced or declined: it stays as it is for good."""
        return self.introduction is not None or NO in self.said.values()


Course = dict[int, Pair]
COLUMNS = ("pk", "need", "technology", "expires_at", "closed_at", "introduction")
TOLD = ("told_need_at", "told_technology_at")


def read() -> Course:
    """Two queries."""
    said: dict[int, dict[str, str]] = {}
    for pk, side, decision in Response.objects.values_list("suggestion", "side", "decision"):
        said.setdefault(pk, {})[side] = decision
    return {
        pk: Pair(need, technology, ends, closed is not None, opened, any(told), said.get(pk, {}))
        for pk, need, technology, ends, closed, opened, *told in Suggestion.objects.order_by(
            "pk"
        ).values_list(*COLUMNS, *TOLD)
    }


def impossible(pair: Pair) -> Iterator[str]:
    """What no pair may be, whatever happened."""
    if (pair.introduction is not None) != pair.mutual:
        yield "an introduction without two yeses, or two yeses without one"
    if pair.closed and pair.introduction is not None:
        yield "introduced and closed"
    if NO in pair.said.values() and not pair.closed:
        yield "declined and open"


def illegal(before: Pair | None, after: Pair | None) -> Iterator[str]:
    """What no step at all may do, by a person or by a worker."""
    if before is None:
        if after and (after.said or after.introduction or after.closed):
            yield "new and not afresh"
    elif after is None:
        if before.said or before.told:
            yield "vanished although somebody had heard of it"
    else:
        if before.introduction != after.introduction and before.introduction is not None:
            yield "an introduction taken back"
        if before.settled and before.closed != after.closed:
            yield "settled and then opened or closed"
        gone = [side for side, word in before.said.items() if after.said.get(side) != word]
        if any(before.said[side] == NO for side in gone):
            yield "a no taken back"
        if gone and before.introduction is not None:
            yield "an answer changed after the introduction"


def acts(before: Course, after: Course) -> Counter[str]:
    """The audit rows that the differences between two readings must have left."""
    found: Counter[str] = Counter()
    for pk, pair in after.items():
        old = before.get(pk)
        words = old.said if old else {}
        for side in Side.values:
            was, now = words.get(side), pair.said.get(side)
            if now == YES and was != YES:
                found["accept suggestion"] += 1
            elif now == NO and was != NO:
                found["decline suggestion"] += 1
            elif was == YES and now is None:
                found["withdraw acceptance"] += 1
        if pair.introduction is not None and (old is None or old.introduction is None):
            found["open introduction"] += 1
    return found
