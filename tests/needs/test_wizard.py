"""A city files a need."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from needs.models import Need
from partners.models import Organisation
from tests.factories import NeedFactory
from tests.listings.journey import act, formset, said, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(city: Organisation) -> Need:
    return NeedFactory(organisation=city, published=False, targets=[])


def test_provider_is_told_how_to_file_for_a_city(as_author: Client) -> None:
    assert "Register your organisation" in said(as_author.get(reverse("needs:create")))


def test_a_title_is_enough_for_a_draft(as_official: Client, city: Organisation) -> None:
    as_official.post("/en/needs/new/", {"title": "Cool 42 schools", "source_language": "en"})
    need = Need.objects.get()
    assert (need.status, need.organisation, str(need)) == ("draft", city, "Cool 42 schools")


def test_every_section_is_saved(as_official: Client, draft: Need) -> None:
    target = {"metric": "peak_power_reduction", "value": "30", "unit": "%"}
    situation = {"baseline": "Hot", "target": "Cool", **formset("targets", [target])}
    place = {
        "country": "CN",
        "place": "Chongqing",
        "unlocode": "cnckg",
        "latitude": "29.56",
        "longitude": "106.55",
    }
    size = {"scale_value": "186000", "scale_unit": "m2"}
    budget = {
        "budget_high": "420",
        "budget_currency": "CNY",
        "budget_unit": "m2",
        "decision_by": "2027-03-01",
    }
    answer = {
        "trl_min": "8",
        "terms": ["sale"],
        "must": ["place"],
        "team_languages": ["fr"],
        "capacity": "4",
    }
    for slug, data in (
        ("situation", situation),
        ("place", place | size),
        ("budget", budget),
        ("answer", answer),
    ):
        assert write(as_official, "needs", draft.pk, slug, data).status_code == 302, slug
    draft.refresh_from_db()
    assert draft.said("baseline", "en") == "Hot"
    assert [str(row.value) for row in draft.targets.all()] == ["30.0"]
    assert (draft.country, draft.unlocode, draft.longitude) == ("CN", "CNCKG", 106.55)
    assert (draft.budget_high, draft.decision_by) == (420, date(2027, 3, 1))
    assert (draft.must, draft.team_languages, draft.capacity) == (["place"], ["fr"], 4)


@pytest.mark.parametrize(
    ("slug", "data", "words"),
    [
        ("place", {"latitude": "91", "longitude": "0"}, "less than or equal to 90"),
        ("place", {"latitude": "12"}, "Give both latitude and longitude"),
        ("place", {"scale_value": "5"}, "Say what the size is measured in"),
        ("budget", {"budget_high": "5"}, "Choose the currency"),
        ("budget", {"decision_by": "tomorrow"}, "Enter a valid date"),
        ("answer", {"capacity": "500"}, "less than or equal to 20"),
    ],
)
def test_bad_values_are_told_beside_the_field(
    as_official: Client, draft: Need, slug: str, data: dict[str, str], words: str
) -> None:
    page = said(write(as_official, "needs", draft.pk, slug, data))
    assert words in page
    assert all(f'value="{value}"' in page for value in data.values())


def test_a_need_without_a_country_cannot_be_submitted(as_official: Client, draft: Need) -> None:
    Need.objects.update(country="")
    act(as_official, "needs", draft.pk, "submit")
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert reverse("needs:section", args=[draft.pk, "place"]) in said(
        as_official.get(reverse("needs:check", args=[draft.pk]))
    )


def test_a_complete_need_is_submitted(as_official: Client, draft: Need, official: Any) -> None:
    act(as_official, "needs", draft.pk, "submit")
    draft.refresh_from_db()
    assert (draft.status, draft.submitted_by) == ("submitted", official)
