"""Signed links of e-mails: their holder may decline or put off; opening them changes nothing."""

from __future__ import annotations

import io
import logging
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from common.logs import WithoutTokens
from matching import actions, links, tasks
from matching.choices import Decision, Effect, Side
from matching.models import Pause, Response, Suggestion
from outbox.models import Message
from partners.models import Membership, Organisation
from tests.factories import NeedFactory, TechnologyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def suggestion(provider: Organisation, city: Organisation) -> Suggestion:
    need = NeedFactory(organisation=city)
    TechnologyFactory(organisation=provider)
    tasks.ask_all(Effect.REFRESH_NEED, [need.pk])
    tasks.sweep()
    Suggestion.objects.update(told_need_at=timezone.now(), told_technology_at=timezone.now())
    return Suggestion.objects.get()


@pytest.fixture
def path(suggestion: Suggestion, official: User) -> str:
    return reverse("matching:answer", args=[links.token_for(suggestion, Side.NEED, official)])


def a_day(suggestion: Suggestion) -> str:
    return (timezone.localdate() + timedelta(days=7)).isoformat()


def mail_to(address: str, word: str) -> Message:
    return Message.objects.get(address=address, subject__contains=word)


def test_declining_needs_no_session_and_counts_for_the_person_of_the_link(
    path: str, visitor: Client, official: User, author: User
) -> None:
    page = visitor.post(path, {"what": "decline", "side": "need", "reason": "price"}, follow=True)
    assert "Your side has answered: Declined on" in page.content.decode()
    response = Response.objects.get()
    assert (response.decision, response.side) == (Decision.DECLINE, Side.NEED)
    assert response.answered_by == official
    mail = mail_to(author.email, "has declined")
    assert "Price" not in mail.text + mail.html
    assert not Message.objects.filter(address=official.email, subject__contains="declined").exists()


def test_putting_off_needs_no_session(path: str, visitor: Client, suggestion: Suggestion) -> None:
    page = visitor.post(path, {"what": "later", "side": "need", "until": a_day(suggestion)})
    assert page.status_code == 302
    assert Pause.objects.get().side == Side.NEED
    assert "Looks at it again on" in visitor.get(path).content.decode()


def test_link_never_accepts_and_the_way_to_accept_leads_through_signing_in_and_back(
    path: str, visitor: Client, suggestion: Suggestion
) -> None:
    visitor.post(path, {"what": "accept", "side": "need"})
    assert not Response.objects.exists()
    accept = reverse("matching:accept", args=[suggestion.pk]) + "?side=need"
    assert accept.replace("&", "&amp;") in visitor.get(path).content.decode()
    page = visitor.get(accept, follow=True)
    assert page.redirect_chain[0][0].startswith("/en/accounts/login/?next=")
    assert accept.split("?")[0] in page.content.decode()


def test_code_by_mail_leads_back_to_the_page_that_asks_to_confirm(
    visitor: Client, suggestion: Suggestion, official: User
) -> None:
    EmailAddress.objects.create(user=official, email=official.email, verified=True, primary=True)
    accept = reverse("matching:accept", args=[suggestion.pk]) + "?side=need"
    visitor.post(
        reverse("account_request_login_code") + f"?next={accept}",
        {"email": official.email, "next": accept},
    )
    mail = Message.objects.filter(address=official.email, kind="account").latest("pk")
    code = next(line.strip() for line in mail.text.splitlines() if _is_code(line.strip()))
    page = visitor.post(reverse("account_confirm_login_code"), {"code": code, "next": accept})
    assert page.headers["Location"] == accept
    assert "Accept this suggestion" in visitor.get(accept).content.decode()


def _is_code(line: str) -> bool:
    return 4 <= len(line) <= 12 and " " not in line and line.replace("-", "").isalnum()


def test_side_of_the_link_counts_not_the_side_of_the_form(path: str, visitor: Client) -> None:
    visitor.post(path, {"what": "decline", "side": "technology", "reason": "price"})
    assert Response.objects.get().side == Side.NEED


