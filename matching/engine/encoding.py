"""A technology as bytes: its analysed text and its facts, so that an index is rebuilt from the
database without reading a text again.

The form depends on the analyser and the glossary, not on what is frozen in an index. Terms and
their counts lie one after the other, so that thousands of rows are read without an object for each.
"""

from __future__ import annotations

import json
import zlib
from array import array
from collections.abc import Mapping
from itertools import islice
from struct import Struct, error
from typing import Any, NamedTuple

from .pivot import Glossary
from .reading import SUPPLY_FIELDS, read
from .records import Price, Quantity, Supply
from .statistics import Reading

ENCODING = 3
_SIZES = Struct("<HII")  # version, bytes of the head, bytes of the terms
_SETS = ("concepts", "deployed_in", "available_in", "terms")
_PLAIN = ("provider", "language", "developed_in", "trl_low", "trl_high", "lead_time_weeks",
          "evidence", "sites")  # fmt: skip


class Encoded(NamedTuple):
    """A technology without its texts, and what was read in them."""

    supply: Supply
    readings: dict[str, Reading]


Versions = list[tuple[str, float, int]]
"""Language, length and number of terms of each version of a technology."""


class Terms(NamedTuple):
    """Terms (a line each) and counts of all versions, one after the other, as they are stored."""

    versions: Versions
    terms: bytes
    counts: bytes

    def read(self) -> tuple[list[str], array[float]]:
        """Terms and counts."""
        words = self.terms.decode("utf-8", "surrogatepass")
        return words.split("\n") if words else [], array("d", self.counts)


def encode_supply(supply: Supply, glossary: Glossary | None = None) -> bytes:
    """The encoded form; `decode_supply` reads it."""
    return encode_readings(supply, read(supply.texts, SUPPLY_FIELDS, glossary))


def encode_readings(supply: Supply, readings: Mapping[str, Reading]) -> bytes:
    """The encoded form of a technology whose texts were read already."""
    facts: dict[str, Any] = {name: getattr(supply, name) for name in _PLAIN}
    facts |= {name: sorted(getattr(supply, name)) for name in _SETS}
    facts["benefits"] = [[b.metric, b.value, b.unit, b.evidence] for b in supply.benefits]
    price = supply.price
    facts["price"] = price and [price.low, price.high, price.currency, price.unit]
    versions = [[language, r.length, len(r.counts)] for language, r in readings.items()]
    head = json.dumps([supply.id, facts, versions], separators=(",", ":")).encode()
    words = "\n".join(term for reading in readings.values() for term in reading.counts)
    terms = words.encode("utf-8", "surrogatepass")
    counts = array("d", [n for reading in readings.values() for n in reading.counts.values()])
    sizes = _SIZES.pack(ENCODING, len(head), len(terms))
    return zlib.compress(b"".join((sizes, head, terms, counts.tobytes())), 1)


def split_supply(row: bytes) -> tuple[Supply, Terms]:
    """A technology without its texts, and its terms; raises ValueError if it is not an encoded form
    of this version."""
    try:
        whole = zlib.decompress(row)
        version, head, terms = _SIZES.unpack_from(whole)
    except (zlib.error, error) as wrong:
        raise ValueError("not an encoded technology") from wrong
    if version != ENCODING:
        raise ValueError(f"encoded in version {version}, not {ENCODING}")
    end = _SIZES.size + head
    number, facts, versions = json.loads(whole[_SIZES.size : end])
    held = Terms(versions, whole[end : end + terms], whole[end + terms :])
    return _supply(number, facts), held


def decode_supply(row: bytes) -> Encoded:
    """A technology with what was read in each language."""
    supply, held = split_supply(row)
    pairs = zip(*held.read(), strict=True)
    readings = {
        language: Reading(dict(islice(pairs, many)), length)
        for language, length, many in held.versions
    }
    return Encoded(supply, readings)


def _supply(number: int, facts: Mapping[str, Any]) -> Supply:
    price = facts["price"]
    given: dict[str, Any] = {name: facts[name] for name in _PLAIN}
    given |= {name: frozenset(facts[name]) for name in _SETS}
    given["benefits"] = tuple(Quantity(*benefit) for benefit in facts["benefits"])
    given["price"] = Price(*price) if price else None
    return Supply(id=number, texts=(), **given)
