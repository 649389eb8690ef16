"""One record against all of the other side: purpose, seven facts, hard conditions, the best k.

Written with numba and compiled ahead (native.py), so that a process that scores never imports it.
Everything after the sums repeats score.py operation for operation, so that a pair has one score
from either side and in an explanation.
"""

from __future__ import annotations

from math import inf, sqrt
from typing import Any

from . import lookup
from .facts import fact
from .heap import keep
from .layout import BLOCK, CHANCES, EMPHASES, FIELD, TOPIC
from .memory import f64, i32, i64, machine, put_f64, put_i32, put_i64, u8, u16, u32
from .score import (
    FIELD_EVIDENCE,
    GOAL_EVIDENCE,
    HALFWAY,
    LEAST_STANDING,
    OTHER_TOPIC,
    SATURATION,
    SOFTNESS,
    TOPIC_EVIDENCE,
)
from .sums import add_terms, clear, span, standings, stands

FACTS = 7
SLACK = 1e-9  # of rounding, when a bound says that a row cannot be among the best


@machine
def shared_concepts(needs: Any, i: int, supplies: Any, j: int) -> tuple[int, int, int]:
    """How many topics, fields and goals both sides name."""
    topics = fields = goals = 0
    if i64(needs.marks, i) & i64(supplies.marks, j) == 0:
        return 0, 0, 0
    start, end = u32(supplies.concepts_start, j), u32(supplies.concepts_start, j + 1)
    for wanted in range(u32(needs.concepts_start, i), u32(needs.concepts_start, i + 1)):
        concept = u32(needs.concepts, wanted)
        for offered in range(start, end):
            if u32(supplies.concepts, offered) == concept:
                kind = concept & 3
                topics += kind == TOPIC
                fields += kind == FIELD
                goals += kind != TOPIC and kind != FIELD
    return topics, fields, goals


@machine
def purpose(needs: Any, i: int, supplies: Any, j: int, standing: float) -> float:
    """score.purpose_fit of score.text_evidence and score.concept_fit."""
    above = (standing + sqrt(standing * standing + SOFTNESS * SOFTNESS)) / 2.0
    text = above / (1.0 + above / SATURATION)
    asked, given = float(u16(needs.named, i)), float(u16(supplies.named, j))
    topics, fields, goals = shared_concepts(needs, i, supplies, j)
    alike = topics / max(asked + given - topics, 1.0)
    kin = FIELD_EVIDENCE if fields > 0 else (GOAL_EVIDENCE if goals > 0 else 0.0)
    apart = topics == 0 and asked > 0 and given > 0
    counted = OTHER_TOPIC if apart else 1.0
    ratio = (text * counted + (TOPIC_EVIDENCE * alike + kin)) / HALFWAY
    powered = ratio * ratio * sqrt(ratio)
    return powered / (powered + 1.0)


@machine
def log_odds(needs: Any, i: int, supplies: Any, j: int, asking: Any, x: float) -> float:
    """score.log_odds with all seven facts."""
    factors = i * EMPHASES
    purpose_weight = f64(asking.weights, 0) * f64(needs.emphasis, factors)
    z: float = asking.intercept + x * purpose_weight
    for number in range(FACTS):
        fit, _ = fact(number, needs, i, supplies, j, asking)
        factor = f64(needs.emphasis, factors + number + 1)
        weight = f64(asking.weights, number + 1) * factor
        if fit < 0:
            weight = weight * asking.miss_cost
        z = z + x * weight * fit
    return z


@machine
def broken(needs: Any, i: int, supplies: Any, j: int, asking: Any) -> int:
    """The hard conditions a pair breaks, as bits; each is counted."""
    must, found = u8(needs.must, i), 0
    for number in range(FACTS):
        if must >> number & 1 and fact(number, needs, i, supplies, j, asking)[1]:
            found |= 1 << number
            put_i64(asking.excluded, number, i64(asking.excluded, number) + 1)
    return found


@machine
def cut(least: float, concept: float, asking: Any) -> float:
    """The lowest standing with which log-odds of `least` can be reached: `purpose` backwards, with
    every fact fitting and all that concepts can add."""
    x = (least - SLACK - asking.intercept) / asking.reach
    if not x > 0:
        return -inf
    if x >= 1:
        return inf
    text = HALFWAY * (x / (1.0 - x)) ** 0.4 - concept
    if text <= SLACK:
        return -inf
    if text >= SATURATION:
        return inf
    above: float = text / (1.0 - text / SATURATION)
    return above - SOFTNESS * SOFTNESS / (4.0 * above) - 1e-6


@machine
def set_cuts(asking: Any, at: int, least: float) -> None:
    """Renew a pair of cuts."""
    put_f64(asking.cuts, at, cut(least, 0.0, asking))
    put_f64(asking.cuts, at + 1, cut(least, TOPIC_EVIDENCE + FIELD_EVIDENCE, asking))


