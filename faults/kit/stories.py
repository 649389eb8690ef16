"""What people do at the pages of a site under test, from a draft to a confirmed milestone."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from random import Random
from typing import Any

from faults.kit.visitors import Click

STORIES_EACH = 8  # fewer messages than one person may write in an hour


@dataclass(frozen=True)
class Cast:
    """A provider and a city with one member each, and one need of the city."""

    author: Any
    official: Any
    provider: Any
    need: Any


@dataclass
class Stories:
    """Tells one story after another, each on a technology of its own; new people now and then."""

    rng: Random

    def tell(self) -> Iterator[Click]:
        cast = new_cast()
        for _ in range(STORIES_EACH):
            yield from self.rng.choice(STORIES)(cast)


def new_cast() -> Cast:
    make = import_module("tests.factories")
    author, official = make.UserFactory(**_name()), make.UserFactory(**_name())
    provider = make.ProviderFactory(members=[author])
    city = make.CityFactory(members=[official])
    return Cast(author, official, provider, make.NeedFactory(organisation=city))


def _name() -> dict[str, str]:
    return {"email": f"{secrets.token_hex(8)}@people.example", "name": "Person"}


def suggest(cast: Cast, *, told: bool = True) -> Any:
    from django.utils import timezone

    from matching.models import Suggestion
    from matching.policy import in_force

    now = timezone.now()
    make = import_module("tests.factories")
    known = {"told_need_at": now, "told_technology_at": now} if told else {}
    return Suggestion.objects.create(
        need=cast.need,
        technology=make.TechnologyFactory(organisation=cast.provider),
        score=80,
        policy=in_force(),
        expires_at=now + timedelta(days=10),
        **known,
    )


def both_say_yes(cast: Cast) -> Iterator[Click]:
    row = suggest(cast)
    yield _accept(row, "technology", cast.author, "We would like to show it to you.")
    yield _answer(row, "withdraw", "withdraw acceptance", "technology", cast.author)
    yield _accept(row, "technology", cast.author, "We would like to show it to you.")
    yield _accept(row, "need", cast.official)
    yield from _in_touch(row, cast)


def city_hesitates(cast: Cast) -> Iterator[Click]:
    row = suggest(cast)
    yield _accept(row, "need", cast.official, "We are curious.")
    yield _answer(row, "withdraw", "withdraw acceptance", "need", cast.official)
    no = {"reason": "timing", "note": "Next year."}
    yield _answer(row, "decline", "decline suggestion", "need", cast.official, **no)


def provider_says_no(cast: Cast) -> Iterator[Click]:
    row = suggest(cast)
    yield _later(row, cast)
    no = {"reason": "price", "note": ""}
    yield _answer(row, "decline", "decline suggestion", "technology", cast.author, **no)


def offer_is_written(cast: Cast) -> Iterator[Click]:
    make = import_module("tests.factories")
    draft = make.TechnologyFactory(organisation=cast.provider, published=False)
    for verb in ("submit", "withdraw", "submit"):
        yield _step(draft, verb, cast)
    yield _step(make.TechnologyFactory(organisation=cast.provider), "archive", cast)


def wishes_change(_cast_of_story: Cast) -> Iterator[Click]:
    """Of people who have not heard of a suggestion yet: their digest is planned anew."""
    from outbox.actions import SIGNER

    cast = new_cast()
    suggest(cast, told=False)
    kinds = ["answer", "introduction", "thread", "suggestion"]
    said = {"kinds": kinds, "frequency": "weekly", "weekday": 3, "hour": 9}
    said |= {"language": "en", "time_zone": "UTC"}
    yield _own("choose", "settings/mail/", "choose e-mails", cast.author, said)
    token = SIGNER.sign(f"{cast.official.pk}.news")
    said = {"List-Unsubscribe": "One-Click"}
    yield _own("unsubscribe", f"mail/stop/{token}/", "unsubscribe", cast.official, said)


STORIES: tuple[Callable[[Cast], Iterator[Click]], ...] = (
    both_say_yes,
    both_say_yes,
    city_hesitates,
    provider_says_no,
    offer_is_written,
    wishes_change,
)


def _in_touch(row: Any, cast: Cast) -> Iterator[Click]:
    from django.utils import timezone

    from introductions.models import Milestone, MilestoneAnswer, ThreadMessage
    from matching.models import Introduction

    opened = Introduction.objects.filter(suggestion=row).first()
    if opened is None:  # sent home before the answer
        return
    path = f"/en/introductions/{opened.pk}/"
    for who in (cast.official, cast.author):
        text = secrets.token_hex(8)
        proof = ThreadMessage.objects.filter(introduction=opened, by=who, text=text).exists
        yield Click("write", who, f"{path}messages/", {"text": text}, proof)
    said = {"step": "meeting", "day": timezone.localdate().isoformat(), "note": "In the town hall"}
    reported = Milestone.objects.filter(introduction=opened, step="meeting")
    yield Click("report", cast.author, f"{path}milestones/", said, reported.exists)
    milestone = reported.first()
    if milestone is not None:
        confirmed = MilestoneAnswer.objects.filter(milestone=milestone).exists
        yield Click(
            "confirm", cast.official, f"{path}milestones/{milestone.pk}/confirm/", {}, confirmed
        )


def _accept(row: Any, side: str, who: Any, message: str = "") -> Click:
    return _answer(row, "accept", "accept suggestion", side, who, message=message)


def _later(row: Any, cast: Cast) -> Click:
    from matching import clocks

    until = clocks.pause_range(row, "technology")[1].isoformat()
    return _answer(row, "later", "answer later", "technology", cast.author, until=until)


def _answer(row: Any, act: str, verb: str, side: str, who: Any, **said: str) -> Click:
    path = f"/en/matching/suggestions/{row.pk}/{act}/"
    return Click(act, who, path, {"side": side, **said}, _audit(verb, row, details__side=side))


def _step(listing: Any, verb: str, cast: Cast) -> Click:
    path = f"/en/technologies/{listing.pk}/do/{verb}/"
    return Click(f"{verb} offer", cast.author, path, {}, _audit(verb, listing))


def _own(name: str, path: str, verb: str, who: Any, said: dict[str, Any]) -> Click:
    return Click(name, who, f"/en/{path}", said, _audit(verb, who))


def _audit(verb: str, subject: Any, **details: str) -> Callable[[], bool]:
    from accounts.models import AuditEntry

    kind = subject._meta.label_lower
    rows = AuditEntry.objects.filter(verb=verb, subject_type=kind, subject_id=subject.pk, **details)
    return rows.exists
