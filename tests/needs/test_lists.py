"""Finding needs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import NeedFactory

pytestmark = pytest.mark.django_db


def look(browser: Client, **query: Any) -> Any:
    return browser.get(reverse("needs:list"), query)


def titles(response: Any) -> list[str]:
    return [str(record) for record in response.context["page_obj"]]


def in_days(days: int) -> Any:
    return timezone.localdate() + timedelta(days=days)


def test_visitor_sees_what_is_published_and_nothing_else(visitor: Client) -> None:
    NeedFactory(title="Public need")
    NeedFactory(title="Draft need", published=False)
    assert titles(look(visitor)) == ["Public need"]


def test_needs_are_sorted_by_decision_with_past_ones_last(visitor: Client) -> None:
    NeedFactory(title="Over", decision_by=in_days(-3))
    NeedFactory(title="Later", decision_by=in_days(120))
    NeedFactory(title="Soon", decision_by=in_days(5))
    NeedFactory(title="Undated", decision_by=None)
    assert titles(look(visitor, sort="decision")) == ["Soon", "Later", "Undated", "Over"]


def test_decision_bands_count_what_they_give(visitor: Client) -> None:
    for days in (-1, 0, 30, 31, 90, 91):
        NeedFactory(decision_by=in_days(days))
    NeedFactory(decision_by=None)
    facets = {facet["name"]: facet["options"] for facet in look(visitor).context["facets"]}
    counts = {option["value"]: option["count"] for option in facets["open"]}
    assert counts == {"30": 2, "90": 4, "later": 1, "undated": 1, "over": 1}
    for code, count in counts.items():
        assert look(visitor, open=code).context["page_obj"].paginator.count == count


def test_country_and_terms_narrow_the_list(visitor: Client) -> None:
    NeedFactory(title="Casablanca", country="MA", terms=["sale"])
    NeedFactory(title="Chongqing", country="CN", terms=["pilot"])
    assert titles(look(visitor, country="CN")) == ["Chongqing"]
    assert titles(look(visitor, terms="sale")) == ["Casablanca"]


@pytest.mark.parametrize("query", [{"open": "7"}, {"country": "*"}, {"procurement": "bribe"}])
def test_unknown_codes_are_told(visitor: Client, query: dict[str, str]) -> None:
    assert look(visitor, **query).status_code == 400


def test_the_list_asks_as_often_for_many_as_for_few(visitor: Client, count_queries: Any) -> None:
    NeedFactory.create_batch(2)
    counts = []
    for _round in range(2):
        with count_queries() as found:
            assert look(visitor).status_code == 200
        counts.append(len(found))
        NeedFactory.create_batch(10)
    assert counts[0] == counts[1] <= 18
