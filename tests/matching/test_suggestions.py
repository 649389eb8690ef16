"""From publishing to suggestions and e-mails: once, to both sides, and within everybody's room."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from common.choices import Status
from listings import actions as listings
from matching import actions, tasks
from matching.choices import Effect, Side
from matching.models import Shortlist, Suggestion, Work
from matching.policy import in_force
from needs.models import Need
from outbox.choices import MessageKind
from outbox.models import Message, Preference
from partners.models import Organisation
from technologies.models import Technology
from tests.factories import NeedFactory, ProviderFactory, TechnologyFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def need(city: Organisation) -> Need:
    return NeedFactory(organisation=city)


@pytest.fixture
def technology(provider: Organisation) -> Technology:
    return TechnologyFactory(organisation=provider)


def mails(kind: MessageKind = MessageKind.SUGGESTION) -> list[tuple[str, str]]:
    rows = Message.objects.filter(kind=kind).order_by("pk")
    return list(rows.values_list("address", "subject"))


def publish(listing: Any, curator: User) -> None:
    listings.publish(listing, by=curator)
    tasks.sweep()


def test_publishing_a_need_suggests_it_to_both_sides_by_mail(
    technology: Technology, city: Organisation, curator: User
) -> None:
    need = NeedFactory(organisation=city, submitted=True)
    publish(need, curator)
    suggestion = Suggestion.objects.get()
    assert (suggestion.need, suggestion.technology) == (need, technology)
    assert suggestion.score >= in_force().limits["min_score"]
    assert sorted(address for address, _subject in mails()) == [
        "author@provider.example",
        "colleague@provider.example",
        "official@city.example",
    ]
    assert Shortlist.objects.get().considered == 1
    left = Work.objects.order_by("effect").values_list("effect", flat=True)
    assert list(left) == [Effect.EXPIRE, Effect.REMIND]


def test_publishing_a_technology_finds_the_needs_that_wait(
    need: Need, provider: Organisation, curator: User
) -> None:
    technology = TechnologyFactory(organisation=provider, submitted=True)
    publish(technology, curator)
    assert Suggestion.objects.get().technology == technology


def test_nobody_is_told_twice(technology: Technology, need: Need) -> None:
    for _ in range(3):
        tasks.ask_all(Effect.REFRESH_NEED, [need.pk])
        tasks.sweep()
    assert len(mails()) == 3
    tasks.nightly()
    tasks.sweep()
    assert len(mails()) == 3


def test_many_needs_at_once_make_one_mail_for_the_provider(
    technology: Technology, city: Organisation
) -> None:
    needs = [NeedFactory(organisation=city) for _ in range(3)]
    tasks.ask_all(Effect.REFRESH_NEED, [need.pk for need in needs])
    tasks.sweep()
    provider_mails = [subject for address, subject in mails() if address.startswith("author")]
    assert provider_mails == ["3 needs that you could answer"]


def test_person_who_wants_no_suggestions_gets_none(
    technology: Technology, need: Need, author: User
) -> None:
    Preference.objects.create(person=author, off=[MessageKind.SUGGESTION])
    score(need)
    assert "author@provider.example" not in dict(mails())
    assert Suggestion.objects.get().told_technology_at


def score(need: Need) -> None:
    tasks.ask_all(Effect.REFRESH_NEED, [need.pk])
    tasks.sweep()


def test_shortlist_stays_within_the_capacity_of_the_need(city: Organisation) -> None:
    need = NeedFactory(organisation=city, capacity=2)
    for _ in range(4):
        TechnologyFactory()
    score(need)
    assert need.suggestions.count() == 2


def test_decline_gives_the_place_to_the_next_best(city: Organisation, official: User) -> None:
    need = NeedFactory(organisation=city, capacity=1)
    for _ in range(2):
        TechnologyFactory()
    score(need)
    first = need.suggestions.get()
    actions.decline(first, by=official, side=Side.NEED, reason="price")
    tasks.sweep()
    assert need.suggestions.open().exclude(pk=first.pk).count() == 1
    score(need)
    assert need.suggestions.count() == 2


def test_silence_ends_and_the_next_best_takes_the_place(city: Organisation) -> None:
    need = NeedFactory(organisation=city, capacity=1)
    for _ in range(2):
        TechnologyFactory()
    score(need)
    need.suggestions.update(expires_at=timezone.now() - timedelta(hours=1))
    tasks.nightly()
    tasks.sweep()
    assert need.suggestions.filter(closed_at__isnull=False).count() == 1
    assert need.suggestions.open().count() == 1


def test_introduction_takes_no_place_and_keeps_its_score(
    city: Organisation, official: User
) -> None:
    need = NeedFactory(organisation=city, capacity=1)
    people = [UserFactory(), UserFactory()]
    for person in people:
        TechnologyFactory(organisation=ProviderFactory(members=[person]))
    score(need)
    first = need.suggestions.get()
    owner = first.technology.organisation.memberships.get().user
    actions.accept(first, by=official, side=Side.NEED)
    actions.accept(first, by=owner, side=Side.TECHNOLOGY)
    Suggestion.objects.filter(pk=first.pk).update(score=61.5)
    score(need)
    first.refresh_from_db()
    assert (first.score, first.closed_at) == (61.5, None)
    assert need.suggestions.count() == 2


def test_pair_comes_back_when_a_hidden_technology_is_confirmed(
    need: Need, technology: Technology, author: User
) -> None:
    score(need)
    Technology.objects.filter(pk=technology.pk).update(status=Status.CONFIRMATION_DUE)
    technology.refresh_from_db()
    listings.expire(technology)
    tasks.sweep()
    assert Suggestion.objects.get().closed_at
    listings.confirm(technology, by=author)
    tasks.sweep()
    assert Suggestion.objects.get().closed_at is None
    assert len(mails()) == 3


def test_yes_is_not_lost_when_the_score_falls(
    need: Need, technology: Technology, author: User
) -> None:
    score(need)
    actions.accept(Suggestion.objects.get(), by=author, side=Side.TECHNOLOGY)
    policy = in_force()
    policy.limits["min_score"] = 99.9
    policy.save()
    score(need)
    assert Suggestion.objects.get().closed_at is None


def test_hard_conditions_are_counted(city: Organisation) -> None:
    need = NeedFactory(organisation=city, trl_min=9, must=["readiness"])
    TechnologyFactory(trl_low=4, trl_high=5)
    score(need)
    found = Shortlist.objects.get().excluded
    assert found == {"readiness": {"removed": 1, "would_fit": 1}}
    assert not need.suggestions.exists()


def test_suspended_organisation_disappears_from_suggestions(
    need: Need, technology: Technology, curator: User
) -> None:
    from partners.actions import suspend

    score(need)
    suspend(technology.organisation, by=curator, reason="Reported")
    tasks.sweep()
    assert not Suggestion.objects.all().live().exists()
    assert Suggestion.objects.get().closed_at
