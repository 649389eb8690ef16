"""Hints: published when the broker answers, forgotten when it does not, never waited for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from common import hints


class Task:
    """Publishes as its script says."""

    name = "a task"

    def __init__(self) -> None:
        self.published: list[tuple[int, ...]] = []
        self.error: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.app = self

    def connection_for_write(self, **_: Any) -> Any:
        return self

    def collect(self, **_: Any) -> None:
        """Close."""

    def apply_async(self, args: tuple[int, ...], **_: Any) -> None:
        self.gate.wait(10)
        if self.error:
            raise self.error
        self.published.append(args)


@pytest.fixture
def task(settings: Any, monkeypatch: Any) -> Iterator[Task]:
    settings.HINTS = True
    monkeypatch.setattr(hints, "_publisher", None)
    made = Task()
    yield made
    made.gate.set()
    hints.publisher().drain(5)


def test_hint_is_published(task: Task) -> None:
    hints.hint(task, 17)
    hints.publisher().drain(5)
    assert task.published == [(17,)]


def test_broker_that_fails_is_left_alone_for_a_while(task: Task) -> None:
    task.error = OSError()
    for number in range(5):
        hints.hint(task, number)
    hints.publisher().drain(5)
    task.error = None
    hints.hint(task, 9)
    hints.publisher().drain(5)
    assert task.published == []
    assert hints.publisher().lost == 6


def test_broker_that_is_back_gets_hints_again(task: Task, monkeypatch: Any) -> None:
    monkeypatch.setattr(hints, "FIRST_REST", 0.0)
    task.error = OSError()
    hints.hint(task, 1)
    hints.publisher().drain(5)
    task.error = None
    hints.hint(task, 2)
    hints.publisher().drain(5)
    assert task.published == [(2,)]


def test_broker_that_hangs_holds_nobody_up(task: Task, monkeypatch: Any) -> None:
    monkeypatch.setattr(hints, "MOST_WAITING", 3)
    task.gate.clear()
    for number in range(20):  # would wait for ever if the request waited
        hints.hint(task, number)
    assert task.published == []
    assert hints.publisher().lost >= 16


def test_switched_off_hints_start_nothing(task: Task, settings: Any) -> None:
    settings.HINTS = False
    hints.hint(task, 1)
    assert hints._publisher is None
