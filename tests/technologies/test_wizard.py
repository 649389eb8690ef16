"""A provider writes a technology, from the first title to the decision of a reviewer."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from common.choices import Status
from partners.models import Organisation
from technologies.models import Technology
from tests.factories import ConceptFactory, ProviderFactory, TechnologyFactory, UserFactory
from tests.listings.journey import act, formset, said, write

pytestmark = pytest.mark.django_db
NEW = "/en/technologies/new/"


@pytest.fixture
def draft(provider: Organisation) -> Technology:
    return TechnologyFactory(organisation=provider, published=False, benefits=[])


def test_visitor_is_asked_to_sign_in(visitor: Client, draft: Technology) -> None:
    for path in (NEW, reverse("technologies:edit", args=[draft.pk])):
        answer = visitor.get(path)
        assert answer.status_code == 302
        assert "/accounts/login/" in answer["Location"]


def test_official_is_told_how_to_post_for_a_provider(as_official: Client) -> None:
    page = said(as_official.get(NEW))
    assert "Register your organisation" in page
    assert "<textarea" not in page


def test_member_of_a_waiting_provider_is_told_to_wait(as_stranger: Client, stranger: Any) -> None:
    Organisation.objects.update(status="applied", decided_at=None, decided_by=None)
    assert "waits for approval" in said(as_stranger.get(NEW))
    as_stranger.post(NEW, {"title": "Too early", "source_language": "en"})
    assert not Technology.objects.exists()


def test_a_title_is_enough_for_a_draft(
    as_author: Client, provider: Organisation, author: Any
) -> None:
    answer = as_author.post(NEW, {"title": "Plafond froid", "source_language": "fr"})
    record = Technology.objects.get()
    assert answer["Location"] == reverse("technologies:edit", args=[record.pk])
    assert (record.status, record.organisation, record.created_by) == ("draft", provider, author)
    assert record.said("title", "fr") == "Plafond froid"
    assert record.said("title", "en") == ""


def test_without_a_title_nothing_is_lost_and_the_page_says_why(as_author: Client) -> None:
    answer = as_author.post(NEW, {"summary": "Kept as typed", "source_language": "en"})
    page = said(answer)
    assert "<title>Error:" in page
    assert "Kept as typed" in page
    assert 'href="#id_title"' in page
    assert not Technology.objects.exists()


def test_member_of_two_providers_chooses(as_author: Client, author: Any) -> None:
    other = ProviderFactory(name="Second", members=[author])
    assert "In whose name?" in said(as_author.get(NEW))
    data = {"title": "For the second", "source_language": "en", "organisation": other.pk}
    as_author.post(NEW, data)
    assert Technology.objects.get().organisation == other


def test_nobody_posts_for_an_organisation_of_others(as_author: Client, author: Any) -> None:
    ProviderFactory(members=[author])
    foreign = ProviderFactory()
    answer = as_author.post(
        NEW, {"title": "X", "source_language": "en", "organisation": foreign.pk}
    )
    assert answer.status_code == 200
    assert not Technology.objects.exists()


@pytest.mark.parametrize("slug", ["what", "why", "topics", "readiness", "where", "terms", "sites"])
def test_each_section_has_its_own_page_and_heading(
    as_author: Client, draft: Technology, slug: str
) -> None:
    page = said(as_author.get(reverse("technologies:section", args=[draft.pk, slug])))
    assert page.count("<h1") == 1
    assert as_author.get(f"/en/technologies/{draft.pk}/edit/nothing/").status_code == 404


def test_stranger_cannot_open_or_write_any_of_it(as_stranger: Client, draft: Technology) -> None:
    for name, args in (
        ("edit", [draft.pk]),
        ("section", [draft.pk, "what"]),
        ("check", [draft.pk]),
        ("translate", [draft.pk, "fr"]),
    ):
        assert as_stranger.get(reverse(f"technologies:{name}", args=args)).status_code == 404
    assert write(as_stranger, "technologies", draft.pk, "why", {}).status_code == 404
    assert act(as_stranger, "technologies", draft.pk, "submit").status_code == 404


def test_texts_go_to_the_language_of_the_record(as_author: Client, provider: Organisation) -> None:
    draft = TechnologyFactory(
        organisation=provider, published=False, source_language="zh-hans", title_zh_hans="冷板"
    )
    write(as_author, "technologies", draft.pk, "why", {"difference": "没有制冷剂"})
    draft.refresh_from_db()
    assert draft.said("difference", "zh-hans") == "没有制冷剂"


def test_a_language_named_by_mistake_takes_its_texts_along(
    as_author: Client, draft: Technology
) -> None:
    data = {"title": "Plafond froid", "source_language": "fr"}
    write(as_author, "technologies", draft.pk, "what", data)
    draft.refresh_from_db()
    assert draft.source_language == "fr"
    assert draft.said("difference", "fr") == "No refrigerant enters the room."
    assert (draft.said("title", "en"), draft.said("difference", "en")) == ("", "")


def test_topics_and_goals_are_ticked_and_other_classes_stay(
    as_author: Client, draft: Technology
) -> None:
    cpc = ConceptFactory(scheme="cpc", code="Y02B")
    leak = ConceptFactory(code="water.leakage")
    goal = ConceptFactory(scheme="sdg", code="6")
    draft.concepts.add(cpc)
    write(
        as_author, "technologies", draft.pk, "topics", {"topics": [leak.key], "goals": [goal.key]}
    )
    assert set(draft.concepts.all()) == {cpc, leak, goal}


def test_rows_are_added_and_removed_without_a_script(as_author: Client, draft: Technology) -> None:
    one = {"metric": "energy_saving", "value": "30", "unit": "%", "evidence": "verified"}
    two = {"metric": "payback", "value": "4.5", "unit": "yr", "evidence": "claimed"}
    data = {"trl_low": 8, "trl_high": 9, **formset("benefits", [one, two, {"evidence": "claimed"}])}
    answer = write(as_author, "technologies", draft.pk, "readiness", {**data, "more": "1"})
    assert answer["Location"].endswith("/edit/readiness/#rows")
    assert [benefit.value for benefit in draft.benefits.all()] == [30, 4.5]
    kept = formset("benefits", [{**one, "DELETE": "on"}, two], known=2)
    write(as_author, "technologies", draft.pk, "readiness", {"trl_low": 8, "trl_high": 9, **kept})
    assert [benefit.metric for benefit in draft.benefits.all()] == ["payback"]


def test_a_wrong_row_keeps_everything_typed(as_author: Client, draft: Technology) -> None:
    rows = formset(
        "benefits",
        [{"metric": "energy_saving", "value": "much", "unit": "%", "basis": "Our tests"}],
    )
    answer = write(
        as_author, "technologies", draft.pk, "readiness", {"trl_low": 9, "trl_high": 3, **rows}
    )
    page = said(answer)
    assert "<title>Error:" in page
    assert 'value="much"' in page
    assert "Our tests" in page
    assert "must not be below" in page
    assert 'href="#id_benefits-0-value"' in page
    assert not draft.benefits.exists()


def test_a_broken_row_counter_is_an_error_and_no_crash(
    as_author: Client, draft: Technology
) -> None:
    for total in ("many", "-1", "100000"):
        data = {"benefits-TOTAL_FORMS": total, "benefits-INITIAL_FORMS": "0"}
        assert write(as_author, "technologies", draft.pk, "readiness", data).status_code in (
            200,
            302,
        )
    assert not draft.benefits.exists()


def test_an_amount_asks_for_its_currency(as_author: Client, draft: Technology) -> None:
    data = {"cost_low": "62", "cost_high": "55", **formset("rights", [])}
    page = said(write(as_author, "technologies", draft.pk, "terms", data))
    assert "Choose the currency" in page
    assert "upper end must not be below" in page
    assert 'value="62"' in page


@pytest.mark.parametrize(
    ("slug", "data"),
    [
        ("where", {"available_in": ["QQ"]}),
        ("where", {"developed_in": "\x00"}),
        ("terms", {"terms": ["theft"], **formset("rights", [])}),
        ("terms", {"cost_high": "1e400", **formset("rights", [])}),
        ("terms", {"lead_time_weeks": "-4", **formset("rights", [])}),
        ("topics", {"topics": ["topic:none"]}),
        ("what", {"title": "x" * 301, "source_language": "en"}),
        ("what", {"title": "nul \x00", "source_language": "tlh"}),
        ("sites", formset("sites", [{"place": "Lyon", "country": "FR", "year": "20"}])),
    ],
)
def test_bad_values_are_told_beside_the_field(
    as_author: Client, draft: Technology, slug: str, data: dict[str, Any]
) -> None:
    answer = write(as_author, "technologies", draft.pk, slug, data)
    assert answer.status_code == 200
    assert "errors-title" in said(answer)


def test_task_list_tells_what_is_done(as_author: Client, draft: Technology) -> None:
    page = said(as_author.get(reverse("technologies:edit", args=[draft.pk])))
    assert "Completed" in page
    assert "Not started" in page


def test_check_page_lists_what_is_missing_and_submitting_is_refused(
    as_author: Client, draft: Technology
) -> None:
    draft.concepts.clear()
    Technology.objects.filter(pk=draft.pk).update(summary_en="")
    page = said(as_author.get(reverse("technologies:check", args=[draft.pk])))
    assert "2 answers are missing" in page
    assert reverse("technologies:section", args=[draft.pk, "topics"]) in page
    act(as_author, "technologies", draft.pk, "submit")
    draft.refresh_from_db()
    assert draft.status == Status.DRAFT


def test_the_life_of_a_technology_through_its_pages(
    as_author: Client, as_curator: Client, visitor: Client, draft: Technology
) -> None:
    def now() -> str:
        draft.refresh_from_db()
        return draft.status

    decide = reverse("admin:technologies_technology_decide", args=[draft.pk])
    act(as_author, "technologies", draft.pk, "submit")
    assert now() == "submitted"
    act(as_author, "technologies", draft.pk, "withdraw")
    assert now() == "draft"
    act(as_author, "technologies", draft.pk, "submit")
    as_curator.post(decide, {"decision": "ask_changes", "note": "Say where it was measured."})
    assert now() == "changes_asked"
    assert "Say where it was measured." in said(as_author.get(draft.get_absolute_url()))
    act(as_author, "technologies", draft.pk, "submit")
    as_curator.post(decide, {"decision": "publish", "note": ""})
    assert now() == "published"
    assert visitor.get(draft.get_absolute_url()).status_code == 200
    act(as_author, "technologies", draft.pk, "confirm")
    act(as_author, "technologies", draft.pk, "archive")
    assert now() == "archived"
    assert visitor.get(draft.get_absolute_url()).status_code == 404
    act(as_author, "technologies", draft.pk, "withdraw")
    assert now() == "draft"


def test_steps_are_taken_by_post_only(as_author: Client, draft: Technology) -> None:
    assert as_author.get(reverse("technologies:act", args=[draft.pk, "submit"])).status_code == 405
    assert act(as_author, "technologies", draft.pk, "explode").status_code == 404


def test_what_is_in_review_cannot_be_written(as_author: Client, provider: Organisation) -> None:
    waiting = TechnologyFactory(organisation=provider, submitted=True)
    answer = write(as_author, "technologies", waiting.pk, "why", {"difference": "Late idea"})
    assert answer["Location"] == reverse("technologies:edit", args=[waiting.pk])
    waiting.refresh_from_db()
    assert waiting.said("difference", "en") != "Late idea"


def test_a_form_asks_for_its_token(author: Any, draft: Technology) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(author, backend="django.contrib.auth.backends.ModelBackend")
    assert write(browser, "technologies", draft.pk, "why", {}).status_code == 403


def test_someone_who_left_cannot_go_on(draft: Technology) -> None:
    person = UserFactory()
    browser = Client()
    browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get(reverse("technologies:edit", args=[draft.pk])).status_code == 404
