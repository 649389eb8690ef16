"""How good the matching is, on labelled data in the import format.

nDCG: Järvelin and Kekäläinen 2002, gain 2^grade - 1 (Burges et al. 2005), logarithm of base 2.
Calibration error: expected calibration error, Naeini et al. 2015, ten bins of equal width.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, log2
from pathlib import Path
from typing import Any

import numpy as np

from .index import Catalogue
from .pivot import Glossary
from .policy import DEFAULT, Policy
from .records import Demand, Price, Quantity, Scale, Supply, Text

SHUFFLE = 20_260_101
SUPPLY_KEYS = {
    "title": "title",
    "summary": "summary",
    "text": "description",
    "problem": "problem",
    "difference": "difference",
    "economic_case": "economic_case",
}
DEMAND_KEYS = {
    "title": "title",
    "summary": "summary",
    "text": "problem",
    "baseline": "baseline",
    "target": "target",
    "constraints": "constraints",
}
Grades = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Report:
    """Means over the needs that have a relevant technology; calibration over the pairs ranked."""

    ndcg10: float
    recall100: float
    mrr: float
    calibration: float
    needs: int
    technologies: int


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _texts(row: Mapping[str, Any], keys: Mapping[str, str]) -> tuple[Text, ...]:
    versions = [(row.get("lang") or "en", row), *sorted((row.get("translations") or {}).items())]
    return tuple(
        Text(language, field, version[key])
        for language, version in versions
        for key, field in keys.items()
        if version.get(key)
    )


def _codes(row: Mapping[str, Any]) -> frozenset[str]:
    topics = {c if ":" in c else f"topic:{c}" for c in row.get("concepts") or ()}
    return frozenset(topics | {f"sdg:{goal}" for goal in row.get("sdgs") or ()})


def _quantities(rows: Sequence[Mapping[str, Any]] | None) -> tuple[Quantity, ...]:
    return tuple(
        Quantity(row["metric"], row["value"], row["unit"], row.get("evidence", "claimed"))
        for row in rows or ()
    )


def _price(row: Mapping[str, Any] | None) -> Price | None:
    if not isinstance(row, dict):
        return None
    return Price(row.get("low"), row.get("high"), row.get("currency", ""), row.get("unit", ""))


def supply_of(row: Mapping[str, Any], number: int, provider: int = 0) -> Supply:
    """One line of technologies.jsonl; raises KeyError without id, lang, title or text keys."""
    trl = row.get("trl") or (None, None)
    cost = row.get("cost")
    benefits = _quantities(row.get("benefits"))
    levels = [b.evidence for b in benefits]
    best = next((x for x in ("verified", "documented", "claimed") if x in levels), None)
    return Supply(
        id=number,
        provider=provider,
        language=row["lang"],
        texts=_texts(row, SUPPLY_KEYS),
        concepts=_codes(row),
        benefits=benefits,
        developed_in=row.get("developed_in") or "",
        deployed_in=frozenset(row.get("deployed_in") or ()),
        available_in=frozenset(row.get("available_in") or ()),
        price=_price(cost),
        trl_low=trl[0],
        trl_high=trl[-1],
        terms=frozenset(row.get("terms") or ()),
        lead_time_weeks=row.get("lead_time_weeks"),
        evidence=best,
        sites=len(row.get("sites") or ()),
    )


def demand_of(row: Mapping[str, Any], number: int, city: int = 0) -> Demand:
    """One line of needs.jsonl; `decision_by` is a date and needs a clock: only days are read."""
    scale, days = row.get("scale"), row.get("decision_in_days")
    return Demand(
        id=number,
        city=city,
        language=row["lang"],
        texts=_texts(row, DEMAND_KEYS),
        concepts=_codes(row),
        targets=_quantities(row.get("targets")),
        country=row.get("country") or "",
        subdivision=row.get("subdivision") or "",
        budget=_price(row.get("budget")),
        scale=Scale(scale["value"], scale["unit"]) if isinstance(scale, dict) else None,
        trl_min=row.get("trl_min"),
        evidence_min=row.get("evidence_min"),
        terms=frozenset(row.get("terms") or ()),
        weeks_to_decision=None if days is None else days / 7,
        must=frozenset(row.get("must") or ()),
        capacity=row.get("capacity") or 5,
    )


def read_folder(folder: Path | str) -> tuple[list[Supply], list[Demand], list[str], list[str]]:
    """(supplies, demands, names of the supplies, names of the demands); ids count from 0.

    Raises OSError for a missing file, ValueError for a line that is not JSON, KeyError for one
    without `id` or `lang`.
    """
    technologies = list(_lines(Path(folder) / "technologies.jsonl"))
    needs = list(_lines(Path(folder) / "needs.jsonl"))
    providers = sorted({str(row.get("organisation") or row["id"]) for row in technologies})
    number_of = {name: number for number, name in enumerate(providers)}
    supplies = [
        supply_of(row, number, number_of[str(row.get("organisation") or row["id"])])
        for number, row in enumerate(technologies)
    ]
    demands = [demand_of(row, number) for number, row in enumerate(needs)]
    return supplies, demands, [r["id"] for r in technologies], [r["id"] for r in needs]


def read_grades(path: Path) -> Grades:
    """need -> technology -> grade, from `need <TAB> 0 <TAB> technology <TAB> grade`."""
    grades: Grades = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                need, _, technology, grade = line.rstrip("\n").split("\t")
                grades.setdefault(need, {})[technology] = int(grade)
    return grades


def ndcg(ranking: Sequence[str], grades: Mapping[str, int], k: int = 10) -> float:
    """0..1: gain 2^grade - 1, discounted by log2(rank + 1), against the best possible order."""
    ideal = sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:k]
    best = fsum((2**grade - 1) / log2(rank + 2) for rank, grade in enumerate(ideal))
    gained = fsum(
        (2 ** max(0, grades.get(name, 0)) - 1) / log2(rank + 2)
        for rank, name in enumerate(ranking[:k])
    )
    return gained / best if best else 0.0


def recall(ranking: Sequence[str], grades: Mapping[str, int], k: int = 100) -> float:
    """0..1: the share of the relevant that is among the first k."""
    relevant = {name for name, grade in grades.items() if grade > 0}
    return len(relevant & set(ranking[:k])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranking: Sequence[str], grades: Mapping[str, int]) -> float:
    """1 / rank of the first relevant one, 0 if none is ranked."""
    ranks = (rank for rank, name in enumerate(ranking, 1) if grades.get(name, 0) > 0)
    return 1.0 / next(ranks, float("inf"))


def calibration_error(scores: Sequence[float], relevant: Sequence[bool]) -> float:
    """0..1: mean gap between score / 100 and the share that is relevant, over ten bins."""
    if not scores:
        return 0.0
    chance, hits = np.array(scores) / 100.0, np.array(relevant, dtype=np.float64)
    bins = np.minimum((chance * 10).astype(np.int64), 9)
    gaps = [abs(fsum(chance[bins == b]) - fsum(hits[bins == b])) for b in range(10)]
    return fsum(gaps) / len(scores)


def evaluate(
    folder: Path | str,
    judged: bool = False,
    top: int = 1000,
    *,
    policy: Policy = DEFAULT,
    glossary: Glossary | None = None,
    parents: Mapping[str, str] | None = None,
    most: int | None = None,
) -> Report:
    """Rank every need of a folder and compare with its qrels.tsv.

    Only the `top` of each ranking count; `judged` leaves pairs without a label out of it; `most`
    takes that many needs, evenly spread. A need's own id is left out of its ranking; equal scores
    are in an order shuffled once. Errors: those of `read_folder`.
    """
    supplies, demands, names, needs = read_folder(folder)
    grades = read_grades(Path(folder) / "qrels.tsv")
    catalogue = Catalogue(supplies, policy=policy, glossary=glossary, parents=parents)
    shuffled = np.random.RandomState(SHUFFLE).permutation(len(supplies))
    asked = _with_answers(demands, needs, grades, most)
    figures, scores, hits = [], [], []
    for demand in asked:
        own, known = needs[demand.id], dict(grades[needs[demand.id]])
        known.pop(own, None)
        ranked = sorted(catalogue.ranked(demand, len(supplies)), key=_order(shuffled))
        pairs = [(names[i], score) for i, score in ranked if names[i] != own]
        pairs = [p for p in pairs if not judged or p[0] in known][:top]
        ranking = [name for name, _ in pairs]
        figures.append(
            (ndcg(ranking, known), recall(ranking, known), reciprocal_rank(ranking, known))
        )
        scores += [score for _, score in pairs]
        hits += [known.get(name, 0) > 0 for name in ranking]
    means = [float(mean) for mean in np.mean(figures, axis=0)] if figures else [0.0, 0.0, 0.0]
    error = calibration_error(scores, hits)
    return Report(means[0], means[1], means[2], error, len(asked), len(supplies))


def _with_answers(
    demands: list[Demand], names: list[str], grades: Grades, most: int | None
) -> list[Demand]:
    """The needs with a relevant technology; `most` of them, evenly spread."""
    asked = [d for d in demands if any(g > 0 for g in grades.get(names[d.id], {}).values())]
    if most is None or len(asked) <= most:
        return asked
    return [asked[row * len(asked) // most] for row in range(most)]


def _order(shuffled: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Any:
    return lambda pair: (-pair[1], shuffled[pair[0]])
