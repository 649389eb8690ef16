"""A bounded, paced load on the web server: each person reads three pages, then answers."""

from __future__ import annotations

import http.client
import threading
import time
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any

from faults.kit.stories import Cast, suggest
from faults.kit.visitors import ANSWER_WITHIN, Click, send, sign_in

PACE = 0.2  # seconds from one request of a person to the next
GOOD = (200, 302)


@dataclass(frozen=True, slots=True)
class Taken:
    """One request: what it was, and how long the answer took."""

    what: str
    seconds: float
    status: int


class Person:
    """Of a city or a provider: says yes to a suggestion, takes it back, and again."""

    def __init__(self, cast: Cast, side: str) -> None:
        self.side = side
        self.who: Any = cast.official if side == "need" else cast.author
        self.row = suggest(cast)
        self.session = sign_in(self.who)
        self._turn = count()
        page = f"/en/matching/suggestions/{self.row.pk}/"
        self._pages = ["/en/technologies/", page, "/en/matching/"]

    def act(self, port: int) -> Taken:
        turn = next(self._turn)
        started = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_WITHIN)
        try:
            if turn % 4 == 3:
                what, status = "write", self._answer(connection, turn // 4)
            else:
                what, status = "read", self._look(connection, self._pages[turn % 4])
        finally:
            connection.close()
        return Taken(what, time.monotonic() - started, status)

    def _look(self, connection: http.client.HTTPConnection, page: str) -> int:
        connection.request("GET", page, headers={"Cookie": f"sessionid={self.session}"})
        response = connection.getresponse()
        response.read()
        return response.status

    def _answer(self, connection: http.client.HTTPConnection, number: int) -> int:
        act = ("accept", "withdraw")[number % 2]
        path = f"/en/matching/suggestions/{self.row.pk}/{act}/"
        said = {"side": self.side, "message": ""}
        return send(connection, Click(act, self.who, path, said, bool), self.session).status


def window(people: list[Person], port: int, requests: int, rng: Random) -> list[Taken]:
    """As many requests of each person, at a steady pace; slow answers move nobody's pace."""
    taken: list[Taken] = []
    offsets = [rng.uniform(0, PACE) for _ in people]

    def live(person: Person, offset: float) -> None:
        started = time.monotonic() + offset
        for number in range(requests):
            time.sleep(max(0.0, started + number * PACE - time.monotonic()))
            taken.append(person.act(port))

    threads = [
        threading.Thread(target=live, args=pair, daemon=True)
        for pair in zip(people, offsets, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def p95(taken: list[Taken], what: str = "") -> float:
    """In milliseconds."""
    times = sorted(one.seconds for one in taken if what in ("", one.what))
    return 1000 * times[min(len(times) - 1, int(0.95 * len(times)))] if times else 0.0
