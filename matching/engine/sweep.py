"""Rows of a strip whose text can matter: whole sums compared with the least that can, so that a
standing is worked out for few rows.

Exact pruning by bounds: Turtle and Flood 1995, "Query evaluation: strategies and optimizations".
"""

from __future__ import annotations

from typing import Any

from .layout import CHANCES, FIELD, LIMITS, PATTERNS, STRIP, TOPIC
from .memory import f64, i32, i64, machine, put_i32, put_i64, put_u16, put_u32, u8, u16, u32
from .score import LEAST_STANDING
from .sums import add_strip, find, most_of, stands

ONE_FIELD, ONE_GOAL, ONE_TOPIC = 1, 2, 4
HIGHEST = (1 << 31) - 1  # no sum reaches it
LOWEST = -HIGHEST


@machine
def least_sum(languages: int, own: int, unit: float, chances: int, at: int, cut: float) -> int:
    """A whole sum below which the standing against these languages is below `cut`."""
    if cut <= LEAST_STANDING or not unit > 0:
        return LOWEST
    if languages == 0:
        return HIGHEST
    asked = (languages & own) or languages
    most, language = float(LOWEST), 0
    while asked:
        if asked & 1:
            mean, spread = f64(chances, at + 2 * language), f64(chances, at + 2 * language + 1)
            most = max(most, (cut * spread + mean) / unit - 2.0)
        asked >>= 1
        language += 1
    return HIGHEST if most >= HIGHEST else int(most)


@machine
def set_limits(needs: Any, i: int, asking: Any, cut: float) -> None:
    """For each version of a need: the least sums by languages of the technology, the lowest of
    those at home, the lowest of those abroad."""
    for version in range(u32(needs.versions_start, i), u32(needs.versions_start, i + 1)):
        own, unit, to = u8(needs.spoken, version), f64(needs.units, version), version * LIMITS
        home = abroad = HIGHEST
        for languages in range(PATTERNS):
            least = least_sum(languages, own, unit, needs.chances, version * CHANCES, cut)
            put_i32(asking.limits, to + languages, least)
            if languages & own:
                home = min(home, least)
            else:
                abroad = min(abroad, least)
        put_i32(asking.limits, to + PATTERNS, home)
        put_i32(asking.limits, to + PATTERNS + 1, abroad)


@machine
def listed(asking: Any, version: int, side: int) -> int:
    """Where the lists of a version lie: at home (0) or abroad (1)."""
    return int(asking.lists + 8 * asking.list_room * (2 * version + side))


@machine
def find_lists(needs: Any, i: int, supplies: Any, asking: Any, block: int) -> None:
    """sums.find for all versions of a need."""
    for version in range(u32(needs.versions_start, i), u32(needs.versions_start, i + 1)):
        first, last = u32(needs.home_start, version), u32(needs.home_start, version + 1)
        to = listed(asking, version, 0)
        find(supplies, block, needs.home_ids, needs.home_weights, first, last, to)
        first, last = u32(needs.abroad_start, version), u32(needs.abroad_start, version + 1)
        to = listed(asking, version, 1)
        find(supplies, block, needs.abroad_ids, needs.abroad_weights, first, last, to)


@machine
def find_concepts(needs: Any, i: int, supplies: Any, asking: Any, block: int) -> None:
    """List where the rows of each concept of a need begin and end in a block."""
    first, known = u32(needs.concepts_start, i), supplies.concepts_known
    for at in range(first, u32(needs.concepts_start, i + 1)):
        concept, start, end = u32(needs.concepts, at), 0, 0
        if concept < known:
            place = block * (known + 1) + concept
            start, end = u32(supplies.concept_start, place), u32(supplies.concept_start, place + 1)
        put_i64(asking.concept_lists, 2 * (at - first), start)
        put_i64(asking.concept_lists, 2 * (at - first) + 1, end)


