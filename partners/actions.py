"""Applying as an organisation, and deciding about an application."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.choices import Role
from accounts.models import User
from common.errors import Incomplete
from common.transitions import move
from partners import emails
from partners.choices import NEXT_ORGANISATION_STATUS, OrganisationStatus
from partners.models import Membership, Organisation
from partners.permissions import require_decider, require_manager
from partners.signals import organisation_approved, organisation_suspended


@transaction.atomic
def apply(organisation: Organisation, *, by: User) -> Organisation:
    """Store a new organisation in the admins' queue; the applicant becomes its manager."""
    organisation.status = OrganisationStatus.APPLIED
    organisation.applied_at, organisation.applied_by = timezone.now(), by
    organisation.save()
    Membership.objects.create(organisation=organisation, user=by, role=Role.MANAGER)
    record("apply", organisation, by=by)
    emails.application_received(organisation, to=by)
    return organisation


@transaction.atomic
def apply_again(organisation: Organisation, *, by: User) -> None:
    """Back to the queue after a rejection, with whatever was corrected."""
    require_manager(by, organisation)
    _move(organisation, OrganisationStatus.APPLIED, applied_at=timezone.now(), applied_by=by)
    record("apply again", organisation, by=by)


@transaction.atomic
def approve(organisation: Organisation, *, by: User, reason: str = "") -> None:
    require_decider(by, organisation)
    _decide(organisation, OrganisationStatus.APPROVED, by=by, reason=reason)
    organisation_approved.send(Organisation, organisation=organisation)


@transaction.atomic
def reject(organisation: Organisation, *, by: User, reason: str) -> None:
    require_decider(by, organisation)
    _require_reason(reason)
    _decide(organisation, OrganisationStatus.REJECTED, by=by, reason=reason)


@transaction.atomic
def suspend(organisation: Organisation, *, by: User, reason: str) -> None:
    """Take everything the organisation has published out of sight."""
    require_decider(by, organisation)
    _require_reason(reason)
    _decide(organisation, OrganisationStatus.SUSPENDED, by=by, reason=reason)
    organisation_suspended.send(Organisation, organisation=organisation)


def _decide(
    organisation: Organisation, status: OrganisationStatus, *, by: User, reason: str
) -> None:
    _move(organisation, status, decided_at=timezone.now(), decided_by=by, reason=reason)
    entry = record(status, organisation, by=by, reason=reason)
    emails.application_decided(organisation, act=entry.pk)


def _move(organisation: Organisation, status: OrganisationStatus, **columns: object) -> None:
    move(organisation, status, allowed=NEXT_ORGANISATION_STATUS, **columns)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Incomplete({"reason": _("Give a reason: the applicant will read it.")})
