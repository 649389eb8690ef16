"""The outbox in the admin: read, search, and send again after a second thought."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from common.errors import Conflict, NotAllowed
from outbox import actions, suppression
from outbox.choices import EventKind, MessageKind, MessageStatus
from outbox.models import Message, Suppression
from tests.factories import UserFactory
from tests.outbox.conftest import queue

pytestmark = pytest.mark.django_db
LIST = "admin:outbox_message_changelist"


@pytest.fixture
def as_boss() -> Client:
    browser = Client()
    boss = UserFactory(is_staff=True, is_superuser=True)
    browser.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def test_list_filters_and_finds_by_recipient(as_boss: Client, reader: User) -> None:
    queue(reader)
    url = reverse(LIST)
    for query in ("", "?status__exact=queued", "?kind__exact=decision", "?q=reader@people.example"):
        assert "Published" in as_boss.get(url + query).content.decode()
    assert "Published" not in as_boss.get(url + "?q=somebody").content.decode()


def test_body_is_shown_but_not_of_account_mail(as_boss: Client, reader: User) -> None:
    decision = queue(reader, text="Reasons in plain words")
    code = queue(reader, "two", kind=MessageKind.ACCOUNT, text="Your code: 123456")
    page = as_boss.get(reverse("admin:outbox_message_change", args=[decision.pk]))
    assert b"Reasons in plain words" in page.content
    page = as_boss.get(reverse("admin:outbox_message_change", args=[code.pk]))
    assert page.status_code == 200
    assert b"123456" not in page.content


def test_nothing_is_written_or_changed_by_hand(as_boss: Client, reader: User) -> None:
    message = queue(reader)
    assert as_boss.get(reverse("admin:outbox_message_add")).status_code == 403
    assert as_boss.get(
        reverse("admin:outbox_message_delete", args=[message.pk])
    ).status_code == 403  # fmt: skip
    url = reverse("admin:outbox_message_change", args=[message.pk])
    as_boss.post(url, {"subject": "Changed", "address": "evil@example.org"})
    message.refresh_from_db()
    assert (message.subject, message.address) == ("Published", reader.email)


def test_sending_again_asks_first(as_boss: Client, reader: User) -> None:
    failed, sent = queue(reader), queue(reader, "two")
    Message.objects.filter(pk=failed.pk).update(status=MessageStatus.UNKNOWN)
    Message.objects.filter(pk=sent.pk).update(status=MessageStatus.WITHHELD)
    data = {"action": "send_again", "_selected_action": [failed.pk, sent.pk]}
    page = as_boss.post(reverse(LIST), data)
    assert b"second copy" in page.content
    assert Message.objects.filter(status=MessageStatus.QUEUED).count() == 0
    as_boss.post(reverse(LIST), {**data, "confirmed": "yes"})
    assert list(Message.objects.filter(status=MessageStatus.QUEUED)) == [failed]
    assert AuditEntry.objects.filter(verb="send again").count() == 1


def test_expired_codes_are_not_sent_again(reader: User) -> None:
    message = queue(reader, kind=MessageKind.ACCOUNT)
    Message.objects.update(status=MessageStatus.FAILED)
    boss = UserFactory(is_superuser=True)
    with pytest.raises(Conflict):
        actions.send_again(message, by=boss)


def test_only_who_may_change_mail_sends_again(reader: User) -> None:
    with pytest.raises(NotAllowed):
        actions.send_again(queue(reader), by=reader)


def test_first_page_tells_how_many_mails_did_not_arrive(as_boss: Client, reader: User) -> None:
    queue(reader)
    Message.objects.update(status=MessageStatus.UNKNOWN)
    page = as_boss.get(reverse("admin:index")).content.decode()
    assert "E-mails that did not arrive" in page
    (line,) = [line for line in page.split("<tr>") if "status__in=failed,unknown" in line]
    assert "<b>1</b>" in line
    shown = as_boss.get(reverse(LIST) + "?status__in=failed,unknown").content.decode()
    assert "Published" in shown


def test_suppression_is_found_by_its_address_and_lifted_with_a_reason(
    as_boss: Client, reader: User
) -> None:
    suppression.bounced(reader.email, EventKind.COMPLAINT)
    row = Suppression.objects.get()
    url = reverse("admin:outbox_suppression_changelist")
    assert str(row) in as_boss.get(f"{url}?q={reader.email}").content.decode()
    assert str(row) not in as_boss.get(f"{url}?q=other@people.example").content.decode()
    data = {"action": "lift", "_selected_action": [row.pk]}
    assert b"Reason" in as_boss.post(url, data).content
    assert b"Say why." in as_boss.post(url, {**data, "reason": " "}).content
    assert suppression.reason_for(reader.email)
    as_boss.post(url, {**data, "reason": "She asked for it"})
    assert suppression.reason_for(reader.email) == ""
    assert AuditEntry.objects.get(verb="lift suppression").reason == "She asked for it"
    with pytest.raises(Conflict):
        suppression.lift(row, by=UserFactory(is_superuser=True), reason="Twice")


def test_only_who_may_change_suppressions_lifts_them(reader: User) -> None:
    suppression.bounced(reader.email, EventKind.HARD)
    with pytest.raises(NotAllowed):
        suppression.lift(Suppression.objects.get(), by=reader, reason="Mine")


@pytest.mark.parametrize("name", ["suppression", "mailevent", "part", "run"])
def test_machinery_is_shown_and_not_touched(as_boss: Client, reader: User, name: str) -> None:
    assert as_boss.get(reverse(f"admin:outbox_{name}_changelist")).status_code == 200
    assert as_boss.get(reverse(f"admin:outbox_{name}_add")).status_code == 403
