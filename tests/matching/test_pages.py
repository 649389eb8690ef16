"""What each reader sees of a shortlist, and what a spreadsheet makes of it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from common.languages import CODES
from matching import tasks
from matching.choices import Effect
from matching.models import Suggestion, Work
from matching.sheets import cell
from needs.models import Need
from partners.models import Organisation
from technologies.models import Technology
from tests.factories import NeedFactory, TechnologyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def need(city: Organisation) -> Need:
    return NeedFactory(organisation=city)


@pytest.fixture
def technology(provider: Organisation) -> Technology:
    return TechnologyFactory(organisation=provider)


@pytest.fixture
def scored(need: Need, technology: Technology) -> Suggestion:
    tasks.ask_all(Effect.REFRESH_NEED, [need.pk])
    tasks.sweep()
    return Suggestion.objects.get()


def page(browser: Client, record: Any) -> str:
    response = browser.get(record.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def test_city_sees_its_shortlist_with_reasons_and_buttons(
    scored: Suggestion, as_official: Client
) -> None:
    text = page(as_official, scored.need)
    assert "Shortlist: 1 technology scores 60 or more" in text
    assert "30% less energy, 25% asked" in text
    assert f"Why {scored.score:.0f}" in text
    assert reverse("matching:accept", args=[scored.pk]) in text
    assert "against 1 technology" in text


@pytest.mark.parametrize("reader", ["visitor", "as_stranger"])
def test_public_sees_no_shortlist(
    scored: Suggestion, reader: str, request: pytest.FixtureRequest
) -> None:
    browser = request.getfixturevalue(reader)
    for record in (scored.need, scored.technology):
        assert "shortlist" not in page(browser, record).lower()
        assert scored.get_absolute_url() not in page(browser, record)
    for name, pk in (
        ("suggestion", scored.pk),
        ("decline", scored.pk),
        ("shortlist", scored.need_id),
        ("shortlist_csv", scored.need_id),
    ):
        assert browser.get(reverse(f"matching:{name}", args=[pk])).status_code in (302, 404)


def test_provider_sees_its_own_technology_on_the_need_and_no_other(
    need: Need, technology: Technology, as_author: Client
) -> None:
    rival = TechnologyFactory(title="Cooling panel of a rival")
    tasks.ask_all(Effect.REFRESH_NEED, [need.pk])
    tasks.sweep()
    text = page(as_author, need)
    assert "Your technologies for this need" in text
    assert rival.title not in text
    assert as_author.get(reverse("matching:shortlist_csv", args=[need.pk])).status_code == 404


def test_provider_sees_the_needs_it_could_answer(scored: Suggestion, as_author: Client) -> None:
    text = page(as_author, scored.technology)
    assert "Needs it could answer" in text
    assert scored.get_absolute_url() in text


def test_page_says_that_scoring_is_under_way_and_shows_the_result_when_it_is_there(
    need: Need, technology: Technology, as_official: Client
) -> None:
    tasks.ask_all(Effect.REFRESH_NEED, [need.pk])
    url = reverse("matching:shortlist", args=[need.pk])
    assert f'data-poll="{url}"' in page(as_official, need)
    assert 'role="status"' in page(as_official, need)
    tasks.sweep()
    part = as_official.get(url, headers={"X-Fragment": "1"}).content.decode()
    assert part.strip().startswith("<section")
    assert "data-poll" not in part
    assert "Shortlist: 1 technology" in part
    assert "<html" in as_official.get(url).content.decode()


def test_new_scoring_of_a_known_need_is_said(scored: Suggestion, as_official: Client) -> None:
    Work.objects.create(effect=Effect.REFRESH_NEED, subject_id=scored.need_id)
    assert "A new scoring is under way." in page(as_official, scored.need)


def test_empty_shortlist_says_so(need: Need, as_official: Client) -> None:
    tasks.ask_all(Effect.REFRESH_NEED, [need.pk])
    tasks.sweep()
    assert "Nothing fits well enough yet." in page(as_official, need)


def test_draft_has_no_shortlist(city: Organisation, as_official: Client) -> None:
    need = NeedFactory(organisation=city, published=False)
    assert "shortlist-title" not in page(as_official, need)


@pytest.mark.parametrize("language", CODES)
def test_pages_of_matching_stand_in_every_language(
    scored: Suggestion, as_official: Client, as_author: Client, language: str
) -> None:
    with translation.override(language):
        for browser in (as_official, as_author):
            for url in (
                reverse("matching:inbox"),
                scored.get_absolute_url(),
                scored.need.get_absolute_url(),
                scored.technology.get_absolute_url(),
                reverse("matching:decline", args=[scored.pk]),
            ):
                assert browser.get(url).status_code == 200


def test_sheet_cannot_run_a_formula(scored: Suggestion, as_official: Client) -> None:
    Technology.objects.update(title_en='=HYPERLINK("https://evil.example")')
    Organisation.objects.filter(kind="provider").update(name="@SUM(1+1)")
    response = as_official.get(reverse("matching:shortlist_csv", args=[scored.need_id]))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    head, line = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    assert len(head) == len(line)
    assert line[1].startswith("'=")
    assert line[2].startswith("'@")
    assert line[0] == str(round(scored.score))


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", " =1", "\r=1", "＝1"])
def test_cell_that_looks_like_a_formula_is_text(text: str) -> None:
    assert str(cell(text)).startswith("'")


def test_numbers_stay_numbers_in_a_sheet() -> None:
    assert cell(-3.5) == -3.5
    assert cell("Grenoble") == "Grenoble"


def test_inbox_is_paginated_in_a_fixed_number_of_queries(
    provider: Organisation, city: Organisation, as_official: Client, count_queries: Any
) -> None:
    def numbers() -> int:
        with count_queries() as found:
            assert as_official.get(reverse("matching:inbox")).status_code == 200
        return len(found)

    need = NeedFactory(organisation=city)
    TechnologyFactory(organisation=provider)
    tasks.ask_all(Effect.REFRESH_NEED, [need.pk])
    tasks.sweep()
    numbers()
    few = numbers()
    for _ in range(4):
        TechnologyFactory()
    tasks.ask_all(Effect.REFRESH_NEED, [need.pk])
    tasks.sweep()
    assert numbers() == few
