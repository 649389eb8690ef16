"""The life of a listing: the only writes with consequences for technologies and needs."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import User
from common.choices import NEXT_STATUS, Status
from common.errors import Conflict, Incomplete
from common.transitions import move
from listings import content, emails
from listings.models import Listing
from listings.permissions import may_review, require_author, require_reviewer
from listings.signals import listing_hidden, listing_published

CONFIRM_EVERY = timedelta(days=180)


@transaction.atomic
def submit(listing: Listing, *, by: User) -> None:
    """Hand a draft to the reviewers."""
    require_author(by, listing)
    _require_complete(listing)
    _move(listing, Status.SUBMITTED, submitted_at=timezone.now(), submitted_by=by, review_note="")
    record("submit", listing, by=by)


@transaction.atomic
def withdraw(listing: Listing, *, by: User) -> None:
    """Take a submitted listing back to go on writing."""
    require_author(by, listing)
    _move(listing, Status.DRAFT)
    record("withdraw", listing, by=by)


@transaction.atomic
def publish(listing: Listing, *, by: User, note: str = "") -> None:
    """Make a submitted listing public; matching starts from here."""
    require_reviewer(by, listing)
    now = timezone.now()
    _move(
        listing,
        Status.PUBLISHED,
        published_at=now,
        published_by=by,
        confirmed_at=now,
        confirm_by=(now + CONFIRM_EVERY).date(),
        review_note=note,
    )
    entry = record("publish", listing, by=by, reason=note)
    emails.decided(listing, "listing_published", act=entry.pk, note=note)
    listing_published.send(type(listing), listing=listing)


@transaction.atomic
def ask_changes(listing: Listing, *, by: User, note: str) -> None:
    require_reviewer(by, listing)
    _require_note(note)
    _move(listing, Status.CHANGES_ASKED, review_note=note)
    entry = record("ask changes", listing, by=by, reason=note)
    emails.decided(listing, "listing_changes_asked", act=entry.pk, note=note)


@transaction.atomic
def reject(listing: Listing, *, by: User, note: str) -> None:
    require_reviewer(by, listing)
    _require_note(note)
    _move(listing, Status.REJECTED, review_note=note)
    entry = record("reject", listing, by=by, reason=note)
    emails.decided(listing, "listing_rejected", act=entry.pk, note=note)


@transaction.atomic
def archive(listing: Listing, *, by: User) -> None:
    require_author(by, listing)
    _move(listing, Status.ARCHIVED)
    record("archive", listing, by=by)
    listing_hidden.send(type(listing), listing=listing)


@transaction.atomic
def confirm(listing: Listing, *, by: User) -> None:
    """Say that everything still holds; a stale listing comes back."""
    require_author(by, listing)
    now = timezone.now()
    was_public = listing.is_public
    columns = {"confirmed_at": now, "confirm_by": (now + CONFIRM_EVERY).date()}
    if listing.status == Status.PUBLISHED:
        type(listing)._default_manager.filter(pk=listing.pk).update(**columns)
    else:
        _move(listing, Status.PUBLISHED, **columns)
    record("confirm", listing, by=by)
    if not was_public:
        listing_published.send(type(listing), listing=listing)


@transaction.atomic
def start(listing: Listing, *, by: User) -> None:
    """Store a new draft of the organisation."""
    require_author(by, listing)
    listing.status, listing.created_by = Status.DRAFT, by
    listing.take_over()
    listing.save()
    record("start", listing, by=by)


@transaction.atomic
def revise(listing: Listing, *, by: User, changes: dict[str, Any]) -> None:
    """What the author wrote: into the draft, or beside what is public until it is reviewed."""
    require_author(by, listing)
    stored = _locked(listing)
    if stored.is_editable:
        content.write(stored, content.difference(stored, changes))
    elif stored.is_public:
        waiting = content.difference(stored, {**(stored.proposed or {}), **changes})
        if waiting and waiting != stored.proposed:
            propose(stored, by=by, changes=waiting)
        elif not waiting and stored.proposed_at:
            discard_proposal(stored, by=by)
    else:
        raise Conflict


@transaction.atomic
def translate(listing: Listing, *, by: User, changes: dict[str, Any]) -> None:
    """By a reviewer it holds at once; by the organisation it goes the way of other changes."""
    if not may_review(by, listing):
        return revise(listing, by=by, changes=changes)
    stored = _locked(listing)
    content.write(stored, content.difference(stored, changes))
    record("translate", stored, by=by, fields=sorted(changes))
    if stored.is_public:
        listing_published.send(type(stored), listing=stored)
    return None


@transaction.atomic
def propose(listing: Listing, *, by: User, changes: dict[str, Any]) -> None:
    """Changes to something published wait for a reviewer; the published version stays as it is."""
    require_author(by, listing)
    if not listing.is_public:
        raise Conflict
    listing.proposed, listing.proposed_at, listing.proposed_by = changes, timezone.now(), by
    listing.save(update_fields=["proposed", "proposed_at", "proposed_by", "updated_at"])
    record("propose changes", listing, by=by, fields=sorted(changes))


@transaction.atomic
def decline_proposal(listing: Listing, *, by: User, note: str) -> None:
    require_reviewer(by, listing)
    _require_note(note)
    if listing.proposed_at is None:
        raise Conflict
    _drop_proposal(listing, review_note=note)
    entry = record("decline changes", listing, by=by, reason=note)
    emails.decided(listing, "listing_changes_asked", act=entry.pk, note=note)


@transaction.atomic
def apply_proposal(listing: Listing, *, by: User, note: str = "") -> None:
    """Write the changes that waited into the public record."""
    require_reviewer(by, listing)
    stored = _locked(listing)
    if stored.proposed_at is None or stored.proposed != listing.proposed:
        raise Conflict
    content.write(stored, stored.proposed or {})
    proposal_applied(stored, by=by, note=note)


@transaction.atomic
def discard_proposal(listing: Listing, *, by: User) -> None:
    """The author takes changes back before anybody has decided."""
    require_author(by, listing)
    if listing.proposed_at is None:
        raise Conflict
    _drop_proposal(listing)
    record("discard changes", listing, by=by)


def proposal_applied(listing: Listing, *, by: User, note: str = "") -> None:
    """Book-keeping once the proposed changes are written; runs in that transaction."""
    _drop_proposal(listing, review_note=note)
    entry = record("publish changes", listing, by=by, reason=note)
    emails.decided(listing, "listing_published", act=entry.pk, note=note)
    listing_published.send(type(listing), listing=listing)


def corrected(listing: Listing, *, by: User, fields: list[str]) -> None:
    """Book-keeping once a reviewer has corrected a record; runs in that transaction."""
    require_reviewer(by, listing)
    record("correct", listing, by=by, fields=sorted(fields))
    if listing.is_public:
        listing_published.send(type(listing), listing=listing)


def expire(listing: Listing) -> None:
    """The nightly run: ask for confirmation first, hide later."""
    with transaction.atomic():
        if listing.status == Status.PUBLISHED:
            _move(listing, Status.CONFIRMATION_DUE)
            entry = record("ask confirmation", listing, by=None)
            emails.decided(listing, "listing_confirmation_due", act=entry.pk, note="")
        else:
            _move(listing, Status.STALE)
            record("hide", listing, by=None)
            listing_hidden.send(type(listing), listing=listing)


def _move(listing: Listing, status: Status, **columns: Any) -> None:
    move(listing, status, allowed=NEXT_STATUS, **columns)


def _locked(listing: Listing) -> Any:
    """The stored row, which nobody else can change until this transaction ends."""
    return type(listing)._default_manager.select_for_update().get(pk=listing.pk)


def _drop_proposal(listing: Listing, **columns: Any) -> None:
    listing.proposed = listing.proposed_at = listing.proposed_by = None
    for name, value in columns.items():
        setattr(listing, name, value)
    listing.save(update_fields=["proposed", "proposed_at", "proposed_by", "updated_at", *columns])


def _require_note(note: str) -> None:
    if not note.strip():
        raise Incomplete({"note": _("Say what has to change: the author will read it.")})


def missing(listing: Listing) -> dict[str, str]:
    """What a reviewer would miss: field names with what to do."""
    found = {
        name: _("Fill this in before you submit.")
        for name in listing.required_to_submit()
        if not (
            listing.said(name, listing.source_language)
            if name in listing.TEXT_FIELDS
            else getattr(listing, name)
        )
    }
    if not listing.concepts_of("topic"):
        found["concepts"] = _("Choose at least one topic.")
    return found


def _require_complete(listing: Listing) -> None:
    if fields := missing(listing):
        raise Incomplete(fields)