def test_opening_changes_nothing_however_often(path: str, visitor: Client) -> None:
    before = AuditEntry.objects.count(), Message.objects.count()
    for _ in range(3):
        page = visitor.get(path)
        assert page.status_code == visitor.head(path).status_code == 200
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]
    assert not Response.objects.exists()
    assert (AuditEntry.objects.count(), Message.objects.count()) == before


def test_post_without_the_cookie_is_refused(path: str, suggestion: Suggestion) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(path, {"what": "decline", "reason": "price"}).status_code == 403
    browser.get(path)
    said = {"what": "decline", "side": "need", "reason": "price"}
    said["csrfmiddlewaretoken"] = browser.cookies["csrftoken"].value
    assert browser.post(path, said, headers={"Origin": "https://evil.example"}).status_code == 403
    assert not Response.objects.exists()
    assert browser.post(path, said, headers={"Origin": "null"}).status_code == 302
    assert Response.objects.exists()


@pytest.mark.parametrize("what", ["decline", "later", ""])
def test_bad_input_is_said_beside_the_field(path: str, visitor: Client, what: str) -> None:
    page = visitor.post(path, {"what": what, "side": "need", "reason": "mood", "until": "x"})
    assert page.status_code == 200
    assert ("field--error" in page.content.decode()) == bool(what)
    assert not Response.objects.exists()
    assert not Pause.objects.exists()


def test_token_with_another_ending_is_worth_nothing(path: str, visitor: Client) -> None:
    assert visitor.get(path[:-3] + "xx/").status_code == 404
    assert visitor.post(path[:-3] + "xx/", {"what": "decline"}).status_code == 404


def test_link_ends_with_membership_activity_and_suggestion(
    path: str, visitor: Client, suggestion: Suggestion, official: User
) -> None:
    said = {"what": "decline", "side": "need", "reason": "price"}
    get_user_model().objects.filter(pk=official.pk).update(is_active=False)
    assert visitor.post(path, said).status_code == 404
    get_user_model().objects.filter(pk=official.pk).update(is_active=True)
    Suggestion.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert "The time to answer has passed" in visitor.get(path).content.decode()
    visitor.post(path, said)
    assert not Response.objects.exists()
    Membership.objects.all().delete()
    assert visitor.get(path).status_code == 404


def test_tries_are_limited(path: str, visitor: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(links, "ANSWERS_AN_HOUR", 2)
    monkeypatch.setattr(links, "WRONG_AN_HOUR", 2)
    wrong = {"what": "decline", "side": "need", "reason": "mood"}
    assert [visitor.post(path, wrong).status_code for _ in range(3)] == [200, 200, 429]
    assert [visitor.get("/en/matching/answer/no/").status_code for _ in range(3)] == [404, 404, 429]
    assert visitor.get(path).status_code == 200


def test_second_answer_meets_the_first(path: str, visitor: Client, official: User) -> None:
    row = Suggestion.objects.get()
    actions.accept(row, by=official, side=Side.NEED)
    visitor.post(path, {"what": "decline", "side": "need", "reason": "price"})
    assert Response.objects.get().decision == Decision.ACCEPT
    assert "Your side has answered: Accepted on" in visitor.get(path).content.decode()


def test_no_contact_detail_stands_on_the_page(path: str, visitor: Client) -> None:
    text = visitor.get(path).content.decode()
    for canary in ("Private Person", "private@contact.example", "Olga Official", "Ada Author"):
        assert canary not in text


def test_token_is_kept_out_of_the_logs(path: str, visitor: Client, suggestion: Suggestion) -> None:
    out = io.StringIO()
    for name in ("django.request", "gunicorn.access"):
        logger, handler = logging.getLogger(name), logging.StreamHandler(out)
        assert any(isinstance(found, WithoutTokens) for found in logger.filters)
        logger.addHandler(handler)
        logger.warning("%s %s", "Not Found:", path)
        logger.warning('"GET %(r)s" "%(f)s"', {"r": path, "f": f"http://localhost{path}"})
        logger.removeHandler(handler)
    assert path.split("/")[-2] not in out.getvalue()
    assert out.getvalue().count("/matching/answer/…/") == 6
