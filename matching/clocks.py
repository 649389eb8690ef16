"""Time to answer, counted in the working days of the country of whoever answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

import holidays
from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from accounts.actions import record
from matching import notices
from matching.choices import Decision, Effect, Side
from matching.models import Introduction, Pause, Policy, Reminder, Response, Suggestion, Work
from matching.querysets import SuggestionQuerySet
from matching.work import MANY, ask, ask_each
from needs.models import Need
from technologies.models import Technology

REMINDERS = 2
DAYS_TO_ANSWER = "days_to_answer"
AFTER_A_PAUSE = 2  # working days that stay to answer once a pause is over
MORNING = time(5, tzinfo=UTC)
EVENING = time(23, 59, tzinfo=UTC)
CLOCK_FACTS = (
    *("told_need_at", "told_technology_at", "policy"),
    *("need__organisation__country", "technology__organisation__country"),
)


@lru_cache(maxsize=1024)
def _calendar(country: str, year: int) -> holidays.HolidayBase:
    """A country without a known calendar rests on Saturday and Sunday."""
    try:
        return holidays.country_holidays(country, years=year, expand=False)
    except NotImplementedError:
        return holidays.HolidayBase(years=year, expand=False)


def is_working(country: str, day: date) -> bool:
    return bool(_calendar(country, day.year).is_working_day(day))


def working_day(country: str, day: date, step: int = 1) -> date:
    """That day, or the next one (``step`` -1: the one before) on which people work."""
    while not is_working(country, day):
        day += timedelta(days=step)
    return day


@lru_cache(maxsize=8192)
def after(country: str, day: date, count: int) -> date:
    """The working day ``count`` working days after a day; before it when negative."""
    step = 1 if count > 0 else -1
    for _ in range(abs(count)):
        day = working_day(country, day + timedelta(days=step), step)
    return day


def deadline(countries: Iterable[str], start: date, days: int) -> datetime:
    """The end of the day by which each country has had ``days`` working days."""
    return datetime.combine(max(after(country, start, days) for country in countries), EVENING)


def country_of(suggestion: Suggestion, side: str) -> str:
    return str(getattr(suggestion, side).organisation.country)


def days_to_answer(suggestion: Suggestion) -> int:
    return _days(suggestion.policy)


def _days(policy: Policy) -> int:
    return int(policy.limits.get(DAYS_TO_ANSWER, 14))


def pause_of(suggestion: Suggestion, side: str) -> date | None:
    return next((row.until for row in suggestion.pauses.all() if row.side == side), None)


def pause_range(suggestion: Suggestion, side: str) -> tuple[date, date]:
    """First and last day until which a side may wait, counted from when it first asked."""
    today = timezone.now().date()
    asked = next((row.asked_at.date() for row in suggestion.pauses.all() if row.side == side), None)
    last = after(country_of(suggestion, side), asked or today, days_to_answer(suggestion))
    return today + timedelta(days=1), last


def moments(suggestion: Suggestion, side: str) -> list[date]:
    """When a side is reminded: at half time, or when its pause ends, and a working day before the
    end.
    """
    country, end = country_of(suggestion, side), suggestion.expires_at.date()
    pause = pause_of(suggestion, side)
    if pause is not None:
        first = working_day(country, pause)
    else:
        first = after(country, end, -(days_to_answer(suggestion) // 2))
    last = after(country, end, -1)
    return sorted({day for day in (first, last) if pause is None or day >= pause})


def ends(pairs: Collection[tuple[int, int]], policy: Policy) -> list[datetime]:
    """When pairs of a need and a technology that are suggested now, under this policy, will end."""
    needs, technologies = ({pair[side] for pair in pairs} for side in (0, 1))
    country = "organisation__country"
    asking = dict(Need.objects.filter(pk__in=needs).values_list("pk", country))
    offering = dict(Technology.objects.filter(pk__in=technologies).values_list("pk", country))
    today, days = timezone.now().date(), _days(policy)
    return [deadline((asking[need], offering[made]), today, days) for need, made in pairs]


def wind(*need_ids: int) -> None:
    """Set the clocks of suggestions that are new or open again; runs where they are stored."""
    set_to = Work.objects.filter(effect=Effect.EXPIRE, subject_id=OuterRef("pk"))
    found = (
        Suggestion.objects.filter(need_id__in=need_ids, introduction__isnull=True)
        .open()
        .annotate(set_to=Subquery(set_to.values("due_at")[:1]))
        .filter(Q(set_to__isnull=True) | ~Q(set_to=F("expires_at")))
    )
    rows = list(found.order_by("pk").values_list("pk", "expires_at", *CLOCK_FACTS))
    for start in range(0, len(rows), MANY):
        _wind(rows[start : start + MANY])


def _wind(found: Collection[tuple[Any, ...]]) -> None:
    until = {pk: expires_at for pk, expires_at, *_facts in found}
    for model in (Pause, Reminder):  # of an earlier round
        model._default_manager.filter(suggestion__in=until).delete()
    alike = _alike(found)
    rows = {row.pk: row for row in _with_clocks().filter(pk__in=[group[0] for group in alike])}
    ends: dict[int, datetime] = {}
    nexts: dict[int, datetime] = {}
    for group in alike:
        row = rows[group[0]]
        countries = {country_of(row, side) for side in Side}
        row.expires_at = deadline(countries, timezone.now().date(), days_to_answer(row))
        other = [pk for pk in group if until[pk] != row.expires_at]
        if other:
            Suggestion.objects.filter(pk__in=other).update(expires_at=row.expires_at)
        ends |= dict.fromkeys(group, row.expires_at)
        again = next_reminder(row)
        if again is not None:
            nexts |= dict.fromkeys(group, again)
    ask_each(Effect.EXPIRE, ends)
    ask_each(Effect.REMIND, nexts)


def _alike(found: Collection[tuple[Any, ...]]) -> list[list[int]]:
    """Suggestions whose clocks go alike: a run winds tens of thousands of few kinds."""
    answered = defaultdict(set)
    said = Response.objects.filter(suggestion__in=[pk for pk, *_rest in found])
    for pk, side in said.values_list("suggestion", "side"):
        answered[pk].add(side)
    alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for pk, _expires_at, *facts in found:
        days = (fact.date() if isinstance(fact, datetime) else fact for fact in facts)
        alike[(*days, *sorted(answered[pk]))].append(pk)
    return list(alike.values())


def put_off(suggestion: Suggestion, side: str, until: date) -> None:
    """A pause leaves time to answer after its end; runs in the transaction of the answer."""
    row = _fresh(suggestion.pk)
    least = deadline([country_of(row, side)], until, AFTER_A_PAUSE)
    if least > row.expires_at:
        row.expires_at = least
        row.save(update_fields=["expires_at"])
        ask(Effect.EXPIRE, row.pk, due_at=least, move=True, hint=False)
    again = next_reminder(row)
    if again is not None:
        ask(Effect.REMIND, row.pk, due_at=again, move=True, hint=False)


@transaction.atomic
def remind(suggestion_id: int) -> None:
    """Ask again whoever has not answered and whose moment has come, on a working day only."""
    row = _held(suggestion_id)
    if row is None or row.expires_at <= timezone.now():
        return
    today = timezone.now().date()
    for side in Side:
        if _is_due(row, side, today) and is_working(country_of(row, side), today):
            number = len(_sent(row, side)) + 1
            Reminder.objects.create(suggestion=row, side=side, number=number, sent_on=today)
            record("remind", row, by=None, side=side)
            notices.reminder(row, side, number)
    again = next_reminder(_fresh(row.pk))
    if again is not None:
        ask(Effect.REMIND, row.pk, due_at=again, move=True, hint=False)


@transaction.atomic
def expire(suggestion_id: int) -> None:
    """Silence has an end: closed, both told where one had said yes, the next best is offered."""
    row = _held(suggestion_id)
    if row is None:
        return
    if row.expires_at > timezone.now():
        ask(Effect.EXPIRE, row.pk, due_at=row.expires_at, move=True, hint=False)
        return
    Suggestion.objects.filter(pk=row.pk).update(closed_at=timezone.now())
    record("expire suggestion", row, by=None)
    for response in row.responses.all():
        if response.decision == Decision.ACCEPT:
            notices.expired(row, Side(response.side))
    ask(Effect.REFRESH_NEED, row.need_id)


def next_reminder(row: Suggestion) -> datetime | None:
    """The morning of the next day on which some side has to be reminded."""
    today = timezone.now().date()
    days = [day for side in Side if (day := _next_day(row, side, today)) is not None]
    return datetime.combine(min(days), MORNING) if days else None


def _next_day(row: Suggestion, side: str, today: date) -> date | None:
    if row.response_of(side) or len(_sent(row, side)) >= REMINDERS:
        return None
    waiting = [day for day in moments(row, side) if day not in _past(row, side)]
    if not waiting:
        return None
    day = max(min(waiting), today + timedelta(days=1))
    day = working_day(country_of(row, side), day)
    return day if day <= row.expires_at.date() else None


def _is_due(row: Suggestion, side: str, today: date) -> bool:
    """Told, silent, not pausing, reminded less than twice, and a moment has come since."""
    told = getattr(row, f"told_{side}_at")
    if told is None or row.response_of(side) or len(_sent(row, side)) >= REMINDERS:
        return False
    past = _past(row, side)
    return any(day <= today and day not in past for day in moments(row, side))


def _past(row: Suggestion, side: str) -> set[date]:
    """The moments that a reminder, or the first e-mail about the pair, has taken care of."""
    told = getattr(row, f"told_{side}_at")
    handled = max([*_sent(row, side), *([told.date()] if told else [])], default=None)
    return {day for day in moments(row, side) if handled is not None and day <= handled}


def _sent(row: Suggestion, side: str) -> list[date]:
    return [reminder.sent_on for reminder in row.reminders.all() if reminder.side == side]


def _held(pk: int) -> Suggestion | None:
    """The row, locked, if it still waits for answers."""
    locked = Suggestion.objects.select_for_update().filter(pk=pk, closed_at__isnull=True).first()
    if locked is None or Introduction.objects.filter(suggestion=locked).exists():
        return None
    return _fresh(pk)


def _fresh(pk: int) -> Suggestion:
    row: Suggestion = _with_clocks().get(pk=pk)
    return row


def _with_clocks() -> SuggestionQuerySet:
    return Suggestion.objects.select_related(
        "need__organisation", "technology__organisation", "policy"
    ).prefetch_related("pauses", "responses", "reminders")
