"""The needs of a run are ranked by all processors, as each would be alone."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.utils import timezone

from matching import index, scoring
from matching.engine import Context
from matching.records import supply_of
from needs.models import Need
from technologies.models import Technology

pytestmark = pytest.mark.django_db


def test_needs_are_ranked_alike_on_all_processors_and_on_one(market: list[Need]) -> None:
    held, needs = index.fresh(), [need.pk for need in market] * 5
    shared = held.rank_stored(needs, [9] * len(needs))
    alone = [held.rank(scoring.demand_of(need, timezone.localdate()), 9) for need in market] * 5
    assert shared == alone


def test_an_encoder_has_records_read_by_who_asks(market: list[Need], monkeypatch: Any) -> None:
    held, readers = index.fresh(), set()

    def note(*_: Any) -> index.Ranking:
        readers.add(threading.current_thread())
        return index.Ranking([], 0, {})

    monkeypatch.setattr(index.Index, "_rank_stored", note)
    monkeypatch.setattr(held.catalogue.context, "meanings", object())
    held.rank_stored([need.pk for need in market], [9] * len(market))
    assert readers == {threading.current_thread()}


def test_a_technology_finds_its_needs_without_its_texts_being_read_again(
    market: list[Need], monkeypatch: Any
) -> None:
    held, technology = index.fresh(), supply_of(Technology.objects.published().for_page()[0])
    found = held.board.ranked(technology, 9)
    assert found
    monkeypatch.setattr(Context, "read_supply", None)
    assert held.needs_for(technology, 9) == found
