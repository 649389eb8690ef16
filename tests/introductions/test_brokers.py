"""A programme manager beside two sides: let in by one, seen by both, ended by either."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from common.errors import Conflict, NotAllowed
from introductions import actions, brokers, meetings, milestones
from introductions.models import Broker, ThreadMessage
from matching.choices import Side
from matching.models import Introduction, Suggestion
from outbox.models import Message
from outbox.signals import Withhold, message_claimed
from partners.choices import OrganisationStatus
from partners.models import Organisation
from programmes.models import Programme
from tests.cast import _browser
from tests.factories import UserFactory
from tests.introductions.conftest import CANARIES

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(suggestion: Suggestion, city: Organisation, manager: User) -> Programme:
    today = timezone.localdate()
    row: Programme = Programme.objects.create(
        organisation=city, title="Cool City", title_en="Cool City", starts=today, ends=today
    )
    row.needs.add(suggestion.need)
    row.managers.add(manager)
    return row


@pytest.fixture
def manager(db: None) -> User:
    """Looks after the programme of the need; belongs to neither side."""
    person: User = UserFactory(name="Mona Manager", email="manager@programme.example")
    return person


@pytest.fixture
def as_manager(manager: User) -> Client:
    return _browser(manager)


@pytest.fixture
def joined(programme: Programme, introduction: Introduction, manager: User, author: User) -> Broker:
    broker = brokers.ask(introduction, by=manager)
    brokers.admit(broker, by=author, side=Side.TECHNOLOGY)
    broker.refresh_from_db()
    return broker


def told(template: str) -> list[str]:
    rows = Message.objects.filter(dedupe_key__contains=template)
    return sorted(rows.values_list("recipient__email", flat=True))


def page_of(browser: Client, introduction: Introduction) -> str:
    answer = browser.get(introduction.get_absolute_url())
    return answer.content.decode() if answer.status_code == 200 else ""


def test_her_work_is_linked_from_the_page_she_begins_at_and_from_nobody_elses(
    programme: Programme, as_manager: Client, as_official: Client
) -> None:
    link = f'href="{reverse("programmes:work")}"'
    assert link in as_manager.get(reverse("dashboard")).content.decode()
    assert link not in as_official.get(reverse("dashboard")).content.decode()


def test_she_asks_one_side_lets_her_in_and_both_are_told(
    programme: Programme,
    introduction: Introduction,
    as_manager: Client,
    as_official: Client,
    as_author: Client,
    author: User,
    colleague: User,
    official: User,
) -> None:
    both = sorted(person.email for person in (author, colleague, official))
    assert "Cool school" in as_manager.get(reverse("programmes:work")).content.decode()
    as_manager.post(reverse("introductions:broker_ask", args=[introduction.pk]))
    assert told("broker_asks") == both
    assert page_of(as_manager, introduction) == ""
    assert "Mona Manager" in page_of(as_author, introduction)
    broker = Broker.objects.get()
    as_official.post(reverse("introductions:broker_admit", args=[introduction.pk, broker.pk]))
    assert told("broker_joined") == both
    for browser in (as_official, as_author, as_manager):
        assert "Mona Manager" in page_of(browser, introduction)
    verbs = AuditEntry.objects.filter(subject_id=introduction.pk).values_list("verb", flat=True)
    assert {"ask to join", "broker joins"} <= set(verbs)


def test_a_side_invites_her_and_she_takes_it(
    programme: Programme,
    introduction: Introduction,
    manager: User,
    as_author: Client,
    as_manager: Client,
) -> None:
    path = reverse("introductions:broker_invite", args=[introduction.pk])
    as_author.post(path, {"person": manager.pk})
    broker = Broker.objects.get()
    mail = Message.objects.get(recipient=manager)
    assert "Givrine" not in mail.subject + mail.text + mail.html  # she is not in yet
    assert page_of(as_manager, introduction) == ""
    as_manager.post(reverse("introductions:broker_join", args=[introduction.pk, broker.pk]))
    assert "Mona Manager" in page_of(as_manager, introduction)


def test_nobody_joins_before_both_sides_have_accepted(
    programme: Programme, suggestion: Suggestion, author: User, as_manager: Client
) -> None:
    from matching import actions as answers

    answers.accept(suggestion, by=author, side=Side.TECHNOLOGY)
    assert (
        suggestion.technology.title
        not in as_manager.get(reverse("programmes:work")).content.decode()
    )
    assert as_manager.get(suggestion.get_absolute_url()).status_code == 404
    assert as_manager.post(reverse("introductions:broker_ask", args=[1])).status_code == 404


def test_strangers_and_managers_of_other_programmes_stay_outside(
    programme: Programme,
    introduction: Introduction,
    stranger: User,
    city: Organisation,
    author: User,
) -> None:
    other = UserFactory(name="Otto Other")
    today = timezone.localdate()
    Programme.objects.create(
        organisation=city, title="Else", starts=today, ends=today
    ).managers.add(other)
    for person in (stranger, other):
        with pytest.raises(NotAllowed):
            brokers.ask(introduction, by=person)
        with pytest.raises(NotAllowed):
            brokers.invite(introduction, person, by=author, side=Side.TECHNOLOGY)
        assert _browser(person).get(introduction.get_absolute_url()).status_code == 404
    assert not Broker.objects.exists()


def test_she_cannot_let_herself_in(
    programme: Programme, introduction: Introduction, manager: User, as_manager: Client
) -> None:
    broker = brokers.ask(introduction, by=manager)
    with pytest.raises(NotAllowed):
        brokers.accept(broker, by=manager)
    path = reverse("introductions:broker_admit", args=[introduction.pk, broker.pk])
    assert as_manager.post(path).status_code == 404
    assert page_of(as_manager, introduction) == ""


def test_what_was_written_before_and_contact_details_stay_between_the_two(
    programme: Programme,
    introduction: Introduction,
    author: User,
    official: User,
    manager: User,
    as_manager: Client,
) -> None:
    actions.write(introduction, by=author, side=Side.TECHNOLOGY, text="For the two of us")
    today = timezone.localdate()
    milestones.report(
        introduction, by=author, side=Side.TECHNOLOGY, step="meeting", day=today, note="In private"
    )
    broker = brokers.ask(introduction, by=manager)
    brokers.admit(broker, by=official, side=Side.NEED)
    actions.write(introduction, by=author, side=Side.TECHNOLOGY, text="For the three of us")
    as_manager.post(reverse("introductions:contacts", args=[introduction.pk]))
    shown = page_of(as_manager, introduction)
    assert "For the three of us" in shown
    hidden = ("For the two of us", "In private", author.name, author.email, *CANARIES)
    assert [word for word in hidden if word in shown] == []
    with pytest.raises(NotAllowed):
        actions.open_contacts(introduction, by=manager)


def test_she_writes_and_both_sides_read_it(
    joined: Broker,
    introduction: Introduction,
    as_manager: Client,
    as_author: Client,
    as_official: Client,
) -> None:
    path = reverse("introductions:write", args=[introduction.pk])
    as_manager.post(path, {"text": "Shall we meet on site?"})
    assert ThreadMessage.objects.get().side == ""
    for browser in (as_author, as_official):
        shown = page_of(browser, introduction)
        assert "Shall we meet on site?" in shown
        assert "Only the members of both sides can read it." not in shown
    assert len(told("thread:")) == 3


def test_she_reports_confirms_and_closes_nothing(
    joined: Broker, introduction: Introduction, manager: User, author: User, as_manager: Client
) -> None:
    today = timezone.localdate()
    milestone = milestones.report(
        introduction, by=author, side=Side.TECHNOLOGY, step="meeting", day=today
    )
    for side in Side:
        with pytest.raises(NotAllowed):
            milestones.confirm(milestone, by=manager, side=side)
        with pytest.raises(NotAllowed):
            milestones.close(introduction, by=manager, side=side, reason="funding")
    for name in ("report", "close", "impact"):
        path = reverse(f"introductions:{name}", args=[introduction.pk])
        assert as_manager.get(path).status_code == 404


def test_of_times_that_she_proposes_one_side_chooses_and_the_other_confirms(
    joined: Broker, introduction: Introduction, manager: User, author: User, official: User
) -> None:
    times = [timezone.now() + timedelta(days=days) for days in (3, 4)]
    meeting = meetings.propose(
        introduction, by=manager, side="", starts=times, minutes=60, place="Online"
    )
    meetings.agree(meeting, meeting.slots.all()[1], by=author, side=Side.TECHNOLOGY)
    meeting.refresh_from_db()
    assert (meeting.status, meeting.side, meeting.slots.count()) == ("proposed", "technology", 1)
    with pytest.raises(NotAllowed):
        meetings.agree(meeting, meeting.slots.get(), by=author, side=Side.TECHNOLOGY)
    meetings.agree(meeting, meeting.slots.get(), by=official, side=Side.NEED)
    meeting.refresh_from_db()
    assert meeting.status == "agreed"
    assert manager.email in told(f"meeting:{meeting.pk}:{meeting.sequence}")


@pytest.mark.parametrize("who", ["as_author", "as_official", "as_manager"])
def test_either_side_or_she_herself_ends_it(
    joined: Broker, introduction: Introduction, manager: User, author: User, who: str, request: Any
) -> None:
    actions.write(introduction, by=author, side=Side.TECHNOLOGY, text="Hello")
    mail = Message.objects.get(kind="thread", recipient=manager)
    browser: Client = request.getfixturevalue(who)
    browser.post(reverse("introductions:broker_end", args=[introduction.pk, joined.pk]))
    assert page_of(_browser(manager), introduction) == ""
    with pytest.raises(NotAllowed):
        actions.write(introduction, by=manager, side="", text="Still here")
    answers: Any = message_claimed.send(Message, message=mail)
    assert [answer for _receiver, answer in answers if isinstance(answer, Withhold)]


def test_a_stranger_ends_nothing(
    joined: Broker, introduction: Introduction, as_stranger: Client
) -> None:
    path = reverse("introductions:broker_end", args=[introduction.pk, joined.pk])
    assert as_stranger.post(path).status_code == 404
    assert Broker.objects.get().ended_at is None


@pytest.mark.parametrize("how", ["not manager", "need left", "suspended"])
def test_she_is_out_when_the_reason_for_her_being_in_is_gone(
    joined: Broker, introduction: Introduction, manager: User, programme: Programme, how: str
) -> None:
    assert page_of(_browser(manager), introduction)
    if how == "not manager":
        programme.managers.clear()
    elif how == "need left":
        programme.needs.clear()
    else:
        Organisation.objects.update(status=OrganisationStatus.SUSPENDED)
    assert page_of(_browser(manager), introduction) == ""
    with pytest.raises(NotAllowed):
        actions.write(introduction, by=manager, side="", text="Still here")


def test_there_is_one_at_a_time_and_none_once_it_is_closed(
    joined: Broker, introduction: Introduction, manager: User, author: User
) -> None:
    with pytest.raises(Conflict):
        brokers.ask(introduction, by=manager)
    brokers.end(joined, by=manager)
    milestones.close(introduction, by=author, side=Side.TECHNOLOGY, reason="funding")
    with pytest.raises(Conflict):
        brokers.ask(introduction, by=manager)
