"""Reviewing listings in the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from technologies.models import Technology
from tests.factories import NeedFactory, RightFactory, TechnologyFactory, UserFactory
from tests.listings.journey import said

pytestmark = pytest.mark.django_db


def admin_url(record: Any, page: str) -> str:
    name = f"admin:{record._meta.app_label}_{record._meta.model_name}_{page}"
    return reverse(name, args=[record.pk] if page != "changelist" else [])


def staff(*permissions: str) -> Client:
    from django.contrib.auth.models import Permission

    person = UserFactory(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    browser = Client()
    browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def test_the_first_page_counts_what_waits(as_curator: Client) -> None:
    TechnologyFactory.create_batch(2, submitted=True)
    page = said(as_curator.get(reverse("admin:index")))
    assert "What waits for you" in page
    assert "?waiting=yes" in page
    assert "<b>2</b>" in page


def test_the_queue_shows_new_records_and_changes(as_curator: Client) -> None:
    waiting = TechnologyFactory(title="Waiting one", submitted=True)
    TechnologyFactory(title="Quiet one")
    page = said(as_curator.get(admin_url(waiting, "changelist"), {"waiting": "yes"}))
    assert "Waiting one" in page
    assert "Quiet one" not in page


def test_the_list_asks_a_fixed_number_of_queries(as_curator: Client, count_queries: Any) -> None:
    counts = []
    for _round in range(2):
        TechnologyFactory.create_batch(5)
        with count_queries() as found:
            as_curator.get(reverse("admin:technologies_technology_changelist"))
        counts.append(len(found))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("factory", [TechnologyFactory, NeedFactory])
def test_the_record_page_offers_the_decisions_that_are_open(
    as_curator: Client, factory: Any
) -> None:
    page = said(as_curator.get(admin_url(factory(submitted=True), "change")))
    assert "#decision-publish" in page
    assert "#decision-apply" not in page
    assert "#decision-" not in said(as_curator.get(admin_url(factory(), "change")))


def test_rejecting_needs_a_reason(as_curator: Client) -> None:
    waiting = TechnologyFactory(submitted=True)
    page = said(as_curator.post(admin_url(waiting, "decide"), {"decision": "reject", "note": " "}))
    assert "Say why" in page
    as_curator.post(admin_url(waiting, "decide"), {"decision": "reject", "note": "Not green"})
    waiting.refresh_from_db()
    assert (waiting.status, waiting.review_note) == ("rejected", "Not green")


@pytest.mark.parametrize("decision", ["publish", "explode", ""])
def test_a_decision_that_is_not_open_changes_nothing(as_curator: Client, decision: str) -> None:
    draft = TechnologyFactory(published=False)
    as_curator.post(admin_url(draft, "decide"), {"decision": decision, "note": "x"})
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_without_the_permission_nobody_decides() -> None:
    waiting = TechnologyFactory(submitted=True)
    browser = staff("view_technology", "change_technology")
    assert browser.get(admin_url(waiting, "decide")).status_code == 403
    assert browser.post(admin_url(waiting, "decide"), {"decision": "publish"}).status_code == 403
    assert "#decision-" not in said(browser.get(admin_url(waiting, "change")))


def test_visitor_and_author_stay_outside(visitor: Client, as_author: Client) -> None:
    waiting = TechnologyFactory(submitted=True)
    assert visitor.get(admin_url(waiting, "decide")).status_code == 302
    assert as_author.get(admin_url(waiting, "decide"), follow=True).status_code == 403


def posted(browser: Client, record: Technology, **changes: Any) -> Any:
    """The change form as the browser sends it, with some values changed."""
    form = browser.get(admin_url(record, "change")).context["adminform"].form
    data: dict[str, Any] = {}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        value = [row.pk for row in value] if name == "concepts" else value
        data[name] = "" if value is None else value
    for part, known in (("benefits", 0), ("sites", 0), ("rights", 0)):
        data |= {f"{part}-TOTAL_FORMS": known, f"{part}-INITIAL_FORMS": known}
    return browser.post(admin_url(record, "change"), {**data, **changes})


def test_a_curator_corrects_the_text_but_never_the_status(as_curator: Client, curator: Any) -> None:
    record = TechnologyFactory(submitted=True, benefits=[])
    answer = posted(
        as_curator, record, summary_fr="Corrigé", status="published", published_at_0="2026-01-01"
    )
    assert answer.status_code == 302
    record.refresh_from_db()
    assert (record.said("summary", "fr"), record.status) == ("Corrigé", "submitted")
    assert record.deployed_in == ["FR", "MA"]
    assert AuditEntry.objects.filter(verb="correct", by=curator, subject_id=record.pk).exists()


def test_a_member_cannot_correct_past_the_review(author: Any, provider: Any) -> None:
    author.is_staff = author.is_superuser = True
    author.save()
    browser = Client()
    browser.force_login(author, backend="django.contrib.auth.backends.ModelBackend")
    record = TechnologyFactory(organisation=provider)
    RightFactory(technology=record)
    assert browser.get(admin_url(record, "change")).status_code == 200
    answer = browser.post(admin_url(record, "change"), {"title_en": "Mine"})
    assert answer.status_code == 403


@pytest.mark.parametrize("object_id", ["999999", "abc", "99999999999999999999999"])
def test_numbers_that_belong_to_nothing_are_sent_away(as_curator: Client, object_id: str) -> None:
    answer = as_curator.get(f"/en/admin/technologies/technology/{object_id}/decide/")
    assert answer.status_code == 302
