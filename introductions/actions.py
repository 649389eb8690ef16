"""Contact details between two sides that both said yes, and the words that pass between them."""

import hashlib
from datetime import timedelta
from typing import Literal

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, User
from common.errors import Conflict, Incomplete, NotAllowed
from introductions import emails
from introductions.models import Attachment, Milestone, Reading, ThreadMessage, Withdrawal
from introductions.permissions import (
    hold,
    hold_for,
    hold_to_speak,
    is_closed,
    require_open,
    sides_of,
)
from introductions.uploads import Checked
from matching.choices import Side
from matching.models import Introduction

SEE_CONTACT = "see contact"
CONTACTS_A_DAY = 20
MESSAGES_AN_HOUR = 30
LONGEST = 5000
FILES = 200


@transaction.atomic
def open_contacts(introduction: Introduction, *, by: User) -> None:
    """Show the other side's contact details to one person; written down the first time."""
    row = hold(introduction, by=by)
    if not sides_of(row, by):
        raise NotAllowed
    require_open(row)
    if has_opened_contacts(row, by):
        return
    today = AuditEntry.objects.filter(
        verb=SEE_CONTACT, by=by, at__gt=timezone.now() - timedelta(days=1)
    )
    if today.count() >= CONTACTS_A_DAY:
        raise Conflict(_("You have opened many contacts today. Come back tomorrow."))
    record(SEE_CONTACT, row, by=by)


def has_opened_contacts(introduction: Introduction, user: User) -> bool:
    seen = AuditEntry.objects.filter(verb=SEE_CONTACT, by=user, subject_id=introduction.pk)
    return seen.filter(subject_type=introduction._meta.label_lower).exists()


@transaction.atomic
def withdraw_contacts(introduction: Introduction, *, by: User, side: Side) -> None:
    """From now on the contact details of one side are shown nowhere in this introduction."""
    row = hold_for(introduction, side, by=by)
    _withdraw(row, side, by=by)


@transaction.atomic
def withdraw_for_safety(introduction: Introduction, *, by: User, reason: str) -> None:
    """An admin closes the contact details of both sides."""
    if not by.has_perm("matching.change_introduction") or sides_of(introduction, by):
        raise NotAllowed
    row = Introduction.objects.select_for_update(of=("self",)).get(pk=introduction.pk)
    for side in Side:
        if not Withdrawal.objects.filter(introduction=row, side=side).exists():
            _withdraw(row, side, by=by, reason=reason, for_safety=True)


def _withdraw(
    introduction: Introduction, side: Side, *, by: User, reason: str = "", for_safety: bool = False
) -> None:
    _row, created = Withdrawal.objects.get_or_create(
        introduction=introduction, side=side, defaults={"by": by, "for_safety": for_safety}
    )
    if not created:
        raise Conflict
    record("withdraw contacts", introduction, by=by, side=side, reason=reason)


@transaction.atomic
def show_contacts_again(introduction: Introduction, *, by: User, side: Side) -> None:
    """Take a withdrawal back; not one that an admin made."""
    row = hold_for(introduction, side, by=by)
    require_open(row)
    own = Withdrawal.objects.filter(introduction=row, side=side, for_safety=False)
    if not own.delete()[0]:
        raise Conflict
    record("show contacts again", row, by=by, side=side)


def contacts_shown(introduction: Introduction, side: str) -> bool:
    """Whether the contact details of ``side`` may be served at all."""
    gone = Withdrawal.objects.filter(introduction=introduction, side=side).exists()
    return not gone and not is_closed(introduction)


@transaction.atomic
def write(
    introduction: Introduction,
    *,
    by: User,
    side: Side | Literal[""],
    text: str,
    file: Checked | None = None,
) -> ThreadMessage:
    """Add a message to the conversation; the others are told that there is one."""
    row = hold_to_speak(introduction, side, by=by)
    if is_closed(row):
        raise Conflict(_("This introduction is closed: nobody can write in it any more."))
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise Incomplete({"text": _("Write a message.")})
    hour = timezone.now() - timedelta(hours=1)
    if ThreadMessage.objects.filter(by=by, at__gt=hour).count() >= MESSAGES_AN_HOUR:
        raise Conflict(_("You have written many messages in an hour. Come back later."))
    message = ThreadMessage.objects.create(introduction=row, side=side, by=by, text=text)
    if file is not None:
        attach(file, message=message)
    record("write message", row, by=by, side=side, message=message.pk)
    _read(row, by, message.pk)
    emails.message_written(message)
    return message


def attach(
    file: Checked, *, message: ThreadMessage | None = None, milestone: Milestone | None = None
) -> Attachment:
    """Keep a checked file with the entry it belongs to, in the caller's transaction."""
    entry = message or milestone
    if entry is None:
        raise ValueError("a file belongs to a message or a milestone")
    if Attachment.objects.filter(introduction=entry.introduction).count() >= FILES:
        raise Conflict(_("This introduction holds as many files as it can."))
    attachment: Attachment = Attachment.objects.create(
        introduction=entry.introduction,
        message=message,
        milestone=milestone,
        side=entry.side,
        by=entry.by,
        name=file.name,
        content_type=file.content_type,
        size=len(file.data),
        digest=hashlib.sha256(file.data).hexdigest(),
        file=ContentFile(file.data, file.name),
    )
    return attachment


@transaction.atomic
def begin(introduction: Introduction) -> None:
    """What each side drafted when it said yes opens the conversation."""
    for response in introduction.suggestion.responses.order_by("answered_at", "pk"):
        text = response.message.strip()
        if text:
            ThreadMessage.objects.create(
                introduction=introduction,
                side=response.side,
                by=response.answered_by,
                text=text[:LONGEST],
                at=response.answered_at,
            )


@transaction.atomic
def mark_read(introduction: Introduction, *, by: User) -> None:
    """Everything in the conversation so far has been seen by this person."""
    row = hold(introduction, by=by)
    last = ThreadMessage.objects.filter(introduction=row).order_by("-pk").first()
    if last is not None:
        _read(row, by, last.pk)


def _read(introduction: Introduction, person: User, upto: int) -> None:
    Reading.objects.update_or_create(
        introduction=introduction,
        person=person,
        defaults={"read_upto": upto, "read_at": timezone.now()},
    )
