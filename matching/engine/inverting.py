"""Rows of technologies turned round: for each term, concept and country the rows that hold it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import native
from .layout import (
    AVAILABLE,
    BLOCK,
    CELL_BITS,
    CELL_BYTES,
    CELL_MASK,
    CELLS,
    DEPLOYED,
    FILLING_TABLE,
    FREQUENT,
    VALUE_BITS,
    WORLD,
    Arrays,
    Table,
)


def invert(
    starts: NDArray[np.uint32], ids: NDArray[np.uint32], values: NDArray[Any]
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32], NDArray[Any]]:
    """(terms, offsets, rows, values) of sparse rows: for each term the rows that hold it."""
    order = np.argsort(ids, kind="stable")
    rows = np.repeat(np.arange(len(starts) - 1, dtype=np.uint32), np.diff(starts))[order]
    terms, first = np.unique(ids[order], return_index=True)
    offsets = np.append(first, len(ids)).astype(np.uint32)
    return terms.astype(np.uint32), offsets, rows, values[order]


def inverted(rows: Arrays, dense: bool) -> Arrays:
    """Packed postings of technologies in blocks, rows by concept and by place, and by block the
    languages spoken.

    `dense` offsets are by block and term number; else there is one block, and a list of terms.
    """
    lists = large(rows) if dense else small(rows)
    edges = np.arange(0, max(len(rows["ids"]), 1), BLOCK)
    spoken = rows["languages"] if len(rows["ids"]) else np.zeros(1, np.uint8)
    either, both = (f.reduceat(spoken, edges) for f in (np.bitwise_or, np.bitwise_and))
    return {**lists, **by_concept(rows), **by_place(rows), "spoken": either, "unspoken": ~both}


def small(rows: Arrays) -> Arrays:
    """Postings of one block, and the terms they are of."""
    ids, levels = rows["vector_ids"], rows["vector_levels"]
    terms, offsets, held, found = invert(rows["vector_start"], ids, levels)
    return {
        "posting_terms": terms,
        "posting_start": offsets,
        "postings": (held << np.uint32(VALUE_BITS)) | found,
        "frequent_terms": np.zeros(0, np.uint32),
        "cell_start": np.zeros(1, np.uint32),
        "cells": np.zeros(1, np.uint8),
    }


def large(rows: Arrays) -> Arrays:
    """Postings by block and term number, those of frequent terms in cells."""
    return {"posting_terms": np.zeros(0, np.uint32), **cells(turned(rows), len(rows["ids"]))}


def turned(rows: Arrays) -> Arrays:
    """All postings by block and term number: a counting sort."""
    starts, ids, n = rows["vector_start"], rows["vector_ids"], len(rows["ids"])
    terms, shift = int(ids.max(initial=0)) + 1, 0
    postings, offsets = np.empty(len(ids), np.uint32), []
    names = ("vector_start", "vector_ids", "vector_levels")
    table = Table(FILLING_TABLE, {name: rows[name] for name in names})
    table.put("postings", postings)
    for first in range(0, n, BLOCK):
        last = min(first + BLOCK, n)
        counts = np.bincount(ids[int(starts[first]) : int(starts[last])], minlength=terms)
        ends = np.concatenate([[shift], shift + np.cumsum(counts)])
        offsets.append(ends.astype(np.uint32))
        shift = int(ends[-1])
        table.put("cursors", ends)
        table.put("first", first)
        table.put("last", last)
        native.call("fill_postings", table)
    return {"posting_start": np.concatenate(offsets), "postings": postings}


def by_concept(rows: Arrays) -> Arrays:
    """Where each concept is named."""
    starts, held = listing(rows["concepts_start"], rows["concepts"])
    return {"concept_start": starts, "concept_rows": held}


def by_place(rows: Arrays) -> Arrays:
    """Where each country is named as one where the technology can be had or runs."""
    places, starts = rows["places"], rows["places_start"]
    kinds, countries = places & 3, places >> 16
    here = (kinds == AVAILABLE) | (kinds == DEPLOYED)
    ends = np.concatenate([[0], np.cumsum(here)])
    offsets, held = listing(ends[starts].astype(np.uint32), countries[here])
    limited, world = np.zeros((2, len(starts) - 1), np.uint8)
    row = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    limited[row[kinds == AVAILABLE]] = 1
    world[row[(kinds == AVAILABLE) & (countries == WORLD)]] = 1
    return {"place_start": offsets, "place_rows": held, "walled": limited & ~world}


def listing(
    starts: NDArray[np.uint32], values: NDArray[np.uint32]
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """By block and number, the rows of the block that hold it."""
    n = len(starts) - 1
    known = int(values.max(initial=0)) + 1
    offsets, found, shift = [], [], 0
    for first in range(0, max(n, 1), BLOCK):
        last = min(first + BLOCK, n)
        a, b = int(starts[first]), int(starts[last])
        order = np.argsort(values[a:b], kind="stable")
        places = np.repeat(np.arange(last - first), np.diff(starts[first : last + 1]))
        counts = np.bincount(values[a:b], minlength=known)
        offsets.append(np.concatenate([[0], np.cumsum(counts)]) + shift)
        found.append(places[order])
        shift += b - a
    return np.concatenate(offsets).astype(np.uint32), np.concatenate(found).astype(np.uint32)


def cells(lists: Arrays, n: int) -> Arrays:
    """The postings with those of frequent terms set apart, a byte less for each: by block, term and
    cell, the rows counted from the first of the cell."""
    postings, starts = lists["postings"], lists["posting_start"].reshape(-(-n // BLOCK), -1)
    counts = np.diff(starts.astype(np.int64), axis=1)
    frequent = np.flatnonzero(counts.sum(axis=0) > max(n, BLOCK) / FREQUENT)
    rest, held, many = np.ones(len(postings), np.bool_), [postings[:0]], [np.zeros(1, np.int64)]
    for start in starts.astype(np.int64):
        for term in frequent:
            a, b = start[term], start[term + 1]
            rest[a:b] = False
            held.append(postings[a:b] & np.uint32(CELL_MASK))
            many.append(np.bincount(postings[a:b] >> np.uint32(CELL_BITS), minlength=CELLS))
    counts[:, frequent] = 0
    ends = np.cumsum(counts.reshape(-1)).reshape(counts.shape)
    firsts = np.concatenate([[0], ends[:-1, -1]])
    letters = np.concatenate(held).astype("<u4").view(np.uint8).reshape(-1, 4)[:, :CELL_BYTES]
    return {
        "postings": postings[rest],
        "posting_start": np.column_stack([firsts, ends]).astype(np.uint32).reshape(-1),
        "frequent_terms": frequent.astype(np.uint32),
        "cell_start": np.cumsum(np.concatenate(many)).astype(np.uint32),
        "cells": np.append(letters, np.zeros(1, np.uint8)),  # the last is read with a byte more
    }
