"""Machine functions of how well the purpose fits, forwards and backwards: twins of score.py."""

from __future__ import annotations

from math import inf, isnan, sqrt
from typing import Any

from .facts import asks
from .layout import CEILING, EMPHASES, FIELD, TOPIC, TRL, WEEKS
from .memory import f64, i64, machine, u16, u32
from .score import (
    FIELD_EVIDENCE,
    GOAL_EVIDENCE,
    HALFWAY,
    OTHER_TOPIC,
    SATURATION,
    SOFTNESS,
    TOPIC_EVIDENCE,
)

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
def evidence_of(
    needs: Any, i: int, supplies: Any, j: int, standing: float, shared: tuple[int, int, int]
) -> float:
    """score.text_evidence and score.concept_fit together."""
    topics, fields, goals = shared
    above = (standing + sqrt(standing * standing + SOFTNESS * SOFTNESS)) / 2.0
    text = above / (1.0 + above / SATURATION)
    asked, given = float(u16(needs.named, i)), float(u16(supplies.named, j))
    alike = topics / max(asked + given - topics, 1.0)
    kin = FIELD_EVIDENCE if fields > 0 else (GOAL_EVIDENCE if goals > 0 else 0.0)
    apart = topics == 0 and asked > 0 and given > 0
    counted = OTHER_TOPIC if apart else 1.0
    return text * counted + (TOPIC_EVIDENCE * alike + kin)


@machine
def fit_of(evidence: float) -> float:
    """score.purpose_fit."""
    ratio = evidence / HALFWAY
    powered = ratio * ratio * sqrt(ratio)
    return powered / (powered + 1.0)


@machine
def evidence_for(least: float, intercept: float, reach: float) -> float:
    """The lowest evidence with which log-odds of `least` can be reached: `fit_of` backwards, with
    facts that bring all of `reach`."""
    x = (least - SLACK - intercept) / reach
    if not x > 0:
        return -inf
    if x >= 1:
        return inf
    needed: float = HALFWAY * (x / (1.0 - x)) ** 0.4 * (1.0 - SLACK)
    return needed


@machine
def standing_for(evidence: float) -> float:
    """The lowest standing that can bring this evidence where no topic is shared."""
    text = evidence - FIELD_EVIDENCE
    if text <= SLACK:
        return -inf
    if text >= SATURATION:
        return inf
    above = text / (1.0 - text / SATURATION)
    return above - SOFTNESS * SOFTNESS / (4.0 * above) - 1e-6


@machine
def asks_for(needs: Any, i: int, number: int) -> bool:
    """Can the fact of this number earn anything with this need?"""
    asked = True
    if number == 0:
        asked = u32(needs.targets_start, i) < u32(needs.targets_start, i + 1)
    elif number == 1:
        asked = u32(needs.country, i) != 0
    elif number == 2:
        asked = not isnan(asks(needs, i, CEILING))
    elif number == 3:
        asked = not isnan(asks(needs, i, TRL))
    elif number == 4:
        asked = u32(needs.terms_start, i) < u32(needs.terms_start, i + 1)
    elif number == 5:
        asked = not isnan(asks(needs, i, WEEKS))
    return asked


@machine
def reach_of(needs: Any, i: int, asking: Any) -> float:
    """The most that a technology can add to the intercept of this need."""
    reach = f64(asking.weights, 0) * f64(needs.emphasis, i * EMPHASES)
    for number in range(FACTS):
        if asks_for(needs, i, number):
            weight = f64(asking.weights, number + 1)
            reach += max(0.0, weight * f64(needs.emphasis, i * EMPHASES + number + 1))
    return reach
