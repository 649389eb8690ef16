"""A large market made of real texts: sentences of the shared data, mixed by a seeded generator.

A technology takes its title and most sentences from one record and fills up with sentences of
others of the same collection, to the length of a third; facts are drawn so that about half are
stated. Sentences are analysed once and their term counts added.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from matching.engine import (
    EVIDENCE_LEVELS,
    METRICS,
    Demand,
    Glossary,
    Price,
    Quantity,
    Scale,
    Supply,
    Text,
)
from matching.engine.encoding import encode_readings
from matching.engine.reading import SUPPLY_FIELDS, read
from matching.engine.statistics import Reading
from matching.engine.units import REGION_OF

SEED = 20_261_123
COLLECTIONS = {
    "eu-cleantech-projects": 50, "open-sustainable-technology": 12, "retrieval/cisi": 8,
    "retrieval/cranfield": 8, "retrieval/xquad_en": 4, "retrieval/cmrc2018_dev": 6,
    "retrieval/arcd": 4, "retrieval/xquad_es": 4, "retrieval/xquad_ru": 4,
}  # fmt: skip
"""Collection and its share of the market."""
SENTENCE = re.compile(r"(?<=[.!?。；;؟])\s*")
COUNTRIES = sorted(REGION_OF)
TERMS = ["sale", "pilot", "service", "lease", "licence_exclusive", "licence_open"]
CONCEPTS = [f"topic:field{n // 8}.topic{n}" for n in range(96)]
PARENTS = {concept: concept.split(".")[0].replace("topic:", "field:") for concept in CONCEPTS}
NEED_CHARACTERS = 900


@dataclass(frozen=True, slots=True)
class Record:
    """A real text, sentence by sentence."""

    language: str
    title: str
    sentences: tuple[str, ...]


def records(data: Path) -> dict[str, list[Record]]:
    """The texts of each collection."""
    found: dict[str, list[Record]] = {}
    for name in COLLECTIONS:
        path = data / name / "technologies.jsonl"
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
        found[name] = [
            Record(
                row["lang"], row.get("title") or "", tuple(SENTENCE.split(row.get("text") or ""))
            )
            for row in rows
        ]
    return found


class Market:
    """Technologies and needs by number, the same ones every time."""

    def __init__(self, data: Path, glossary: Glossary | None = None) -> None:
        self._glossary = glossary
        self._records = records(data)
        self._names, self._shares = zip(*COLLECTIONS.items(), strict=True)
        self._read: dict[tuple[str, str, str], Reading] = {}

    def _mix(self, random: Random) -> tuple[Record, list[str]]:
        rows = self._records[random.choices(self._names, self._shares)[0]]
        base, length = random.choice(rows), len(random.choice(rows).sentences)
        chosen = [s for s in base.sentences if random.random() < 0.6][:length]
        chosen += [random.choice(random.choice(rows).sentences) for _ in range(length)]
        return base, chosen[: max(length, 1)]

    def row(self, number: int) -> bytes:
        """An encoded technology."""
        random = Random(f"{SEED} technology {number}")
        base, sentences = self._mix(random)
        counts: dict[str, float] = {}
        length = 0.0
        language = base.language
        for field, text in [("title", base.title), *(("description", s) for s in sentences)]:
            reading = self._reading(language, field, text)
            length += reading.length
            for term, times in reading.counts.items():
                counts[term] = counts.get(term, 0.0) + times
        (key,) = read([Text(language, "title", "x")], SUPPLY_FIELDS, None)
        return encode_readings(_supply(number, language, random), {key: Reading(counts, length)})

    def _reading(self, language: str, field: str, text: str) -> Reading:
        key = (language, field, text)
        if key not in self._read:
            found = read([Text(language, field, text)], SUPPLY_FIELDS, self._glossary)
            self._read[key] = next(iter(found.values()))
        return self._read[key]

    def rows(self, n: int) -> Iterator[bytes]:
        """The first n technologies."""
        return (self.row(number) for number in range(n))

    def need(self, number: int) -> Demand:
        """A need of about 900 characters in the words of several records."""
        random = Random(f"{SEED} need {number}")
        base, sentences = self._mix(random)
        text = ""
        while len(text) < NEED_CHARACTERS:
            text += " ".join(sentences or [base.title or "none"]) + " "
            sentences = self._mix(random)[1] if not base.sentences else list(base.sentences)
        texts = (
            Text(base.language, "title", base.title),
            Text(base.language, "problem", text[:NEED_CHARACTERS]),
        )
        return _demand(number, base.language, texts, random)


def _maybe(random: Random) -> bool:
    return random.random() < 0.5


def _supply(number: int, language: str, random: Random) -> Supply:
    metrics = random.sample(sorted(METRICS), random.randrange(4))
    low = random.uniform(1, 500)
    trl = random.randrange(3, 10)
    return Supply(
        id=number,
        provider=number // 3,
        language=language,
        texts=(),
        concepts=frozenset(random.sample(CONCEPTS, random.randrange(1, 4)))
        | {f"sdg:{random.randrange(1, 18)}"},
        benefits=tuple(Quantity(m, random.uniform(1, 90), METRICS[m]) for m in metrics),
        developed_in=random.choice(COUNTRIES),
        deployed_in=frozenset(random.sample(COUNTRIES, random.randrange(4))),
        available_in=frozenset(["*"] if _maybe(random) else random.sample(COUNTRIES, 6)),
        price=Price(low, low * 2, "EUR", random.choice(["m2", "project", "kW"]))
        if _maybe(random)
        else None,
        trl_low=trl if _maybe(random) else None,
        terms=frozenset(random.sample(TERMS, random.randrange(3))),
        lead_time_weeks=random.uniform(2, 60) if _maybe(random) else None,
        evidence=random.choice(EVIDENCE_LEVELS) if _maybe(random) else None,
    )


def _demand(number: int, language: str, texts: tuple[Text, ...], random: Random) -> Demand:
    metrics = random.sample(sorted(METRICS), random.randrange(3))
    return Demand(
        id=number,
        city=number // 5,
        language=language,
        texts=texts,
        concepts=frozenset(random.sample(CONCEPTS, 2)) | {"sdg:11"},
        targets=tuple(Quantity(m, random.uniform(1, 60), METRICS[m]) for m in metrics),
        country=random.choice(COUNTRIES),
        budget=Price(None, random.uniform(50, 900), "USD", "m2"),
        scale=Scale(random.uniform(100, 9000), "m2"),
        trl_min=random.randrange(4, 9),
        terms=frozenset(random.sample(TERMS, 2)),
        weeks_to_decision=random.uniform(4, 50),
        must=frozenset(["readiness", "place"][: random.randrange(3)]),
    )
