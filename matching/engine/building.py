"""Many encoded technologies to one block at once: what `Context.offer` does, in arrays.

The same operations in the same order, so that a technology built here and one added later have the
same row.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from .blocks import gather, lengths, spread
from .columns import SUPPLY_COLUMNS, Column, Rows, supply_row
from .encoding import Terms, Versions, split_supply
from .interning import Interner
from .layout import Arrays, Floats, Ints
from .records import Supply
from .score import concepts_of
from .statistics import Offer, Vector, is_phrase
from .steps import levels
from .text import LANGUAGES
from .vectors import K1, PHRASE_K1, B, Context

FACTS = {name: c for name, c in SUPPLY_COLUMNS.items() if c.start != "vector_start"}
NEWS = {**FACTS, "versions": Column("B", start="versions_start")}
VERSIONS = {
    "spoken": Column("B"),
    "length": Column("d"),
    "ids": Column("I", start="ids_start"),
    "times": Column("d", start="ids_start"),
}
AT_ONCE = 1 << 14  # versions weighed, or technologies read, at a time
_NOTHING = Vector(np.zeros(0, np.int32), np.zeros(0, np.float32))


class Facts:
    """Facts of technologies, one after the other."""

    def __init__(self, context: Context) -> None:
        self._context, self._rows = context, Rows(NEWS)

    def add(self, supply: Supply, versions: Versions) -> None:
        """Note those of one."""
        spoken = frozenset(language for language, length, _ in versions if length > 0)
        concepts = concepts_of(supply.concepts, self._context)
        codes = self._context.statistics.codes
        numbers = [LANGUAGES.index(language) for language, _, _ in versions]
        made = supply_row(supply, Offer(_NOTHING, spoken), concepts, codes)
        self._rows.append({**made, "versions": numbers})

    def arrays(self) -> Arrays:
        """NEWS of all."""
        return self._rows.arrays()


class Texts:
    """Terms of technologies, many at a time."""

    def __init__(self) -> None:
        self._interner = Interner()
        self._spoken, self._lengths, self._many = array("B"), array("d"), array("q")
        self._ids, self._times = bytearray(), bytearray()

    def add(self, many: Sequence[Terms]) -> None:
        """Note those of some."""
        said = 0
        for held in many:
            for language, length, terms in held.versions:
                self._spoken.append(LANGUAGES.index(language))
                self._lengths.append(length)
                self._many.append(terms)
                said += terms
            self._times += held.counts
        text = b"\n".join(held.terms for held in many if held.terms)
        self._ids += self._interner.numbers(text, said).tobytes()

    def words(self) -> list[str]:
        """Every term in the order of the numbers."""
        return self._interner.words()

    def arrays(self) -> Arrays:
        """VERSIONS of all."""
        ends = np.cumsum(np.array(self._many, np.int64))
        return {
            "spoken": np.array(self._spoken, np.uint8),
            "length": np.array(self._lengths, np.float64),
            "ids_start": np.concatenate([[0], ends]).astype(np.uint32),
            "ids": np.frombuffer(self._ids, np.uint32),
            "times": np.frombuffer(self._times, np.float64),
        }


def build(rows: Iterable[bytes], context: Context) -> Arrays:
    """SUPPLY_COLUMNS of encoded technologies, statistics frozen."""
    facts, texts = Facts(context), Texts()
    waiting = iter(rows)
    while many := [split_supply(row) for row in islice(waiting, AT_ONCE)]:
        for supply, terms in many:
            facts.add(supply, terms.versions)
        texts.add([terms for _, terms in many])
    context.statistics.learn(texts.words())
    return together(facts.arrays(), texts.arrays(), context)


def together(news: Arrays, versions: Arrays, context: Context) -> Arrays:
    """SUPPLY_COLUMNS in the order of the ids, statistics frozen; of an id the last row counts."""
    order = _last_of_each(news["ids"])
    places, _ = spread(news["versions_start"], order)
    news, versions = gather(news, NEWS, order), gather(versions, VERSIONS, places)
    context.statistics.count(versions)
    whole = {**news, **_vectors(news["versions_start"], versions, context)}
    context.statistics.share(whole["vector_ids"], len(order))
    return {name: array for name, array in whole.items() if not name.startswith("versions")}


def _last_of_each(ids: Ints) -> Ints:
    order = np.argsort(ids, kind="stable")
    last = np.append(ids[order][1:] != ids[order][:-1], True)[: len(ids)]
    found: Ints = order[last].astype(np.int64)
    return found


def _vectors(starts: NDArray[np.uint32], versions: Arrays, context: Context) -> Arrays:
    """`Context.impacts` of every row: the best over its versions."""
    terms = context.statistics.all_words()
    phrases = np.fromiter(map(is_phrase, terms), dtype=np.bool_, count=len(terms))
    rows = np.repeat(np.arange(len(starts) - 1), lengths(starts))
    steepness = _steepness(versions, context)
    ids, values = [np.zeros(0, np.uint32)], [np.zeros(0, np.uint16)]
    many = np.zeros(len(starts) - 1, np.int64)
    for first, last in _parts(starts):
        a, b = int(versions["ids_start"][first]), int(versions["ids_start"][last])
        counts = lengths(versions["ids_start"][first : last + 1])
        held, times = versions["ids"][a:b], versions["times"][a:b]
        saturation = np.where(phrases[held], PHRASE_K1, np.repeat(steepness[first:last], counts))
        impacts = (times / (times + saturation)).astype(np.float32)
        found = levels(Vector(held.astype(np.int32), impacts)).astype(np.uint16)
        owners = np.repeat(rows[first:last], counts)
        if last - first > len(np.unique(rows[first:last])):
            best = _best_of_each(owners, held, found)
            held, found, owners = held[best], found[best], owners[best]
        ids.append(held)
        values.append(found)
        many += np.bincount(owners, minlength=len(many))
    return {
        "vector_ids": np.concatenate(ids),
        "vector_levels": np.concatenate(values),
        "vector_start": np.concatenate([[0], np.cumsum(many)]).astype(np.uint32),
    }


def _best_of_each(owners: Ints, ids: NDArray[np.uint32], given: NDArray[np.uint16]) -> Ints:
    """Of a term that several versions of a row have, where it counts most."""
    order: Ints = np.lexsort((given, ids, owners))
    ids, owners = ids[order], owners[order]
    last = np.append((ids[1:] != ids[:-1]) | (owners[1:] != owners[:-1]), True)[: len(ids)]
    found: Ints = order[last]
    return found


def _steepness(versions: Arrays, context: Context) -> Floats:
    """Of each version, how many times a word must be said for half of its impact."""
    usual = np.array([context.statistics.mean(language) for language in LANGUAGES])
    length = versions["length"]
    mean = usual[versions["spoken"]]
    mean = np.where(mean == 0, np.where(length == 0, 1.0, length), mean)
    found: Floats = K1 * (1 - B + B * length / mean)
    return found


def _parts(starts: NDArray[np.uint32]) -> Iterable[tuple[int, int]]:
    """Ranges of versions, a row never divided."""
    row, rows = 0, len(starts) - 1
    while row < rows:
        ends = int(np.searchsorted(starts, int(starts[row]) + AT_ONCE))
        after = min(max(ends, row + 1), rows)
        yield int(starts[row]), int(starts[after])
        row = after
