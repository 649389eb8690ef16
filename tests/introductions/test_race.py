"""Two people at one moment: one answer counts. Row locks need PostgreSQL."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from introductions import actions, milestones
from introductions.models import Milestone, MilestoneAnswer
from matching.choices import Side
from matching.models import Introduction
from outbox.models import Message
from partners.models import Membership, Organisation
from tests.matching.test_race import at_once

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
ROUNDS = 5


@pytest.fixture(autouse=True)
def only_with_row_locks(db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite writes one after the other anyway")


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_one_confirms_while_another_contests(
    introduction: Introduction,
    author: User,
    official: User,
    stranger: User,
    city: Organisation,
    attempt: int,
) -> None:
    Membership.objects.create(organisation=city, user=stranger)
    row = milestones.report(
        introduction,
        by=author,
        side=Side.TECHNOLOGY,
        step="meeting",
        day=timezone.localdate(),
    )
    at_once(
        lambda: milestones.confirm(row, by=official, side=Side.NEED),
        lambda: milestones.contest(row, by=stranger, side=Side.NEED, reason="No"),
    )
    assert MilestoneAnswer.objects.count() == 1
    assert Message.objects.filter(kind="thread", recipient=author).count() == 1


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_both_sides_close_at_once(
    introduction: Introduction, author: User, official: User, attempt: int
) -> None:
    at_once(
        lambda: milestones.close(introduction, by=author, side=Side.TECHNOLOGY, reason="other"),
        lambda: milestones.close(introduction, by=official, side=Side.NEED, reason="funding"),
    )
    assert Milestone.objects.closing().count() == 1


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_contacts_never_open_after_closing(
    introduction: Introduction, author: User, official: User, attempt: int
) -> None:
    at_once(
        lambda: milestones.close(introduction, by=official, side=Side.NEED, reason="funding"),
        lambda: actions.open_contacts(introduction, by=author),
        lambda: actions.write(introduction, by=author, side=Side.TECHNOLOGY, text="Quick"),
    )
    assert not actions.contacts_shown(introduction, Side.NEED)
