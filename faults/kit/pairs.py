"""Rows that are written together or not at all: who is without the other.

No worker runs beside these rows, so that what a request asked for is still there to be counted.
Each rule is two sets of keys that must be equal, made of the rows alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Keys = set[tuple[Any, ...]]


def halves() -> dict[str, tuple[int, Keys]]:
    """For each rule: how many were written, and the keys that are on one side only."""
    found = {}
    for name, rule in RULES.items():
        left, right = rule()
        found[name] = (len(left | right), left ^ right)
    return found


def _audit(verb: str, *details: str) -> Keys:
    from accounts.models import AuditEntry

    rows = AuditEntry.objects.filter(verb=verb).values_list("subject_id", "details")
    return {(pk, *(said[name] for name in details)) for pk, said in rows}


def _mails(start: str, parts: int) -> Keys:
    """The numbers in the keys of e-mails: ``start:1:2:…``."""
    from outbox.models import Message

    keys = Message.objects.filter(dedupe_key__startswith=f"{start}:")
    split = (key.split(":")[1:] for key in keys.values_list("dedupe_key", flat=True))
    return {tuple(int(p) if p.isdigit() else p for p in words[:parts]) for words in split}


def _work(effect: str) -> Keys:
    from matching.models import Work

    return set(Work.objects.filter(effect=effect).values_list("subject_id"))


def _ids(rows: Any, *columns: str) -> Keys:
    return set(rows.values_list(*(columns or ("pk",))))


def _responses(decision: str) -> Any:
    from matching.models import Response

    return Response.objects.filter(decision=decision)


def _drafts(*states: str) -> Any:
    """What began as a draft: made and not yet published by the harness itself."""
    from technologies.models import Technology

    return Technology.objects.filter(status__in=states, submitted_at__isnull=False)


def _only(keys: Iterable[tuple[Any, ...]], column: int) -> Keys:
    return {(key[column],) for key in keys}


def _submitted() -> tuple[Keys, Keys]:
    return _ids(_drafts("submitted", "published")), _audit("submit")


def _published() -> tuple[Keys, Keys]:
    return _ids(_drafts("published")), _audit("publish")


def _published_change() -> tuple[Keys, Keys]:
    from matching.models import Change

    return _audit("publish"), _ids(Change.objects.filter(kind="technology"), "subject_id")


def _published_work() -> tuple[Keys, Keys]:
    return _audit("publish"), _work("refresh_technology")


def _published_mail() -> tuple[Keys, Keys]:
    from accounts.models import AuditEntry

    return _ids(AuditEntry.objects.filter(verb="publish")), _mails("listing_published", 1)


def _accepted() -> tuple[Keys, Keys]:
    said = _audit("accept suggestion", "side") - _audit("withdraw acceptance", "side")
    return _ids(_responses("accept"), "suggestion_id", "side"), said


def _accepted_mail() -> tuple[Keys, Keys]:
    first = {key for key in _audit("accept suggestion", "side") if key[1] == "technology"}
    return first, _mails("accepted", 2)


def _second_yes() -> tuple[Keys, Keys]:
    from matching.models import Introduction

    yes = _ids(_responses("accept"), "suggestion_id", "side")
    both = {(pk,) for pk, side in yes if side == "need" and (pk, "technology") in yes}
    return both, _ids(Introduction.objects.all(), "suggestion_id")


def _introduced() -> tuple[Keys, Keys]:
    from matching.models import Introduction

    return _ids(Introduction.objects.all()), _audit("open introduction")


def _introduced_mail() -> tuple[Keys, Keys]:
    """Both members, and the two drafted messages that open the conversation."""
    from introductions.models import ThreadMessage
    from matching.models import Introduction

    expected: Keys = set()
    rows = Introduction.objects.values_list(
        "pk",
        "suggestion__need__organisation__memberships__user",
        "suggestion__technology__organisation__memberships__user",
    )
    for pk, official, author in rows:
        expected |= {(pk, official), (pk, author)}
    begun = _ids(ThreadMessage.objects.filter(side="technology"), "introduction_id")
    left = _mails("introduction", 2)
    return expected | begun, left | _only(expected, 0)


def _withdrawn() -> tuple[Keys, Keys]:
    taken_back = _audit("withdraw acceptance")
    return taken_back, _mails_about_withdrawals()


def _mails_about_withdrawals() -> Keys:
    return _mails("withdrawn", 1)


def _declined() -> tuple[Keys, Keys]:
    return _ids(_responses("decline"), "suggestion_id", "side"), _audit(
        "decline suggestion", "side"
    )


def _declined_closed() -> tuple[Keys, Keys]:
    from matching.models import Suggestion

    closed = Suggestion.objects.filter(closed_at__isnull=False)
    return _audit("decline suggestion"), _ids(closed)


def _declined_work() -> tuple[Keys, Keys]:
    declined = _ids(_responses("decline"), "suggestion__need_id")
    return declined, declined & _work("refresh_need")


def _later() -> tuple[Keys, Keys]:
    from matching.models import Pause

    return _ids(Pause.objects.all(), "suggestion_id", "side"), _audit("answer later", "side")


def _written() -> tuple[Keys, Keys]:
    from introductions.models import ThreadMessage

    rows = ThreadMessage.objects.filter(text="When can you come?")
    return _ids(rows, "introduction_id", "pk"), _audit("write message", "message")


def _written_mail() -> tuple[Keys, Keys]:
    """The first message of a conversation is told; a repeated one not again within a day."""
    return _only(_audit("write message", "message"), 0), _mails("thread", 1)


def _reported() -> tuple[Keys, Keys]:
    from introductions.models import Milestone

    return _ids(Milestone.objects.all()), _only(_audit("report milestone", "milestone"), 1)


def _reported_mail() -> tuple[Keys, Keys]:
    return _only(_audit("report milestone", "milestone"), 1), _mails("milestone", 1)


def _unsubscribed() -> tuple[Keys, Keys]:
    from outbox.models import Preference

    rows = Preference.objects.filter(person__email__startswith="official")
    off = {(person,) for person, kinds in rows.values_list("person_id", "off") if kinds}
    return off, _audit("unsubscribe")


def _chosen() -> tuple[Keys, Keys]:
    from outbox.models import Preference

    rows = Preference.objects.filter(person__email__startswith="author", hour=9)
    return _ids(rows.exclude(off=[]), "person_id"), _audit("choose e-mails")


RULES: dict[str, Callable[[], tuple[Keys, Keys]]] = {
    "submitted and written down": _submitted,
    "published and written down": _published,
    "published and a change of the index": _published_change,
    "published and work for it": _published_work,
    "published and an e-mail": _published_mail,
    "accepted and written down": _accepted,
    "accepted and an e-mail": _accepted_mail,
    "two yeses and an introduction": _second_yes,
    "introduction and written down": _introduced,
    "introduction, e-mails, first messages": _introduced_mail,
    "withdrawn and an e-mail": _withdrawn,
    "declined and written down": _declined,
    "declined and closed": _declined_closed,
    "declined and work for the next one": _declined_work,
    "later and written down": _later,
    "message and written down": _written,
    "message and an e-mail": _written_mail,
    "milestone and written down": _reported,
    "milestone and an e-mail": _reported_mail,
    "unsubscribed and written down": _unsubscribed,
    "choices and written down": _chosen,
}
