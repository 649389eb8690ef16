"""All that an index is saved from, built piece by piece, here or in a process of its own.

Whoever reads the database sends encoded technologies as they come, keeps their facts, and reads the
texts of needs meanwhile; the builder collects terms and works out weights, the finder makes the
search box over needs. So processors share the work, and the memory of building goes with the
processes.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Queue, SimpleQueue
from struct import Struct
from threading import Thread
from typing import IO, Any, NamedTuple, cast

from .board import Board, Row
from .building import Facts, Texts, together
from .codes import Codes
from .encoding import Terms, encode_supply, split_supply
from .index import Catalogue
from .layout import Arrays
from .pivot import Glossary
from .reading import DEMAND_FIELDS, read
from .records import Demand, Supply
from .statistics import Reading, Statistics
from .vectors import Context

AHEAD = 8  # batches that are read before the builder takes them
LOOK = 5.0  # seconds
SIZE = Struct("<Q")
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


class Builder:
    """Technologies in any order, then `close_technologies`, then needs, then `save`."""

    def __init__(self, parents: Mapping[str, str], glossary: Glossary) -> None:
        self._catalogue = Catalogue(parents=parents, glossary=glossary)
        self._context = self._catalogue.context
        self._context.statistics = Statistics()
        self._board, self._rows = Board((), self._context), list[Row]()
        self._texts = Texts()

    def technologies(self, terms: Sequence[Terms]) -> None:
        """Collect the terms of technologies."""
        self._texts.add(terms)

    def close_technologies(self, facts: Arrays, codes: Mapping[str, list[str]]) -> None:
        """Freeze the statistics; `facts`: building.Facts of the same technologies in the same
        order, and the codes they are in."""
        self._context.statistics.codes = Codes(codes)
        self._context.statistics.learn(self._texts.words())
        texts = self._texts.arrays()
        del self._texts
        self._catalogue.fill(together(facts, texts, self._context), fetch=_nobody)

    def needs(self, read: Sequence[tuple[Demand, Mapping[str, Reading]]]) -> None:
        """Weigh the terms of needs."""
        self._rows.extend(self._board.row(demand, readings) for demand, readings in read)

    def save(self, needs: Path, technologies: Path) -> None:
        """Write both snapshots."""
        self._board.fill(self._rows, fetch=_nobody)
        self._board.save(needs)
        self._catalogue.save(technologies)


class Finder:
    """Needs as the search box finds them."""

    def __init__(self) -> None:
        self._rows: list[bytes] = []

    def needs(self, encoded: Sequence[bytes]) -> None:
        """Collect needs."""
        self._rows.extend(encoded)

    def save(self, path: Path) -> None:
        """Write the snapshot."""
        Catalogue.build(self._rows, fetch=_nobody).save(path)


class Here:
    """Something that is built in this process."""

    def __init__(self, kind: type[Builder] | type[Finder], *given: Any) -> None:
        self._made = kind(*given)

    def tell(self, name: str, *given: Any) -> None:
        """Have a method called."""
        getattr(self._made, name)(*given)


class Apart:
    """Something that is built in a process of its own; what it is told waits in a queue."""

    def __init__(self, kind: type[Builder] | type[Finder], *given: Any) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-c", f"from {__name__} import main; main()"],
            stdin=subprocess.PIPE,
            cwd=HERE.parents[1],
        )
        self._queue: Queue[Any] = Queue(AHEAD)
        self._writer = Thread(target=self._write, daemon=True)
        self._writer.start()
        self._queue.put((kind, *given))

    def tell(self, name: str, *given: Any) -> None:
        """Have a method called, in its turn."""
        self._queue.put((name, *given))

    def _write(self) -> None:
        """Send what is queued until there is None; that the process died is noticed at the end."""
        said, there = cast(IO[bytes], self._process.stdin), True
        while (what := self._queue.get()) is not None:
            if there:
                try:
                    whole = pickle.dumps(what, protocol=pickle.HIGHEST_PROTOCOL)
                    said.write(SIZE.pack(len(whole)) + whole)
                except OSError:
                    there = False
        with suppress(OSError):
            said.close()

    def close(self) -> None:
        """Nothing more is told."""
        self._queue.put(None)

    def wait(self, tick: Callable[[], None]) -> None:
        """Until all is done; raises RuntimeError when it fails."""
        while self._writer.is_alive():
            self._writer.join(LOOK)
            tick()
        while True:
            try:
                if self._process.wait(LOOK):
                    raise RuntimeError(f"the builder ended with {self._process.returncode}")
                return
            except subprocess.TimeoutExpired:
                tick()

    def kill(self) -> None:
        """Give up: nothing is saved any more."""
        self._process.kill()
        self._process.wait()
        self.close()


class Building:
    """The technologies and needs of an index, in the order of Builder's methods."""

    def __init__(self, builder: Here | Apart, finder: Here | Apart) -> None:
        self._builder, self._finder = builder, finder

    def technologies(self, terms: Sequence[Terms]) -> None:
        """Some technologies; `close_technologies` after the last."""
        self._builder.tell("technologies", terms)

    def close_technologies(self, facts: Arrays, codes: Mapping[str, list[str]]) -> None:
        """As Builder.close_technologies."""
        self._builder.tell("close_technologies", facts, codes)

    def needs(self, read: Sequence[ReadNeed]) -> None:
        """Some needs."""
        self._builder.tell("needs", [(need.demand, need.readings) for need in read])
        self._finder.tell("needs", [need.findable for need in read])

    def save(self, needs: Path, asked: Path, technologies: Path) -> None:
        """Write the three snapshots."""
        self._builder.tell("save", needs, technologies)
        self._finder.tell("save", asked)


def give_back() -> None:
    """Return to the system what reading took and nobody uses (glibc alone keeps it)."""
    with suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def begin_building(
    parents: Mapping[str, str], glossary: Glossary, *, apart: bool, tick: Callable[[], None]
) -> Iterator[Building]:
    """A building that is done when the context is left; `tick` is called now and then meanwhile."""
    if not apart:
        yield Building(Here(Builder, parents, glossary), Here(Finder))
        return
    made = [Apart(Builder, parents, glossary), Apart(Finder)]
    try:
        yield Building(*made)
        for one in made:
            one.close()
        for one in made:
            one.wait(tick)
    except BaseException:
        for one in made:
            one.kill()
        raise
    give_back()


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


def _listen(waiting: SimpleQueue[bytes]) -> None:
    """Take what is said at once, so that whoever says it never waits; b"" at its end, or where it
    breaks off.
    """
    said = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    while len(head := said.read(SIZE.size)) == SIZE.size:
        (size,) = SIZE.unpack(head)
        whole = said.read(size)
        if len(whole) < size:
            break
        waiting.put(whole)
    waiting.put(b"")


def main() -> None:
    """Do what is said on standard input; nothing is saved unless that is said in full."""
    waiting: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_listen, args=[waiting], daemon=True).start()
    kind, *given = pickle.loads(waiting.get())  # noqa: S301 - of our own process
    made = kind(*given)
    while said := waiting.get():
        name, *given = pickle.loads(said)  # noqa: S301
        getattr(made, name)(*given)
