"""The memory that the kernels read: named addresses of arrays, and what their elements mean.

A table is one record of 64-bit fields: counts, and addresses of arrays that live as long as the
object that owns the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .text import LANGUAGES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Arrays = dict[str, NDArray[Any]]

LEVELS = 4095  # an impact is a whole number of 1/4095
VALUE_BITS = 12  # of a packed posting: row << 12 | level
BLOCK = 1 << 17  # rows whose sums stay in the cache while terms are added to them
WEIGHT_SUM = (1 << 19) - (1 << 16)  # whole steps of the weights of a need: sums fit in 31 bits
LANGUAGE_BIT = {language: 1 << place for place, language in enumerate(LANGUAGES)}
CHANCES = 2 * len(LANGUAGES)

TOPIC, FIELD, GOAL = 0, 1, 2  # of a concept: number << 2 | kind
AVAILABLE, DEPLOYED, DEVELOPED = 0, 1, 2  # of a place: country << 16 | region << 2 | kind
WORLD = 1  # the country number of WORLDWIDE; 0 is none
LOW, HIGH, TRL_LOW, TRL_HIGH, LEAD, SUPPLY_EVIDENCE, SUPPLY_FACTS = range(7)
EMPHASES = 9  # what a need multiplies the eight weights by, and the most of it
CEILING, SCALE, TRL, WEEKS, DEMAND_EVIDENCE, DEMAND_FACTS = range(6)

SUPPLIES = """n ids alive languages named marks concepts_start concepts
    places_start places prices facts benefits_start benefit_keys benefit_values terms_start terms
    vector_start vector_ids vector_levels
    blocks dense terms_known posting_terms posting_start postings spoken unspoken"""
"""Technologies. languages: bits of LANGUAGE_BIT; facts: SUPPLY_FACTS numbers a row, NaN unknown;
marks: a bit for each concept, so that rows that share none are passed over; *_start: n + 1 offsets;
vector_*: the rows as sparse vectors; postings: packed, by block and term;
posting_terms: sorted term numbers unless `dense`; spoken, unspoken: by block, the languages of any
row and those missing in any."""

DEMANDS = """n ids alive versions_start spoken units chances named marks concepts_start concepts
    country region targets_start target_keys target_values facts budgets emphasis must
    terms_start terms home_start home_ids home_weights abroad_start abroad_ids abroad_weights
    versions known_home home_terms home_posting_start home_rows home_values
    known_abroad abroad_terms abroad_posting_start abroad_rows abroad_values"""
"""Needs. Versions are their own rows: spoken is a language bit, units the value of a whole step,
chances CHANCES numbers (mean and spread by language), home_* and abroad_* their weights."""

ASKING = """intercept reach good miss_cost weights comparisons prices k held
    home abroad standing cuts best_ids best_z excluded would_fit"""
"""One question: policy, scratch memory and room for the answer. cuts: the lowest standing that can
matter for the best k, with no concept shared and with any, then the same for `good`."""

SEARCH = """slots slot_start terms weights found total hits touched k held best_ids best_z"""
"""Words of the search box: for each slot the terms that answer it; scratch memory; the best."""


NUMBERS = ("intercept", "reach", "good", "miss_cost")


def table(fields: str) -> np.dtype[np.void]:
    """The record type of a list of names: NUMBERS are floats, all others counts and addresses."""
    kinds = {name: np.float64 if name in NUMBERS else np.int64 for name in fields.split()}
    return np.dtype(list(kinds.items()))


SUPPLIES_TABLE, DEMANDS_TABLE = table(SUPPLIES), table(DEMANDS)
ASKING_TABLE, SEARCH_TABLE = table(ASKING), table(SEARCH)
TABLES_OF = {
    "need_best": (DEMANDS_TABLE, SUPPLIES_TABLE, ASKING_TABLE),
    "text_best": (DEMANDS_TABLE, SUPPLIES_TABLE, ASKING_TABLE),
    "technology_best": (DEMANDS_TABLE, SUPPLIES_TABLE, ASKING_TABLE),
    "search_best": (SUPPLIES_TABLE, SEARCH_TABLE),
}
"""The kernels that are called from outside, and the tables they take."""


class Table:
    """A filled record, and the arrays it points to."""

    __slots__ = ("_held", "address", "record")

    def __init__(self, kind: np.dtype[np.void], given: Mapping[str, float | NDArray[Any]]) -> None:
        self.record = np.zeros(1, dtype=kind)
        self._held: dict[str, NDArray[Any]] = {}
        for name, value in given.items():
            self.put(name, value)
        self.address = int(self.record.ctypes.data)

    def put(self, name: str, value: float | NDArray[Any]) -> None:
        """Set a count, or the address of an array, which is kept alive."""
        if isinstance(value, np.ndarray):
            if not value.flags.c_contiguous:
                raise ValueError(f"{name} is not contiguous")
            self._held[name] = value
            self.record[0][name] = value.__array_interface__["data"][0]
        else:
            self.record[0][name] = value
