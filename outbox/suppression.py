"""Addresses to which nothing is sent any more, mandatory e-mails included.

One hard bounce is enough, four soft ones within a month of each other are; who reports spam is
left alone for good. An admin may lift it with a reason.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import User
from common import clock
from common.errors import Conflict, Incomplete, NotAllowed
from outbox.choices import EventKind
from outbox.models import Suppression

MOST_SOFT_BOUNCES = 4
FORGET_SOFT_AFTER = timedelta(days=30)


def key_of(address: str) -> str:
    """The same for every spelling; says nothing about the address without the key."""
    made = salted_hmac(
        "greenmatch.suppression",
        address.strip().lower(),
        secret=settings.SUPPRESSION_KEY,
        algorithm="sha256",
    )
    return made.hexdigest()


def reason_for(address: str) -> str:
    """Why nothing is sent there; "" when it may be."""
    rows = Suppression.objects.filter(address_key=key_of(address), suppressed_at__isnull=False)
    return rows.values_list("reason", flat=True).first() or ""


@transaction.atomic
def bounced(address: str, kind: EventKind) -> None:
    """Take note of a bounce or a complaint."""
    key = key_of(address)
    Suppression.objects.get_or_create(address_key=key)
    row = Suppression.objects.select_for_update().get(address_key=key)
    now = clock.now()
    if kind == EventKind.SOFT:
        if row.last_bounce_at and now - row.last_bounce_at > FORGET_SOFT_AFTER:
            row.soft_bounces = 0
        row.soft_bounces += 1
    row.last_bounce_at = now
    enough = kind != EventKind.SOFT or row.soft_bounces >= MOST_SOFT_BOUNCES
    if enough and row.reason != EventKind.COMPLAINT:
        row.reason, row.suppressed_at = kind, row.suppressed_at or now
    row.save()


@transaction.atomic
def lift(suppression: Suppression, *, by: User, reason: str) -> None:
    """Send there again, because somebody who knows better says so."""
    if not by.has_perm("outbox.change_suppression"):
        raise NotAllowed
    if not reason.strip():
        raise Incomplete({"reason": _("Say why.")})
    lifted = Suppression.objects.filter(pk=suppression.pk, suppressed_at__isnull=False).update(
        reason="",
        suppressed_at=None,
        soft_bounces=0,
        lifted_at=clock.now(),
        lifted_by=by,
        lift_reason=reason.strip()[:500],
    )
    if not lifted:
        raise Conflict
    record("lift suppression", suppression, by=by, reason=reason.strip())
