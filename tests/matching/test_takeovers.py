"""Whoever dies in a run, and wherever: nothing is wrong or missing when it is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from matching import runs, scoring, stages, tasks
from matching.allotment import trim
from matching.choices import Effect, Stage
from matching.models import Chunk, Run, Shortlist, Suggestion, Work
from matching.policy import in_force
from matching.stages import STAGES
from needs.models import Need
from technologies.models import Technology
from tests.matching.running import go_on, let_leases_end, limit, pairs, run_through

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """What `kill -9` looks like from inside: nothing after it runs."""


@pytest.mark.parametrize("stage", Stage.values)
@pytest.mark.parametrize("written", [False, True])
def test_a_worker_killed_in_a_stage_is_replaced(
    market: list[Need], monkeypatch: Any, stage: Stage, written: bool
) -> None:
    run_through()
    undisturbed = pairs()
    Suggestion.objects.all().delete()
    kill_once(monkeypatch, stage, written=written)
    runs.start()
    with pytest.raises(Killed):
        go_on()
    assert not runs.step(STAGES) or stage in runs.ONE_BY_ONE
    let_leases_end()
    tasks.sweep()
    assert pairs() == undisturbed
    assert not runs.under_way()
    assert not Work.objects.filter(effect=Effect.REFRESH_NEED).exists()


def kill_once(monkeypatch: Any, stage: Stage, *, written: bool) -> None:
    """Die while the stage works, or when it has written and not committed."""
    real: Callable[..., Any] = STAGES[stage]

    def die(chunk: Chunk) -> Any:
        monkeypatch.setitem(STAGES, stage, real)
        finish = real(chunk)

        def write_and_die() -> None:
            finish()
            raise Killed

        if written:
            return write_and_die
        raise Killed

    monkeypatch.setitem(STAGES, stage, die)


def test_a_worker_killed_between_two_stages_is_replaced(
    market: list[Need], monkeypatch: Any
) -> None:
    runs.start()
    real = runs._move_on

    def die(_pk: int) -> bool:
        monkeypatch.setattr(runs, "_move_on", real)
        raise Killed

    monkeypatch.setattr(runs, "_move_on", die)
    with pytest.raises(Killed):
        runs.step(STAGES)
    tasks.sweep()
    assert len(pairs()) == 25


def test_a_chunk_taken_over_counts_once(market: list[Need], monkeypatch: Any) -> None:
    runs.start()
    for _stage in range(5):
        runs.step(STAGES)
    slow = runs._claim()
    assert slow
    assert slow.stage == Stage.WRITE
    late = STAGES[slow.stage](slow)
    let_leases_end()
    tasks.sweep()
    before = list(Suggestion.objects.order_by("pk").values())
    runs._finish(slow, late)
    assert list(Suggestion.objects.order_by("pk").values()) == before


def test_a_bad_need_harms_no_other(market: list[Need], monkeypatch: Any, caplog: Any) -> None:
    bad = market[0]

    def refuse_one(real: Callable[..., Any]) -> Callable[..., Any]:
        def read(needs: Any, today: Any) -> Any:
            if bad in (needs if isinstance(needs, list) else [needs]):
                raise ValueError
            return real(needs, today)

        return read

    monkeypatch.setattr(stages, "demands_of", refuse_one(stages.demands_of))
    monkeypatch.setattr(scoring, "demand_of", refuse_one(scoring.demand_of))
    runs.start()
    for _attempt in range(runs.MAX_ATTEMPTS):
        let_leases_end()
        tasks.sweep()
    assert {need for need, _, _ in pairs()} == {need.pk for need in market[1:]}
    assert Work.objects.filter(effect=Effect.REFRESH_NEED, subject_id=bad.pk).exists()
    assert Chunk.objects.get().last_error == "ValueError"
    assert not runs.under_way()


def test_a_run_that_cannot_begin_hands_every_need_over(
    market: list[Need], monkeypatch: Any, caplog: Any
) -> None:
    def fail(_chunk: Chunk) -> Any:
        raise MemoryError

    monkeypatch.setitem(STAGES, Stage.PREPARE, fail)
    runs.start()
    for _attempt in range(runs.MAX_ATTEMPTS):
        let_leases_end()
        runs.step(STAGES)
    assert Run.objects.get().last_error == "MemoryError"
    tasks.sweep()
    assert len(pairs()) == 25


def test_a_chunk_that_kills_its_workers_is_given_up(market: list[Need]) -> None:
    runs.start()
    Chunk.objects.update(attempts=runs.MAX_ATTEMPTS)
    assert not runs.step(STAGES)
    assert Chunk.objects.get().parked_at
    assert Run.objects.get().last_error == "WorkerDied"


def test_a_need_scored_since_is_left_alone(market: list[Need]) -> None:
    need, kept = market[0], Technology.objects.earliest("pk").pk
    run_through()
    asked = {number for number, technology, _ in pairs() if technology == kept}
    assert len(asked - {need.pk}) > 1
    Suggestion.objects.all().delete()
    runs.start()
    while Run.objects.latest("pk").stage != Stage.WRITE:
        runs.step(STAGES)
    Technology.objects.exclude(pk=kept).delete()
    scoring.index.forget()
    scoring.refresh_need(need.pk)
    Shortlist.objects.filter(need=need).update(considered=77)
    tasks.sweep()
    assert need.shortlist.considered == 77
    assert {pair[:2] for pair in pairs()} == {(number, kept) for number in asked | {need.pk}}


def test_a_need_withdrawn_on_the_way_gets_nothing(market: list[Need]) -> None:
    runs.start()
    while Run.objects.get().stage != Stage.WRITE:
        runs.step(STAGES)
    Need.objects.filter(pk=market[0].pk).update(status="archived")
    tasks.sweep()
    assert {need for need, _, _ in pairs()} == {need.pk for need in market[1:]}


def test_a_newer_run_takes_the_place_of_an_older_one(market: list[Need]) -> None:
    old = runs.start()
    runs.step(STAGES)
    chunk = runs._claim()
    assert chunk
    work = STAGES[chunk.stage](chunk)
    new = runs.start()
    runs._finish(chunk, work)
    tasks.sweep()
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.under_way, old.last_error) == (False, "Superseded")
    assert (new.under_way, new.last_error, len(pairs())) == (False, "", 25)


def test_a_provider_overbooked_by_two_workers_is_brought_back_to_its_places(
    market: list[Need],
) -> None:
    run_through()
    limit(per_provider=2)
    trim(in_force())
    taken = list(Suggestion.objects.values_list("technology__organisation", flat=True))
    assert {taken.count(owner) for owner in taken} == {2}
