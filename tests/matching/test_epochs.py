"""An index is made once, mapped by everybody, follows every change, and survives any death."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from listings.signals import listing_hidden, listing_published
from matching import encodings, engine, epochs, index, runs, scoring, stages, tasks
from matching.choices import Effect, Stage
from matching.engine import builder
from matching.models import Change, Chunk, Encoding, Epoch, Policy, Work
from matching.policy import in_force
from matching.records import supply_of
from matching.stages import STAGES
from needs.models import Need
from technologies.models import Technology
from tests.factories import ConceptFactory, TechnologyFactory
from tests.matching.running import go_on

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """What `kill -9` looks like from inside: nothing after it runs."""


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Any) -> Iterator[Path]:
    settings.DATA_DIR = tmp_path
    yield tmp_path
    another_process()


def another_process() -> None:
    """It knows nothing but the database and the files."""
    index._Held.index, index._Held.anew = None, False
    encodings.forget()


def best(need: Need) -> list[tuple[int, float]]:
    demand = scoring.demand_of(need, timezone.localdate())
    return index.fresh().rank(demand, 50).pairs


def publish(technology: Technology) -> None:
    listing_published.send(Technology, listing=technology)


def refuse(*_: Any, **__: Any) -> Any:
    raise AssertionError


def test_another_process_opens_what_one_has_made(market: list[Need], monkeypatch: Any) -> None:
    made = best(market[0])
    another_process()
    monkeypatch.setattr(epochs, "make", refuse)
    assert best(market[0]) == made
    assert len(made) == 9
    assert Epoch.objects.count() == 1


def files() -> dict[str, bytes]:
    """What the one epoch of this machine is made of."""
    [path] = [path for path in epochs.folder().iterdir() if path.is_dir()]
    return {name: (path / name).read_bytes() for name in ("technologies", "needs", "asked")}


def test_a_builder_apart_makes_the_same_files(market: list[Need], monkeypatch: Any) -> None:
    made, here = best(market[0]), files()
    shutil.rmtree(epochs.folder())
    another_process()
    monkeypatch.setattr(epochs, "SMALL", 0)
    assert best(market[0]) == made
    assert files() == here


@pytest.mark.parametrize("which", [0, 1])
def test_a_builder_that_dies_leaves_no_index_and_no_harm(
    market: list[Need], monkeypatch: Any, which: int
) -> None:
    real = engine.read_need

    def kill_it(*given: Any) -> Any:
        builders[which]._process.kill()
        return real(*given)

    builders: list[Any] = []
    begin = builder.Apart.__init__

    def note(self: Any, *given: Any) -> None:
        builders.append(self)
        begin(self, *given)

    monkeypatch.setattr(epochs, "SMALL", 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builder.Apart, "__init__", note)
        patch.setattr(engine, "read_need", kill_it)
        with pytest.raises(RuntimeError, match="the builder ended"):
            index.fresh()
    assert not Epoch.objects.exists()
    assert not any((path / epochs.ABOUT).exists() for path in epochs.folder().iterdir())
    assert len(best(market[0])) == 9


def test_no_text_is_read_twice(market: list[Need], monkeypatch: Any) -> None:
    made = best(market[0])
    monkeypatch.setattr(encodings, "_encode", refuse)
    index.forget()
    assert best(market[0]) == made
    assert Epoch.objects.count() == 2


def test_stored_form_of_other_words_is_read_anew(market: list[Need], monkeypatch: Any) -> None:
    best(market[0])
    before = dict(Encoding.objects.values_list("pk", "fingerprint"))
    ConceptFactory(code="water.leaks", label="Ceiling panel")
    index.forget()
    best(market[0])
    after = dict(Encoding.objects.values_list("pk", "fingerprint"))
    assert before.keys() == after.keys()
    assert set(before.values()).isdisjoint(after.values())


def test_what_was_read_before_a_change_is_not_stored(db: None) -> None:
    technology = TechnologyFactory()
    index.fresh()
    real = supply_of

    def change_meanwhile(row: Technology) -> engine.Supply:
        encodings.outdate(row.pk)
        return real(row)

    Encoding.objects.update(fingerprint="old")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encodings, "supply_of", change_meanwhile)
        assert encodings.of([technology.pk])
    assert Encoding.objects.get().fingerprint == ""
    encodings.of([technology.pk])
    assert Encoding.objects.get().fingerprint == encodings.fingerprint()


def test_every_process_follows_a_change(market: list[Need]) -> None:
    one = index.fresh()
    another_process()
    other = index.fresh()
    assert one is not other
    need = market[0]
    new = TechnologyFactory(title="Ceiling", description=need.problem)
    publish(new)
    gone = Technology.objects.earliest("pk")
    Technology.objects.filter(pk=gone.pk).update(status="archived")
    listing_hidden.send(Technology, listing=gone)
    found = []
    for held in (one, other):
        held.catch_up()
        demand = scoring.demand_of(need, timezone.localdate())
        found.append(held.rank(demand, 50).pairs)
    assert found[0] == found[1]
    assert new.pk in dict(found[0])
    assert gone.pk not in dict(found[0])


@pytest.mark.parametrize("harm", ["missing", "torn", "other code"])
def test_files_that_cannot_be_used_are_made_again(
    market: list[Need], monkeypatch: Any, harm: str
) -> None:
    made = best(market[0])
    [path] = [path for path in epochs.folder().iterdir() if path.is_dir()]
    if harm == "missing":
        shutil.rmtree(path)
    elif harm == "torn":
        held = (path / "needs").read_bytes()
        (path / "needs").write_bytes(held[: len(held) // 2])
    else:
        monkeypatch.setattr(encodings, "form", lambda: "other")
    another_process()
    assert best(market[0]) == made
    assert Epoch.objects.count() == 1


def kill_in(monkeypatch: Any, owner: Any, name: str, *, after: bool) -> None:
    real: Callable[..., Any] = getattr(owner, name)

    def die(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(owner, name, real)
        if after:
            real(*given, **named)
        raise Killed

    monkeypatch.setattr(owner, name, die)


STEPS = [
    (encodings, "_encode"),
    (engine.Board, "save"),
    (engine.Catalogue, "save"),
    (Path, "rename"),
    (Epoch, "save"),
    (epochs, "_tidy"),
]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("owner", "name"), STEPS, ids=[name for _, name in STEPS])
def test_whoever_dies_while_an_index_is_made_leaves_no_harm(
    market: list[Need], monkeypatch: Any, owner: Any, name: str, after: bool
) -> None:
    kill_in(monkeypatch, owner, name, after=after)
    with pytest.raises(Killed):
        index.fresh()
    another_process()
    found = best(market[0])
    assert len(found) == 9
    index.forget()
    assert best(market[0]) == found
    kept = {path.name for path in epochs.folder().iterdir() if path.is_dir()}
    assert len(kept) == Epoch.objects.count() <= epochs.KEPT


@pytest.mark.parametrize(("owner", "name"), STEPS, ids=[name for _, name in STEPS])
def test_a_death_in_the_first_stage_of_a_run_changes_no_suggestion(
    market: list[Need], monkeypatch: Any, owner: Any, name: str
) -> None:
    kill_in(monkeypatch, owner, name, after=False)
    runs.start()
    with pytest.raises(Killed):
        go_on()
    another_process()
    Chunk.objects.update(claimed_at=None)
    tasks.sweep()
    assert sum(need.suggestions.count() for need in market) == 25


def test_a_run_that_finds_no_files_says_all_the_while_that_it_works(
    market: list[Need], monkeypatch: Any
) -> None:
    ticks: list[int] = []
    monkeypatch.setattr(stages, "renew", lambda chunk: ticks.append(chunk.pk))
    runs.start()
    runs.step(STAGES)
    assert ticks
    assert Epoch.objects.count() == 1


def test_a_worn_index_asks_a_worker_for_a_new_one(market: list[Need], monkeypatch: Any) -> None:
    monkeypatch.setattr(index, "WORN_LEAST", 2)
    before = index.fresh().epoch
    for technology in Technology.objects.all()[:3]:
        publish(technology)
    assert index.current().epoch == before
    another_process()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(epochs, "make", refuse)
        assert index.current().epoch == before
    assert Work.objects.filter(effect=Effect.REBUILD).count() == 1
    tasks.sweep()
    assert not Work.objects.filter(effect=Effect.REBUILD).exists()
    assert index.current().epoch.pk > before.pk
    index.rebuild()
    assert Epoch.objects.count() == 2


def test_a_process_moves_to_the_newer_epoch(market: list[Need]) -> None:
    held = index.fresh()
    another_process()
    made = index.fresh(since=timezone.now())
    assert made.epoch.pk > held.epoch.pk
    index._Held.index = held
    held.looked -= index.LOOK_EVERY
    assert index.current().epoch == made.epoch


def test_a_process_keeps_what_it_has_while_the_new_files_are_not_here(market: list[Need]) -> None:
    held = index.fresh()
    Epoch.objects.create(name="elsewhere")
    assert index.fresh() is held


def test_another_policy_needs_no_new_index(market: list[Need], monkeypatch: Any) -> None:
    before = dict(best(market[0]))
    monkeypatch.setattr(epochs, "make", refuse)
    old = in_force()
    Policy.objects.filter(pk=old.pk).update(in_force=False)
    old.pk, old.version, old.intercept = None, 99, old.intercept - 1
    old.save(force_insert=True)
    after = dict(best(market[0]))
    assert all(after[pk] < score for pk, score in before.items())
    assert index.fresh().board.context.policy.version == 99


def test_changes_are_kept_for_indexes_that_have_not_seen_them(market: list[Need]) -> None:
    index.fresh()
    longer = timezone.now() - timedelta(days=9)
    publish(Technology.objects.earliest("pk"))
    Change.objects.update(at=longer)
    Epoch.objects.update(started_at=longer)
    tasks._forget_changes()
    assert Change.objects.exists()
    Epoch.objects.update(started_at=timezone.now())
    tasks._forget_changes()
    assert not Change.objects.exists()


def test_a_process_that_slept_reads_the_files_again(market: list[Need]) -> None:
    held = index.fresh()
    held.looked -= 2 * index.ASLEEP
    assert index.current() is not held
    assert index.current().epoch == held.epoch


def test_a_chunk_that_takes_long_stays_with_its_worker(market: list[Need]) -> None:
    runs.start()
    chunk = runs._claim()
    assert chunk
    assert chunk.stage == Stage.PREPARE
    assert chunk.claimed_at
    runs.renew(chunk)
    first = chunk.claimed_at = chunk.claimed_at - timedelta(seconds=29)
    Chunk.objects.update(claimed_at=first)
    runs.renew(chunk)
    assert chunk.claimed_at > first
    assert Chunk.objects.get().claimed_at == chunk.claimed_at
    Chunk.objects.update(claimed_at=timezone.now())
    kept, chunk.claimed_at = chunk.claimed_at, first
    runs.renew(chunk)
    assert chunk.claimed_at == first != kept
