"""The effect of what was built: claimed or documented by a side, verified by neither."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import User
from common.choices import Evidence
from common.errors import Conflict, Incomplete, NotAllowed
from introductions.models import ImpactEntry
from introductions.permissions import hold_for, sides_of
from matching.choices import Side
from matching.engine.units import METRICS, convert
from matching.models import Introduction


@transaction.atomic
def enter(
    introduction: Introduction,
    *,
    by: User,
    side: Side,
    metric: str,
    value: Decimal,
    unit: str,
    starts: date,
    ends: date,
    evidence: str,
    method: str = "",
    replaces: ImpactEntry | None = None,
) -> ImpactEntry:
    """Write an effect down; a correction takes the place of an entry of the same side."""
    row = hold_for(introduction, side, by=by)
    _check(metric, unit, starts, ends, evidence, method)
    if replaces is not None:
        _check_replaced(replaces, side)
    entry: ImpactEntry = ImpactEntry.objects.create(
        introduction=row,
        metric=metric,
        value=value,
        unit=unit,
        starts=starts,
        ends=ends,
        evidence=evidence,
        method=method.strip(),
        side=side,
        by=by,
        replaces=replaces,
    )
    record("enter impact", row, by=by, side=side, entry=entry.pk, evidence=evidence)
    return entry


def _check(metric: str, unit: str, starts: date, ends: date, evidence: str, method: str) -> None:
    problems = {}
    if metric not in METRICS or convert(1.0, unit, METRICS[metric]) is None:
        problems["unit"] = _("This unit does not measure that.")
    if ends < starts:
        problems["ends"] = _("The end comes before the beginning.")
    elif ends > timezone.localdate():
        problems["ends"] = _("Write down what was measured: the period has to be over.")
    if evidence not in (Evidence.CLAIMED, Evidence.DOCUMENTED):
        problems["evidence"] = _("Only somebody of neither side can verify.")
    if evidence == Evidence.DOCUMENTED and not method.strip():
        problems["method"] = _("Say how it was measured, and where that is written down.")
    if problems:
        raise Incomplete(problems)


def _check_replaced(entry: ImpactEntry, side: str) -> None:
    if entry.side != side:
        raise NotAllowed
    if ImpactEntry.objects.filter(replaces=entry).exists():
        raise Conflict


def may_verify(entry: ImpactEntry, person: User) -> bool:
    """With the permission, and a member of neither side."""
    allowed = person.has_perm("introductions.verify_impactentry")
    return allowed and not sides_of(entry.introduction, person)


@transaction.atomic
def verify(entry: ImpactEntry, *, by: User, method: str) -> ImpactEntry:
    """Somebody of neither side has checked the figure: an entry of theirs takes its place."""
    if not may_verify(entry, by):
        raise NotAllowed
    if not method.strip():
        raise Incomplete({"method": _("Say what you have checked, and how.")})
    Introduction.objects.select_for_update(of=("self",)).get(pk=entry.introduction_id)
    if entry.evidence == Evidence.VERIFIED or ImpactEntry.objects.filter(replaces=entry).exists():
        raise Conflict
    checked: ImpactEntry = ImpactEntry.objects.create(
        introduction=entry.introduction,
        metric=entry.metric,
        value=entry.value,
        unit=entry.unit,
        starts=entry.starts,
        ends=entry.ends,
        evidence=Evidence.VERIFIED,
        method=method.strip(),
        side="",
        by=by,
        replaces=entry,
    )
    record("verify impact", entry.introduction, by=by, entry=checked.pk)
    return checked
