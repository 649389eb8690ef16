"""Work is a row: asked for once, tried again, given up in the open, never lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from matching import work
from matching.choices import Effect
from matching.models import Work
from matching.querysets import LEASE

pytestmark = pytest.mark.django_db
NEED = Effect.REFRESH_NEED


class Broken(Exception):
    pass


def fail(_pk: int) -> None:
    raise Broken


def nothing(_pk: int) -> None:
    return


def make_due() -> None:
    Work.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def test_asking_twice_does_it_once() -> None:
    done: list[int] = []
    work.ask(NEED, 7)
    work.ask(NEED, 7)
    row = Work.objects.get()
    assert work.do(row.pk, {NEED: done.append})
    assert done == [7]
    assert not Work.objects.exists()
    assert not work.do(row.pk, {NEED: done.append})


def test_failure_is_tried_again_later_and_given_up_after_five(caplog: Any) -> None:
    work.ask(NEED, 7)
    pk = Work.objects.get().pk
    for attempt in range(1, work.MAX_ATTEMPTS + 1):
        assert not work.do(pk, {NEED: fail})
        row = Work.objects.get()
        assert (row.attempts, row.last_error) == (attempt, "Broken")
        assert row.due_at > timezone.now()
        make_due()
    assert Work.objects.get().parked_at
    assert not Work.objects.all().due().exists()
    assert not work.do(pk, {NEED: nothing})


def test_parked_work_starts_afresh_when_asked_for_again(caplog: Any) -> None:
    work.ask(NEED, 7)
    Work.objects.update(parked_at=timezone.now(), attempts=5)
    work.ask(NEED, 7)
    assert work.do(Work.objects.get().pk, {NEED: nothing})


def test_asked_for_while_it_runs_is_done_again() -> None:
    work.ask(NEED, 7)
    pk = Work.objects.get().pk
    assert work.do(pk, {NEED: lambda _pk: work.ask(NEED, 7)})
    row = Work.objects.get()
    assert row.claimed_at is None
    assert work.do(pk, {NEED: nothing})
    assert not Work.objects.exists()


def test_asked_for_while_it_fails_the_last_time_is_not_parked(caplog: Any) -> None:
    def ask_and_fail(_pk: int) -> None:
        work.ask(NEED, 7)
        raise Broken

    work.ask(NEED, 7)
    Work.objects.update(attempts=work.MAX_ATTEMPTS - 1)
    work.do(Work.objects.get().pk, {NEED: ask_and_fail})
    row = Work.objects.get()
    assert (row.parked_at, row.attempts, row.claimed_at) == (None, 0, None)


def test_row_finished_between_two_statements_of_asking_is_written_again(monkeypatch: Any) -> None:
    work.ask(NEED, 7)
    real = work._ask_again

    def finished_meanwhile(pk: int, columns: dict[str, Any]) -> int:
        Work.objects.filter(pk=pk).delete()
        monkeypatch.setattr(work, "_ask_again", real)
        return real(pk, columns)

    monkeypatch.setattr(work, "_ask_again", finished_meanwhile)
    work.ask(NEED, 7)
    assert Work.objects.filter(effect=NEED, subject_id=7).exists()


def test_claimed_work_is_left_alone_until_its_lease_ends() -> None:
    work.ask(NEED, 7)
    pk = Work.objects.get().pk
    Work.objects.update(claimed_at=timezone.now())
    assert not work.do(pk, {NEED: nothing})
    Work.objects.update(claimed_at=timezone.now() - LEASE - timedelta(seconds=1))
    assert work.do(pk, {NEED: nothing})


def test_work_that_kills_its_worker_is_given_up(caplog: Any) -> None:
    work.ask(NEED, 7)
    Work.objects.update(attempts=work.MAX_ATTEMPTS, claimed_at=timezone.now() - 2 * LEASE)
    assert not work.do(Work.objects.get().pk, {NEED: nothing})
    assert Work.objects.get().parked_at


def test_asking_for_many_counts_those_that_wait_already() -> None:
    work.ask(NEED, 1)
    work.ask_all(NEED, [1, 2, 3])
    assert dict(Work.objects.values_list("subject_id", "wanted")) == {1: 2, 2: 1, 3: 1}
