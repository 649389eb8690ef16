"""A technology as bytes: its analysed text and its facts, so that an index is rebuilt from the
database without reading a text again.

The form depends on the analyser and the glossary, not on what is frozen in an index.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from .pivot import Glossary
from .records import Price, Quantity, Supply
from .statistics import Reading
from .vectors import SUPPLY_FIELDS, read

ENCODING = 1
_SETS = ("concepts", "deployed_in", "available_in", "terms")
_PLAIN = ("provider", "language", "developed_in", "trl_low", "trl_high", "lead_time_weeks",
          "evidence", "sites")  # fmt: skip


class Encoded(NamedTuple):
    """A technology without its texts, and what was read in them."""

    supply: Supply
    readings: dict[str, Reading]


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
    held = {k: [r.length, list(r.counts), list(r.counts.values())] for k, r in readings.items()}
    whole = json.dumps([ENCODING, supply.id, facts, held], separators=(",", ":"))
    return zlib.compress(whole.encode(), 1)


def decode_supply(row: bytes) -> Encoded:
    """The technology of an encoded form; raises ValueError if it is not one of this version."""
    try:
        version, number, facts, held = json.loads(zlib.decompress(row))
    except (zlib.error, TypeError) as error:
        raise ValueError("not an encoded technology") from error
    if version != ENCODING:
        raise ValueError(f"encoded in version {version}, not {ENCODING}")
    readings = {
        language: Reading(dict(zip(terms, counts, strict=True)), length)
        for language, (length, terms, counts) in held.items()
    }
    return Encoded(_supply(number, facts), readings)


def _supply(number: int, facts: Mapping[str, Any]) -> Supply:
    price = facts["price"]
    given: dict[str, Any] = {name: facts[name] for name in _PLAIN}
    given |= {name: frozenset(facts[name]) for name in _SETS}
    given["benefits"] = tuple(Quantity(*benefit) for benefit in facts["benefits"])
    given["price"] = Price(*price) if price else None
    return Supply(id=number, texts=(), **given)
