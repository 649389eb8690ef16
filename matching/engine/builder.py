"""All that an index is saved from, built piece by piece, here or in a process of its own.

Whoever reads the database sends encoded technologies as they come, keeps their facts, and reads the
texts of needs meanwhile; the builder collects terms and works out weights. So two processors share
the work, and the memory of building goes with the process.
"""

from __future__ import annotations

import ctypes
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import IO, Any, NamedTuple, Protocol, cast

from .board import Board, Row
from .building import Facts, Texts, together
from .codes import Codes
from .encoding import Terms, encode_supply, split_supply
from .index import Catalogue
from .layout import Arrays
from .pivot import Glossary
from .records import Demand, Supply
from .statistics import Reading, Statistics
from .vectors import DEMAND_FIELDS, Context, read

AHEAD = 8  # batches that are read before the builder takes them
LOOK = 5.0  # seconds
HERE = Path(__file__).resolve().parent


class ReadNeed(NamedTuple):
    """A need whose texts were read: as one who asks, and as one who is found (encoded)."""

    demand: Demand
    readings: Mapping[str, Reading]
    findable: bytes


def read_need(demand: Demand, findable: Supply, glossary: Glossary | None) -> ReadNeed:
    """Read the texts of a need; `findable` is how the search box sees it."""
    readings = read(demand.texts, DEMAND_FIELDS, glossary)
    return ReadNeed(demand, readings, encode_supply(findable, glossary))


class Building(Protocol):
    """Technologies in any order, then `close_technologies`, then needs, then `save`."""

    def technologies(self, terms: Sequence[Terms]) -> None:
        """Collect the terms of technologies."""

    def close_technologies(self, facts: Arrays, codes: Mapping[str, list[str]]) -> None:
        """Freeze the statistics; `facts`: building.Facts of the same technologies in the same
        order, and the codes they are in."""

    def needs(self, read: Sequence[ReadNeed]) -> None:
        """Weigh the terms of needs."""

    def save(self, needs: Path, asked: Path, technologies: Path) -> None:
        """Write the three snapshots."""


class Builder:
    """The building in this process."""

    def __init__(self, parents: Mapping[str, str], glossary: Glossary) -> None:
        self._catalogue = Catalogue(parents=parents, glossary=glossary)
        self._context = self._catalogue.context
        self._context.statistics = Statistics()
        self._board, self._rows = Board((), self._context), list[Row]()
        self._texts, self._found = Texts(self._context), list[bytes]()

    def technologies(self, terms: Sequence[Terms]) -> None:
        for held in terms:
            self._texts.add(held)

    def close_technologies(self, facts: Arrays, codes: Mapping[str, list[str]]) -> None:
        self._context.statistics.codes = Codes(codes)
        texts = self._texts.arrays()
        del self._texts
        self._catalogue.fill(together(facts, texts, self._context), fetch=_nobody)

    def needs(self, read: Sequence[ReadNeed]) -> None:
        for need in read:
            self._rows.append(self._board.row(need.demand, need.readings))
            self._found.append(need.findable)

    def save(self, needs: Path, asked: Path, technologies: Path) -> None:
        self._board.fill(self._rows, fetch=_nobody)
        self._board.save(needs)
        found = Catalogue.build(self._found, fetch=_nobody, glossary=self._context.glossary)
        found.save(asked)
        self._catalogue.save(technologies)


class Apart:
    """The building in a process of its own; what it is told waits in a queue."""

    def __init__(self, parents: Mapping[str, str], glossary: Glossary) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-c", f"from {__name__} import main; main()"],
            stdin=subprocess.PIPE,
            cwd=HERE.parents[1],
        )
        self._queue: Queue[Any] = Queue(AHEAD)
        self._writer = Thread(target=self._write, daemon=True)
        self._writer.start()
        self._queue.put((parents, glossary))

    def _write(self) -> None:
        """Send what is queued until there is None; that the builder died is noticed at the end."""
        said, there = cast(IO[bytes], self._process.stdin), True
        while (what := self._queue.get()) is not None:
            if there:
                try:
                    pickle.dump(what, said, protocol=pickle.HIGHEST_PROTOCOL)
                except OSError:
                    there = False
        with suppress(OSError):
            said.close()

    def technologies(self, terms: Sequence[Terms]) -> None:
        self._queue.put(("technologies", terms))

    def close_technologies(self, facts: Arrays, codes: Mapping[str, list[str]]) -> None:
        self._queue.put(("close_technologies", facts, codes))

    def needs(self, read: Sequence[ReadNeed]) -> None:
        self._queue.put(("needs", read))

    def save(self, needs: Path, asked: Path, technologies: Path) -> None:
        self._queue.put(("save", needs, asked, technologies))

    def wait(self, tick: Callable[[], None]) -> None:
        """Until all is saved; raises RuntimeError when the builder fails."""
        self._queue.put(None)
        while self._writer.is_alive():
            self._writer.join(LOOK)
            tick()
        while True:
            try:
                if self._process.wait(LOOK):
                    raise RuntimeError(f"the builder ended with {self._process.returncode}")
                give_back()
                return
            except subprocess.TimeoutExpired:
                tick()

    def kill(self) -> None:
        """Give up: nothing is saved any more."""
        self._process.kill()
        self._process.wait()
        self._queue.put(None)


def give_back() -> None:
    """Return to the system what reading took and nobody uses (glibc alone keeps it)."""
    with suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def begin_building(
    parents: Mapping[str, str], glossary: Glossary, *, apart: bool, tick: Callable[[], None]
) -> Iterator[Building]:
    """A builder that is done when the context is left; `tick` is called now and then meanwhile."""
    if not apart:
        yield Builder(parents, glossary)
        return
    made = Apart(parents, glossary)
    try:
        yield made
        made.wait(tick)
    except BaseException:
        made.kill()
        raise


def read_technologies(
    many: Iterable[Sequence[bytes]], building: Building, parents: Mapping[str, str]
) -> int:
    """Give all encoded technologies to a builder, and keep their facts until the last; how many."""
    context = Context(parents=parents)
    facts, held = Facts(context), 0
    for rows in many:
        split = [split_supply(row) for row in rows]
        building.technologies([terms for _supply, terms in split])
        for supply, terms in split:
            facts.add(supply, terms.versions)
        held += len(rows)
    building.close_technologies(facts.arrays(), context.statistics.codes.codes)
    return held


def _nobody(ids: Iterable[int]) -> dict[int, Any]:
    """Nothing is explained while building."""
    return {}


def main() -> None:
    """Do what is said on standard input; nothing is saved unless that is said in full."""
    said = sys.stdin.buffer
    builder = Builder(*pickle.load(said))  # noqa: S301 - of our own process
    while True:
        try:
            name, *given = pickle.load(said)  # noqa: S301
        except EOFError:
            return
        getattr(builder, name)(*given)