@machine
def share_concepts(needs: Any, i: int, supplies: Any, asking: Any, first: int, n: int) -> None:
    """What rows of a strip share with a need: ONE_TOPIC for each topic, ONE_FIELD, ONE_GOAL; those
    with a topic are listed, their number first."""
    begin, found = u32(needs.concepts_start, i), 0
    for row in range(n):
        put_u16(asking.shared, row, 0)
    for wanted in range(begin, u32(needs.concepts_start, i + 1)):
        kind, place = u32(needs.concepts, wanted) & 3, 2 * (wanted - begin)
        at, end = i64(asking.concept_lists, place), i64(asking.concept_lists, place + 1)
        while at < end and u32(supplies.concept_rows, at) < first + n:
            row = u32(supplies.concept_rows, at) - first
            before = u16(asking.shared, row)
            if kind != TOPIC:
                put_u16(asking.shared, row, before | (ONE_FIELD if kind == FIELD else ONE_GOAL))
            else:
                put_u16(asking.shared, row, before + ONE_TOPIC)
                if before < ONE_TOPIC:
                    found += 1
                    put_u32(asking.topical, found, row)
            at += 1
        put_i64(asking.concept_lists, place, at)
    put_u32(asking.topical, 0, found)


@machine
def shares(asking: Any, row: int) -> tuple[int, int, int]:
    """How many topics, and whether a field and a goal, a row of a strip shares."""
    held = u16(asking.shared, row)
    return held // ONE_TOPIC, held & ONE_FIELD, held & ONE_GOAL


@machine
def add_lists(
    needs: Any, i: int, supplies: Any, asking: Any, block: int, first: int, n: int
) -> None:
    """Sums of all versions of a need for a strip: in its language, and abroad."""
    for version in range(u32(needs.versions_start, i), u32(needs.versions_start, i + 1)):
        own, to = u8(needs.spoken, version), 4 * version * STRIP
        if u8(supplies.spoken, block) & own:
            terms = u32(needs.home_start, version + 1) - u32(needs.home_start, version)
            found = listed(asking, version, 0)
            add_strip(supplies, found, terms, first, n, asking.home + to)
        if u8(supplies.unspoken, block) & own:
            terms = u32(needs.abroad_start, version + 1) - u32(needs.abroad_start, version)
            found = listed(asking, version, 1)
            add_strip(supplies, found, terms, first, n, asking.abroad + to)


@machine
def chunk_reaches(
    needs: Any, i: int, supplies: Any, asking: Any, block: int, first: int, last: int
) -> bool:
    """Can any of these rows of a strip matter?"""
    start, end = u32(needs.versions_start, i), u32(needs.versions_start, i + 1)
    for version in range(start, end):
        own, to, limits = u8(needs.spoken, version), 4 * version * STRIP, (version + 1) * LIMITS
        least = i32(asking.limits, limits - 2)
        if u8(supplies.spoken, block) & own and most_of(asking.home + to, first, last) >= least:
            return True
        least = i32(asking.limits, limits - 1)
        if u8(supplies.unspoken, block) & own and most_of(asking.abroad + to, first, last) >= least:
            return True
    return start == end


@machine
def row_reaches(needs: Any, i: int, asking: Any, languages: int, row: int) -> bool:
    """Can this row of a strip matter?"""
    start, end = u32(needs.versions_start, i), u32(needs.versions_start, i + 1)
    for version in range(start, end):
        sums = asking.home if languages & u8(needs.spoken, version) else asking.abroad
        if i32(sums, version * STRIP + row) >= i32(asking.limits, version * LIMITS + languages):
            return True
    return start == end


@machine
def standing_of(needs: Any, i: int, asking: Any, languages: int, row: int) -> float:
    """How far the text of a row of a strip stands above chance, in the best version of a need."""
    best = LEAST_STANDING
    for version in range(u32(needs.versions_start, i), u32(needs.versions_start, i + 1)):
        own, unit = u8(needs.spoken, version), f64(needs.units, version)
        at = version * STRIP + row
        home, abroad = i32(asking.home, at), i32(asking.abroad, at)
        found = stands(languages, own, home, abroad, unit, needs.chances, version * CHANCES)
        best = max(best, found)
    return best
