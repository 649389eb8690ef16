"""The conversation: for two sides, kept whole, told of by e-mail without its words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from common.errors import NotAllowed
from introductions import actions
from introductions.models import Reading, ThreadMessage
from introductions.templatetags.introductions import written
from matching.choices import Side
from matching.models import Introduction, Suggestion
from outbox.models import Message
from outbox.signals import Withhold, message_claimed
from partners.choices import OrganisationStatus
from partners.models import Organisation

pytestmark = pytest.mark.django_db


def post(browser: Client, introduction: Introduction, text: str, **more: str) -> Any:
    path = reverse("introductions:write", args=[introduction.pk])
    return browser.post(path, {"text": text, **more}, follow=True)


def told(person: User) -> int:
    return Message.objects.filter(kind="thread", recipient=person).count()


def test_both_sides_write_and_read(
    introduction: Introduction, as_author: Client, as_official: Client
) -> None:
    post(as_author, introduction, "When could we talk?\nWe are free on Monday.")
    page = as_official.get(introduction.get_absolute_url()).content.decode()
    assert "When could we talk?<br>We are free on Monday." in page
    assert "1 new message" in page
    post(as_official, introduction, "Monday at ten.")
    assert "Monday at ten." in as_author.get(introduction.get_absolute_url()).content.decode()


def test_nobody_else_reads_or_writes(
    introduction: Introduction,
    author: User,
    stranger: User,
    curator: User,
    visitor: Client,
    as_stranger: Client,
    as_curator: Client,
) -> None:
    actions.write(introduction, by=author, side=Side.TECHNOLOGY, text="For your eyes")
    for browser in (visitor, as_stranger, as_curator):
        assert browser.get(introduction.get_absolute_url()).status_code in (302, 404)
        post(browser, introduction, "Let me in")
    for person in (stranger, curator):
        with pytest.raises(NotAllowed):
            actions.write(introduction, by=person, side=Side.NEED, text="Let me in")
    assert ThreadMessage.objects.count() == 1


def test_nobody_writes_in_the_name_of_the_other_side(
    introduction: Introduction, author: User
) -> None:
    with pytest.raises(NotAllowed):
        actions.write(introduction, by=author, side=Side.NEED, text="I am the city")


def test_suspension_closes_the_page_for_both(
    introduction: Introduction, provider: Organisation, as_author: Client, as_official: Client
) -> None:
    Organisation.objects.filter(pk=provider.pk).update(status=OrganisationStatus.SUSPENDED)
    for browser in (as_author, as_official):
        assert browser.get(introduction.get_absolute_url()).status_code == 404
        assert post(browser, introduction, "Hello").status_code == 404


def test_text_that_is_too_long_or_comes_too_late_is_not_lost(
    introduction: Introduction, author: User, official: User, as_author: Client
) -> None:
    from introductions import milestones

    long = "word " * 1200
    answer = post(as_author, introduction, long)
    assert answer.status_code == 200
    assert long.strip() in answer.content.decode()
    milestones.close(introduction, by=official, side=Side.NEED, reason="funding")
    late = post(as_author, introduction, "A long thought")
    assert "nobody can write in it any more" in late.content.decode()
    assert not ThreadMessage.objects.exists()


def test_one_mail_until_it_is_read_or_a_day_has_passed(
    introduction: Introduction, author: User, official: User
) -> None:
    for text in ("One", "Two", "Three"):
        actions.write(introduction, by=author, side=Side.TECHNOLOGY, text=text)
    assert told(official) == 1
    Reading.objects.filter(person=official).update(told_at=timezone.now() - timedelta(hours=25))
    actions.write(introduction, by=author, side=Side.TECHNOLOGY, text="Four")
    assert told(official) == 2
    actions.mark_read(introduction, by=official)
    actions.write(introduction, by=author, side=Side.TECHNOLOGY, text="Five")
    assert told(official) == 3
    assert told(author) == 0


def test_mail_is_withheld_from_who_has_left_the_side(
    introduction: Introduction, author: User, official: User, city: Organisation
) -> None:
    actions.write(introduction, by=author, side=Side.TECHNOLOGY, text="Still there?")
    mail = Message.objects.get(kind="thread", recipient=official)
    answers: Any = message_claimed.send(Message, message=mail)
    assert not [answer for _receiver, answer in answers if answer is not None]
    city.memberships.filter(user=official).delete()
    answers = message_claimed.send(Message, message=mail)
    assert [answer for _receiver, answer in answers if isinstance(answer, Withhold)]


def test_reading_is_a_button_and_the_writer_sees_it(
    introduction: Introduction, author: User, as_author: Client, as_official: Client
) -> None:
    actions.write(introduction, by=author, side=Side.TECHNOLOGY, text="Seen?")
    path = introduction.get_absolute_url()
    assert "1 new message" in as_official.get(path).content.decode()
    assert "1 new message" in as_official.get(path).content.decode()
    assert "Read by the other side" not in as_author.get(path).content.decode()
    as_official.post(reverse("introductions:read", args=[introduction.pk]))
    assert "1 new message" not in as_official.get(path).content.decode()
    assert "Read by the other side" in as_author.get(path).content.decode()


def test_names_of_people_are_shown_only_where_contacts_are_open(
    introduction: Introduction, author: User, official: User, as_official: Client
) -> None:
    actions.write(introduction, by=author, side=Side.TECHNOLOGY, text="Hello")
    path = introduction.get_absolute_url()
    assert author.name not in as_official.get(path).content.decode()
    actions.open_contacts(introduction, by=official)
    assert author.name in as_official.get(path).content.decode()
    actions.withdraw_contacts(introduction, by=author, side=Side.TECHNOLOGY)
    assert author.name not in as_official.get(path).content.decode()


def test_drafted_messages_open_the_conversation(
    suggestion: Suggestion, author: User, official: User
) -> None:
    from matching import actions as answers

    answers.accept(suggestion, by=author, side=Side.TECHNOLOGY, message="Good to meet you.")
    answers.accept(suggestion, by=official, side=Side.NEED, message="Good to meet you.")
    entries = ThreadMessage.objects.values_list("side", "by__email", "text")
    assert list(entries) == [
        ("technology", author.email, "Good to meet you."),
        ("need", official.email, "Good to meet you."),
    ]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a <b>\nc", "a &lt;b&gt;<br>c"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ('see http://x.example/?a=1&b="><script>.', 'href="http://x.example/?a=1&amp;b="'),
        ("https://x.example/a).", ">https://x.example/a</a>)."),
    ],
)
def test_text_is_shown_as_text_and_links_show_where_they_lead(text: str, html: str) -> None:
    shown = written(text)
    assert html in shown
    assert "<script" not in shown
    assert "http" not in text or 'rel="nofollow ugc noopener noreferrer"' in shown


def test_message_is_never_changed(introduction: Introduction, author: User) -> None:
    message = actions.write(introduction, by=author, side=Side.TECHNOLOGY, text="As it was")
    with pytest.raises(TypeError):
        message.save()
    with pytest.raises(TypeError):
        message.delete()
    with pytest.raises(TypeError):
        ThreadMessage.objects.update(text="Otherwise")
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE introductions_threadmessage SET text = 'Otherwise'")


def test_list_and_page_take_few_queries(
    introduction: Introduction, author: User, as_author: Client, count_queries: Any
) -> None:
    for number in range(12):
        actions.write(introduction, by=author, side=Side.TECHNOLOGY, text=f"Number {number}")
    with count_queries() as found:
        as_author.get(introduction.get_absolute_url())
    assert len(found) <= 23
    with count_queries() as listed:
        as_author.get(reverse("introductions:list"))
    assert len(listed) <= 10
