"""A paced load on the web server: each request at its moment, whatever became of the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException

Request = Callable[[], int]
"""Sends one request and gives the status of the answer."""
HANDS = 12


@dataclass
class Window:
    """What a stretch of load met: seconds from the moment a request was due to its answer."""

    taken: list[float] = field(default_factory=list)
    wrong: int = 0

    def __iadd__(self, other: Window) -> Window:
        self.taken += other.taken
        self.wrong += other.wrong
        return self

    def percentile(self, share: float) -> float:
        ranked = sorted(self.taken)
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else 0.0


def run(requests: Sequence[Request], pause: float) -> Window:
    """All requests, one every ``pause`` seconds; it ends with the last answer."""
    window, start = Window(), time.monotonic() + pause
    with ThreadPoolExecutor(HANDS) as hands:
        for seconds, status in hands.map(_send, requests, _moments(start, pause), chunksize=1):
            window.taken.append(seconds)
            window.wrong += not 200 <= status < 400
    return window


def _moments(start: float, pause: float) -> Iterator[float]:
    number = 0
    while True:
        yield start + number * pause
        number += 1


def _send(request: Request, due: float) -> tuple[float, int]:
    time.sleep(max(0.0, due - time.monotonic()))
    try:
        status = request()
    except (OSError, HTTPException):
        status = 0
    return time.monotonic() - due, status
