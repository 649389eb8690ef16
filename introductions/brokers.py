"""A programme manager joins an introduction: at her wish or invited, while both sides bear it.

Who manages the programme of a need is known further up; settings name the functions that say so.
From joining on she reads and writes the conversation and reads milestones and effects. Messages
from before, and contact details, are never shown to her here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.actions import record
from accounts.models import User
from common.errors import Conflict, NotAllowed
from introductions import emails
from introductions.models import Broker, Reading, ThreadMessage
from introductions.permissions import hold_for, joined, organisation_of, require_open, sides_of
from matching.choices import Side
from matching.models import Introduction
from partners.choices import OrganisationStatus


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who manages a programme that the need of an introduction belongs to."""

    person: User
    programme: str


def candidates(introduction: Introduction) -> list[Candidate]:
    """Active managers of neither side."""
    found: list[Candidate] = import_string(f"{settings.PROGRAMMES}.managers_of")(introduction)
    return [one for one in found if not sides_of(introduction, one.person)]


def present(introduction: Introduction) -> Broker | None:
    """Who has asked, was invited or takes part now."""
    rows = Broker.objects.filter(introduction=introduction, ended_at__isnull=True)
    return rows.select_related("person").first()


@transaction.atomic
def ask(introduction: Introduction, *, by: User) -> Broker:
    """A manager asks both sides whether she may join."""
    row = _locked(introduction)
    broker = _begin(row, _candidate(row, by), invited_by="")
    record("ask to join", row, by=by, broker=broker.pk)
    emails.broker_asks(broker)
    return broker


@transaction.atomic
def invite(introduction: Introduction, person: User, *, by: User, side: Side) -> Broker:
    """A side asks a manager to join."""
    row = hold_for(introduction, side, by=by)
    broker = _begin(row, _candidate(row, person), invited_by=side)
    record("invite to join", row, by=by, side=side, broker=broker.pk)
    emails.broker_invited(broker)
    return broker


@transaction.atomic
def admit(broker: Broker, *, by: User, side: Side) -> None:
    """One side lets in who has asked; both are told, and either may end it."""
    row = hold_for(broker.introduction, side, by=by)
    held = _waiting(row, broker)
    if held.invited_by:
        raise Conflict
    _join(held, row, by=by, side=side)


@transaction.atomic
def accept(broker: Broker, *, by: User) -> None:
    """The manager takes an invitation."""
    row = _locked(broker.introduction)
    if broker.person_id != by.pk:
        raise NotAllowed
    _candidate(row, by)
    held = _waiting(row, broker)
    if not held.invited_by:
        raise NotAllowed
    _join(held, row, by=by, side="")


@transaction.atomic
def end(broker: Broker, *, by: User, side: Side | None = None) -> None:
    """Either side, or she herself: from now on she reads and writes nothing here."""
    if side is not None:
        row = hold_for(broker.introduction, side, by=by)
    elif broker.person_id == by.pk:
        row = Introduction.objects.select_for_update(of=("self",)).get(pk=broker.introduction_id)
    else:
        raise NotAllowed
    ended = Broker.objects.filter(pk=broker.pk, introduction=row, ended_at__isnull=True)
    if not ended.update(ended_at=timezone.now()):
        raise Conflict
    record("end broker", row, by=by, side=side or "", broker=broker.pk)


def _locked(introduction: Introduction) -> Introduction:
    """For somebody of neither side: held while both organisations are in good standing."""
    rows = Introduction.objects.select_for_update(of=("self",)).select_related(
        "suggestion__need__organisation", "suggestion__technology__organisation"
    )
    row: Introduction = rows.get(pk=introduction.pk)
    if any(organisation_of(row, s).status != OrganisationStatus.APPROVED for s in Side):
        raise NotAllowed
    return row


def _candidate(introduction: Introduction, person: User) -> Candidate:
    found = next((c for c in candidates(introduction) if c.person.pk == person.pk), None)
    if found is None:
        raise NotAllowed
    return found


def _begin(introduction: Introduction, candidate: Candidate, *, invited_by: str) -> Broker:
    require_open(introduction)
    if present(introduction) is not None:
        raise Conflict
    return Broker.objects.create(
        introduction=introduction,
        person=candidate.person,
        programme=candidate.programme[:200],
        invited_by=invited_by,
    )


def _waiting(introduction: Introduction, broker: Broker) -> Broker:
    require_open(introduction)
    held = present(introduction)
    if held is None or held.pk != broker.pk or held.joined_at is not None:
        raise Conflict
    return held


def _join(broker: Broker, introduction: Introduction, *, by: User, side: str) -> None:
    messages = ThreadMessage.objects.filter(introduction=introduction)
    broker.since = messages.aggregate(last=Max("pk"))["last"] or 0
    broker.joined_at = timezone.now()
    broker.save(update_fields=["since", "joined_at"])
    Reading.objects.update_or_create(
        introduction=introduction, person=broker.person, defaults={"read_upto": broker.since}
    )
    record("broker joins", introduction, by=by, side=side, broker=broker.pk)
    emails.broker_joined(broker)


def seen_from(introduction: Introduction, reader: User, mine: list[Side]) -> Broker | None:
    """The row by which a reader of neither side reads; None for the sides themselves."""
    return None if mine else joined(reader).filter(introduction=introduction).first()


def panel(introduction: Introduction, reader: User, mine: list[Side]) -> dict[str, Any]:
    """What the page says of it."""
    broker = present(introduction)
    free = broker is None and bool(mine)
    return {
        "broker": broker,
        "candidates": candidates(introduction) if free else [],
        "is_broker": not mine and broker is not None and broker.person_id == reader.pk,
    }
