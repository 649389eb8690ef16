"""Every e-mail: in the recipient's language, with whole addresses, as text and as HTML."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from accounts.models import AuditEntry, User
from common.languages import CODES
from matching import tasks
from matching.choices import Effect, Side
from matching.models import Introduction, Suggestion
from needs.models import Need
from outbox.actions import unsubscribe_address, write
from outbox.choices import MessageKind
from outbox.models import Message
from partners.models import Organisation
from tests.factories import NeedFactory, TechnologyFactory

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
    "suggestions_need",
    "suggestions_technology",
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


def written(template: str, suggestion: Suggestion, to: User) -> Message:
    context: dict[str, Any] = {
        "organisation": suggestion.need.organisation,
        "reason": "Because <i>it</i> & that.",
        "note": "Please say more.",
        "listing": suggestion.need,
        "suggestion": suggestion,
        "suggestions": [suggestion],
        "introduction": Introduction(suggestion=suggestion),
        "side": Side.NEED,
        "other": Side.TECHNOLOGY,
        "more": 2,
        "total": 3,
    }
    message = write(
        MessageKind.DECISION,
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
    assert f"{settings.SITE_URL}/{language}/settings/" in message.text
    assert not re.search(r"\{\{|\{%|%\(", message.text + message.html)


def test_mail_speaks_the_language_of_its_reader_not_of_the_actor(
    suggestion: Suggestion, official: User
) -> None:
    official.language = "zh-hans"
    with translation.override("fr"):
        message = written("suggestions_need", suggestion, official)
    assert message.language == "zh-hans"
    assert f"{settings.SITE_URL}/zh-hans/matching/suggestions/{suggestion.pk}/" in message.text


def test_suggestion_mail_holds_score_reasons_and_the_way_out(
    suggestion: Suggestion, official: User
) -> None:
    message = written("suggestions_need", suggestion, official)
    assert str(round(suggestion.score)) in message.text
    assert "Fits:" in message.text
    assert "30% less energy, 25% asked" in message.text
    assert unsubscribe_address(official, "en") in message.text


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


def test_following_the_way_out_asks_first_and_posting_stops_suggestions(
    visitor: Client, official: User
) -> None:
    path = unsubscribe_address(official, "en").removeprefix(settings.SITE_URL)
    assert "Stop these e-mails" in visitor.get(path).content.decode()
    official.refresh_from_db()
    assert official.wants_suggestions
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    official.refresh_from_db()
    assert not official.wants_suggestions
    assert AuditEntry.objects.filter(verb="unsubscribe").count() == 1
    assert "any more" in visitor.get(path).content.decode()


def test_way_out_of_somebody_else_cannot_be_guessed(visitor: Client, official: User) -> None:
    path = unsubscribe_address(official, "en").removeprefix(settings.SITE_URL)
    assert visitor.post(path.replace("unsubscribe/", "unsubscribe/x")).status_code == 404
