"""What a need learns from the answers of its city: at once, bounded, explained, taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from common.errors import NotAllowed
from listings.signals import listing_published
from matching import actions, index, lessons, records, tasks
from matching.choices import Decision, DeclineReason, Effect, Lesson, Side
from matching.models import Change, Response, Suggestion, Unlearned
from matching.policy import in_force
from matching.templatetags.lessons import WORDS, lesson_words
from needs.models import Need
from partners.models import Organisation
from technologies.models import Technology
from tests.factories import NeedFactory, ProviderFactory, TechnologyFactory, UserFactory

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture
def need(city: Organisation) -> Need:
    return NeedFactory(organisation=city)


@pytest.fixture
def technology(provider: Organisation) -> Technology:
    return TechnologyFactory(organisation=provider)


def score(need: Need) -> None:
    tasks.ask_all(Effect.REFRESH_NEED, [need.pk])
    tasks.sweep()


def suggested(need: Need, technology: Technology | None = None) -> Suggestion:
    return Suggestion.objects.create(
        need=need,
        technology=technology or TechnologyFactory(),
        score=80,
        policy=in_force(),
        expires_at=timezone.now() + timedelta(days=9),
    )


def demand(need: Need) -> Any:
    return lessons.demand_of(Need.objects.for_page().get(pk=need.pk), TODAY)


def decline(need: Need, official: User, reason: str, times: int = 1) -> None:
    for _ in range(times):
        actions.decline(suggested(need), by=official, side=Side.NEED, reason=reason)


@pytest.mark.parametrize(
    ("reason", "criteria"),
    [
        ("price", {"cost"}),
        ("wrong_scale", {"performance", "cost"}),
        ("location", {"place"}),
        ("timing", {"timing"}),
        ("ip_terms", {"terms"}),
        ("not_relevant", set()),
        ("other", set()),
    ],
)
def test_reason_to_decline_makes_its_criterion_weigh_more(
    need: Need, official: User, reason: str, criteria: set[str]
) -> None:
    decline(need, official, reason)
    assert dict(demand(need).emphasis) == dict.fromkeys(criteria, 2.0)
    assert not demand(NeedFactory()).emphasis


def test_weight_is_bounded(need: Need, official: User) -> None:
    decline(need, official, "price", times=6)
    assert dict(demand(need).emphasis) == {"cost": 4.0}


def test_answer_of_the_provider_teaches_the_need_nothing(
    need: Need, technology: Technology, author: User
) -> None:
    actions.decline(suggested(need, technology), by=author, side=Side.TECHNOLOGY, reason="price")
    assert demand(need) == records.demand_of(Need.objects.for_page().get(pk=need.pk), TODAY)


def test_accepted_technology_moves_the_need_at_once(
    need: Need, technology: Technology, official: User
) -> None:
    like = TechnologyFactory(title="Salt hydrate ceiling", summary=technology.summary)
    before = dict(index.fresh().catalogue.ranked(demand(need)))
    actions.accept(suggested(need, technology), by=official, side=Side.NEED)
    assert [supply.id for supply in demand(need).liked] == [technology.pk]
    after = dict(index.fresh().catalogue.ranked(demand(need)))
    assert after[like.pk] > before[like.pk]


def test_both_directions_keep_one_score(need: Need, technology: Technology, official: User) -> None:
    other = TechnologyFactory(title="Cool roof paint")
    index.fresh()
    decline(need, official, "price")
    actions.accept(suggested(need, technology), by=official, side=Side.NEED)
    now = index.fresh()
    forward = dict(now.catalogue.ranked(demand(need)))
    supply = records.supply_of(Technology.objects.for_page().get(pk=other.pk))
    assert dict(now.board.ranked(supply))[need.pk] == forward[other.pk]
    Technology.objects.filter(pk=technology.pk).update(title="Quite another title", title_en="New")
    listing_published.send(Technology, listing=Technology.objects.get(pk=technology.pk))
    now = index.fresh()
    forward = dict(now.catalogue.ranked(demand(need)))
    assert dict(now.board.ranked(supply))[need.pk] == forward[other.pk]


def test_accepted_pair_keeps_the_score_it_was_accepted_with(
    need: Need, technology: Technology, official: User
) -> None:
    score(need)
    row = Suggestion.objects.get()
    actions.accept(row, by=official, side=Side.NEED)
    tasks.sweep()
    kept = Suggestion.objects.get()
    assert (kept.score, kept.closed_at) == (row.score, None)


def test_taking_back_a_yes_takes_back_the_lesson(
    need: Need, technology: Technology, official: User
) -> None:
    row = suggested(need, technology)
    actions.accept(row, by=official, side=Side.NEED)
    Change.objects.all().delete()
    actions.withdraw(row, by=official, side=Side.NEED)
    assert not demand(need).liked
    assert Change.objects.filter(kind=Side.NEED, subject_id=need.pk).exists()


def test_latest_five_count(need: Need, official: User) -> None:
    decline(need, official, "not_relevant", times=7)
    rows = Response.objects.order_by("-answered_at", "-pk")
    latest = [row.suggestion.technology_id for row in rows[:5]]
    assert [supply.id for supply in demand(need).disliked] == latest


def test_same_offer_in_other_dress_stays_out(city: Organisation, official: User) -> None:
    need = NeedFactory(organisation=city, capacity=1)
    provider = ProviderFactory()
    first = TechnologyFactory(organisation=provider, title="Cooling panel one")
    TechnologyFactory(organisation=provider, title="Cooling panel two")
    fresh = TechnologyFactory(title="Cooling panel three")
    actions.decline(suggested(need, first), by=official, side=Side.NEED, reason="duplicate")
    tasks.sweep()
    open_now = need.suggestions.all().open()
    assert [row.technology for row in open_now] == [fresh]


def test_no_capacity_lowers_what_is_suggested_until_it_is_raised(
    city: Organisation, official: User
) -> None:
    need = NeedFactory(organisation=city, capacity=3)
    for _ in range(5):
        TechnologyFactory()
    decline(need, official, "no_capacity", times=2)
    tasks.sweep()
    assert need.suggestions.all().open().count() == 1
    lessons.unlearn(need, Lesson.NO_CAPACITY, by=official)
    need.refresh_from_db()
    assert need.capacity == 3
    tasks.sweep()
    assert need.suggestions.all().open().count() == 3
    lessons.relearn(need, Lesson.NO_CAPACITY, by=official)
    need.refresh_from_db()
    assert need.capacity == 1


def test_lesson_is_taken_back_and_used_again(need: Need, official: User) -> None:
    decline(need, official, "price")
    lessons.unlearn(need, Lesson.PRICE, by=official)
    assert not demand(need).emphasis
    decline(need, official, "price")
    assert dict(demand(need).emphasis) == {"cost": 2.0}
    lessons.relearn(need, Lesson.PRICE, by=official)
    assert dict(demand(need).emphasis) == {"cost": 3.0}
    verbs = AuditEntry.objects.filter(by=official, subject_id=need.pk)
    assert {"unlearn", "relearn"} <= set(verbs.values_list("verb", flat=True))


def test_stranger_teaches_nothing(need: Need, stranger: User) -> None:
    with pytest.raises(NotAllowed):
        lessons.unlearn(need, Lesson.PRICE, by=stranger)


def test_every_lesson_has_words() -> None:
    assert set(WORDS) == set(Lesson)
    assert set(Lesson.values) - {"accepted"} == set(DeclineReason.values) - {"other"}


def test_page_says_what_was_learned_and_offers_to_undo_it(
    need: Need, official: User, as_official: Client, as_author: Client
) -> None:
    decline(need, official, "price", times=2)
    actions.accept(suggested(need), by=official, side=Side.NEED)
    score(need)
    url = reverse("matching:shortlist", args=[need.pk])
    page = as_official.get(url).content.decode()
    assert (
        "Cost counts 3 times as much for this need, because you declined 2 suggestions for their "
        "price." in page
    )
    assert "Technologies like the one you accepted rank higher." in page
    act = reverse("matching:lesson", args=[need.pk])
    as_official.post(act, {"lesson": "price"})
    assert Unlearned.objects.get().lesson == "price"
    assert "Not used any more:" in as_official.get(url).content.decode()
    as_official.post(act, {"lesson": "price", "use": "on"})
    assert not Unlearned.objects.exists()
    assert as_official.post(act, {"lesson": "rain"}).status_code == 404
    assert as_author.post(act, {"lesson": "price"}).status_code == 404


def test_solved_problem_offers_to_archive_the_need(
    need: Need, official: User, as_official: Client
) -> None:
    decline(need, official, "already_solved")
    score(need)
    page = as_official.get(reverse("matching:shortlist", args=[need.pk])).content.decode()
    assert "Archive the need" in page
    as_official.post(reverse("needs:act", args=[need.pk, "archive"]))
    assert not Need.objects.published().exists()


def test_many_needs_are_read_in_few_queries(
    city: Organisation, official: User, count_queries: Any
) -> None:
    needs = [NeedFactory(organisation=city) for _ in range(3)]
    for need in needs:
        decline(need, official, "not_relevant")
    rows = list(Need.objects.filter(pk__in=[need.pk for need in needs]).for_page())
    with count_queries() as found:
        assert all(one.disliked for one in lessons.demands_of(rows, TODAY))
    assert len(found) < 12


def test_words_follow_the_count(need: Need, official: User) -> None:
    UserFactory()
    decline(need, official, "timing")
    [line] = lessons.lines(need)
    assert lesson_words(line) == (
        "Timing counts 2 times as much for this need, because you declined 1 suggestion for its "
        "timing."
    )
    assert Response.objects.get().decision == Decision.DECLINE
