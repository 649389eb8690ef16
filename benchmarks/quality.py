"""./run bench quality [--write] [--most N] [--packs DIR]: how well open labelled data is ranked.

Ours with and without the glossary, and with packs where a folder of them is given, beside plain
BM25 (Robertson and Zaragoza 2009, k1 1.5, b 0.75) on our analyser and on words between blanks,
and scikit-learn's TF-IDF where it is installed. Every system sees the same texts.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from math import fsum, log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.evaluate import ROOT, parents, product_glossary
from matching.engine.evaluate import SHUFFLE, evaluate, ndcg
from matching.engine.folder import Folder, read_folder
from matching.engine.packs import read_packs
from matching.engine.pivot import Glossary
from matching.engine.records import Demand, Supply
from matching.engine.text import analyse

SHARED = ROOT.parent / "shared" / "data"
REPORT = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- quality: written by ./run bench quality -->", "<!-- /quality -->"
HEAD = "# Benchmarks\n"
SAME = (
    "open-sustainable-technology",
    "eu-cleantech-projects",
    *(f"retrieval/{name}" for name in ("cranfield", "cisi", "cmrc2018_dev", "arcd")),
    *(f"retrieval/xquad_{code}" for code in ("en", "zh", "es", "ru", "ar")),
)
CROSS = ("zh-en", "es-en", "ru-en", "ar-en")
K1, B = 1.5, 0.75
Floats = NDArray[np.float64]
Analyser = Callable[[str, str], dict[str, int]]
System = Callable[[Folder], tuple[float, float | None]]
TRIED = """\
What was tried and did not help, or not enough for what it costs (nDCG@10 on the sets above):

- Feedback from the top documents (5 to 10 documents, 20 terms, only where the ranking is flat):
  cranfield +0.004 to +0.008, cisi +0.003 to +0.009, but eu-cleantech −0.008 to −0.017, and every
  need is scored twice. Without the gate cmrc, arcd and xquad lose 0.004 to 0.02 as well.
- Latent vectors (128 dimensions by SVD, 10 to 40 neighbouring terms added to a need): cranfield
  +0.007 to +0.013, cisi 0 to +0.004, eu −0.017 to −0.035, arcd −0.01 to −0.02.
- A concept that counts only where the other text uses another synonym: eu −0.015 to −0.03.
- Pairs of words with a gap of one, a lower bound on term frequency (BM25+), k1 of 1.0 or 2.0, b of
  0.5 or 0.9: lower means over all sets.
- Words of a technology weighed by latent vectors of it instead of by the technologies most like it
  (50 to 200 dimensions): cranfield +0.001 to +0.009, but cisi −0.002 to −0.018, arcd −0.002 to
  −0.012, open-sustainable-technology −0.035 to +0.004. By how many words that usually come with a
  word are there: lower everywhere but eu.
- The mean weight of a word where it occurs (its burstiness) beside its rarity: cranfield +0.004 to
  +0.008, cisi −0.006 to −0.009.
- p(e|t)² for dictionary packs, as a prototype had it: xquad zh-en 0.76; with √p(e|t) 0.852 on 300
  needs, 0.857 on all 1,190.
"""


def blanks(text: str, _language: str) -> dict[str, int]:
    """Words between blanks in small letters."""
    return Counter(text.lower().split())


def plain_bm25(read: Analyser) -> System:
    """The textbook formula on every word of a record, no fields, no languages."""

    def rank(folder: Folder) -> tuple[float, float | None]:
        held = [_counts(supply, read) for supply in folder.supplies]
        frequency = Counter(term for counts in held for term in counts)
        mean = fsum(sum(counts.values()) for counts in held) / max(len(held), 1)
        postings: dict[str, list[tuple[int, float]]] = {}
        for row, counts in enumerate(held):
            k = K1 * (1 - B + B * sum(counts.values()) / (mean or 1.0))
            for term, times in counts.items():
                rarity = log(1 + (len(held) - frequency[term] + 0.5) / (frequency[term] + 0.5))
                postings.setdefault(term, []).append((row, rarity * times * (K1 + 1) / (times + k)))

        def scores(demand: Demand) -> Floats:
            found = np.zeros(len(held))
            for term, times in _counts(demand, read).items():
                for row, value in postings.get(term, ()):
                    found[row] += times * value
            return found

        return _mean(folder, scores), None

    return rank


def _counts(record: Supply | Demand, read: Analyser) -> Counter[str]:
    found: Counter[str] = Counter()
    for text in record.texts:
        found.update(read(text.text, text.language))
    return found


def tf_idf(folder: Folder) -> tuple[float, float | None]:
    """scikit-learn's TfidfVectorizer as it comes."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    made = TfidfVectorizer()
    rows = made.fit_transform(" ".join(t.text for t in s.texts) for s in folder.supplies)

    def scores(demand: Demand) -> Floats:
        asked = made.transform([" ".join(text.text for text in demand.texts)])
        return np.asarray((rows @ asked.T).todense(), dtype=np.float64).ravel()

    return _mean(folder, scores), None


