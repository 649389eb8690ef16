"""Many encoded technologies to one block at once: what `Context.offer` does, in arrays.

The same operations in the same order, so that a technology built here and one added later have the
same row.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from .blocks import gather, lengths, spread
from .columns import SUPPLY_COLUMNS, Column, Rows, supply_row
from .encoding import Packed, unpack_supply
from .layout import Arrays, Floats, Ints
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
AT_ONCE = 1 << 14  # versions weighed at a time
_NOTHING = Vector(np.zeros(0, np.int32), np.zeros(0, np.float32))


def build(rows: Iterable[bytes], context: Context) -> Arrays:
    """SUPPLY_COLUMNS in the order of the ids, statistics frozen; of an id the last row counts."""
    news, versions = _read(rows, context)
    order = _last_of_each(news["ids"])
    places, _ = spread(news["versions_start"], order)
    news, versions = gather(news, NEWS, order), gather(versions, VERSIONS, places)
    context.statistics.count(versions)
    whole = {**news, **_vectors(news["versions_start"], versions, context)}
    context.statistics.share(whole["vector_ids"], len(order))
    return {name: array for name, array in whole.items() if not name.startswith("versions")}


def _read(rows: Iterable[bytes], context: Context) -> tuple[Arrays, Arrays]:
    news, versions = Rows(NEWS), Rows(VERSIONS)
    for row in rows:
        packed = unpack_supply(row)
        spoken = frozenset(language for language, length, _ in packed.versions if length > 0)
        offer = Offer(_NOTHING, spoken)
        concepts = concepts_of(packed.supply.concepts, context)
        codes = context.statistics.codes
        numbers = [LANGUAGES.index(language) for language, _, _ in packed.versions]
        news.append({**supply_row(packed.supply, offer, concepts, codes), "versions": numbers})
        _append(versions, packed, context)
    return news.arrays(), versions.arrays()


def _append(versions: Rows, packed: Packed, context: Context) -> None:
    ids = context.statistics.numbers(packed.terms)
    at = 0
    for language, length, many in packed.versions:
        part = slice(at, at + many)
        spoken = LANGUAGES.index(language)
        row = {"spoken": spoken, "length": length, "ids": ids[part], "times": packed.counts[part]}
        versions.append(row)
        at += many


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
