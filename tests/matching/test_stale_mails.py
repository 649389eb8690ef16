"""Between writing an e-mail and sending it the world goes on: what is over by then stays unsent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import User
from matching import actions, notices
from matching.choices import Side
from matching.models import Suggestion
from matching.policy import in_force
from outbox import tasks as outbox
from outbox.models import Message
from partners.choices import OrganisationStatus
from partners.models import Organisation
from tests.factories import NeedFactory, TechnologyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def suggestion(provider: Organisation, city: Organisation) -> Suggestion:
    row: Suggestion = Suggestion.objects.create(
        need=NeedFactory(organisation=city),
        technology=TechnologyFactory(organisation=provider),
        score=88,
        policy=in_force(),
        expires_at=timezone.now() + timedelta(days=10),
        told_need_at=timezone.now(),
        told_technology_at=timezone.now(),
    )
    return row


def sent_to(person: User) -> list[str]:
    """Who gets how many of what, once a worker has come by."""
    Message.objects.update(next_attempt_at=timezone.now())
    outbox.sweep()
    return [letter.subject for letter in mail.outbox if letter.to == [person.email]]


def test_a_reminder_goes_out_while_the_answer_is_missing(
    suggestion: Suggestion, official: User
) -> None:
    notices.reminder(suggestion, Side.NEED, 1)
    assert len(sent_to(official)) == 1


@pytest.mark.parametrize("how", ["accepted", "declined", "out of time", "suspended"])
def test_a_reminder_of_what_is_over_or_answered_stays_unsent(
    suggestion: Suggestion, official: User, author: User, how: str
) -> None:
    notices.reminder(suggestion, Side.NEED, 1)
    if how == "accepted":
        actions.accept(suggestion, by=official, side=Side.NEED)
    elif how == "declined":
        actions.decline(suggestion, by=author, side=Side.TECHNOLOGY, reason="price")
        Message.objects.filter(dedupe_key__startswith="declined").delete()
    elif how == "out of time":
        Suggestion.objects.update(expires_at=timezone.now())
    else:
        Organisation.objects.update(status=OrganisationStatus.SUSPENDED)
    assert sent_to(official) == []


@pytest.mark.parametrize("notice", ["declined", "withdrawn", "expired"])
@pytest.mark.parametrize("suspended", [False, True])
def test_nothing_goes_to_either_side_once_one_of_them_is_suspended(
    suggestion: Suggestion, official: User, city: Organisation, notice: str, suspended: bool
) -> None:
    if notice == "declined":
        notices.declined(suggestion, Side.TECHNOLOGY)
    elif notice == "withdrawn":
        notices.withdrawn(suggestion, Side.TECHNOLOGY, answer=1)
    else:
        notices.expired(suggestion, Side.TECHNOLOGY)
    if suspended:
        Organisation.objects.exclude(pk=city.pk).update(status=OrganisationStatus.SUSPENDED)
    assert len(sent_to(official)) == (0 if suspended else 1)


def test_a_yes_that_was_taken_back_or_answered_is_not_told(
    suggestion: Suggestion, official: User, author: User
) -> None:
    actions.accept(suggestion, by=author, side=Side.TECHNOLOGY)
    actions.withdraw(suggestion, by=author, side=Side.TECHNOLOGY)
    Message.objects.filter(dedupe_key__startswith="withdrawn").delete()
    assert sent_to(official) == []
    actions.accept(suggestion, by=author, side=Side.TECHNOLOGY)
    actions.accept(suggestion, by=official, side=Side.NEED)
    Message.objects.filter(dedupe_key__startswith="introduction").delete()
    assert sent_to(official) == []


def test_a_second_yes_after_a_withdrawal_is_told_again(
    suggestion: Suggestion, official: User, author: User
) -> None:
    actions.accept(suggestion, by=author, side=Side.TECHNOLOGY)
    first = sent_to(official)
    actions.withdraw(suggestion, by=author, side=Side.TECHNOLOGY)
    actions.accept(suggestion, by=author, side=Side.TECHNOLOGY)
    assert sent_to(official).count(first[0]) == 2
