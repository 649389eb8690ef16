"""Who sees which record, and what its page says."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from common.choices import Status
from listings import panels
from tests.factories import NeedFactory, ProviderFactory, SiteFactory, TechnologyFactory
from tests.listings.journey import said

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["technology", "need"])
def draft(request: Any, provider: Any, city: Any) -> Any:
    if request.param == "technology":
        return TechnologyFactory(organisation=provider, published=False)
    return NeedFactory(organisation=city, published=False)


def test_visitor_cannot_see_a_draft(visitor: Client, draft: Any) -> None:
    assert visitor.get(draft.get_absolute_url()).status_code == 404


def test_stranger_cannot_see_a_draft(as_stranger: Client, draft: Any) -> None:
    assert as_stranger.get(draft.get_absolute_url()).status_code == 404


def test_curator_sees_a_draft(as_curator: Client, draft: Any) -> None:
    assert as_curator.get(draft.get_absolute_url()).status_code == 200


def test_colleague_sees_the_draft_of_the_author(as_colleague: Client, provider: Any) -> None:
    draft = TechnologyFactory(organisation=provider, published=False)
    assert as_colleague.get(draft.get_absolute_url()).status_code == 200


def test_official_cannot_see_the_draft_of_a_provider(as_official: Client, provider: Any) -> None:
    draft = TechnologyFactory(organisation=provider, published=False)
    assert as_official.get(draft.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("status", [Status.STALE, Status.ARCHIVED, Status.REJECTED])
def test_what_is_no_longer_public_is_gone_for_visitors(visitor: Client, status: Status) -> None:
    gone = TechnologyFactory(status=status)
    assert visitor.get(gone.get_absolute_url()).status_code == 404


def test_records_of_a_suspended_organisation_are_gone(visitor: Client) -> None:
    gone = TechnologyFactory(organisation=ProviderFactory(status="suspended"))
    assert visitor.get(gone.get_absolute_url()).status_code == 404


def test_a_record_never_shows_contact_details_or_people(visitor: Client) -> None:
    for record in (TechnologyFactory(), NeedFactory()):
        page = said(visitor.get(record.get_absolute_url()))
        for secret in (
            "private@contact.example",
            "+33 555 0100",
            "Private Person",
            record.created_by.name,
        ):
            assert secret not in page


def test_every_fact_of_a_technology_is_on_its_page(visitor: Client) -> None:
    record = TechnologyFactory(
        maturity="proven",
        complexity="low",
        cost_low=55,
        cost_high=62,
        cost_currency="EUR",
        cost_unit="m2",
        lead_time_weeks=10,
        available_in=["*"],
        source="Book of green technology",
    )
    SiteFactory(technology=record, place="Grenoble", note="Three schools")
    page = said(visitor.get(record.get_absolute_url()))
    for words in (
        *("Proven", "€55 to €62 per m²", "10\xa0weeks", "Worldwide", "Grenoble", "Three schools"),
        *("Book of green technology", "Documented", "Energy saved", "30%", "Sale and Pilot"),
        *(record.problem_solved, record.difference, record.economic_case, record.description),
    ):
        assert words in page


def test_every_fact_of_a_need_is_on_its_page(visitor: Client) -> None:
    record = NeedFactory(
        must=["readiness"],
        team_languages=["en", "fr"],
        scale_value=186000,
        scale_unit="m2",
        evidence_min="documented",
    )
    page = said(visitor.get(record.get_absolute_url()))
    for words in (
        *("Up to €420 per m²", "186,000 m²", "Level 7 or higher", "Must be met", "French"),
        *(record.problem, record.baseline, record.target, "Open tender", "25%", "Casablanca"),
    ):
        assert words.replace(" m²", "\xa0m²") in page or words in page


def test_a_translation_says_so_and_leads_to_the_original(visitor: Client) -> None:
    record = TechnologyFactory(
        source_language="fr", title_fr="Panneau", title_en="Panel", machine_languages=["en"]
    )
    page = said(visitor.get(record.get_absolute_url()))
    assert "Translated from French by machine" in page
    assert f'href="/fr/technologies/{record.pk}/"' in page
    record.machine_languages = []
    record.save()
    assert "checked by a person" in said(visitor.get(record.get_absolute_url()))


def test_an_untranslated_record_is_shown_in_its_own_language(visitor: Client) -> None:
    with translation.override("ru"):
        record = TechnologyFactory(source_language="ru", title_ru="Насос", title_en="")
    type(record).objects.filter(pk=record.pk).update(title_en="")
    page = said(visitor.get(f"/en/technologies/{record.pk}/"))
    assert '<bdi lang="ru" dir="ltr">Насос</bdi>' in page
    assert "has not been translated into your language" in page


def test_similar_records_share_topics_and_are_public(visitor: Client) -> None:
    record = TechnologyFactory()
    TechnologyFactory(title="A public neighbour")
    TechnologyFactory(title="A hidden neighbour", published=False)
    page = said(visitor.get(record.get_absolute_url()))
    assert "A public neighbour" in page
    assert "A hidden neighbour" not in page


def test_apps_above_add_panels(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "_panels", {})
    panels.register("need", lambda request, record: f"<p>Shortlist of {record.pk}</p>")
    panels.register("need", lambda request, record: "")
    need = NeedFactory()
    assert panels.rendered("need", None, need) == [f"<p>Shortlist of {need.pk}</p>"]  # type: ignore[arg-type]
    assert panels.rendered("technology", None, need) == []  # type: ignore[arg-type]
    assert "Shortlist of" in said(visitor.get(need.get_absolute_url()))


@pytest.mark.parametrize("pk", ["0", "99999999999999999999999999"])
def test_numbers_that_belong_to_nothing_are_not_found(visitor: Client, pk: str) -> None:
    assert visitor.get(f"/en/needs/{pk}/").status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-hans", "fr", "es", "ru", "ar"])
def test_pages_open_in_every_language(visitor: Client, language: str) -> None:
    technology, need = TechnologyFactory(), NeedFactory()
    for path in ("technologies/", "needs/", f"technologies/{technology.pk}/", f"needs/{need.pk}/"):
        assert visitor.get(f"/{language}/{path}").status_code == 200