def _mean(folder: Folder, scores: Callable[[Demand], Floats]) -> float:
    shuffled = np.random.RandomState(SHUFFLE).permutation(len(folder.supplies))
    figures = []
    for demand in folder.demands:
        own = folder.needs[demand.id]
        labels = {n: g for n, g in (folder.grades or {}).get(own, {}).items() if n != own}
        if any(grade > 0 for grade in labels.values()):
            order = np.lexsort((shuffled, -scores(demand)))[:11]
            names = [folder.technologies[row] for row in order]
            figures.append(ndcg([name for name in names if name != own], labels))
    return fsum(figures) / max(len(figures), 1)


def ours(glossary: Glossary | None) -> System:
    """The engine as the site runs it."""
    tree = parents()

    def rank(folder: Folder) -> tuple[float, float | None]:
        report = evaluate(folder, glossary=glossary, parents=tree)
        return report.ndcg10, report.calibration

    return rank


def systems(packs: Path | None) -> dict[str, System]:
    """What is compared, by its name in the table."""
    found = {"with glossary": ours(product_glossary()), "without": ours(None)}
    if packs is not None and read_packs(packs):
        found["with packs"] = ours(product_glossary(packs))
    found["BM25, our analyser"] = plain_bm25(analyse)
    found["BM25, blanks"] = plain_bm25(blanks)
    try:
        import sklearn  # noqa: F401 - is it installed?
    except ImportError:
        print("scikit-learn is not installed: left out", file=sys.stderr)
    else:
        found["TF-IDF, scikit-learn"] = tf_idf
    return found


def sets(data: Path, most: int) -> Iterator[tuple[str, list[Folder]]]:
    """(name, folders whose mean counts), those that are there."""
    for name in SAME:
        if (data / name).is_dir():
            yield name.split("/")[-1], [_fewer(read_folder(data / name), most)]
    for pair in CROSS:
        asked, offered = (data / "retrieval" / f"xquad_{code}" for code in pair.split("-"))
        if asked.is_dir() and offered.is_dir():
            yield f"xquad {pair}", [_fewer(_crossed(asked, offered), most)]
    parallel = sorted(p for p in (data / "sdg-parallel").glob("*-*") if p.is_dir())
    if parallel:
        yield f"sdg-parallel, {len(parallel)} directions", [read_folder(p) for p in parallel]


def _crossed(asked: Path, offered: Path) -> Folder:
    with tempfile.TemporaryDirectory() as name:
        for file, folder in (("needs.jsonl", asked), ("technologies.jsonl", offered),
                             ("qrels.tsv", asked)):  # fmt: skip
            (Path(name) / file).symlink_to(folder / file)
        return read_folder(name)


def _fewer(folder: Folder, most: int) -> Folder:
    labelled = [d for d in folder.demands if folder.needs[d.id] in (folder.grades or {})]
    step = max(1, len(labelled) // most)
    chosen = labelled[::step][:most]
    names = [folder.needs[d.id] for d in chosen]
    kept = [replace(demand, id=number) for number, demand in enumerate(chosen)]
    return replace(folder, demands=kept, needs=names)


def table(rows: Sequence[tuple[str, int, list[str]]], names: Iterable[str]) -> str:
    """The figures in Markdown."""
    heads = ["set", "needs", *names, "calibration error"]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    lines += [f"| {name} | {needs} | " + " | ".join(cells) + " |" for name, needs, cells in rows]
    return "\n".join(lines)


def measure(data: Path, most: int, packs: Path | None) -> str:
    """The whole section; the rows are also printed as they come."""
    compared, rows = systems(packs), []
    for name, folders in sets(data, most):
        needs, cells, error = sum(len(f.demands) for f in folders), [], 0.0
        for system in compared.values():
            found = [system(folder) for folder in folders]
            cells.append(f"{fsum(first for first, _ in found) / len(found):.3f}")
            if system is compared["with glossary"]:
                error = fsum(second or 0.0 for _, second in found) / len(found)
        rows.append((name, needs, [*cells, f"{error:.3f}"]))
        print(name, needs, *cells, f"{error:.3f}", flush=True)
    title = "## Quality\n\nnDCG@10 (gain 2^grade − 1, own id left out, ties in a fixed shuffle); "
    title += "calibration error of ours with the glossary, unlabelled pairs taken as not relevant."
    return f"{title}\n\n{table(rows, compared)}\n\n{TRIED}"


def write(section: str) -> None:
    """Put the section between its marks, the rest of the file as it was."""
    old = REPORT.read_text(encoding="utf-8") if REPORT.exists() else HEAD
    new = f"{BEGIN}\n{section}\n{END}"
    before, begin, rest = old.partition(BEGIN)
    after = rest.partition(END)[2] if begin else "\n"
    start = before if begin else old.rstrip() + "\n\n"
    REPORT.write_text(start + new + after, encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Returns 2 when there is no data."""
    parser = argparse.ArgumentParser("./run bench quality", allow_abbrev=False)
    parser.add_argument("--data", type=Path, default=SHARED, metavar="DIR")
    parser.add_argument("--packs", type=Path, metavar="DIR", help="folder of dictionary packs")
    parser.add_argument("--most", type=int, default=300, metavar="N", help="needs of each set")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    options = parser.parse_args(arguments)
    if not any((options.data / name).is_dir() for name in SAME):
        print(f"no labelled data in {options.data}", file=sys.stderr)
        return 2
    section = measure(options.data, options.most, options.packs)
    if options.write:
        write(section)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
