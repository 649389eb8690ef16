"""Every e-mail: in the recipient's language, with whole addresses, as text and as HTML."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone, translation

from accounts.models import AuditEntry, User
from common.languages import CODES
from matching import tasks
from matching.choices import Effect, Side
from matching.emails import grouped
from matching.models import Introduction, Suggestion
from matching.telling import News
from needs.models import Need
from outbox import delivery
from outbox.actions import SIGNER, put, unsubscribe_address, write
from outbox.choices import OPTIONAL, MessageKind, MessageStatus
from outbox.hours import hours_of
from outbox.limits import wanted
from outbox.models import Message
from partners.models import Organisation
from tests.factories import NeedFactory, TechnologyFactory
from tests.outbox.conftest import Script

pytestmark = pytest.mark.django_db
TRICK = "Pumps & <b>pipes</b> “quoted”\nBcc: evil@example.org"
LINK = re.compile(r'href="([^"]*)"')
TEMPLATES = (
    "application_received",
    "application_approved",
    "application_rejected",
    "application_suspended",
    "listing_published",
    "listing_changes_asked",
    "listing_rejected",
    "listing_confirmation_due",
    "digest",
    "digests_paused",
    "suggestion_accepted",
    "introduction_opened",
)
ACCOUNT = (
    "account_already_exists",
    "email_changed",
    "email_confirm",
    "email_confirmation",
    "email_confirmation_signup",
    "email_deleted",
    "login_code",
    "password_changed",
    "password_reset",
    "password_reset_code",
    "password_set",
    "unknown_account",
)


@pytest.fixture
def suggestion(provider: Organisation, city: Organisation) -> Suggestion:
    need = NeedFactory(organisation=city)
    TechnologyFactory(organisation=provider)
    tasks.ask_all(Effect.REFRESH_NEED, [need.pk])
    tasks.sweep()
    Need.objects.filter(pk=need.pk).update(title_en=TRICK)
    return Suggestion.objects.get()


def written(
    template: str,
    suggestion: Suggestion,
    to: User,
    kind: MessageKind = MessageKind.DECISION,
) -> Message:
    context: dict[str, Any] = {
        "organisation": suggestion.need.organisation,
        "reason": "Because <i>it</i> & that.",
        "note": "Please say more.",
        "listing": suggestion.need,
        "suggestion": suggestion,
        "groups": grouped([News(Side.NEED, suggestion)]),
        "organisations": [suggestion.need.organisation.name],
        "hours": hours_of(to),
        "since": timezone.now(),
        "introduction": Introduction(pk=1, suggestion=suggestion),
        "side": Side.NEED,
        "other": Side.TECHNOLOGY,
        "more": 2,
        "total": 3,
    }
    message = write(
        kind,
        template,
        to=to,
        dedupe_key=f"{template}{to.language}",
        context=context,
    )
    assert message
    return message


@pytest.mark.parametrize("template", TEMPLATES)
def test_mail_is_whole_in_every_language(
    template: str, suggestion: Suggestion, official: User
) -> None:
    for language in CODES:
        official.language = language
        check(written(template, suggestion, official), language)


def check(message: Message, language: str) -> None:
    assert message.subject
    assert "\n" not in message.subject
    assert "&amp;" not in message.subject + message.text
    assert "<b>pipes</b>" not in message.html
    assert "\n\n\n" not in message.text
    direction = "rtl" if language == "ar" else "ltr"
    assert f'dir="{direction}"' in message.html.partition(">\n<head")[0]
    links = LINK.findall(message.html)
    assert links
    assert all(link.startswith(f"{settings.SITE_URL}/{language}/") for link in links)
    home = f"{settings.SITE_URL}/{language}"
    choices = (f"{home}/settings/", f"{home}/mail/choices/")
    assert any(address in message.text for address in choices)
    assert not re.search(r"\{\{|\{%|%\(", message.text + message.html)


def test_mail_speaks_the_language_of_its_reader_not_of_the_actor(
    suggestion: Suggestion, official: User
) -> None:
    official.language = "zh-hans"
    with translation.override("fr"):
        message = written("digest", suggestion, official)
    assert message.language == "zh-hans"
    assert f"{settings.SITE_URL}/zh-hans/matching/suggestions/{suggestion.pk}/" in message.text


def test_suggestion_mail_holds_score_reasons_and_the_way_out(
    suggestion: Suggestion, official: User
) -> None:
    message = written("digest", suggestion, official, MessageKind.SUGGESTION)
    assert str(round(suggestion.score)) in message.text
    assert "Fits:" in message.text
    assert "30% less energy, 25% asked" in message.text
    assert unsubscribe_address(official, "en", "suggestion") in message.text


@pytest.mark.parametrize("language", CODES)
@pytest.mark.parametrize("name", ACCOUNT)
def test_account_mails_are_ours(name: str, language: str) -> None:
    context = {
        "code": "ABC123", "email": "a@b.example", "password_reset_url": "https://x.example/r",
        "signup_url": "https://x.example/s", "timestamp": None, "ip": "192.0.2.1",
        "from_email": "a@b.example", "to_email": "c@d.example", "deleted_email": "a@b.example",
        "user": SimpleNamespace(), "current_site": SimpleNamespace(name="No", domain="no.example"),
    }  # fmt: skip
    with translation.override(language):
        subject = render_to_string(f"account/email/{name}_subject.txt", context)
        text = render_to_string(f"account/email/{name}_message.txt", context)
    assert "GreenMatch" in subject
    assert settings.SITE_URL in text
    assert "no.example" not in text
    if "code" in name or "confirmation" in name:
        assert "ABC123" in text


@pytest.mark.parametrize("kind", OPTIONAL)
def test_following_the_way_out_asks_first_and_posting_stops_this_kind_alone(
    visitor: Client, official: User, kind: MessageKind
) -> None:
    path = unsubscribe_address(official, "en", kind).removeprefix(settings.SITE_URL)
    assert "Stop these e-mails" in visitor.get(path).content.decode()
    visitor.head(path)
    assert wanted(kind, official)
    browser = Client(enforce_csrf_checks=True)
    for _ in range(2):
        assert browser.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert [other for other in OPTIONAL if not wanted(other, official)] == [kind]
    assert AuditEntry.objects.filter(verb="unsubscribe").count() == 1
    assert "any more" in visitor.get(path).content.decode()


def test_way_out_of_somebody_else_cannot_be_guessed(visitor: Client, official: User) -> None:
    path = unsubscribe_address(official, "en", "suggestion").removeprefix(settings.SITE_URL)
    assert visitor.post(path.replace("stop/", "stop/x")).status_code == 404
    assert visitor.post(path.replace("suggestion:", "answer:")).status_code == 404


def test_way_out_works_years_later_and_after_the_account_is_gone(
    visitor: Client, official: User
) -> None:
    path = unsubscribe_address(official, "en", "suggestion").removeprefix(settings.SITE_URL)
    official.delete()
    with time_machine.travel(timezone.now() + timedelta(days=3 * 365)):
        assert visitor.get(path).status_code == 200
        assert visitor.post(path).status_code == 200
        assert visitor.get(path.replace("stop", "choices")).status_code == 200


def test_links_of_earlier_mails_still_stop_suggestions(visitor: Client, official: User) -> None:
    assert visitor.post(f"/fr/matching/unsubscribe/{SIGNER.sign(official.pk)}/").status_code == 200
    assert not wanted(MessageKind.SUGGESTION, official)


@pytest.mark.parametrize("kind", [kind for kind in MessageKind if kind not in OPTIONAL])
def test_what_must_be_sent_has_no_way_out(
    visitor: Client, official: User, kind: MessageKind
) -> None:
    path = unsubscribe_address(official, "en", kind).removeprefix(settings.SITE_URL)
    assert visitor.post(path).status_code == 404


def test_account_mail_has_html_that_says_the_same(visitor: Client, official: User) -> None:
    EmailAddress.objects.create(user=official, email=official.email, verified=True, primary=True)
    visitor.post("/ar/accounts/login/code/", {"email": official.email})
    message = Message.objects.get(kind=MessageKind.ACCOUNT)
    code = next(line for line in message.text.splitlines() if re.fullmatch(r"[A-Z0-9-]{6,}", line))
    assert f">{code}</p>" in message.html
    assert 'dir="rtl"' in message.html.partition(">\n<head")[0]
    assert "http-equiv" not in message.html
    assert "<img" not in message.html
    assert '<meta name="color-scheme"' in message.html


@pytest.mark.parametrize("trick", ["\r\n", "\n", "\0", "\u2028", "\u2029", "\x85", "\u202e"])
def test_names_and_titles_reach_no_header(
    server: Script, suggestion: Suggestion, official: User, trick: str
) -> None:
    name = f"Pumps{trick}Bcc: evil@example.org"
    message = put(
        MessageKind.SUGGESTION,
        to=official,
        address=f"official@city.example{trick}Cc: evil@example.org",
        subject=name,
        text=name,
        html=name,
        dedupe_key=f"trick {trick!r}",
    )
    assert message
    assert delivery.deliver(message.pk) in (MessageStatus.SENT, MessageStatus.FAILED)
    for envelope in server.received:
        head = envelope.content.decode().partition("\r\n\r\n")[0]
        assert envelope.rcpt_tos == [official.email]
        assert "\nBcc:" not in head
        assert "\nCc:" not in head
        assert not set(head) & {"\0", "\u2028", "\u2029", "\x85", "\u202e"}
