"""Records to columns: what the kernels read of a technology and of a need, row after row."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite, nan
from typing import Any, NamedTuple

import numpy as np

from .codes import Codes
from .criteria import evidence_level
from .layout import (
    AVAILABLE,
    CHANCES,
    DEMAND_FACTS,
    DEPLOYED,
    DEVELOPED,
    EMPHASES,
    FIELD,
    GOAL,
    LANGUAGE_BIT,
    SUPPLY_FACTS,
    TOPIC,
    Arrays,
)
from .records import CRITERIA, Demand, Quantity, Supply
from .score import Concepts
from .statistics import Offer
from .steps import Version, levels
from .text import LANGUAGES
from .units import (
    LESS_IS_BETTER,
    REGION_OF,
    best_quantities,
    budget_ceiling,
    budget_kind,
    price_band,
    price_kind,
    scale_of,
)

TYPES = {"B": np.uint8, "H": np.uint16, "I": np.uint32, "i": np.int32, "q": np.int64,
         "d": np.float64}  # fmt: skip


class Column(NamedTuple):
    """How the elements of a column are stored: `width` in each row, or any number, counted from
    the offsets in the column `start`."""

    kind: str
    width: int = 1
    start: str = ""


SUPPLY_COLUMNS = {
    "ids": Column("q"),
    "languages": Column("B"),
    "named": Column("H"),
    "marks": Column("q"),
    "prices": Column("H"),
    "facts": Column("d", SUPPLY_FACTS),
    "concepts": Column("I", start="concepts_start"),
    "places": Column("I", start="places_start"),
    "benefit_keys": Column("H", start="benefits_start"),
    "benefit_values": Column("d", start="benefits_start"),
    "terms": Column("H", start="terms_start"),
    "vector_ids": Column("I", start="vector_start"),
    "vector_levels": Column("H", start="vector_start"),
}
DEMAND_COLUMNS = {
    "ids": Column("q"),
    "named": Column("H"),
    "marks": Column("q"),
    "country": Column("I"),
    "region": Column("I"),
    "facts": Column("d", DEMAND_FACTS),
    "budgets": Column("I"),
    "emphasis": Column("d", EMPHASES),
    "must": Column("B"),
    "concepts": Column("I", start="concepts_start"),
    "target_keys": Column("I", start="targets_start"),
    "target_values": Column("d", start="targets_start"),
    "terms": Column("I", start="terms_start"),
    "spoken": Column("B", start="versions_start"),
}
VERSION_COLUMNS = {
    "units": Column("d"),
    "totals": Column("d"),
    "chances": Column("d", CHANCES),
    "home_ids": Column("I", start="home_start"),
    "home_weights": Column("i", start="home_start"),
    "abroad_ids": Column("I", start="abroad_start"),
    "abroad_weights": Column("i", start="abroad_start"),
}


class Rows:
    """Columns that grow by rows and become arrays."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = columns
        self._held = {name: array(column.kind) for name, column in columns.items()}
        self._starts = {c.start: array("I", [0]) for c in columns.values() if c.start}

    def append(self, row: Mapping[str, Any]) -> None:
        """Add a row: a number, or numbers, or an array for each column."""
        for name, column in self._columns.items():
            held, value = self._held[name], row[name]
            if isinstance(value, np.ndarray):
                held.frombytes(value.astype(TYPES[column.kind], copy=False).tobytes())
            elif column.start or column.width > 1:
                held.extend(value)
            else:
                held.append(value)
        ends = {c.start: len(self._held[name]) for name, c in self._columns.items() if c.start}
        for start, end in ends.items():
            self._starts[start].append(end)

    def arrays(self) -> Arrays:
        """The columns, and the offsets of those of any number of elements."""
        kinds = {name: (held, self._columns[name].kind) for name, held in self._held.items()}
        kinds |= {name: (held, "I") for name, held in self._starts.items()}
        return {
            name: np.frombuffer(held, TYPES[kind]) if held else np.zeros(0, TYPES[kind])
            for name, (held, kind) in kinds.items()
        }


def _known(value: float | None) -> float:
    return float(value) if value is not None and isfinite(value) else nan


