"""python -m benchmarks.fit [DIR …]: fit what open labelled data can fit of the shipped weights.

Logistic regression (Cox 1958) of "is it relevant?" on the purpose x, by Newton steps, with normal
priors around the shipped values (Genkin, Lewis and Madigan 2007). The labels of the open sets say
nothing of price, place, readiness and the like, so the seven other weights cannot be fitted and
stay. Log loss is of folds (by need) that the fit has not seen. Only needs with labels count. The
open sets name what is relevant and nothing else, so every ninth other technology stands for what is
not: the fitted intercept holds for that mixture, not for a catalogue, and the shipped level is
moved only when the loss on unseen needs falls clearly. Local decisions fit the level.
"""

from __future__ import annotations

import sys
from math import fsum, log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.evaluate import ROOT, parents, product_glossary
from matching.engine.evaluate import calibration_error
from matching.engine.folder import Folder, read_folder
from matching.engine.index import Catalogue
from matching.engine.policy import DEFAULT

Floats = NDArray[np.float64]
Part = tuple[Floats, Floats, Floats, Floats]
"""x, relevant, need and weight of each pair."""
SHARED = ROOT.parent / "shared" / "data"
SETS = ("eu-cleantech-projects", "open-sustainable-technology", "retrieval/cranfield",
        "retrieval/cisi")  # fmt: skip
PRIOR_SPREAD = 1.0  # of the intercept and of the weight of purpose, around the shipped values
FOLDS = 5
APART = 9  # every ninth technology without a label stands in for the ones that are not relevant


def purposes(folder: Folder) -> tuple[Floats, Floats, Floats]:
    """(x, relevant, need) of every labelled pair and of a spread of unlabelled ones.

    The open sets list what is relevant only, so the others of a need are a sample of the rest.
    """
    intercept, purpose = DEFAULT.intercept, DEFAULT.weights["purpose"]
    catalogue = Catalogue(folder.supplies, glossary=product_glossary(), parents=parents())
    rows: list[tuple[float, float, float]] = []
    for demand in folder.demands:
        name = folder.needs[demand.id]
        labels = (folder.grades or {}).get(name, {})
        for place, score in catalogue.ranked(demand, len(folder.supplies)):
            other = folder.technologies[place]
            if other == name or not labels or (other not in labels and place % APART):
                continue
            z = log(max(score, 1e-9) / max(100.0 - score, 1e-9))
            x = (z - intercept) / purpose
            rows.append((min(max(x, 0.0), 1.0), float(labels.get(other, 0) > 0), demand.id))
    columns = np.array(rows, dtype=np.float64).reshape(-1, 3).T
    return columns[0], columns[1], columns[2]


def fit(x: Floats, hit: Floats, weight: Floats) -> tuple[float, float]:
    """(intercept, weight of purpose): the most probable ones under the priors."""
    prior = np.array([DEFAULT.intercept, DEFAULT.weights["purpose"]])
    found, design = prior.copy(), np.column_stack([np.ones(len(x)), x])
    for _step in range(50):
        chance = 1.0 / (1.0 + np.exp(-(design @ found)))
        slope = design.T @ (weight * (chance - hit)) + (found - prior) / PRIOR_SPREAD**2
        bend = design.T @ (design * (weight * chance * (1 - chance))[:, None])
        step = np.linalg.solve(bend + np.eye(2) / PRIOR_SPREAD**2, slope)
        found = found - step
        if np.abs(step).max() < 1e-9:
            break
    return float(found[0]), float(found[1])


def loss(x: Floats, hit: Floats, weight: Floats, at: tuple[float, float]) -> tuple[float, float]:
    """(log loss, calibration error) of a fit."""
    chance = 1.0 / (1.0 + np.exp(-(at[0] + at[1] * x)))
    right = np.clip(np.where(hit > 0, chance, 1 - chance), 1e-12, 1)
    mean = fsum((-weight * np.log(right)).tolist()) / fsum(weight.tolist())
    return mean, calibration_error((100 * chance).tolist(), (hit > 0).tolist())


def main(arguments: list[str]) -> int:
    """Prints the fit of every set and of all, each set with the same weight in it."""
    folders = [Path(a) for a in arguments] or [SHARED / name for name in SETS]
    folders = [folder for folder in folders if folder.is_dir()]
    if not folders:
        print(f"no labelled data: none of {', '.join(SETS)} in {SHARED}", file=sys.stderr)
        return 2
    parts: list[Part] = []
    shipped = (DEFAULT.intercept, DEFAULT.weights["purpose"])
    print(f"{'':30}{'pairs':>8}{'relevant':>9}{'intercept':>11}{'purpose':>9}"
          f"{'loss held out':>15}{'shipped':>9}")  # fmt: skip
    for folder in folders:
        x, hit, need = purposes(read_folder(folder))
        if hit.any() and not hit.all():
            parts.append((x, hit, need + len(parts) * 1e6, np.full(len(x), 1e3 / len(x))))
            _line(folder.name, parts[-1], shipped)
    if len(parts) > 1:
        together = [np.concatenate(columns) for columns in zip(*parts, strict=True)]
        _line("all", (together[0], together[1], together[2], together[3]), shipped)
    kept = {name: weight for name, weight in DEFAULT.weights.items() if name != "purpose"}
    print(f"cannot be fitted on these labels and stay: {kept}, miss_cost {DEFAULT.miss_cost}")
    return 0


def _line(name: str, part: Part, shipped: tuple[float, float]) -> None:
    x, hit, need, weight = part
    fold = np.unique(need, return_inverse=True)[1] % FOLDS
    seen = [(fit(x[fold != f], hit[fold != f], weight[fold != f]), fold == f) for f in range(FOLDS)]
    held = [loss(x[rows], hit[rows], weight[rows], at)[0] for at, rows in seen if rows.any()]
    intercept, purpose = fit(x, hit, weight)
    print(f"{name:30}{len(x):8}{int(hit.sum()):9}{intercept:11.2f}{purpose:9.2f}"
          f"{np.mean(held):15.4f}{loss(x, hit, weight, shipped)[0]:9.4f}")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
