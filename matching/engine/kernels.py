"""One record against all of the other side: purpose, seven facts, hard conditions, the best k.

Written with numba and compiled ahead (native.py), so that a process that scores never imports it.
Everything after the sums repeats score.py operation for operation, so that a pair has one score
from either side and in an explanation.
"""

from __future__ import annotations

from math import inf
from typing import Any

from . import auction, blend, finding, giving, lookup
from .conditions import broken, find_places, strip_breaks
from .facts import fact
from .heap import keep
from .layout import BLOCK, CHANCES, EMPHASES, STRIP, VALUE_BITS
from .memory import (
    f64,
    i32,
    i64,
    machine,
    put_f64,
    put_i32,
    put_i64,
    put_u16,
    put_u32,
    u8,
    u16,
    u32,
)
from .purpose import (
    FACTS,
    SLACK,
    asks_for,
    evidence_for,
    evidence_of,
    fit_of,
    reach_of,
    shared_concepts,
    standing_for,
)
from .score import LEAST_STANDING
from .sums import CHUNK, add_strip, find, most_of, stands
from .sweep import (
    ONE_TOPIC,
    add_lists,
    chunk_reaches,
    find_concepts,
    find_lists,
    row_reaches,
    set_limits,
    share_concepts,
    shares,
    standing_of,
)

HIGH, STEPS = 8.0, 5  # evidence at which the search for the best begins, and is halved


@machine
def log_odds(needs: Any, i: int, supplies: Any, j: int, asking: Any, x: float, reach: float,
             least: float) -> float:  # fmt: skip
    """score.log_odds with all seven facts; minus infinity once it is sure to be below `least`.

    `reach`: the most that purpose and facts can add.
    """
    factors = i * EMPHASES
    purpose_weight = f64(asking.weights, 0) * f64(needs.emphasis, factors)
    z: float = asking.intercept + x * purpose_weight
    left = reach - purpose_weight
    for number in range(FACTS):
        if z + x * left + SLACK < least:
            return -inf
        if asks_for(needs, i, number):
            fit, _ = fact(number, needs, i, supplies, j, asking)
            factor = f64(needs.emphasis, factors + number + 1)
            weight = f64(asking.weights, number + 1) * factor
            left -= max(0.0, weight)
            if fit < 0:
                weight = weight * asking.miss_cost
            z = z + x * weight * fit
    return z


@machine
def judge(
    needs: Any, i: int, supplies: Any, j: int, asking: Any, evidence: float, breaks: int,
    held: int, number: int, reach: float,
) -> int:  # fmt: skip
    """Score a pair if it can matter, and keep or count it; how many results are held then.

    `reach`: the most that a technology can add to the intercept.
    """
    if breaks & (breaks - 1):
        return held
    least = asking.good
    if breaks == 0:
        least = f64(asking.best_z, 0) if held == asking.k and held > 0 else -inf
    x = fit_of(evidence)
    if asking.intercept + x * reach + SLACK < least:
        return held
    z = log_odds(needs, i, supplies, j, asking, x, reach, least)
    if z < least:
        return held
    if breaks == 0:
        now = keep(asking, held, number, z)
        if now == asking.k and f64(asking.best_z, 0) != least:
            best = evidence_for(f64(asking.best_z, 0), asking.intercept, f64(asking.cuts, 2))
            put_f64(asking.cuts, 0, best)
        return now
    condition = 0
    while breaks > 1:
        breaks >>= 1
        condition += 1
    put_i64(asking.would_fit, condition, i64(asking.would_fit, condition) + 1)
    return held


@machine
def judge_row(needs: Any, supplies: Any, asking: Any, first: int, row: int, above: float,
              below: float, held: int, reach: float) -> int:  # fmt: skip
    """Judge a row of a strip whose evidence is at least `above` and less than `below`."""
    j = first + row
    breaks = u8(asking.breaks, row) if u8(needs.must, 0) else 0
    if not u8(supplies.alive, j) or breaks & (breaks - 1):
        return held
    standing = standing_of(needs, 0, asking, u8(supplies.languages, j), row)
    evidence = evidence_of(needs, 0, supplies, j, standing, shares(asking, row))
    if evidence < f64(asking.cuts, 1 if breaks else 0) or not above <= evidence < below:
        return held
    number = i64(supplies.ids, j)
    return judge(needs, 0, supplies, j, asking, evidence, breaks, held, number, reach)


