"""Translating a record beside its original."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from partners.models import Organisation
from technologies.models import Technology
from tests.factories import NeedFactory, TechnologyFactory
from tests.listings.journey import said

pytestmark = pytest.mark.django_db
TEXTS = {"title": "Panneau froid", "summary": "Résumé"}


def page_of(record: Any, language: str = "fr") -> str:
    return reverse(f"{record._meta.app_label}:translate", args=[record.pk, language])


def test_author_translates_a_draft_at_once(as_author: Client, provider: Organisation) -> None:
    draft = TechnologyFactory(
        organisation=provider, published=False, machine_languages=["fr", "es"]
    )
    page = said(as_author.get(page_of(draft)))
    assert draft.description in page
    as_author.post(page_of(draft), TEXTS)
    draft.refresh_from_db()
    assert (draft.said("title", "fr"), draft.said("title", "en")) == ("Panneau froid", str(draft))
    assert draft.machine_languages == ["es"]


def test_translation_of_something_public_waits(as_author: Client, provider: Organisation) -> None:
    public = TechnologyFactory(organisation=provider)
    as_author.post(page_of(public), TEXTS)
    public.refresh_from_db()
    assert public.said("title", "fr") == ""
    assert public.proposed == {"title_fr": "Panneau froid", "summary_fr": "Résumé"}


def test_translation_by_a_reviewer_holds_at_once(as_curator: Client, visitor: Client) -> None:
    public = TechnologyFactory(machine_languages=["fr"])
    as_curator.post(page_of(public), TEXTS)
    public = Technology.objects.get()
    assert public.said("title", "fr") == "Panneau froid"
    assert public.machine_languages == []
    assert "Panneau froid" in said(visitor.get(f"/fr/technologies/{public.pk}/"))


def test_stranger_and_visitor_cannot_translate(as_stranger: Client, visitor: Client) -> None:
    public = NeedFactory()
    assert as_stranger.get(page_of(public)).status_code == 404
    assert as_stranger.post(page_of(public), TEXTS).status_code == 404
    assert visitor.get(page_of(public)).status_code == 302


@pytest.mark.parametrize("language", ["en", "tlh", "de", "zh"])
def test_only_other_languages_of_the_site(
    as_author: Client, provider: Organisation, language: str
) -> None:
    public = TechnologyFactory(organisation=provider)
    assert as_author.get(page_of(public, language)).status_code == 404


def test_a_text_too_long_comes_back_as_typed(as_author: Client, provider: Organisation) -> None:
    draft = TechnologyFactory(organisation=provider, published=False)
    page = said(as_author.post(page_of(draft), {"title": "é" * 301, "summary": "Gardé"}))
    assert "é" * 301 in page
    assert "Gardé" in page
    assert "<title>Error:" in page


def test_only_texts_that_exist_are_asked_for(as_official: Client, city: Organisation) -> None:
    draft = NeedFactory(organisation=city, published=False, constraints="")
    page = said(as_official.get(page_of(draft)))
    assert 'name="baseline"' in page
    assert 'name="constraints"' not in page
