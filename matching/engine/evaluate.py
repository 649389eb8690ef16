"""How good the matching is, on labelled data in the import format.

nDCG: Järvelin and Kekäläinen 2002, gain 2^grade - 1 (Burges et al. 2005), logarithm of base 2.
Calibration error: expected calibration error, Naeini et al. 2015, ten bins of equal width.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum, log2
from pathlib import Path

import numpy as np

from .encoder import Encoder
from .folder import Folder, Problem, demand_of, read_folder, supply_of
from .index import Catalogue
from .pivot import Glossary
from .policy import DEFAULT, Policy
from .records import Demand, Supply
from .text import base_language

__all__ = ["Figures", "Report", "demand_of", "evaluate", "read_folder", "supply_of"]
SHUFFLE = 20_260_101
Ranking = list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over the needs that have a relevant technology; calibration over the pairs ranked."""

    ndcg10: float
    recall100: float
    mrr: float
    calibration: float
    needs: int


@dataclass(frozen=True, slots=True)
class Report(Figures):
    """The figures of all, by (language of the needs, language of the technologies), and what was
    wrong with the files. Without labels `needs` is 0.
    """

    technologies: int
    pairs: tuple[tuple[str, str, Figures], ...] = ()
    problems: tuple[Problem, ...] = ()


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


class _Tally:
    """Figures need by need."""

    def __init__(self) -> None:
        self.figures: list[tuple[float, float, float]] = []
        self.scores: list[float] = []
        self.hits: list[bool] = []

    def add(self, ranked: Ranking, known: Mapping[str, int]) -> None:
        """One need: what was ranked, best first, and the labels."""
        names = [name for name, _ in ranked]
        self.figures.append(
            (ndcg(names, known), recall(names, known), reciprocal_rank(names, known))
        )
        self.scores += [score for _, score in ranked]
        self.hits += [known.get(name, 0) > 0 for name in names]

    def means(self) -> Figures:
        """The means; zeros without needs."""
        rows = self.figures or [(0.0, 0.0, 0.0)]
        first, second, third = (float(mean) for mean in np.mean(rows, axis=0))
        error = calibration_error(self.scores, self.hits)
        return Figures(first, second, third, error, len(self.figures))


class _Ranker:
    """Rankings of a folder: equal scores in an order shuffled once, a need's own id left out."""

    def __init__(self, folder: Folder, catalogue: Catalogue, top: int, judged: bool) -> None:
        self.folder, self.catalogue, self.top, self.judged = folder, catalogue, top, judged
        self.languages = {
            name: languages
            for name, supply in zip(folder.technologies, folder.supplies, strict=True)
            if (languages := {text.language for text in supply.texts})
        }
        order = np.random.RandomState(SHUFFLE).permutation(len(folder.supplies))
        self.name_of = {int(place): folder.technologies[i] for i, place in enumerate(order)}

    def ranked(self, demand: Demand) -> Ranking:
        """(name, score), best first: the `top` of all, or of the technologies with a label."""
        own = self.folder.needs[demand.id]
        known = (self.folder.grades or {}).get(own, {})
        wanted = len(self.folder.supplies) if self.judged else self.top + 1
        found = ((self.name_of[i], score) for i, score in self.catalogue.ranked(demand, wanted))
        kept = [(n, s) for n, s in found if n != own and (n in known or not self.judged)]
        return kept[: self.top]

    def known(self, demand: Demand) -> dict[str, int]:
        """The labels of a need, without its own id."""
        own = self.folder.needs[demand.id]
        labels = (self.folder.grades or {}).get(own, {})
        return {name: grade for name, grade in labels.items() if name != own}

    def parts(
        self, ranked: Ranking, known: Mapping[str, int]
    ) -> Iterator[tuple[str, Ranking, dict[str, int]]]:
        """The ranking and the labels of the technologies of each language that has a hit."""
        none: set[str] = set()
        hits = [self.languages.get(name, none) for name, grade in known.items() if grade > 0]
        for language in sorted(set().union(*hits)):
            inside = [pair for pair in ranked if language in self.languages.get(pair[0], none)]
            labels = {n: g for n, g in known.items() if language in self.languages.get(n, none)}
            yield language, inside, labels


def evaluate(
    folder: Path | str | Folder,
    judged: bool = False,
    top: int = 1000,
    *,
    policy: Policy = DEFAULT,
    glossary: Glossary | None = None,
    parents: Mapping[str, str] | None = None,
    encoder: Encoder | None = None,
    most: int | None = None,
    ranking: Callable[[str, Ranking], None] | None = None,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Report:
    """Rank every need of a folder and compare with its labels.

    Only the `top` of each ranking count; `judged` leaves pairs without a label out of it; `most`
    takes that many needs, evenly spread. `ranking` is called with every need and its results (then
    needs without a relevant technology are ranked too), `progress` with needs done and to do.
    Raises FileNotFoundError without technologies.jsonl or needs.jsonl.
    """
    read = folder if isinstance(folder, Folder) else read_folder(folder)
    ranker = _Ranker(read, _catalogue(read, policy, glossary, parents, encoder), top, judged)
    asked = _asked(ranker, most, everyone=ranking is not None)
    whole, pairs = _Tally(), dict[tuple[str, str], _Tally]()
    for done, demand in enumerate(asked, 1):
        ranked, known = ranker.ranked(demand), ranker.known(demand)
        if ranking is not None:
            ranking(read.needs[demand.id], ranked)
        if any(grade > 0 for grade in known.values()):
            whole.add(ranked, known)
            for language, inside, labels in ranker.parts(ranked, known):
                key = (base_language(demand.language), language)
                pairs.setdefault(key, _Tally()).add(inside, labels)
        progress(done, len(asked))
    figures = whole.means()
    by_pair = tuple((a, b, tally.means()) for (a, b), tally in sorted(pairs.items()))
    return Report(
        figures.ndcg10, figures.recall100, figures.mrr, figures.calibration, figures.needs,
        len(read.supplies), by_pair, tuple(read.problems),
    )  # fmt: skip


def _catalogue(
    read: Folder,
    policy: Policy,
    glossary: Glossary | None,
    parents: Mapping[str, str] | None,
    encoder: Encoder | None,
) -> Catalogue:
    """Technologies numbered in the shuffled order, which is the order of equal scores."""
    order = np.random.RandomState(SHUFFLE).permutation(len(read.supplies))
    supplies: Iterable[Supply] = (
        replace(supply, id=int(place)) for supply, place in zip(read.supplies, order, strict=True)
    )
    made = Catalogue(supplies, policy=policy, glossary=glossary, parents=parents)
    made.use(encoder)
    return made


def _asked(ranker: _Ranker, most: int | None, *, everyone: bool) -> list[Demand]:
    """The needs with a relevant technology, or all; `most` of them, evenly spread."""
    demands = ranker.folder.demands
    everyone = everyone or ranker.folder.grades is None
    asked = [d for d in demands if everyone or any(g > 0 for g in ranker.known(d).values())]
    if most is None or len(asked) <= most:
        return asked
    return [asked[row * len(asked) // most] for row in range(most)]
