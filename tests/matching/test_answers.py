"""Answers, introductions, and who may read contacts when: nobody before both have said yes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from common.errors import Conflict, Incomplete, NotAllowed
from introductions.actions import SEE_CONTACT, open_contacts
from matching import actions, tasks
from matching.choices import Effect, Side
from matching.models import Introduction, Response, Suggestion
from outbox.choices import MessageKind
from outbox.models import Message
from partners.models import Organisation
from tests.factories import NeedFactory, TechnologyFactory

pytestmark = pytest.mark.django_db
CANARIES = ("Canary Contact", "canary@contact.example", "+00 1234 5678", "Cleo Colleague")


@pytest.fixture
def suggestion(provider: Organisation, city: Organisation) -> Suggestion:
    name, email, phone, _member = CANARIES
    Organisation.objects.filter(pk__in=[provider.pk, city.pk]).update(
        contact_name=name, contact_email=email, contact_phone=phone
    )
    need = NeedFactory(organisation=city)
    TechnologyFactory(organisation=provider)
    tasks.ask_all(Effect.REFRESH_NEED, [need.pk])
    tasks.sweep()
    return Suggestion.objects.get()


def contacts_of(suggestion: Suggestion) -> str:
    """Where contacts are asked for; before an introduction there is no such place."""
    opened = Introduction.objects.filter(suggestion=suggestion).first()
    return reverse("introductions:contacts", args=[opened.pk if opened else suggestion.pk])


def both_accept(suggestion: Suggestion, author: User, official: User) -> Introduction:
    actions.accept(suggestion, by=author, side=Side.TECHNOLOGY)
    introduction = actions.accept(suggestion, by=official, side=Side.NEED)
    assert introduction
    return introduction


def pages_of(suggestion: Suggestion) -> list[str]:
    return [
        contacts_of(suggestion).removesuffix("contacts/"),
        reverse("introductions:list"),
        suggestion.get_absolute_url(),
        suggestion.need.get_absolute_url(),
        suggestion.technology.get_absolute_url(),
        suggestion.need.organisation.get_absolute_url(),
        suggestion.technology.organisation.get_absolute_url(),
        reverse("matching:inbox"),
        reverse("matching:inbox") + "?group=introduced",
        reverse("matching:shortlist", args=[suggestion.need_id]),
        reverse("matching:shortlist_csv", args=[suggestion.need_id]),
        reverse("matching:decline", args=[suggestion.pk]),
        f"/api/v1/needs/{suggestion.need_id}/",
        f"/api/v1/technologies/{suggestion.technology_id}/",
        f"/api/v1/organisations/{suggestion.need.organisation_id}/",
        "/api/v1/organisations/",
        "/api/v1/suggestions/",
        "/api/v1/introductions/",
    ]


def seen_by(browser: Client, suggestion: Suggestion) -> set[str]:
    texts = [browser.get(url).content.decode() for url in pages_of(suggestion)]
    return {canary for canary in CANARIES for text in texts if canary in text}


def test_contacts_are_nowhere_before_both_have_accepted(
    suggestion: Suggestion,
    visitor: Client,
    as_author: Client,
    as_official: Client,
    as_stranger: Client,
    author: User,
) -> None:
    for browser in (visitor, as_author, as_official, as_stranger):
        assert seen_by(browser, suggestion) == set()
    actions.accept(suggestion, by=author, side=Side.TECHNOLOGY)
    for browser in (visitor, as_author, as_official, as_stranger):
        assert seen_by(browser, suggestion) == set()
        refused = browser.post(contacts_of(suggestion))
        assert refused.status_code in (302, 404)
        assert seen_by(browser, suggestion) == set()


def test_contacts_open_to_the_two_sides_alone_once_each_has_asked(
    suggestion: Suggestion,
    visitor: Client,
    as_author: Client,
    as_official: Client,
    as_stranger: Client,
    as_curator: Client,
    author: User,
    official: User,
) -> None:
    introduction = both_accept(suggestion, author, official)
    assert seen_by(as_official, suggestion) == set()
    for browser in (visitor, as_stranger, as_curator, as_official):
        browser.post(contacts_of(suggestion))
    assert seen_by(as_official, suggestion) == set(CANARIES)
    for browser in (visitor, as_stranger, as_curator, as_author):
        assert seen_by(browser, suggestion) == set()
    as_author.post(contacts_of(suggestion))
    assert seen_by(as_author, suggestion) == set(CANARIES[:3])
    seen = AuditEntry.objects.filter(verb=SEE_CONTACT, subject_id=introduction.pk)
    assert set(seen.values_list("by__email", flat=True)) == {official.email, author.email}


def test_looking_twice_is_written_down_once_and_getting_writes_nothing(
    suggestion: Suggestion, as_official: Client, author: User, official: User
) -> None:
    both_accept(suggestion, author, official)
    before = AuditEntry.objects.count()
    for _ in range(2):
        as_official.get(suggestion.get_absolute_url())
    assert as_official.get(contacts_of(suggestion)).status_code == 405
    assert AuditEntry.objects.count() == before
    for _ in range(3):
        as_official.post(contacts_of(suggestion))
    assert AuditEntry.objects.count() == before + 1


def test_no_mail_holds_contact_details(
    suggestion: Suggestion, author: User, official: User
) -> None:
    both_accept(suggestion, author, official)
    kinds = set(Message.objects.values_list("kind", flat=True))
    assert {MessageKind.SUGGESTION, MessageKind.ANSWER, MessageKind.INTRODUCTION} <= kinds
    for message in Message.objects.all():
        body = message.subject + message.text + message.html
        assert not [canary for canary in CANARIES if canary in body]


def test_accepting_tells_the_other_side_and_the_second_yes_tells_everybody(
    suggestion: Suggestion, author: User, official: User
) -> None:
    both_accept(suggestion, author, official)
    answer = Message.objects.get(kind=MessageKind.ANSWER)
    assert answer.address == official.email
    told = Message.objects.filter(kind=MessageKind.INTRODUCTION).values_list("address", flat=True)
    assert sorted(told) == [author.email, "colleague@provider.example", official.email]


def test_following_a_link_changes_nothing(
    suggestion: Suggestion, as_official: Client, as_author: Client
) -> None:
    for name in ("withdraw",):
        assert as_official.get(reverse(f"matching:{name}", args=[suggestion.pk])).status_code == 405
    assert as_official.get(suggestion.get_absolute_url()).status_code == 200
    for name in ("accept", "decline", "later"):
        assert as_author.get(reverse(f"matching:{name}", args=[suggestion.pk])).status_code == 200
    assert not Response.objects.exists()


def test_member_accepts_on_the_page_and_takes_it_back(
    suggestion: Suggestion, as_official: Client
) -> None:
    url = reverse("matching:accept", args=[suggestion.pk])
    page = as_official.post(url, {"side": "need"}, follow=True)
    assert "Accepted. We have told the other side." in page.content.decode()
    assert Response.objects.get().side == Side.NEED
    as_official.post(reverse("matching:withdraw", args=[suggestion.pk]), {"side": "need"})
    assert not Response.objects.exists()


def test_answer_for_the_side_of_somebody_else_is_refused(
    suggestion: Suggestion, as_official: Client, as_stranger: Client, visitor: Client
) -> None:
    url = reverse("matching:accept", args=[suggestion.pk])
    assert as_official.post(url, {"side": "technology"}).status_code == 403
    assert as_stranger.post(url, {"side": "technology"}).status_code == 404
    assert visitor.post(url, {"side": "technology"}).status_code == 302
    assert not Response.objects.exists()


def test_answer_needs_the_csrf_token(suggestion: Suggestion, official: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(official, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("matching:accept", args=[suggestion.pk])
    assert browser.post(url, {"side": "need"}).status_code == 403


def test_decline_asks_for_a_reason_and_keeps_it_from_the_other_side(
    suggestion: Suggestion, as_official: Client, as_author: Client
) -> None:
    url = reverse("matching:decline", args=[suggestion.pk])
    refused = as_official.post(url, {"side": "need"})
    assert refused.status_code == 200
    assert refused.context["form"].errors
    as_official.post(url, {"side": "need", "reason": "price", "note": "far too dear"})
    assert Suggestion.objects.get().closed_at
    page = as_author.get(suggestion.get_absolute_url()).content.decode()
    assert "Declined on" in page
    assert "far too dear" not in page


def test_unknown_reason_is_refused(suggestion: Suggestion, official: User) -> None:
    with pytest.raises(Incomplete):
        actions.decline(suggestion, by=official, side=Side.NEED, reason="mood")


@pytest.mark.parametrize("ended", ["closed_at", "expires_at"])
def test_nobody_answers_what_is_over(suggestion: Suggestion, official: User, ended: str) -> None:
    Suggestion.objects.update(**{ended: timezone.now() - timedelta(minutes=1)})
    with pytest.raises(Conflict):
        actions.accept(suggestion, by=official, side=Side.NEED)


def test_yes_cannot_be_taken_back_once_both_have_accepted(
    suggestion: Suggestion, author: User, official: User
) -> None:
    both_accept(suggestion, author, official)
    with pytest.raises(Conflict):
        actions.withdraw(suggestion, by=official, side=Side.NEED)


def test_stranger_cannot_open_contacts(
    suggestion: Suggestion, author: User, official: User, stranger: User
) -> None:
    introduction = both_accept(suggestion, author, official)
    with pytest.raises(NotAllowed):
        open_contacts(introduction, by=stranger)


def test_introduction_stays_when_a_record_is_archived(
    suggestion: Suggestion, author: User, official: User, as_author: Client
) -> None:
    from listings.actions import archive

    both_accept(suggestion, author, official)
    archive(suggestion.need, by=official)
    tasks.sweep()
    assert as_author.get(suggestion.get_absolute_url()).status_code == 200
    page = as_author.get(reverse("matching:inbox") + "?group=introduced").content.decode()
    assert suggestion.need.title in page


def test_suspension_closes_contacts_again(
    suggestion: Suggestion, author: User, official: User, curator: User, as_author: Client
) -> None:
    from partners.actions import suspend

    both_accept(suggestion, author, official)
    as_author.post(contacts_of(suggestion))
    suspend(suggestion.need.organisation, by=curator, reason="Reported")
    assert seen_by(as_author, suggestion) == set()


def test_inbox_groups_by_who_has_to_answer(
    suggestion: Suggestion, as_official: Client, as_author: Client, author: User, official: User
) -> None:
    def counts(browser: Client) -> dict[str, int]:
        tabs: Any = browser.get(reverse("matching:inbox")).context["tabs"]
        return {tab["code"]: tab["count"] for tab in tabs}

    empty = {"ours": 0, "theirs": 0, "introduced": 0, "over": 0}
    assert counts(as_author) == counts(as_official) == {**empty, "ours": 1}
    actions.accept(suggestion, by=author, side=Side.TECHNOLOGY)
    assert counts(as_author) == {**empty, "theirs": 1}
    assert counts(as_official) == {**empty, "ours": 1}
    actions.accept(suggestion, by=official, side=Side.NEED)
    assert counts(as_author) == counts(as_official) == {**empty, "introduced": 1}
    assert as_author.get(reverse("matching:inbox") + "?group=nonsense").status_code == 404