@machine
def judge(
    needs: Any, i: int, supplies: Any, j: int, asking: Any, standing: float, held: int, number: int
) -> int:
    """Score a pair if it can matter, and keep or count it; how many results are held then."""
    breaks = broken(needs, i, supplies, j, asking) if u8(needs.must, i) else 0
    if breaks & (breaks - 1):
        return held
    kin = 1 if i64(needs.marks, i) & i64(supplies.marks, j) else 0
    most = f64(needs.emphasis, i * EMPHASES + EMPHASES - 1)
    if most <= 1 and standing < f64(asking.cuts, kin if breaks == 0 else kin + 2):
        return held
    least = asking.good
    if breaks == 0:
        least = f64(asking.best_z, 0) if held == asking.k and held > 0 else -inf
    x = purpose(needs, i, supplies, j, standing)
    if asking.intercept + x * asking.reach * max(most, 1.0) + SLACK < least:
        return held
    z = log_odds(needs, i, supplies, j, asking, x)
    if breaks == 0:
        now = keep(asking, held, number, z)
        if now == asking.k and f64(asking.best_z, 0) != least:
            set_cuts(asking, 0, f64(asking.best_z, 0))
        return now
    if z >= asking.good:
        condition = 0
        while breaks > 1:
            breaks >>= 1
            condition += 1
        put_i64(asking.would_fit, condition, i64(asking.would_fit, condition) + 1)
    return held


@machine
def need_best(needs: Any, supplies: Any, asking: Any) -> int:
    """The first need of a table against all technologies: how many of the best were kept."""
    held: int = asking.held
    set_cuts(asking, 2, asking.good)
    for block in range(supplies.blocks):
        standings(needs, 0, supplies, asking, block)
        first = block * BLOCK
        for row in range(min(supplies.n - first, BLOCK)):
            j = first + row
            if u8(supplies.alive, j):
                number, standing = i64(supplies.ids, j), f64(asking.standing, row)
                held = judge(needs, 0, supplies, j, asking, standing, held, number)
    return held


@machine
def text_best(needs: Any, supplies: Any, asking: Any) -> int:
    """The first version of a need against all texts, no criteria: how many were kept."""
    held: int = asking.held
    for block in range(supplies.blocks):
        first = block * BLOCK
        n = min(supplies.n - first, BLOCK)
        clear(asking.home, n)
        last = u32(needs.home_start, 1)
        add_terms(supplies, block, needs.home_ids, needs.home_weights, 0, last, asking.home)
        least = 0
        for row in range(n):
            found = i32(asking.home, row)
            if found > least and u8(supplies.alive, first + row):
                held = keep(asking, held, i64(supplies.ids, first + row), float(found))
                if held == asking.k:
                    least = int(f64(asking.best_z, 0))
    return held


@machine
def add_rows(start: int, terms: int, known: int, rows: int, values: int, supplies: Any,
             sums: int) -> None:  # fmt: skip
    """Add weight times level for every need with a term of the one technology."""
    for at in range(u32(supplies.vector_start, 0), u32(supplies.vector_start, 1)):
        level = u16(supplies.vector_levels, at)
        first, last = span(start, terms, known, 0, 0, u32(supplies.vector_ids, at))
        for posting in range(first, last):
            row = u32(rows, posting)
            put_i32(sums, row, i32(sums, row) + i32(values, posting) * level)


@machine
def technology_best(needs: Any, supplies: Any, asking: Any) -> int:
    """The first technology of a table against all needs: how many of the best were kept."""
    held: int = asking.held
    languages, versions = u8(supplies.languages, 0), needs.versions
    set_cuts(asking, 2, asking.good)
    clear(asking.home, versions)
    clear(asking.abroad, versions)
    add_rows(needs.home_posting_start, needs.home_terms, needs.known_home, needs.home_rows,
             needs.home_values, supplies, asking.home)  # fmt: skip
    add_rows(needs.abroad_posting_start, needs.abroad_terms, needs.known_abroad,
             needs.abroad_rows, needs.abroad_values, supplies, asking.abroad)  # fmt: skip
    for i in range(needs.n):
        if not u8(needs.alive, i):
            continue
        standing = LEAST_STANDING
        for version in range(u32(needs.versions_start, i), u32(needs.versions_start, i + 1)):
            own, unit = u8(needs.spoken, version), f64(needs.units, version)
            home, abroad = i32(asking.home, version), i32(asking.abroad, version)
            found = stands(languages, own, home, abroad, unit, needs.chances, version * CHANCES)
            standing = max(standing, found)
        held = judge(needs, i, supplies, 0, asking, standing, held, i64(needs.ids, i))
    return held


search_best = lookup.search_best
