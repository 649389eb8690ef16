"""The front page, the search over both sides, and a member's work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from matching.models import Suggestion
from matching.policy import in_force
from partners.models import Organisation
from tests.factories import NeedFactory, TechnologyFactory

pytestmark = pytest.mark.django_db

LANGUAGES = ("en", "zh-hans", "fr", "es", "ru", "ar")


@pytest.fixture
def pair(provider: Organisation, city: Organisation) -> Suggestion:
    return Suggestion.objects.create(
        need=NeedFactory(organisation=city, title="Cool the schools"),
        technology=TechnologyFactory(organisation=provider, title="Ceiling panels"),
        score=88,
        policy=in_force(),
        expires_at=timezone.now() + timedelta(days=9),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_front_page_speaks_every_language(
    visitor: Client, pair: Suggestion, language: str
) -> None:
    page = visitor.get(f"/{language}/")
    assert page.status_code == 200
    assert "Ceiling panels" in page.content.decode()


def test_the_bare_address_leads_to_the_reader_s_language(visitor: Client) -> None:
    assert visitor.get("/", headers={"accept-language": "ru"})["Location"] == "/ru/"


def test_a_score_is_on_the_front_page_only_with_consent_of_both(
    visitor: Client, pair: Suggestion
) -> None:
    assert "knot" not in visitor.get("/en/").content.decode().split("figures")[0]
    Organisation.objects.update(in_examples=True)
    assert ">88<" in visitor.get("/en/").content.decode()


def test_figures_come_from_rows(visitor: Client, pair: Suggestion) -> None:
    page = visitor.get("/en/").content.decode()
    assert "technologies from 1 country" in page
    assert "open needs from 1 city" in page


def test_the_front_page_needs_as_many_queries_for_ten_records_as_for_one(
    visitor: Client, pair: Suggestion, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    TechnologyFactory.create_batch(10, organisation=pair.technology.organisation)
    NeedFactory.create_batch(10, organisation=pair.need.organisation)
    with django_assert_max_num_queries(24):
        visitor.get("/en/")


def test_search_finds_on_both_sides(visitor: Client, pair: Suggestion) -> None:
    page = visitor.get("/en/search/", {"q": "ceiling"}).content.decode()
    assert "Ceiling panels" in page
    assert "Cool the schools" in visitor.get("/en/search/", {"q": "schools"}).content.decode()


@pytest.mark.parametrize("words", ["", "zzzz", "\u202e", "💡" * 50, "a" * 5000, "%", "' OR 1=1"])
def test_search_survives_any_words(visitor: Client, pair: Suggestion, words: str) -> None:
    assert visitor.get("/en/search/", {"q": words}).status_code == 200


def test_search_on_one_side_leads_to_its_list(visitor: Client) -> None:
    answer = visitor.get("/en/search/", {"q": "heat pump", "scope": "needs"})
    assert answer["Location"] == "/en/needs/?q=heat+pump"


def test_nul_in_an_address_is_a_clear_error(visitor: Client) -> None:
    assert visitor.get("/en/search/?q=%00").status_code == 400


def test_my_work_shows_what_waits_for_me(as_official: Client, pair: Suggestion) -> None:
    page = as_official.get("/en/dashboard/").content.decode()
    assert "Ceiling panels" in page
    assert pair.get_absolute_url() in page


def test_somebody_new_is_told_to_register(as_stranger: Client, visitor: Client) -> None:
    assert visitor.get("/en/dashboard/").status_code == 302
    assert "Register an organisation" in as_stranger.get("/en/dashboard/").content.decode()


def test_the_theme_is_remembered_and_leads_back_only_to_us(visitor: Client) -> None:
    answer = visitor.post("/theme/", {"theme": "dark", "next": "https://evil.example/"})
    assert answer["Location"] == "/"
    assert 'data-theme="dark"' in visitor.get("/en/").content.decode()
    visitor.post("/theme/", {"theme": "", "next": "/en/about/"})
    assert "data-theme" not in visitor.get("/en/").content.decode()
