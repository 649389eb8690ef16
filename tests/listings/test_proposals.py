"""Editing something public: the changes wait, are shown, and are decided by somebody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from common.errors import Conflict, NotAllowed
from listings import actions, content
from needs.models import Need
from outbox.models import Message
from partners.models import Organisation
from technologies.models import Technology
from tests.factories import ConceptFactory, NeedFactory, RightFactory, TechnologyFactory
from tests.listings.journey import act, formset, said, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def public(provider: Organisation) -> Technology:
    return TechnologyFactory(
        organisation=provider, cost_low=55, cost_currency="EUR", cost_unit="m2"
    )


def decide(browser: Client, record: Any, decision: str, note: str = "") -> Any:
    url = reverse(
        f"admin:{record._meta.app_label}_{record._meta.model_name}_decide", args=[record.pk]
    )
    return browser.post(url, {"decision": decision, "note": note})


def propose(browser: Client, public: Technology, text: str = "Now with a fan") -> None:
    data = {"problem_solved": public.problem_solved, "economic_case": public.economic_case}
    write(browser, "technologies", public.pk, "why", {**data, "difference": text})
    public.refresh_from_db()


def test_the_public_page_stays_as_it_is(
    as_author: Client, visitor: Client, public: Technology
) -> None:
    propose(as_author, public)
    assert public.proposed == {"difference_en": "Now with a fan"}
    assert "Now with a fan" not in said(visitor.get(public.get_absolute_url()))
    assert "Now with a fan" in said(as_author.get(reverse("technologies:edit", args=[public.pk])))


def test_the_author_goes_on_from_what_waits(as_author: Client, public: Technology) -> None:
    propose(as_author, public)
    section = reverse("technologies:section", args=[public.pk, "why"])
    assert "Now with a fan" in said(as_author.get(section))
    row = {"metric": "payback", "value": "4", "unit": "yr", "evidence": "claimed"}
    data = {"trl_low": 8, "trl_high": 9, **formset("benefits", [row])}
    write(as_author, "technologies", public.pk, "readiness", data)
    public.refresh_from_db()
    assert set(public.proposed or {}) == {"difference_en", "benefits"}
    assert public.benefits.get().metric == "energy_saving"


def test_saving_without_a_change_asks_nobody(as_author: Client, public: Technology) -> None:
    propose(as_author, public, public.difference)
    assert public.proposed_at is None


def test_typing_the_old_words_again_takes_the_proposal_back(
    as_author: Client, public: Technology
) -> None:
    before = public.difference
    propose(as_author, public)
    propose(as_author, public, before)
    assert public.proposed_at is None


def test_the_author_discards_the_changes(as_author: Client, public: Technology) -> None:
    propose(as_author, public)
    act(as_author, "technologies", public.pk, "discard")
    public.refresh_from_db()
    assert public.proposed is None


def test_the_reviewer_sees_old_beside_new_and_publishes(
    as_author: Client, as_curator: Client, visitor: Client, public: Technology
) -> None:
    old = public.difference
    propose(as_author, public)
    url = reverse("admin:technologies_technology_decide", args=[public.pk])
    page = said(as_curator.get(url))
    assert old in page
    assert "Now with a fan" in page
    decide(as_curator, public, "apply")
    public.refresh_from_db()
    assert public.proposed_at is None
    assert "Now with a fan" in said(visitor.get(public.get_absolute_url()))


def test_columns_concepts_and_rows_are_all_written(
    author: Any, curator: Any, public: Technology
) -> None:
    RightFactory(technology=public)
    wind = ConceptFactory(code="energy.wind")
    changes = {
        "title_en": "New title",
        "cost_low": "60.5",
        "trl_low": 7,
        "available_in": ["*"],
        "lead_time_weeks": "",
        "concepts": [wind.key],
        "rights": [],
        "sites": [{"place": "Lyon", "country": "FR", "year": 2024, "note": ""}],
        "status": "archived",
    }
    actions.revise(public, by=author, changes=changes)
    public.refresh_from_db()
    assert "status" not in (public.proposed or {})
    assert "rights" in (public.proposed or {})
    actions.apply_proposal(public, by=curator)
    public = Technology.objects.get(pk=public.pk)
    now = content.read(public)
    assert {name: now[name] for name in changes if name != "status"} == {
        name: value for name, value in changes.items() if name != "status"
    }
    assert public.status == "published"


def test_declining_needs_a_reason_that_reaches_the_author(
    as_author: Client, as_curator: Client, public: Technology
) -> None:
    propose(as_author, public)
    assert "errornote" in said(decide(as_curator, public, "decline"))
    decide(as_curator, public, "decline", "Who measured this?")
    public.refresh_from_db()
    assert (public.proposed_at, public.review_note) == (None, "Who measured this?")
    assert Message.objects.filter(text__contains="Who measured this?").exists()


def test_what_changed_after_the_reviewer_looked_is_not_published(
    author: Any, curator: Any, public: Technology
) -> None:
    actions.revise(public, by=author, changes={"title_en": "First"})
    seen = Technology.objects.get(pk=public.pk)
    actions.revise(public, by=author, changes={"title_en": "Second"})
    with pytest.raises(Conflict):
        actions.apply_proposal(seen, by=curator)


def test_nobody_decides_about_their_own(author: Any, public: Technology) -> None:
    author.is_superuser = author.is_staff = True
    author.save()
    actions.revise(public, by=author, changes={"title_en": "Mine"})
    public.refresh_from_db()
    with pytest.raises(NotAllowed):
        actions.apply_proposal(public, by=author)
    browser = Client()
    browser.force_login(author, backend="django.contrib.auth.backends.ModelBackend")
    assert decide(browser, public, "apply").status_code == 403


def test_a_need_is_changed_in_the_same_way(
    as_official: Client, as_curator: Client, city: Organisation
) -> None:
    need = NeedFactory(organisation=city)
    target = {"metric": "energy_saving", "value": "40", "unit": "%"}
    texts = {name: need.said(name, "en") for name in ("baseline", "target", "constraints")}
    data = {**texts, **formset("targets", [target])}
    write(as_official, "needs", need.pk, "situation", data)
    need.refresh_from_db()
    assert list(need.proposed or {}) == ["targets"]
    decide(as_curator, need, "apply")
    assert Need.objects.get().targets.get().value == 40


def test_content_survives_being_written_and_read(provider: Organisation) -> None:
    one = TechnologyFactory(organisation=provider, cost_low="55.50", lead_time_weeks=4)
    one = Technology.objects.get(pk=one.pk)
    RightFactory(technology=one)
    before = content.read(one)
    content.write(one, before)
    assert content.read(Technology.objects.get(pk=one.pk)) == before
    assert content.difference(one, before) == {}
