"""What an encoder adds to a pair: how far the likeness of two texts stands above chance.

An encoder turns texts of the languages it knows into unit vectors. Their cosine is standardised
like shared words (score.stands), against technologies drawn evenly from the catalogue, and mixed
into how the texts stand: a convex combination (Bruch, Gai and Ingber 2023, "An analysis of fusion
functions for hybrid retrieval", ACM TOIS 42) before the purpose is weighed, so that the parts of
the score still add up. Only the best of an answer are looked at, and a pair without a language that
the encoder knows keeps its score.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from math import sqrt
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from .asking import Answer
from .blocks import Supplies
from .feedback import AWAY, TOWARDS_EACH, TOWARDS_MOST
from .layout import LANGUAGE_BIT
from .records import DEMAND_FIELDS, SUPPLY_FIELDS, Demand, Supply, Text
from .score import log_odds_of, weigh
from .statistics import Offer, Singles
from .text import base_language

if TYPE_CHECKING:
    from .steps import Version
    from .vectors import Context

LOOKED_AT = 200  # of an answer, best first
SHARE = 0.5  # of the standing is the encoder's, once enough technologies are known
GAIN = 1.0  # spreads of words for one spread of cosines
DRAWN = 100  # technologies of a language that say what is usual
USUAL_PRIOR, USUAL_SPREAD = 10.0, 0.05  # as if ten more were known that differ by this much
CHARACTERS = 8_000  # of a text; models read less
KEPT = 20_000  # vectors in memory
Fetch = Callable[[Sequence[int]], Mapping[int, Supply]]


class Encoder(Protocol):
    """What an operator may bring: a model of sentences."""

    @property
    def languages(self) -> Sequence[str]:
        """Those it knows, the best one first."""

    def encode(self, texts: Sequence[str], language: str, *, asking: bool = False) -> Singles:
        """(n, d) vectors of length 1; `asking`: texts that look for the others, not the others."""


class Heard(NamedTuple):
    """What an encoder says of a pair: cosine, spreads above chance, its share of the standing."""

    likeness: float
    standing: float
    share: float

    def mixed(self, standing: float) -> float:
        """How the texts stand with this."""
        return standing + self.share * (self.standing - standing)


def version(
    texts: Iterable[Text], own: str, order: Sequence[str], languages: Sequence[str]
) -> tuple[str, str]:
    """(language, text) that is encoded: a record's own words, or those the encoder knows best.

    Fields in the given order; ("", "") for a record without a language of the encoder.
    """
    said: dict[str, dict[str, str]] = {}
    for text in texts:
        if text.text.strip():
            said.setdefault(base_language(text.language), {})[text.field] = text.text.strip()
    for language in (base_language(own), *languages):
        if language in languages and language in said:
            parts = said[language]
            named = [parts.pop(field) for field in order if field in parts]
            whole = "\n".join([*named, *(parts[field] for field in sorted(parts))])
            return language, whole[:CHARACTERS].encode("utf-8", "replace").decode()
    return "", ""


def drawn(block: Supplies) -> dict[str, list[int]]:
    """By language some technologies of a block, evenly spread."""
    found: dict[str, list[int]] = {}
    for language, bit in LANGUAGE_BIT.items():
        rows = np.flatnonzero((block.arrays["languages"] & bit != 0) & (block.alive != 0))
        step = max(1, len(rows) // DRAWN)
        found[language] = block.ids[rows[::step][:DRAWN]].tolist()
    return found


class Meanings:
    """An encoder with the vectors it has made, and what is usual among the technologies."""

    def __init__(self, encoder: Encoder, sample: Mapping[str, Sequence[int]], fetch: Fetch) -> None:
        """`sample`: technologies by language, read by `fetch` when the language is first met."""
        self.encoder = encoder
        self.languages = tuple(encoder.languages)
        self._sample, self._fetch = sample, fetch
        self._usual: dict[str, Singles] = {}
        self._kept: OrderedDict[bytes, Singles] = OrderedDict()
        self._lock = Lock()

    def vector(self, text: str, language: str, *, asking: bool = False) -> Singles:
        """Of one text, encoded alone: then it does not depend on what else is asked for."""
        key = blake2b(f"{int(asking)} {language} {text}".encode(), digest_size=16).digest()
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made: Singles = self.encoder.encode([text], language, asking=asking)[0]
        with self._lock:
            self._kept[key] = made
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made

    def of_supply(self, supply: Supply) -> tuple[str, Singles] | None:
        """(language, vector) of a technology."""
        language, text = version(supply.texts, supply.language, SUPPLY_FIELDS, self.languages)
        return (language, self.vector(text, language)) if text else None

    def of_demand(self, demand: Demand) -> Singles | None:
        """The vector of a need, moved by what answers taught (feedback.rocchio)."""
        language, text = version(demand.texts, demand.language, DEMAND_FIELDS, self.languages)
        if not text:
            return None
        asked = self.vector(text, language, asking=True)
        towards = min(TOWARDS_EACH * len(demand.liked), TOWARDS_MOST)
        moved = asked
        for force, group in ((towards, demand.liked), (-AWAY, demand.disliked)):
            known = [found[1] for found in map(self.of_supply, group) if found is not None]
            if known:
                moved = moved + force * np.mean(known, axis=0)
        return asked if moved is asked else _unit(moved)

    def usual(self, language: str) -> Singles:
        """Vectors of the technologies drawn in a language."""
        if language not in self._usual:
            numbers = self._sample.get(language, ())
            records = self._fetch(numbers)
            spoken = [(language,)] * len(numbers)
            texts = [
                version(records[n].texts, language, SUPPLY_FIELDS, only)[1]
                for n, only in zip(numbers, spoken, strict=True)
                if n in records
            ]
            made = [self.vector(text, language) for text in texts if text]
            self._usual[language] = np.array(made, dtype=np.float32)
        return self._usual[language]

    def hear(self, demand: Demand, supply: Supply) -> Heard | None:
        """What the encoder says of a pair; None where it does not know the languages."""
        asked = self.of_demand(demand)
        offered = self.of_supply(supply) if asked is not None else None
        if asked is None or offered is None:
            return None
        language, vector = offered
        usual = self.usual(language)
        if not len(usual):
            return None
        likeness = float(np.dot(asked, vector))
        cosines = (usual @ asked).astype(np.float64)
        mean, every = float(cosines.mean()), len(cosines) + USUAL_PRIOR
        squares = float(((cosines - mean) ** 2).sum()) + USUAL_PRIOR * USUAL_SPREAD**2
        standing = GAIN * (likeness - mean) / sqrt(squares / every)
        return Heard(likeness, standing, SHARE * len(cosines) / every)


def _unit(vector: Singles) -> Singles:
    length = max(sqrt(float(np.dot(vector, vector))), 1e-6)
    made: Singles = (vector / length).astype(np.float32)
    return made


def meanings_of(encoder: Encoder | None, block: Supplies, fetch: Fetch) -> Meanings | None:
    """An encoder that knows what is usual in a block; nothing without one."""
    return Meanings(encoder, drawn(block), fetch) if encoder is not None else None


class Both(NamedTuple):
    """The two sides of a pair, by the id of the one that is looked for."""

    number: int
    demand: Demand
    versions: Sequence[Version]
    supply: Supply
    offer: Offer


Pairs = Iterator[Both]


def width(context: Context, k: int, most: int) -> int:
    """How many of the best are found first, for an answer of k."""
    return k if context.meanings is None or k == 0 else min(max(k, LOOKED_AT), most)


def look_again(
    answer: Answer, k: int, context: Context, pairs: Callable[[list[int]], Pairs]
) -> Answer:
    """The k best when the encoder is heard about the first of them; as they are without one."""
    if context.meanings is None or k == 0:
        return answer
    then = dict(answer.best)
    for number, demand, versions, supply, offer in pairs([n for n, _ in answer.best[:LOOKED_AT]]):
        weighed = weigh(demand, versions, supply, offer, context)
        then[number] = log_odds_of(weighed, demand, context)
    best = sorted(then.items(), key=lambda found: (-found[1], found[0]))
    return answer._replace(best=best[:k])