@machine
def sweep(needs: Any, supplies: Any, asking: Any, block: int, first: int, n: int, above: float,
          below: float, held: int, reach: float) -> int:  # fmt: skip
    """Judge the rows of a strip with evidence of at least `above` and less than `below`."""
    set_limits(needs, 0, asking, standing_for(above))
    start = block * BLOCK + first
    for at in range(u32(asking.topical, 0)):
        row = u32(asking.topical, at + 1)
        held = judge_row(needs, supplies, asking, start, row, above, below, held, reach)
    for chunk in range(0, n, CHUNK):
        end = min(chunk + CHUNK, n)
        if not chunk_reaches(needs, 0, supplies, asking, block, chunk, end):
            continue
        for row in range(chunk, end):
            languages, shared = u8(supplies.languages, start + row), u16(asking.shared, row)
            if shared < ONE_TOPIC and row_reaches(needs, 0, asking, languages, row):
                held = judge_row(needs, supplies, asking, start, row, above, below, held, reach)
    return held


@machine
def sweep_strip(needs: Any, supplies: Any, asking: Any, block: int, first: int, n: int, held: int,
                reach: float) -> int:  # fmt: skip
    """Judge the rows of a strip, while few results are held those with most evidence first."""
    below = inf
    for step in range(STEPS):
        if held < asking.k:
            above = HIGH / float(1 << step)
            held = sweep(needs, supplies, asking, block, first, n, above, below, held, reach)
            below = above
    lowest = f64(asking.cuts, 0)
    if u8(needs.must, 0):
        lowest = min(lowest, f64(asking.cuts, 1))
    return sweep(needs, supplies, asking, block, first, n, lowest, below, held, reach)


@machine
def need_best(needs: Any, supplies: Any, asking: Any) -> int:
    """The first need of a table against all technologies: how many of the best were kept."""
    held: int = asking.held
    reach = reach_of(needs, 0, asking)
    put_f64(asking.cuts, 1, evidence_for(asking.good, asking.intercept, reach))
    put_f64(asking.cuts, 2, reach)
    if asking.k == 0:
        put_f64(asking.cuts, 0, inf)
    for block in range(supplies.blocks):
        rows = min(supplies.n - block * BLOCK, BLOCK)
        find_lists(needs, 0, supplies, asking, block)
        find_concepts(needs, 0, supplies, asking, block)
        find_places(needs, supplies, asking, block)
        for first in range(0, rows, STRIP):
            n = min(rows - first, STRIP)
            if u8(needs.must, 0):
                strip_breaks(needs, supplies, asking, block, first, n)
            share_concepts(needs, 0, supplies, asking, first, n)
            add_lists(needs, 0, supplies, asking, block, first, n)
            held = sweep_strip(needs, supplies, asking, block, first, n, held, reach)
    return held


@machine
def text_best(needs: Any, supplies: Any, asking: Any) -> int:
    """The first version of a need against all texts, no criteria: how many were kept."""
    held: int = asking.held
    terms, least = u32(needs.home_start, 1), 0
    for block in range(supplies.blocks):
        start = block * BLOCK
        rows = min(supplies.n - start, BLOCK)
        find(supplies, block, needs.home_ids, needs.home_weights, 0, terms, asking.lists)
        for first in range(0, rows, STRIP):
            n = min(rows - first, STRIP)
            add_strip(supplies, asking.lists, terms, first, n, asking.home)
            for chunk in range(0, n, CHUNK):
                end = min(chunk + CHUNK, n)
                if most_of(asking.home, chunk, end) <= least:
                    continue
                for row in range(chunk, end):
                    found, j = i32(asking.home, row), start + first + row
                    if found > least and u8(supplies.alive, j):
                        held = keep(asking, held, i64(supplies.ids, j), float(found))
                        if held == asking.k:
                            least = int(f64(asking.best_z, 0))
    return held


