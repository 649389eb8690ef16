"""Looks for intentions without their rows: what stands in one table and is missing in another.

Nothing may have worked on the rows since: no worker, no sweep.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

Key = tuple[Any, ...]


def _differ(left: Iterable[Key], right: Iterable[Key]) -> int:
    """Rows of either side without their like on the other, counted."""
    one, other = Counter(left), Counter(right)
    return sum((one - other).values()) + sum((other - one).values())


def _missing(wanted: Iterable[Key], there: Iterable[Key]) -> int:
    return len(set(wanted) - set(there))


def _said(verb: str, *details: str) -> list[Key]:
    """Subject and details of every act of a kind, as the audit trail has them, in order."""
    from accounts.models import AuditEntry

    rows = AuditEntry.objects.filter(verb=verb).order_by("pk")
    return [
        (subject, *(found.get(name) for name in details))
        for subject, found in rows.values_list("subject_id", "details")
    ]


def _keys(prefix: str) -> set[str]:
    from outbox.models import Message

    rows = Message.objects.filter(dedupe_key__startswith=f"{prefix}:")
    return set(rows.values_list("dedupe_key", flat=True))


def _members(suggestion: Any, *sides: str) -> list[int]:
    return [
        membership.user_id
        for side in sides
        for membership in getattr(suggestion, side).organisation.memberships.all()
    ]


def _suggestions() -> dict[int, Any]:
    from matching.models import Suggestion

    linked = [f"{side}__organisation__memberships" for side in OTHER]
    return {row.pk: row for row in Suggestion.objects.prefetch_related(*linked)}


OTHER = {"need": "technology", "technology": "need"}


def _standing_yeses() -> list[Key]:
    from matching.models import Response

    rows = Response.objects.filter(decision="accept")
    return list(rows.values_list("suggestion_id", "side"))


def yes_and_audit() -> int:
    said = Counter(_said("accept suggestion", "side"))
    said.subtract(_said("withdraw acceptance", "side"))
    standing = Counter(_standing_yeses())
    return sum(abs(said[key] - standing[key]) for key in said.keys() | standing.keys())


def yes_and_email() -> int:
    """The first yes of a suggestion is told to the other side."""
    rows, wanted, seen = _suggestions(), set(), set()
    for pk, side in _said("accept suggestion", "side"):
        if pk not in seen:
            wanted |= {(str(pk), side, str(who)) for who in _members(rows[pk], OTHER[side])}
        seen.add(pk)
    told = (key.split(":") for key in _keys("accepted"))  # accepted:pair:side:answer:reader
    return len(wanted - {(pk, side, who) for _, pk, side, _, who in told})


def no_and_rows() -> int:
    """Answer, audit, the end of the suggestion, an e-mail: all or none."""
    from matching.models import Response

    answers = list(Response.objects.filter(decision="decline").values_list("suggestion_id", "side"))
    rows = _suggestions()
    closed = [(pk,) for pk, row in rows.items() if row.closed_at]
    wanted = {
        f"declined:{pk}:{who}" for pk, side in answers for who in _members(rows[pk], OTHER[side])
    }
    apart = _differ(answers, _said("decline suggestion", "side"))
    apart += _differ([(pk,) for pk, _side in answers], closed)
    return apart + len(wanted ^ _keys("declined"))


def withdrawal_and_email() -> int:
    told = Counter((int(key.split(":")[1]),) for key in _keys("withdrawn"))
    return _differ([(pk,) for pk, _side in _said("withdraw acceptance", "side")], told.elements())


def later_and_rows() -> int:
    from matching.models import Pause, Work

    paused = list(Pause.objects.values_list("suggestion_id", "side"))
    apart = _missing(paused, _said("answer later", "side"))
    apart += _missing(_said("answer later", "side"), paused)
    due = {
        effect: dict(Work.objects.filter(effect=effect).values_list("subject_id", "due_at"))
        for effect in ("expire", "remind")
    }
    rows = _suggestions()
    for pk, _side in paused:
        apart += due["expire"].get(pk) != rows[pk].expires_at or pk not in due["remind"]
    return apart


def introduction_and_rows() -> int:
    from matching.models import Introduction

    rows = _suggestions()
    opened = dict(Introduction.objects.values_list("pk", "suggestion_id"))
    both = [key for key, yeses in Counter(pk for pk, _ in _standing_yeses()).items() if yeses == 2]
    wanted = {
        f"introduction:{pk}:{who}"
        for pk, row in opened.items()
        for who in _members(rows[row], *OTHER)
    }
    apart = _differ([(pk,) for pk in both], [(pk,) for pk in opened.values()])
    apart += _differ([(pk,) for pk in opened], _said("open introduction"))
    return apart + len(wanted ^ _keys("introduction"))


def conversation_and_rows() -> int:
    """First messages come from the answers, later ones have their act; who was told has a row."""
    from introductions.models import Reading, ThreadMessage
    from matching.models import Response

    begun = Response.objects.filter(suggestion__introduction__isnull=False).exclude(message="")
    first = [(pk,) for pk in begun.values_list("suggestion__introduction", flat=True)]
    rows = list(ThreadMessage.objects.values_list("introduction_id", "pk"))
    written = _said("write message", "message")
    apart = _missing(written, rows)
    apart += _differ([(pk,) for pk, _ in rows], [*first, *((pk,) for pk, _ in written)])
    told = Reading.objects.exclude(told_upto=0)
    columns = told.values_list("introduction_id", "person_id", "told_upto")
    wanted = {f"thread:{opened}:{who}:{upto}" for opened, who, upto in columns}
    heard = {key.rpartition(":")[0] for key in wanted}
    apart += len({key.rpartition(":")[0] for key in _keys("thread")} ^ heard)
    return apart + len(wanted - _keys("thread"))


def milestone_and_rows() -> int:
    from introductions.models import Milestone, MilestoneAnswer, Reminder

    reported = list(Milestone.objects.values_list("introduction_id", "pk"))
    columns = ("milestone__introduction_id", "milestone_id")
    confirmed = list(MilestoneAnswer.objects.values_list(*columns))
    reminders = list(Reminder.objects.values_list("milestone_id"))
    apart = _differ(reported, _said("report milestone", "milestone"))
    apart += _differ(confirmed, _said("confirmed milestone", "milestone"))
    apart += _differ(reminders, [(pk,) for _introduction, pk in reported for _ in range(2)])
    wanted = [(str(pk), "reported") for _, pk in reported]
    wanted += [(str(pk), "confirmed") for _, pk in confirmed]
    return apart + _differ(wanted, [tuple(key.split(":")[1:3]) for key in _keys("milestone")])


def offer_and_rows() -> int:
    """A status has the acts that led to it; what left the public pages is a change, and work."""
    from matching.models import Change, Work
    from technologies.models import Technology

    acts = Counter(_said("submit"))
    acts.subtract(_said("withdraw"))
    submitted = Technology.objects.filter(status="submitted").values_list("pk")
    archived = list(Technology.objects.filter(status="archived").values_list("pk"))
    changes = Change.objects.filter(kind="technology").values_list("subject_id")
    work = Work.objects.filter(effect="refresh_technology").values_list("subject_id")
    apart = _differ(submitted, (+acts).elements()) + sum((-acts).values())
    return apart + sum(_differ(archived, rows) for rows in (_said("archive"), changes, work))


def answer_and_matching() -> int:
    """An answer of the city is a change of its need and asks for a score; a no asks for another."""
    from matching.models import Change, Work

    rows, changes, asked = _suggestions(), Counter[Key](), Counter[Key]()
    for verb in ("accept suggestion", "withdraw acceptance", "decline suggestion"):
        for pk, side in _said(verb, "side"):
            need = (rows[pk].need_id,)
            changes[need] += side == "need"
            asked[need] += (side == "need") + (verb == "decline suggestion")
    there = Change.objects.filter(kind="need").values_list("subject_id")
    work = Work.objects.filter(effect="refresh_need").values_list("subject_id", "wanted")
    wanted = Counter({(pk,): count for pk, count in work})
    return _differ(changes.elements(), there) + _differ(asked.elements(), wanted.elements())


def wish_and_rows() -> int:
    from matching.models import Work
    from outbox.models import Preference

    kept = Preference.objects.values_list("person_id")
    stopped = [(row.person_id,) for row in Preference.objects.all() if "news" in row.off]
    acts = {(who,) for verb in ("choose e-mails", "unsubscribe") for (who,) in _said(verb)}
    digests = Work.objects.filter(effect="digest").values_list("subject_id")
    apart = _missing(_said("unsubscribe"), stopped)
    return apart + _differ(acts, kept) + _differ(acts, digests)


KINDS: dict[str, Callable[[], int]] = {
    "yes: answer, audit": yes_and_audit,
    "yes: e-mail to the other side": yes_and_email,
    "no: answer, audit, end, e-mail": no_and_rows,
    "taken back: audit, e-mail": withdrawal_and_email,
    "later: pause, audit, deadline, work": later_and_rows,
    "second yes: introduction, audit, e-mails": introduction_and_rows,
    "message: audit, reading, e-mail": conversation_and_rows,
    "milestone: audit, reminders, e-mail": milestone_and_rows,
    "offer: status, audit, change, work": offer_and_rows,
    "answer: change of the need, work": answer_and_matching,
    "wishes: choice, audit, work": wish_and_rows,
}
