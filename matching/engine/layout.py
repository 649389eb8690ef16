"""The memory that the kernels read: named addresses of arrays, and what their elements mean.

A table is one record of 64-bit fields: counts, and addresses of arrays that live as long as the
object that owns the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
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
BLOCK = 1 << 17  # rows that have their own postings: a row number and a level are 29 bits
STRIP = 1 << 14  # rows whose sums stay in the cache while terms are added to them
FREQUENT = 512  # terms in more than one of so many rows have their postings in cells
CELL = 1 << 12  # rows of a cell: a row number in it and a level are three bytes
CELLS, CELL_BYTES = BLOCK // CELL, 3
CELL_BITS = 8 * CELL_BYTES
CELL_MASK = (1 << CELL_BITS) - 1
LISTED = 3  # numbers for each term while its postings are being added
WEIGHT_SUM = (1 << 19) - (1 << 16)  # whole steps of the weights of a need: sums fit in 31 bits
LANGUAGE_BIT = {language: 1 << place for place, language in enumerate(LANGUAGES)}
CHANCES = 2 * len(LANGUAGES)
PATTERNS = 1 << len(LANGUAGES)
LIMITS = PATTERNS + 2
COMPANY = 5  # companions that a technology has
SOUGHT = 20  # of its strongest words, by which they are found
NEXT_BYTE, LINES_FOUND, TERMS_KNOWN, LETTERS_USED, INTERNING_STATE = range(5)

TOPIC, FIELD, GOAL = 0, 1, 2  # of a concept: number << 2 | kind
AVAILABLE, DEPLOYED, DEVELOPED = 0, 1, 2  # of a place: country << 16 | region << 2 | kind
WORLD = 1  # the country number of WORLDWIDE; 0 is none
LOW, HIGH, TRL_LOW, TRL_HIGH, LEAD, SUPPLY_EVIDENCE, SUPPLY_FACTS = range(7)
EMPHASES = 9  # what a need multiplies the eight weights by, and the most of it
CEILING, SCALE, TRL, WEEKS, DEMAND_EVIDENCE, DEMAND_FACTS = range(6)

SUPPLIES = """n ids alive languages named marks concepts_start concepts
    places_start places prices facts benefits_start benefit_keys benefit_values terms_start terms
    vector_start vector_ids vector_levels
    blocks dense terms_known posting_terms posting_start postings spoken unspoken
    frequent_known frequent_terms cell_start cells concepts_known concept_start concept_rows
    places_known place_start place_rows walled"""
"""Technologies. languages: bits of LANGUAGE_BIT; facts: SUPPLY_FACTS numbers a row, NaN unknown;
marks: a bit for each concept, so that rows that share none are passed over; *_start: n + 1 offsets;
vector_*: the rows as sparse vectors; postings: packed, by block and term;
posting_terms: sorted term numbers unless `dense`; spoken, unspoken: by block, the languages of any
row and those missing in any; cells: the postings of frequent_terms (sorted), CELL_BYTES each, by
block, term and cell, at cell_start; concept_*: by block and concept, the rows that name it;
place_*: by block and country, the rows that can be had there; walled: 1 for rows whose places are
known and not the whole world."""

DEMANDS = """n ids alive versions_start spoken units totals chances named marks
    concepts_start concepts country region targets_start target_keys target_values facts budgets
    emphasis must terms_start terms home_start home_ids home_weights abroad_start abroad_ids
    abroad_weights versions"""
"""Needs. Versions are their own rows: spoken is a language bit, units the value of a step times a
level, totals the most that weights add up to, chances CHANCES numbers (mean and spread by
language), home_* and abroad_* their weights."""

ASKING = """intercept reach good miss_cost weights comparisons prices k held
    home abroad given given_known lists list_room limits concept_lists shared topical
    place_list breaks cuts best_ids best_z excluded would_fit"""
"""One question: policy, scratch memory and room for the answer. home, abroad: sums of a strip by
version of the need (of all needs, when a technology asks); given: by term number, as far as
`given_known`, the levels of a technology that asks; lists: sums.find, `list_room` numbers
for each version and side; limits: LIMITS whole sums for each version, by languages of the
technology the least that can matter, then the lowest of those at home and abroad; concept_lists,
shared, topical: what rows of a strip share of concepts; breaks: hard conditions they break; cuts:
the lowest evidence that can matter for the best k and for `good`, with facts that bring the third
number."""

SEARCH = """slots slot_start terms weights found total hits touched k held best_ids best_z"""
"""Words of the search box: for each slot the terms that answer it; scratch memory; the best."""

GIVING = """chosen rows known terms levels"""
"""Chosen rows of technologies, some terms, and room for the level of each term in each row."""

FILLING = """vector_start vector_ids vector_levels first last cursors postings"""
"""Postings being made of the rows of a block; cursors: by term, where its next posting belongs."""

COMPANIES = """n known terms rarity checks held_start held_rows held_levels
    marks force
    vector_start vector_ids vector_levels first last raised
    sums touched shares keys wanted"""
"""Companions, and rows whose levels are raised. terms: sorted numbers of what companions have;
rarity, checks (checksums) and held_*, the companions that have it among their strongest: by place
in them; marks: a checksum of all that a companion gives; sums: by companion; keys, wanted: the best
so far; shares: what each of these counts."""

INTERNING = """text length wanted found letters room starts slots mask state"""
"""Terms being numbered: lines of a text and room for their numbers; the letters of all terms and
where each starts, the table of open addresses; state: NEXT_BYTE to LETTERS_USED."""

MARKET = """needs sellers phases epsilons start owner seller scores wants slots sold by_seller
    price held lacks taken offers edge_in best value losers queue waits courting courts"""
"""Places to be dealt. Edges of need i are start[i]:start[i+1], best score first; edges of seller p
are by_seller[sold[p]:sold[p+1]], its slots slots[p]:slots[p+1]. The second line changes: prices,
edges that are held, places that needs lack and sellers gave; a heap of offers for each seller;
scratch memory of the needs that bid and the sellers that court."""

NUMBERS = ("intercept", "reach", "good", "miss_cost", "force")


def table(fields: str) -> np.dtype[np.void]:
    """The record type of a list of names: NUMBERS are floats, all others counts and addresses."""
    kinds = {name: np.float64 if name in NUMBERS else np.int64 for name in fields.split()}
    return np.dtype(list(kinds.items()))


SUPPLIES_TABLE, DEMANDS_TABLE = table(SUPPLIES), table(DEMANDS)
ASKING_TABLE, SEARCH_TABLE, FILLING_TABLE = table(ASKING), table(SEARCH), table(FILLING)
COMPANIES_TABLE, INTERNING_TABLE = table(COMPANIES), table(INTERNING)
GIVING_TABLE = table(GIVING)
MARKET_TABLE = table(MARKET)
TABLES_OF = {
    "need_best": (DEMANDS_TABLE, SUPPLIES_TABLE, ASKING_TABLE),
    "text_best": (DEMANDS_TABLE, SUPPLIES_TABLE, ASKING_TABLE),
    "technology_best": (DEMANDS_TABLE, SUPPLIES_TABLE, ASKING_TABLE),
    "search_best": (SUPPLIES_TABLE, SEARCH_TABLE),
    "offered_levels": (SUPPLIES_TABLE, GIVING_TABLE),
    "fill_postings": (FILLING_TABLE,),
    "raise_levels": (COMPANIES_TABLE,),
    "auction_best": (MARKET_TABLE,),
    "intern_terms": (INTERNING_TABLE,),
    "place_terms": (INTERNING_TABLE,),
}
"""The kernels that are called from outside, and the tables they take."""


class Table:
    """A filled record, and the arrays it points to."""

    __slots__ = ("_held", "_numbers", "_places", "_whole", "address", "record")

    def __init__(self, kind: np.dtype[np.void], given: Mapping[str, float | NDArray[Any]]) -> None:
        self.record = np.zeros(1, dtype=kind)
        self._whole, self._numbers = self.record.view(np.int64), self.record.view(np.float64)
        self._places = _places(kind)
        self._held: dict[str, NDArray[Any]] = {}
        for name, value in given.items():
            self.put(name, value)
        self.address = int(self.record.ctypes.data)

    def put(self, name: str, value: float | NDArray[Any]) -> None:
        """Set a count, or the address of an array, which is kept alive."""
        place = self._places[name]
        if isinstance(value, np.ndarray):
            if not value.flags.c_contiguous:
                raise ValueError(f"{name} is not contiguous")
            self._held[name] = value
            self._whole[place] = value.__array_interface__["data"][0]
        elif name in NUMBERS:
            self._numbers[place] = value
        else:
            self._whole[place] = value


@cache
def _places(kind: np.dtype[np.void]) -> Mapping[str, int]:
    """Where each field of a record is; all are of 64 bits."""
    return {name: place for place, name in enumerate(kind.names or ())}
