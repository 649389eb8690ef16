"""One example of every e-mail, from the records of the demonstration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.emails import as_html
from accounts.models import User
from introductions.choices import CloseReason, Step
from introductions.models import Broker, Meeting, Milestone
from matching.choices import Decision, Side
from matching.emails import grouped
from matching.models import Introduction, Response, Suggestion
from matching.telling import News
from outbox.actions import Letter, render
from outbox.choices import Frequency, MessageKind
from outbox.hours import hours_of, zone_of

FOLDER = settings.BASE_DIR / "templates"
KINDS = {  # of templates whose footer has a way out
    "digest": MessageKind.SUGGESTION,
    "digests": MessageKind.SUGGESTION,
    "suggestion": MessageKind.ANSWER,
    "message": MessageKind.THREAD,
    "meeting": MessageKind.THREAD,
    "milestone": MessageKind.THREAD,
    "introduction_closed": MessageKind.THREAD,
    "reminder": MessageKind.REMINDER,
}
BROKER = {"who": "Aigerim Sadykova"}
OTHERWISE = {  # a yes comes without remarks, and a programme manager is a person
    "application_approved": {"reason": ""},
    "listing_published": {"note": ""},
    "broker_asks": BROKER,
    "broker_joined": BROKER,
}
ACCOUNT = {
    "code": "K7RT-2MQX",
    "password_reset_url": "https://greenmatch.example/reset",
    "signup_url": "https://greenmatch.example/signup",
    "ip": "192.0.2.1",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """The name of an e-mail and how it reads."""

    name: str
    letter: Letter


@dataclass
class Cast:
    """Who writes to whom about what in the examples."""

    person: User
    news: list[News]
    extra: dict[str, Any] = field(default_factory=dict)

    def context(self) -> dict[str, Any]:
        row = self.news[0].row
        introduction = Introduction.objects.order_by("pk").first() or Introduction(suggestion=row)
        other = row.technology.organisation.name
        milestone = Milestone(
            introduction=introduction,
            step=Step.MEETING,
            side=Side.TECHNOLOGY,
            day=timezone.localdate(),
            reason=CloseReason.FUNDING,
        )
        return {
            "organisation": row.need.organisation,
            "organisations": [row.need.organisation.name],
            "listing": row.need,
            "suggestion": row,
            "mine": row.need,
            "theirs": row.technology,
            "introduction": introduction,
            "milestone": milestone,
            "groups": grouped(self.news),
            "side": Side.NEED,
            "other": Side.TECHNOLOGY,
            "more": 2,
            "total": len(self.news) + 2,
            "who": other,
            **_meeting(self.person),
            "broker": Broker(programme="Cool streets"),
            "programme": "Cool streets",
            "need": row.need,
            "reason": "The register entry could not be found.",
            "note": "Say how many boilers there are and what they burn.",
            "hours": replace(hours_of(self.person), frequency=Frequency.DAILY),
            "since": timezone.now() - timedelta(days=181),
            "days": settings.DIGESTS_PAUSE_AFTER_DAYS,
            **self.extra,
        }


def _meeting(person: User) -> dict[str, Any]:
    first = timezone.now().replace(hour=9, minute=0) + timedelta(days=7)
    times = [first, first + timedelta(days=1, hours=4)]
    return {"meeting": Meeting(starts_at=first), "times": times, "zone": zone_of(person).key}


def samples(language: str) -> Iterator[Sample]:
    """Every e-mail in one language; nothing is stored."""
    cast = _cast(language)
    for name in templates():
        context = cast.context() | OTHERWISE.get(name, {})
        yield Sample(name, render(_kind(name), name, to=cast.person, context=context))
    yield from _account(cast.person, language)


def templates() -> list[str]:
    found = (FOLDER / "emails").glob("*.subject.txt")
    return sorted(path.name.removesuffix(".subject.txt") for path in found)


def _kind(name: str) -> MessageKind:
    first = name.partition("_")[0]
    return KINDS.get(name) or KINDS.get(first) or MessageKind.DECISION


def _cast(language: str) -> Cast:
    """The city with the most to answer, read by somebody who reads this language."""
    rows = list(Suggestion.objects.live().for_list()[:400])
    by_city: dict[int, list[Suggestion]] = {}
    for row in rows:
        by_city.setdefault(row.need.organisation_id, []).append(row)
    best = max(by_city.values(), key=len)[:8]
    person = best[0].need.organisation.memberships.earliest("pk").user
    person.language = language
    _answer_for_show(best[0])
    return Cast(person, [News(Side.NEED, row) for row in best])


def _answer_for_show(row: Suggestion) -> None:
    """The provider has accepted; only in the memory of this process."""
    yes = Response(suggestion=row, side=Side.TECHNOLOGY, decision=Decision.ACCEPT)
    vars(row).setdefault("_prefetched_objects_cache", {})["responses"] = [yes]


def _account(person: User, language: str) -> Iterator[Sample]:
    context = {
        **ACCOUNT,
        "email": person.email,
        "from_email": person.email,
        "to_email": "new@people.example",
        "deleted_email": person.email,
        "user": person,
        "timestamp": timezone.now(),
        "current_site": SimpleNamespace(name="GreenMatch", domain="greenmatch.example"),
    }
    with translation.override(language):
        for path in sorted(Path(FOLDER / "account" / "email").glob("*_subject.txt")):
            name = path.name.removesuffix("_subject.txt")
            subject = render_to_string(f"account/email/{name}_subject.txt", context).strip()
            text = render_to_string(f"account/email/{name}_message.txt", context).strip() + "\n"
            html = as_html(subject, text, code=ACCOUNT["code"])
            yield Sample(f"account_{name}", Letter(subject, text, html))