@machine
def give(supplies: Any, asking: Any, share: int) -> None:
    """Note the levels of the one technology by term, or zeros if `share` is 0."""
    for at in range(u32(supplies.vector_start, 0), u32(supplies.vector_start, 1)):
        term, level = u32(supplies.vector_ids, at), u16(supplies.vector_levels, at)
        put_u16(asking.given, term, level * share)


@machine
def given_to(asking: Any, first: int, last: int, ids: int, weights: int) -> int:
    """Weights times what is given of their terms, summed."""
    given, known, found = asking.given, asking.given_known, 0
    for at in range(first, last):
        term = u32(ids, at)
        if term < known:
            found += i32(weights, at) * u16(given, term)
    return found


@machine
def add_given(needs: Any, asking: Any, languages: int) -> None:
    """Sums of every version of the needs: at home if the technology has its language, or abroad."""
    for version in range(needs.versions):
        home = abroad = 0
        if languages & u8(needs.spoken, version):
            first, last = u32(needs.home_start, version), u32(needs.home_start, version + 1)
            home = given_to(asking, first, last, needs.home_ids, needs.home_weights)
        else:
            first, last = u32(needs.abroad_start, version), u32(needs.abroad_start, version + 1)
            abroad = given_to(asking, first, last, needs.abroad_ids, needs.abroad_weights)
        put_i32(asking.home, version, home)
        put_i32(asking.abroad, version, abroad)


@machine
def technology_best(needs: Any, supplies: Any, asking: Any) -> int:
    """The first technology of a table against all needs: how many of the best were kept."""
    held: int = asking.held
    languages = u8(supplies.languages, 0)
    put_f64(asking.cuts, 1, evidence_for(asking.good, asking.intercept, asking.reach))
    put_f64(asking.cuts, 2, asking.reach)
    give(supplies, asking, 1)
    add_given(needs, asking, languages)
    give(supplies, asking, 0)
    for i in range(needs.n):
        if not u8(needs.alive, i):
            continue
        standing = LEAST_STANDING
        for version in range(u32(needs.versions_start, i), u32(needs.versions_start, i + 1)):
            own, unit = u8(needs.spoken, version), f64(needs.units, version)
            home, abroad = i32(asking.home, version), i32(asking.abroad, version)
            found = stands(languages, own, home, abroad, unit, needs.chances, version * CHANCES)
            standing = max(standing, found)
        breaks = broken(needs, i, supplies, 0, asking) if u8(needs.must, i) else 0
        shared = shared_concepts(needs, i, supplies, 0)
        evidence = evidence_of(needs, i, supplies, 0, standing, shared)
        most = f64(needs.emphasis, i * EMPHASES + EMPHASES - 1)
        if most <= 1 and evidence < f64(asking.cuts, 1 if breaks else 0):
            continue
        reach = reach_of(needs, i, asking)
        number = i64(needs.ids, i)
        held = judge(needs, i, supplies, 0, asking, evidence, breaks, held, number, reach)
    return held


@machine
def fill_postings(filling: Any) -> int:
    """Postings of a block of rows, each where its term's next belongs: how many rows."""
    for row in range(filling.last - filling.first):
        j = filling.first + row
        for at in range(u32(filling.vector_start, j), u32(filling.vector_start, j + 1)):
            term, level = u32(filling.vector_ids, at), u16(filling.vector_levels, at)
            place = i64(filling.cursors, term)
            put_u32(filling.postings, place, row << VALUE_BITS | level)
            put_i64(filling.cursors, term, place + 1)
    return int(filling.last - filling.first)


search_best = lookup.search_best
offered_levels = giving.offered_levels
raise_levels = blend.raise_levels
auction_best = auction.auction_best
intern_terms = finding.intern_terms
place_terms = finding.place_terms
