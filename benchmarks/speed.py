"""`./run bench speed`: the engine beside its peers and the physical floors, in one run."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from threading import Timer
from typing import Any

import numpy as np

from benchmarks import floors, tables
from benchmarks.corpus import PARENTS, Market
from benchmarks.evaluate import product_glossary
from benchmarks.expansion import expanded
from matching.engine import Board, Catalogue, native
from matching.engine.asking import Asking
from matching.engine.blocks import Demands, Supplies, _some_demands, demands_of, gather
from matching.engine.columns import SUPPLY_COLUMNS, demand_row, version_row
from matching.engine.encoding import decode_supply
from matching.engine.layout import LEVELS, Arrays
from matching.engine.score import concepts_of
from matching.engine.steps import version_of

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
LARGE, COUNTED, ROUNDS = 1_300_000, 130_000, 3
PEER_SECONDS = 900
TOP, SINGLE, SEARCHES, TRUTH, NEEDS_OF_BOARD = 50, 200, 300, 60, 10_000


def say(what: str) -> None:
    """Progress."""
    print(f"  {time.strftime('%H:%M:%S')}  {what}", flush=True)


def milliseconds(run: Callable[[Any], Any], items: Iterable[Any]) -> tuple[float, float]:
    """p50 and p95 of one call."""
    taken = []
    for item in items:
        start = time.perf_counter()
        run(item)
        taken.append(1000 * (time.perf_counter() - start))
    return float(np.percentile(taken, 50)), float(np.percentile(taken, 95))


class Bench:
    """A market in memory, and its needs as the kernels take them."""

    def __init__(self, data: Path, technologies: int, needs: int, sample: int) -> None:
        self.glossary = product_glossary()
        market = Market(data, self.glossary)
        say(f"analysing {sample} technologies of real sentences")
        rows = list(market.rows(sample))
        start = time.perf_counter()
        self.catalogue = Catalogue.build(rows, fetch=dict, parents=PARENTS, glossary=self.glossary)
        self.each = 1000 * (time.perf_counter() - start) / sample
        decoded = [decode_supply(row) for row in rows[:SINGLE]]
        self.offers = [(d.supply, self.catalogue.context.offer(d.readings)) for d in decoded]
        say(f"mixing {technologies} of them")
        block = expanded(self.catalogue._store.main.arrays, technologies)
        start = time.perf_counter()
        self.catalogue.context.statistics.settle(first_rows(block.arrays))
        block.ready()
        self.inverting = time.perf_counter() - start
        self.block: Supplies = block
        self.catalogue._hold(block)
        say(f"analysing {needs} needs")
        self.demands = [market.need(number) for number in range(needs)]
        start = time.perf_counter()
        self.queries = [self.catalogue.context.queries(demand) for demand in self.demands]
        self.analysing = 1000 * (time.perf_counter() - start) / needs
        self.asking = [self.asker(number) for number in range(needs)]

    def asker(self, number: int) -> Demands:
        """The table of one need."""
        demand, context = self.demands[number], self.catalogue.context
        versions = [version_of(query) for query in self.queries[number]]
        concepts = concepts_of(demand.concepts, context)
        row = demand_row(demand, versions, concepts, context.statistics.codes)
        return demands_of([(row, [version_row(version) for version in versions])])

    def text(self, asker: Demands) -> list[int]:
        """The best 50 by shared terms alone."""
        asking = Asking(self.catalogue.context.policy, TOP, np.zeros(3)).for_need(asker.arrays)
        asking.fill(native.call("text_best", asker.table, self.block.ready(), asking.table))
        return [number for number, _ in asking.answer(0).best]

    def answer(self, number: int) -> Any:
        """The best 50 under all criteria, the need being analysed already."""
        return self.catalogue._best(self.asker(number), TOP)

    def threads(self, run: Callable[[Any], Any], items: list[Any]) -> tuple[float, list[Any]]:
        """Seconds on two threads, and the results."""
        with ThreadPoolExecutor(2) as pool:
            start = time.perf_counter()
            found = list(pool.map(run, items))
            return time.perf_counter() - start, found

    def board(self) -> Board:
        """10,000 needs: the analysed ones again and again, in any order."""
        arrays = Board(self.demands[:500], self.catalogue.context)._store.main.arrays
        rows = np.random.default_rng(1).integers(0, len(arrays["ids"]), NEEDS_OF_BOARD)
        many = _some_demands(arrays, rows)
        many["ids"] = np.arange(NEEDS_OF_BOARD, dtype=np.int64)
        board = Board([], self.catalogue.context)
        board._hold(Demands(many))
        return board

    def searches(self) -> list[str]:
        """Two to four words; the last is cut short, and in every tenth search one is misspelt."""
        random, statistics = Random(3), self.catalogue.context.statistics
        words = [statistics.word(n) for n in random.sample(statistics.plain(), 1_000)]
        made = []
        for number in range(SEARCHES):
            chosen = random.sample(words, random.randrange(2, 5))
            if number % 10 == 0:
                chosen[0] = chosen[0][:2] + chosen[0][3:]
            made.append(" ".join([*chosen[:-1], chosen[-1][:4]]))
        return made


def first_rows(arrays: Arrays) -> Arrays:
    """Enough rows to take statistics from: those of a larger market are of the same kind."""
    if len(arrays["ids"]) <= COUNTED:
        return arrays
    return gather(arrays, SUPPLY_COLUMNS, np.arange(COUNTED))


def asked(bench: Bench) -> dict[str, Any]:
    """The weights of all needs."""
    queries = [versions[0].vector for versions in bench.queries]
    return {
        "q_start": np.cumsum([0, *(len(query.ids) for query in queries)]),
        "q_ids": np.concatenate([query.ids for query in queries]).astype(np.uint32),
        "q_values": np.concatenate([query.values for query in queries]),
    }


def exported(bench: Bench, path: Path) -> dict[str, Any]:
    """Vectors and weights for the peers: impacts as before rounding to whole levels."""
    arrays = bench.block.arrays
    noise = np.random.default_rng(5).uniform(-0.5, 0.5, len(arrays["vector_levels"]))
    held = asked(bench) | {
        "d_start": arrays["vector_start"].astype(np.int64),
        "d_ids": arrays["vector_ids"],
        "d_values": ((arrays["vector_levels"] + noise) / LEVELS).astype(np.float32),
    }
    held["truth"] = np.array(floors.truth(held, TRUTH, TOP))
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **held)
    return held


def peers(path: Path, where: Path, postgres: str) -> list[dict[str, Any]]:
    """What the peers say, in an environment of their own."""
    python = where / "venv" / "bin" / "python"
    wanted = ROOT / "benchmarks" / "requirements.txt"
    stamp = where / "venv" / "installed.txt"
    if not stamp.exists() or stamp.read_text() != wanted.read_text():
        say("installing the peers")
        subprocess.run([sys.executable, "-m", "venv", where / "venv"], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", wanted], check=True)
        stamp.write_text(wanted.read_text())
    command = [python, ROOT / "benchmarks" / "peers.py", path, postgres]
    found = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        watch = Timer(PEER_SECONDS, process.kill)  # the slow ones come last
        watch.start()
        for line in process.stdout or ():
            found.append(json.loads(line))
            say(f"peer {found[-1]['engine']}")
        watch.cancel()
    return found


def singly(bench: Bench, path: Path) -> dict[str, tuple[float, float]]:
    """p50 and p95 of one question at a time, on one thread."""
    few = list(range(min(SINGLE, len(bench.demands))))
    board = bench.board()
    found = {
        "one need, text alone": milliseconds(bench.text, [bench.asking[n] for n in few]),
        "one need, all criteria": milliseconds(bench.answer, few),
        "one technology against 10,000 needs, all criteria": milliseconds(
            lambda offered: board._answer(*offered, TOP), bench.offers
        ),
    }
    bench.catalogue.save(path)
    opened = Catalogue.open(path, fetch=dict, parents=PARENTS, glossary=bench.glossary)
    found["a search, opened from disk"] = milliseconds(
        lambda words: opened.search(words, "en", TOP), bench.searches()
    )
    return found


def measured(bench: Bench, where: Path) -> dict[str, Any]:
    """All figures of one market."""
    arrays, n, needs = bench.block.arrays, len(bench.block.ids), len(bench.demands)
    say("floors, and ours: text alone, two threads")
    bench.threads(bench.text, bench.asking[:50])
    floor = floors.Scatter(asked(bench), arrays, n)
    times = [(floor.seconds(), *bench.threads(bench.text, bench.asking)) for _ in range(ROUNDS)]
    scatter, text, best = (min(t[0] for t in times), min(t[1] for t in times), times[0][2])
    say("ours: all criteria, two threads")
    everything, _ = bench.threads(bench.answer, list(range(needs)))
    say("ours: one at a time")
    path = where / "index"
    figures = singly(bench, path)
    return {
        "technologies": n, "needs": needs, "touched": floor.touched,
        "postings": len(arrays["vector_ids"]), "scatter": scatter, "bandwidth": floors.bandwidth(),
        "text": text, "all": everything, "best": best, "figures": figures,
        "build_each": bench.each, "inverting": bench.inverting, "analysing": bench.analysing,
        "megabytes": path.stat().st_size / 1e6, "memory": floors.memory(path),
    }  # fmt: skip


def overlap(best: list[list[int]], truth: list[list[int]]) -> float:
    """The share of the best that are among the best by the reference."""
    pairs = zip(best, truth, strict=False)
    return float(np.mean([len(set(b) & set(t)) / TOP for b, t in pairs]))


def run(options: argparse.Namespace, where: Path) -> None:
    """Measure beside the peers, and write the section of docs/benchmarks.md."""
    bench = Bench(options.data, options.technologies, options.needs, options.sample)
    held = exported(bench, where / "vectors.npz")
    found = measured(bench, where)
    found |= {"sample": options.sample, "overlap": overlap(found["best"], held["truth"].tolist())}
    found["peers"] = peers(where / "vectors.npz", where, options.postgres)
    tables.write(PAGE, "bench speed", tables.text(found))


def run_large(options: argparse.Namespace, where: Path) -> None:
    """Measure a market and one of ten times the size, one after the other."""
    markets = []
    for technologies in (LARGE // 10, LARGE):
        bench = Bench(options.data, technologies, options.needs, options.sample)
        markets.append(measured(bench, where))
        del bench
    tables.write(PAGE, "bench speed, large", tables.growth(*markets))


def main() -> int:
    """Read the arguments; results go to the screen and into docs/benchmarks.md."""
    parser = argparse.ArgumentParser("./run bench speed", allow_abbrev=False)
    parser.add_argument("--technologies", type=int, default=130_000)
    parser.add_argument("--needs", type=int, default=2_000)
    parser.add_argument("--sample", type=int, default=3_000, help="real texts that are analysed")
    parser.add_argument("--large", action="store_true", help="1.3 million technologies, no peers")
    parser.add_argument("--postgres", default="", help="of a server that may be filled: its URL")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    options = parser.parse_args(sys.argv[1:])
    if not options.data.is_dir():
        print(f"no texts in {options.data}: give a folder with --data")
        return 1
    where = Path(os.environ.get("DATA_DIR", ROOT / "var")) / "bench"
    (run_large if options.large else run)(options, where)
    return 0


if __name__ == "__main__":
    sys.exit(main())
