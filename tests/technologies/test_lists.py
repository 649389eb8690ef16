"""Finding technologies: search, facets, tags, hostile addresses, and a fixed number of queries."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import ConceptFactory, ProviderFactory, SiteFactory, TechnologyFactory
from tests.listings.journey import said

pytestmark = pytest.mark.django_db


def options(response: Any, name: str) -> dict[str, int]:
    """Codes of a facet with the counts shown beside them."""
    found = [facet for facet in response.context["facets"] if facet["name"] == name]
    return {option["value"]: option["count"] for option in found[0]["options"]} if found else {}


def titles(response: Any) -> list[str]:
    return [str(record) for record in response.context["page_obj"]]


def look(browser: Client, **query: Any) -> Any:
    return browser.get(reverse("technologies:list"), query)


def test_visitor_sees_what_is_published_and_nothing_else(visitor: Client) -> None:
    TechnologyFactory(title="Public panel")
    TechnologyFactory(title="Draft panel", published=False)
    TechnologyFactory(title="Waiting panel", submitted=True)
    TechnologyFactory(title="Hidden panel", organisation=ProviderFactory(status="suspended"))
    assert titles(look(visitor)) == ["Public panel"]


def test_search_finds_words_of_the_title(visitor: Client) -> None:
    TechnologyFactory(title="Leak finder for water mains", summary="", description="")
    TechnologyFactory(title="Cooling ceiling")
    assert titles(look(visitor, q="leak finder"))[0] == "Leak finder for water mains"


def test_search_finds_a_reference_number(visitor: Client) -> None:
    wanted = TechnologyFactory(title="Wanted")
    TechnologyFactory(title="Other")
    assert titles(look(visitor, q=wanted.reference)) == ["Wanted"]


def test_counts_of_a_facet_are_what_ticking_it_gives(visitor: Client) -> None:
    TechnologyFactory(available_in=["FR"], terms=["sale"])
    TechnologyFactory(available_in=["FR", "CN"], terms=["pilot"])
    TechnologyFactory(available_in=["*"], terms=["sale", "pilot"])
    page = look(visitor)
    assert options(page, "country") == {"FR": 3, "CN": 2, "*": 1}
    for name in ("country", "terms", "readiness", "evidence", "field", "topic", "type", "language"):
        for code, count in options(page, name).items():
            assert look(visitor, **{name: code}).context["page_obj"].paginator.count == count


def test_a_facet_counts_without_itself_but_with_the_others(visitor: Client) -> None:
    TechnologyFactory(type="device", terms=["sale"])
    TechnologyFactory(type="service", terms=["sale"])
    TechnologyFactory(type="service", terms=["pilot"])
    page = look(visitor, type="device", terms="sale")
    assert options(page, "type") == {"device": 1, "service": 1}
    assert options(page, "terms") == {"sale": 1}


def test_a_field_is_met_by_its_topics_and_counted_once(visitor: Client) -> None:
    topics = [ConceptFactory(code="water.leakage"), ConceptFactory(code="water.monitoring")]
    TechnologyFactory(title="Two topics", concepts=topics)
    TechnologyFactory(title="Other field", concepts=[ConceptFactory(code="energy.wind")])
    page = look(visitor, field="water")
    assert titles(page) == ["Two topics"]
    assert options(page, "field") == {"water": 1, "energy": 1}


def test_evidence_is_that_of_the_best_backed_benefit(visitor: Client) -> None:
    claim = {"metric": "energy_saving", "value": 1, "unit": "%"}
    both = [{**claim, "evidence": "claimed"}, {**claim, "evidence": "verified"}]
    TechnologyFactory(title="Mixed", benefits=both)
    TechnologyFactory(title="Claimed", benefits=both[:1])
    TechnologyFactory(title="None", benefits=[])
    assert titles(look(visitor, evidence="claimed")) == ["Claimed"]
    assert titles(look(visitor, evidence="verified")) == ["Mixed"]
    assert titles(look(visitor, sort="evidence")) == ["Mixed", "Claimed", "None"]


def test_filters_in_use_are_links_that_remove_them(visitor: Client) -> None:
    TechnologyFactory()
    page = look(visitor, country="FR", readiness="7-9", q="panel")
    assert [item["label"] for item in page.context["chosen"]] == [
        "Readiness: 7 to 9: working in the field",
        "Available in: France",
    ]
    assert "?readiness=7-9&amp;q=panel" in said(page)


def test_sorting_by_title_follows_the_title_that_is_shown(visitor: Client) -> None:
    TechnologyFactory(title="Zebra", title_fr="Abeille")
    TechnologyFactory(title="Apple", title_fr="")
    assert titles(look(visitor, sort="title")) == ["Apple", "Zebra"]
    french = visitor.get("/fr/technologies/", {"sort": "title"})
    assert [record.shown("title", "fr")[0] for record in french.context["page_obj"]] == [
        "Abeille",
        "Apple",
    ]


def test_records_of_one_organisation_can_be_listed(visitor: Client) -> None:
    wanted = TechnologyFactory(title="Mine")
    TechnologyFactory(title="Theirs")
    assert titles(look(visitor, organisation=wanted.organisation.pk)) == ["Mine"]


def test_pages_hold_twenty_and_a_page_too_far_is_the_last(visitor: Client) -> None:
    TechnologyFactory.create_batch(21)
    assert len(titles(look(visitor))) == 20
    assert look(visitor, page="9" * 4000).status_code == 200
    assert len(titles(look(visitor, page=99))) == 1


@pytest.mark.parametrize(
    "query",
    [
        "country=QQ",
        "type=%27%3B--",
        "topic=no.such",
        "sort=sideways",
        "readiness=0-99",
        "organisation=99999999999999999999999",
        "organisation=abc",
        "q=" + "x" * 201,
        "sdg=99",
        "language=tlh",
    ],
)
def test_unknown_codes_are_told_and_nothing_is_searched(visitor: Client, query: str) -> None:
    TechnologyFactory(title="Not to be seen here")
    page = visitor.get(f"{reverse('technologies:list')}?{query}")
    assert page.status_code == 400
    assert "does not exist" in said(page)
    assert "Not to be seen here" not in said(page)


@pytest.mark.parametrize("query", ["q=%00", "country=F%00", "%00=1", "q=%ed%a0%80"])
def test_bytes_that_are_no_text_do_no_harm(visitor: Client, query: str) -> None:
    assert visitor.get(f"{reverse('technologies:list')}?{query}").status_code in (200, 400)


@pytest.mark.parametrize(
    "query", ["utm_source=x", "page=-1", "page=", "q=", "q=%25_%5C%27", "q=🌱"]
)
def test_harmless_oddities_give_a_page(visitor: Client, query: str) -> None:
    TechnologyFactory()
    assert visitor.get(f"{reverse('technologies:list')}?{query}").status_code == 200


def test_what_is_typed_is_escaped(visitor: Client) -> None:
    assert "<script>alert" not in said(look(visitor, q="<script>alert(1)</script>"))


def queries(browser: Client, url: str, counter: Any) -> int:
    with counter() as found:
        assert browser.get(url).status_code == 200
    return len(found)


def test_the_list_asks_as_often_for_many_as_for_few(visitor: Client, count_queries: Any) -> None:
    TechnologyFactory.create_batch(2)
    url = reverse("technologies:list")
    few = queries(visitor, url, count_queries)
    TechnologyFactory.create_batch(15)
    assert queries(visitor, url, count_queries) == few <= 20


def test_a_record_asks_as_often_with_many_rows(visitor: Client, count_queries: Any) -> None:
    one = TechnologyFactory()
    queries(visitor, one.get_absolute_url(), count_queries)
    few = queries(visitor, one.get_absolute_url(), count_queries)
    SiteFactory.create_batch(5, technology=one)
    TechnologyFactory.create_batch(5)
    assert queries(visitor, one.get_absolute_url(), count_queries) == few <= 20


def test_counts_of_a_large_list_are_kept_for_a_while(
    visitor: Client, monkeypatch: pytest.MonkeyPatch, count_queries: Any
) -> None:
    monkeypatch.setattr("listings.filters.LARGE", 1)
    TechnologyFactory.create_batch(2, type="device")
    with count_queries() as first:
        assert options(look(visitor), "type") == {"device": 2}
    with count_queries() as second:
        assert options(look(visitor), "type") == {"device": 2}
    assert len(second) < len(first)
    assert options(look(visitor, type="device", terms="sale"), "type") == {"device": 2}
