"""./run evaluate DIR: rank the needs of a folder and compare with its labels. No database."""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from matching.encoder import EncoderError, OnnxEncoder
from matching.engine.codes import CodesError
from matching.engine.evaluate import Figures, Ranking, Report, evaluate
from matching.engine.packs import PackError, read_packs
from matching.engine.pivot import Glossary, read_rows
from matching.engine.text import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY = ROOT / "matching" / "glossary"
CONCEPTS = ROOT / "vocabulary" / "data"
TOLD = 20  # problems that are printed


def product_glossary(packs: Path | None = None) -> Glossary:
    """What the site uses: labels and synonyms of concepts, the glossary, installed packs."""
    rows = [
        {"concept": f"{scheme}:{row['code']}"}
        | {code: "|".join(filter(None, (row[code], row.get(f"{code}_syn")))) for code in LANGUAGES}
        for scheme in ("field", "topic")
        for row in _table(CONCEPTS / f"{scheme}.tsv")
    ]
    return Glossary(rows + read_rows(GLOSSARY), read_packs(packs) if packs else ())


def parents() -> dict[str, str]:
    """The field of every topic, as the site knows it."""
    rows = _table(CONCEPTS / "topic.tsv")
    return {f"topic:{row['code']}": row["parent"] for row in rows if row.get("parent")}


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@contextmanager
def _run_file(path: Path | None) -> Iterator[Callable[[str, Ranking], None] | None]:
    """Writes rankings as trec_eval reads them; scores fall from rank to rank."""
    if path is None:
        yield None
        return
    beside = path.with_name(path.name + ".part")
    with beside.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as lines:
        yield lambda need, ranking: _write_run(lines, need, ranking)
    beside.replace(path)


def _write_run(lines: TextIO, need: str, ranking: Ranking) -> None:
    for rank, (technology, score) in enumerate(ranking, 1):
        words = (_word(need), "Q0", _word(technology), str(rank), f"{score - rank * 1e-7:.7f}")
        lines.write(" ".join((*words, "greenmatch\n")))


def _word(name: str) -> str:
    return "_".join(name.replace("\0", "").split()) or "_"


class _Progress:
    """Needs done, on one line of a terminal; every ten seconds elsewhere."""

    def __init__(self, out: TextIO) -> None:
        self.out, self.said = out, time.monotonic()

    def __call__(self, done: int, of: int) -> None:
        terminal, now = self.out.isatty(), time.monotonic()
        if done == of and terminal:
            self.out.write(f"\r{done}/{of} needs\n")
        elif now - self.said >= (0.2 if terminal else 10.0):
            self.said = now
            self.out.write(f"\r{done}/{of} needs" if terminal else f"{done}/{of} needs\n")
        self.out.flush()


def _told(report: Report, judged: bool, out: TextIO) -> None:
    for problem in report.problems[:TOLD]:
        print(problem, file=sys.stderr)
    if len(report.problems) > TOLD:
        print(f"and {len(report.problems) - TOLD} more problems", file=sys.stderr)
    if not report.needs:
        print("no need has a relevant technology in qrels.tsv: nothing to compare", file=out)
        return
    print(f"{'':14}{'nDCG@10':>9}{'recall@100':>12}{'MRR':>8}{'calibration':>13}{'needs':>8}",
          file=out)  # fmt: skip
    for source, target, figures in report.pairs:
        _line(f"{source} > {target}", figures, out)
    _line("all", report, out)
    among = "the technologies with a label for the need" if judged else "technologies"
    print(f"among {report.technologies} {among}; {len(report.problems)} problems", file=out)


def _line(name: str, figures: Figures, out: TextIO) -> None:
    print(f"{name:14}{figures.ndcg10:9.4f}{figures.recall100:12.4f}{figures.mrr:8.4f}"
          f"{figures.calibration:13.4f}{figures.needs:8}", file=out)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Returns 0, or 2 when the folder, a pack or the encoder cannot be read."""
    parser = argparse.ArgumentParser("./run evaluate", allow_abbrev=False, description=__doc__)
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--judged", action="store_true", help="rank labelled technologies only")
    parser.add_argument("--top", type=int, default=1000, metavar="K", help="results of each need")
    parser.add_argument("--out", type=Path, metavar="run.trec", help="write the rankings here")
    parser.add_argument("--packs", type=Path, metavar="DIR", help="folder of dictionary packs")
    parser.add_argument("--encoder", type=Path, metavar="DIR", help="folder of a sentence model")
    options = parser.parse_args(arguments)
    if options.top < 1:
        parser.error("--top is at least 1")
    try:
        if options.packs and not options.packs.is_dir():
            raise PackError(f"{options.packs} is not a folder")
        glossary = product_glossary(options.packs)
        encoder = OnnxEncoder(options.encoder) if options.encoder else None
        with _run_file(options.out) as ranking:
            report = evaluate(
                options.folder, options.judged, options.top, glossary=glossary,
                parents=parents(), encoder=encoder, ranking=ranking, progress=_Progress(sys.stderr),
            )  # fmt: skip
    except (CodesError, PackError, EncoderError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    _told(report, options.judged, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
