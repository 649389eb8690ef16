"""Writing shortlists down: what was told or answered stays, the rest follows the scores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from matching import clocks, engine
from matching.choices import Decision, Effect, Side
from matching.models import Policy, Response, Shortlist, Suggestion
from matching.querysets import SuggestionQuerySet
from matching.work import ask_all

FORGOTTEN = timedelta(days=14)
COLUMNS = ("score", "verdicts", "explanation", "policy")
BATCH = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """What a need's shortlist becomes: the pairs chosen, and what was left out and why."""

    need_id: int
    chosen: list[engine.Scored]
    considered: int
    excluded: Mapping[str, Mapping[str, int]]


def store(plans: Collection[Plan], policy: Policy, scored_at: datetime) -> None:
    """Bring the rows of these needs in line; the caller holds the needs locked."""
    needs = [plan.need_id for plan in plans]
    mine = Suggestion.objects.filter(need__in=needs)
    rows: dict[int, dict[int, Suggestion]] = defaultdict(dict)
    for row in mine.select_for_update():  # first: what is history must not change from here on
        rows[row.need_id][row.technology_id] = row
    history = set(settled(mine).values_list("pk", flat=True))
    accepted = _accepted(mine)
    expires = timezone.now() + timedelta(days=policy.limits["days_to_answer"])
    changed: list[Suggestion] = []
    gone: list[int] = []
    for plan in plans:
        before = rows[plan.need_id]
        for scored in plan.chosen:
            row = before.pop(scored.supply_id, None)
            if row is not None and row.pk in accepted and row.closed_at is None:
                continue  # it keeps the score it was accepted with: the need has moved towards it
            if row is None or row.pk not in history:
                changed += _row(plan.need_id, scored, policy, row, expires)
        gone += [row.pk for row in before.values() if row.pk not in history]
    _upsert(changed, policy)
    for start in range(0, len(gone), BATCH):
        drop(Suggestion.objects.filter(pk__in=gone[start : start + BATCH]))
    clocks.wind(*needs)
    _note(plans, policy, scored_at)


def _row(
    need_id: int, scored: engine.Scored, policy: Policy, row: Suggestion | None, expires: datetime
) -> list[Suggestion]:
    """The row to write; nothing when it says so already."""
    columns = {**_columns(scored), "policy": policy}
    if row is None:
        return [Suggestion(need_id=need_id, technology_id=scored.supply_id, **columns)]
    again = _reopened(row, expires)
    if again:
        Suggestion.objects.filter(pk=row.pk).update(**again)
    same = all(getattr(row, name) == columns[name] for name in COLUMNS[:3])
    if same and row.policy_id == policy.pk:
        return []
    for name, value in columns.items():
        setattr(row, name, value)
    return [row]


def _upsert(rows: Collection[Suggestion], policy: Policy) -> None:
    """New rows and changed ones in one statement for many; deadlines of known pairs stay, new ones
    are those that clocks.wind will find right."""
    new, known = [row for row in rows if not row.pk], [row for row in rows if row.pk]
    pairs = [(row.need_id, row.technology_id) for row in new]
    for row, end in zip(new, clocks.ends(pairs, policy), strict=True):
        row.expires_at = end
    again = [
        Suggestion(
            need_id=row.need_id,
            technology_id=row.technology_id,
            expires_at=row.expires_at,
            **{name: getattr(row, name) for name in COLUMNS},
        )
        for row in known
    ]
    Suggestion.objects.bulk_create(
        [*new, *again],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["need", "technology"],
        update_fields=COLUMNS,
    )


def _note(plans: Iterable[Plan], policy: Policy, scored_at: datetime) -> None:
    Shortlist.objects.bulk_create(
        [
            Shortlist(
                need_id=plan.need_id,
                considered=plan.considered,
                excluded=plan.excluded,
                scored_at=scored_at,
                policy=policy,
            )
            for plan in plans
        ],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["need"],
        update_fields=["considered", "excluded", "scored_at", "policy"],
    )


def settled(rows: SuggestionQuerySet) -> SuggestionQuerySet:
    """Suggestions that are history: introduced, declined, out of time. They take no place."""
    declined = Response.objects.filter(decision=Decision.DECLINE).values("suggestion")
    out_of_time = Q(closed_at__gte=F("expires_at"), introduction__isnull=True)
    return rows.filter(out_of_time | Q(introduction__isnull=False) | Q(pk__in=declined))


def _accepted(rows: SuggestionQuerySet) -> set[int]:
    said = Response.objects.filter(side=Side.NEED, decision=Decision.ACCEPT)
    return set(said.filter(suggestion__in=rows).values_list("suggestion", flat=True))


def _reopened(row: Suggestion, expires: datetime) -> dict[str, Any]:
    """A pair dropped while one record was hidden comes back, and is told again if long gone."""
    if row.closed_at is None:
        return {}
    columns: dict[str, Any] = {"closed_at": None, "expires_at": expires}
    if timezone.now() - row.closed_at > FORGOTTEN:
        columns |= {"told_need_at": None, "told_technology_at": None}
    return columns


def _columns(scored: engine.Scored) -> dict[str, Any]:
    return {
        "score": round(scored.score, 2),
        "verdicts": list(map(_plain, scored.verdicts)),
        "explanation": {
            "terms": list(map(_plain, scored.terms)),
            "missing": list(scored.missing),
            "raises": list(map(_plain, scored.raises)),
        },
    }


def _plain(part: engine.Verdict | engine.SharedTerm | engine.Raise) -> dict[str, Any]:
    """`asdict` of a flat record, without copying every number."""
    return {name: getattr(part, name) for name in part.__slots__}


def drop(rows: Any) -> None:
    """What nobody heard of vanishes, the rest is closed; a yes is kept while both are public."""
    rows.filter(
        told_need_at__isnull=True, told_technology_at__isnull=True, responses__isnull=True
    ).delete()
    open_rows = rows.filter(closed_at__isnull=True, introduction__isnull=True)
    open_rows.exclude(pk__in=kept().values("pk")).update(closed_at=timezone.now())


def kept() -> SuggestionQuerySet:
    """One side has said yes, and both records are public: no score closes these."""
    accepted = Response.objects.filter(decision=Decision.ACCEPT).values("suggestion")
    return Suggestion.objects.all().live().filter(pk__in=accepted)


def ask_to_tell(rows: SuggestionQuerySet) -> None:
    """Have both sides of these suggestions written to, where they have not heard of them."""
    organisations: set[int] = set()
    for side in Side:
        owners = rows.untold(side).values_list(f"{side}__organisation", flat=True)
        organisations |= set(owners.order_by().distinct())
    ask_all(Effect.TELL_ORGANISATION, sorted(organisations))
