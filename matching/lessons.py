"""What a need has learned from the answers of its city: seen on its page, taken back there.

Accepted technologies draw the need's text towards them, those that are not relevant push it away a
little; a reason to decline makes the criterion that it names weigh more, for this need alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.actions import record
from accounts.models import User
from common.errors import NotAllowed
from matching import engine, records
from matching.choices import Decision, DeclineReason, Effect, Lesson, Side
from matching.models import Change, Response, Suggestion, Unlearned
from matching.work import ask
from needs.models import Need
from partners.permissions import is_member
from technologies.models import Technology

EMPHASISED = {
    Lesson.PRICE: ("cost",),
    Lesson.WRONG_SCALE: ("performance", "cost"),
    Lesson.LOCATION: ("place",),
    Lesson.TIMING: ("timing",),
    Lesson.IP_TERMS: ("terms",),
}
MOST_TIMES = 4  # a criterion counts at most this many times as much
LATEST = 5  # accepted and declined technologies that count, each
ALIKE = 0.9  # cosine of two texts of one provider from which they are the same offer
LEAST_CAPACITY, MOST_CAPACITY = 1, 20
MANY = 500


@dataclass(slots=True)
class Learned:
    """The answers that count for one need, latest first: technologies by lesson."""

    answers: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def emphasis(self) -> tuple[tuple[str, float], ...]:
        found: Counter[str] = Counter()
        for lesson, criteria in EMPHASISED.items():
            for criterion in criteria:
                found[criterion] += len(self.answers.get(lesson, ()))
        return tuple(
            (criterion, float(times(found[criterion])))
            for criterion in engine.CRITERIA
            if found[criterion]
        )


def times(answers: int) -> int:
    """How many times as much a criterion counts after so many answers."""
    return min(1 + answers, MOST_TIMES)


def learned(need_ids: Iterable[int]) -> defaultdict[int, Learned]:
    """By need, in two queries for many."""
    ids = list(need_ids)
    found: defaultdict[int, Learned] = defaultdict(Learned)
    for start in range(0, len(ids), MANY):
        part = ids[start : start + MANY]
        rows = Unlearned.objects.filter(need__in=part).values_list("need", "lesson", "at")
        unlearned = {(need_id, lesson): at for need_id, lesson, at in rows}
        for need_id, technology_id, lesson, at in _answers(part):
            until = unlearned.get((need_id, lesson))
            if until is None or at > until:
                found[need_id].answers[lesson].append(technology_id)
    return found


def _answers(need_ids: Sequence[int]) -> Iterable[tuple[int, int, str, datetime]]:
    """What the city said, latest first."""
    rows = Response.objects.filter(side=Side.NEED, suggestion__need__in=need_ids)
    columns = ("suggestion__need", "suggestion__technology", "decision", "decline_reason")
    said = rows.order_by("-answered_at", "-pk").values_list(*columns, "answered_at")
    for need_id, technology_id, decision, reason, at in said:
        lesson = Lesson.ACCEPTED if decision == Decision.ACCEPT else reason
        if lesson in Lesson.values:
            yield need_id, technology_id, lesson, at


def demand_of(need: Need, today: date) -> engine.Demand:
    """A need with what it has learned, as the engine reads it."""
    return demands_of([need], today)[0]


def demands_of(needs: Sequence[Need], today: date) -> list[engine.Demand]:
    """The same for many needs at once; they have the relations of ``for_page()``."""
    known = learned(need.pk for need in needs)
    supplies = _supplies(known.values())
    return [
        _taught(records.demand_of(need, today), known[need.pk], supplies)
        if need.pk in known
        else records.demand_of(need, today)
        for need in needs
    ]


def _supplies(known: Iterable[Learned]) -> dict[int, engine.Supply]:
    ids = {
        pk
        for found in known
        for lesson in (Lesson.ACCEPTED, Lesson.NOT_RELEVANT)
        for pk in found.answers.get(lesson, ())[:LATEST]
    }
    rows = Technology.objects.filter(pk__in=ids).for_page() if ids else ()
    return {row.pk: records.supply_of(row) for row in rows}


def _taught(
    demand: engine.Demand, found: Learned, supplies: dict[int, engine.Supply]
) -> engine.Demand:
    liked, disliked = (
        tuple(supplies[pk] for pk in found.answers.get(lesson, ())[:LATEST])
        for lesson in (Lesson.ACCEPTED, Lesson.NOT_RELEVANT)
    )
    return replace(demand, emphasis=found.emphasis(), liked=liked, disliked=disliked)


def doubles(need: Need, candidates: Iterable[int]) -> set[int]:
    """Candidates that say the same as one of the same provider that was declined as a duplicate."""
    declined = learned([need.pk])[need.pk].answers.get(Lesson.DUPLICATE)
    if not declined:
        return set()
    rows = Technology.objects.filter(pk__in={*candidates, *declined}).for_page()
    texts = {row.pk: (row.organisation_id, _words(row)) for row in rows}
    return {
        pk
        for pk in set(candidates) & texts.keys()
        for other in texts.keys() & set(declined)
        if texts[pk][0] == texts[other][0]
        and engine.likeness(texts[pk][1], texts[other][1]) >= ALIKE
    }


def _words(technology: Technology) -> dict[str, float]:
    found: Counter[str] = Counter()
    for text in records.texts_of(technology):
        found.update(engine.analyse(text.text, text.language))
    return {term: float(count) for term, count in found.items()}


def follow(suggestion: Suggestion, side: str, reason: str = "") -> None:
    """After an answer of the city: have every index read the need anew, and score it at once."""
    if side != Side.NEED:
        return
    if reason == DeclineReason.NO_CAPACITY:
        rows = Need.objects.filter(pk=suggestion.need_id, capacity__gt=LEAST_CAPACITY)
        rows.update(capacity=F("capacity") - 1)
    _read_anew(suggestion.need_id)


def _read_anew(need_id: int) -> None:
    Change.objects.create(kind=Side.NEED, subject_id=need_id)
    ask(Effect.REFRESH_NEED, need_id)


def taught_by(technology_id: int) -> set[int]:
    """Needs whose text has moved with this technology."""
    rows = Response.objects.filter(side=Side.NEED, suggestion__technology=technology_id)
    return set(rows.values_list("suggestion__need", flat=True))


@transaction.atomic
def unlearn(need: Need, lesson: Lesson, *, by: User) -> None:
    """The answers so far teach nothing more of this kind; later ones do again."""
    row = _locked(need, by)
    count = len(learned([need.pk])[need.pk].answers.get(lesson, ()))
    Unlearned.objects.update_or_create(
        need=need, lesson=lesson, defaults={"at": timezone.now(), "by": by}
    )
    if lesson == Lesson.NO_CAPACITY and count:
        Need.objects.filter(pk=need.pk).update(capacity=min(row.capacity + count, MOST_CAPACITY))
    record("unlearn", need, by=by, lesson=str(lesson))
    _read_anew(need.pk)


@transaction.atomic
def relearn(need: Need, lesson: Lesson, *, by: User) -> None:
    """Take ``unlearn`` back."""
    row = _locked(need, by)
    Unlearned.objects.filter(need=need, lesson=lesson).delete()
    count = len(learned([need.pk])[need.pk].answers.get(lesson, ()))
    if lesson == Lesson.NO_CAPACITY and count:
        fewer = max(row.capacity - count, LEAST_CAPACITY)
        Need.objects.filter(pk=need.pk).update(capacity=fewer)
    record("relearn", need, by=by, lesson=str(lesson))
    _read_anew(need.pk)


def _locked(need: Need, by: User) -> Need:
    if not is_member(by, need.organisation):
        raise NotAllowed
    return Need.objects.select_for_update().get(pk=need.pk)


@dataclass(frozen=True, slots=True)
class Line:
    """One lesson as the page of a need shows it."""

    lesson: str
    count: int
    active: bool
    times: int


def lines(need: Need) -> list[Line]:
    """What the need has learned, and what it was told to forget."""
    active = learned([need.pk])[need.pk].answers
    every: Counter[str] = Counter(lesson for _n, _t, lesson, _at in _answers([need.pk]))
    weights = dict(Learned(answers=active).emphasis())
    return [
        Line(
            lesson=lesson,
            count=len(active[lesson]) if lesson in active else every[lesson],
            active=lesson in active,
            times=int(max((weights.get(c, 1) for c in EMPHASISED.get(lesson, ())), default=1)),
        )
        for lesson in Lesson
        if every[lesson]
    ]