def _quantities(quantities: tuple[Quantity, ...], codes: Codes) -> tuple[list[int], list[float]]:
    """Keys (the lowest bit: less is better) and values, in the order of the keys' names."""
    best = best_quantities(quantities)
    keys = [codes.number("metrics", k) << 1 | (k in LESS_IS_BETTER) for k in best]
    return keys, [value for value, _ in best.values()]


def _concepts(concepts: Concepts, codes: Codes) -> list[int]:
    kinds = ((TOPIC, concepts.topics), (FIELD, concepts.fields), (GOAL, concepts.goals))
    return [n << 2 | kind for kind, held in kinds for n in codes.numbers("concepts", held)]


def _marks(concepts: Iterable[int]) -> int:
    found = 0
    for concept in concepts:
        found |= 1 << concept % 61
    return found


def _places(supply: Supply, codes: Codes) -> list[int]:
    kinds = (
        (AVAILABLE, supply.available_in),
        (DEPLOYED, supply.deployed_in),
        (DEVELOPED, {supply.developed_in} - {""}),
    )
    return [
        codes.number("places", place) << 16
        | codes.number("regions", REGION_OF.get(place, "")) << 2
        | kind
        for kind, held in kinds
        for place in sorted(held)
    ]


def supply_row(supply: Supply, offer: Offer, concepts: Concepts, codes: Codes) -> dict[str, Any]:
    """A row of SUPPLY_COLUMNS."""
    numbers = _concepts(concepts, codes)
    keys, values = _quantities(supply.benefits, codes)
    low, high = price_band(supply.price) or (nan, nan)
    trl_low = supply.trl_low if supply.trl_low is not None else supply.trl_high
    trl_high = supply.trl_high if supply.trl_high is not None else supply.trl_low
    trl = sorted((_known(trl_low), _known(trl_high)))
    facts = [low, high, *trl, _known(supply.lead_time_weeks)]
    return {
        "ids": supply.id,
        "languages": sum(LANGUAGE_BIT[language] for language in offer.languages),
        "named": len(concepts.topics),
        "prices": codes.number("prices", price_kind(supply.price)),
        "facts": [*facts, _known(evidence_level(supply.evidence))],
        "marks": _marks(numbers),
        "concepts": numbers,
        "places": _places(supply, codes),
        "benefit_keys": keys,
        "benefit_values": values,
        "terms": codes.numbers("terms", supply.terms),
        "vector_ids": offer.vector.ids,
        "vector_levels": levels(offer.vector),
    }


def demand_row(
    demand: Demand, versions: Sequence[Version], concepts: Concepts, codes: Codes
) -> dict[str, Any]:
    """A row of DEMAND_COLUMNS."""
    numbers = _concepts(concepts, codes)
    keys, values = _quantities(demand.targets, codes)
    ceiling, scale = _known(budget_ceiling(demand)), scale_of(demand)[0] or 1.0
    asked = (_known(demand.trl_min), _known(demand.weeks_to_decision))
    emphasis = dict(demand.emphasis)
    factors = [emphasis.get(name, 1.0) for name in CRITERIA]
    must = [name in demand.must for name in CRITERIA[1:]]
    return {
        "ids": demand.id,
        "named": len(concepts.topics),
        "country": codes.number("places", demand.country),
        "region": codes.number("regions", REGION_OF.get(demand.country, "")),
        "facts": [ceiling, scale, *asked, _known(evidence_level(demand.evidence_min))],
        "budgets": codes.number("budgets", budget_kind(demand)),
        "emphasis": [*factors, max(factors)],
        "must": sum(1 << place for place, wanted in enumerate(must) if wanted),
        "marks": _marks(numbers),
        "concepts": numbers,
        "target_keys": keys,
        "target_values": values,
        "terms": codes.numbers("terms", demand.terms),
        "spoken": [LANGUAGE_BIT[version.language] for version in versions],
    }


def version_row(version: Version) -> dict[str, Any]:
    """A row of VERSION_COLUMNS."""
    return {
        "units": version.unit,
        "totals": version.total,
        "chances": [number for language in LANGUAGES for number in version.chance[language]],
        "home_ids": version.home.ids,
        "home_weights": version.home.weights,
        "abroad_ids": version.abroad.ids,
        "abroad_weights": version.abroad.weights,
    }
