"""Contact details: open to both sides, written down, taken back at any time, then gone."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from common.errors import Conflict, NotAllowed
from introductions import actions, milestones
from introductions.choices import CloseReason
from matching.choices import Side
from matching.models import Introduction
from outbox.models import Message
from tests.factories import UserFactory
from tests.introductions.conftest import CANARIES

pytestmark = pytest.mark.django_db


def sees(browser: Client, introduction: Introduction) -> bool:
    """Whether a contact detail is anywhere that this person can look."""
    paths = (
        introduction.get_absolute_url(),
        introduction.suggestion.get_absolute_url(),
        reverse("introductions:list"),
        reverse("matching:inbox") + "?group=introduced",
    )
    texts = [browser.get(path).content.decode() for path in paths]
    texts.append(browser.post(contacts(introduction), follow=True).content.decode())
    texts.append(browser.get(paths[0]).content.decode())
    return any(word in text for word in CANARIES for text in texts)


def contacts(introduction: Introduction) -> str:
    return reverse("introductions:contacts", args=[introduction.pk])


def test_each_side_sees_the_other_after_asking_and_nobody_else_does(
    introduction: Introduction,
    visitor: Client,
    as_author: Client,
    as_official: Client,
    as_stranger: Client,
    as_curator: Client,
) -> None:
    browsers = (visitor, as_stranger, as_curator, as_author, as_official)
    assert [sees(browser, introduction) for browser in browsers] == [False] * 3 + [True] * 2


@pytest.mark.parametrize("path", ["contacts/withdraw/", "close/"])
def test_what_one_side_takes_back_is_served_nowhere(
    introduction: Introduction, as_author: Client, as_official: Client, path: str
) -> None:
    assert sees(as_official, introduction)
    said = {"side": "technology", "reason": CloseReason.FUNDING}
    as_author.post(introduction.get_absolute_url() + path, said)
    assert not sees(as_official, introduction)


def test_withdrawing_closes_the_own_details_only_and_can_be_undone(
    introduction: Introduction, author: User, as_author: Client, as_official: Client
) -> None:
    actions.withdraw_contacts(introduction, by=author, side=Side.TECHNOLOGY)
    assert sees(as_author, introduction)
    assert not sees(as_official, introduction)
    with pytest.raises(Conflict):
        actions.withdraw_contacts(introduction, by=author, side=Side.TECHNOLOGY)
    as_author.post(introduction.get_absolute_url() + "contacts/show/", {"side": "technology"})
    assert sees(as_official, introduction)


def test_nobody_withdraws_for_the_other_side(
    introduction: Introduction, author: User, stranger: User
) -> None:
    for person in (author, stranger):
        with pytest.raises(NotAllowed):
            actions.withdraw_contacts(introduction, by=person, side=Side.NEED)


def test_what_an_admin_withdraws_no_side_shows_again(
    introduction: Introduction, author: User, as_official: Client, as_author: Client
) -> None:
    boss = UserFactory(is_staff=True, is_superuser=True)
    with pytest.raises(NotAllowed):
        actions.withdraw_for_safety(introduction, by=author, reason="I can")
    actions.withdraw_for_safety(introduction, by=boss, reason="Reported as a swindle")
    assert not sees(as_official, introduction)
    assert not sees(as_author, introduction)
    with pytest.raises(Conflict):
        actions.show_contacts_again(introduction, by=author, side=Side.TECHNOLOGY)


def test_nobody_opens_contacts_by_the_hundred(introduction: Introduction, author: User) -> None:
    entries = [
        AuditEntry(verb=actions.SEE_CONTACT, by=author, subject_type="x", subject_id=number)
        for number in range(actions.CONTACTS_A_DAY)
    ]
    AuditEntry.objects.bulk_create(entries)
    with pytest.raises(Conflict):
        actions.open_contacts(introduction, by=author)


def test_closed_introduction_opens_no_contacts_and_takes_no_message(
    introduction: Introduction, author: User, official: User
) -> None:
    milestones.close(introduction, by=official, side=Side.NEED, reason=CloseReason.FUNDING)
    with pytest.raises(Conflict):
        actions.open_contacts(introduction, by=author)
    with pytest.raises(Conflict):
        actions.write(introduction, by=author, side=Side.TECHNOLOGY, text="Hello?")
    with pytest.raises(Conflict):
        milestones.close(introduction, by=author, side=Side.TECHNOLOGY, reason=CloseReason.OTHER)


def test_no_mail_holds_contact_details_or_what_was_written(
    introduction: Introduction, author: User, official: User
) -> None:
    secret = "Meet me at https://evil.example/now"
    actions.write(introduction, by=author, side=Side.TECHNOLOGY, text=secret)
    milestones.close(
        introduction, by=official, side=Side.NEED, reason=CloseReason.FUNDING, note=secret
    )
    assert Message.objects.filter(kind="thread").count() == 3
    for message in Message.objects.all():
        body = message.subject + message.text + message.html
        assert not [word for word in (*CANARIES, "evil.example") if word in body]
