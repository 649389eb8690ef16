"""The verbs of ./run and their arguments."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tooling import environment, installation, serving, suite
from tooling.console import Failure, paint, say, step
from tooling.environment import ROOT
from tooling.processes import Stop, stop_on_signals

HELP = """\
./run up [--host 127.0.0.1] [--port 8000] [--no-demo]
    set everything up, start the site with its worker and beat, stop with Ctrl-C
./run test [--services] [pytest arguments]
    every check and every test; with pytest arguments, only those tests; with --services, the tests
    on PostgreSQL and Redis (DATABASE_URL and REDIS_URL of the shell, or started for the purpose)
./run match DIR
    import technologies.jsonl and needs.jsonl of a folder into their own database, print the best
./run faults [NAME] [--small]
    break servers and processes on purpose and count what was lost or doubled; lists the names
./run evaluate DIR [--judged] [--top K] [--out run.trec] [--packs DIR] [--encoder DIR]
    rank the needs of a folder and compare with its qrels.tsv: nDCG@10, recall@100, MRR, calibration
    error, by language pair; no database
./run bench speed [--technologies 130000] [--needs 2000] [--large] [--data DIR] [--postgres URL]
    speed of the matching engine beside its peers, written to docs/benchmarks.md
./run bench quality [--write]
    quality on the shared data beside plain BM25 and others, written to docs/benchmarks.md
./run bench whole [--technologies 130000] [--needs 10000] [--on postgresql|sqlite|both]
    all needs matched by worker processes, one need and one change at a time, memory; its own
    servers; written to docs/benchmarks.md
./run lint
    style, format, types, templates and the import ladder
./run messages [--check]
    collect the texts to translate and compile the translations, or check that nothing is missing
./run manage COMMAND …
    a Django command: ./run manage createsuperuser
./run lock
    renew requirements*.txt from requirements*.in (needs uv)
./run clean [--data]
    remove .venv and caches; with --data also var/, the database in it included
./run help

Settings come from the environment or .env: DATABASE_URL, REDIS_URL, EMAIL_URL, DATA_DIR, …
"""
LOCK_OPTIONS = [
    "--universal",
    "--generate-hashes",
    "--python-version",
    "3.11",
    "--no-header",
    "--no-annotate",
]
LOCK_OPTIONS += ["--no-emit-index-url", "--no-emit-find-links", "--quiet", "--upgrade"]
CACHES = (
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    ".import_linter_cache",
    ".coverage",
)


def main(arguments: list[str]) -> int:
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    stop_on_signals()
    try:
        return VERBS.get(verb, _unknown)(rest)
    except Failure as failure:
        print(
            paint(f"\n{failure}", "red") if sys.stderr.isatty() else f"\n{failure}", file=sys.stderr
        )
        return 1
    except Stop:
        say("\nstopped")
        return 130
    except BrokenPipeError:  # `./run help | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _help(arguments: list[str]) -> int:
    say(HELP)
    return 0


def _unknown(arguments: list[str]) -> int:
    say(HELP)
    return 2


def _up(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("./run up", allow_abbrev=False)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--no-demo", action="store_true", help="without demonstration data and accounts"
    )
    options = parser.parse_args(arguments)
    return serving.up(options.host, options.port, demo=not options.no_demo)


def _test(arguments: list[str]) -> int:
    rest = [argument for argument in arguments if argument != "--services"]
    return suite.test(rest, services=len(rest) < len(arguments))


def _match(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("./run match", allow_abbrev=False)
    parser.add_argument("folder", metavar="DIR", type=Path)
    return serving.match(parser.parse_args(arguments).folder)


def _evaluate(arguments: list[str]) -> int:
    return serving.measure("evaluate", arguments)


def _bench(arguments: list[str]) -> int:
    if arguments[:1] not in (["quality"], ["speed"], ["whole"]):
        return _unknown(arguments)
    return serving.measure(arguments[0], arguments[1:])


def _messages(arguments: list[str]) -> int:
    installation.ensure(installation.DEVELOPMENT)
    command = serving.manage("messages", *arguments)
    return subprocess.run(command, cwd=ROOT, env=environment.for_tests(), check=False).returncode


def _faults(arguments: list[str]) -> int:
    installation.ensure(installation.DEVELOPMENT)
    command = [str(environment.PYTHON), "-m", "faults", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment.base(), check=False).returncode


def _lint(arguments: list[str]) -> int:
    return suite.lint()


def _lock(arguments: list[str]) -> int:
    if shutil.which("uv") is None:
        raise Failure("the locks are made with uv, which is not here: pip install uv")
    for name in ("requirements", "requirements-dev"):
        with step(f"locking {name}.txt"):
            subprocess.run(
                ["uv", "pip", "compile", *LOCK_OPTIONS, f"{name}.in", "-o", f"{name}.txt"],
                cwd=ROOT,
                check=True,
            )
    return 0


def _clean(arguments: list[str]) -> int:
    data = Path(environment.base()["DATA_DIR"])
    for path in [ROOT / ".venv", *(ROOT / name for name in CACHES), data / "test"]:
        shutil.rmtree(path, ignore_errors=True)
    for path in ROOT.rglob("__pycache__"):
        shutil.rmtree(path, ignore_errors=True)
    if "--data" in arguments:
        with serving.only_one(
            environment.data_dir(environment.base()) / "run.lock", "being removed"
        ):
            shutil.rmtree(data)
    return 0


VERBS = {
    "up": _up,
    "test": _test,
    "match": _match,
    "evaluate": _evaluate,
    "bench": _bench,
    "messages": _messages,
    "faults": _faults,
    "manage": serving.pass_to_manage,
    "lint": _lint,
    "lock": _lock,
    "clean": _clean,
    "help": _help,
    "-h": _help,
    "--help": _help,
}
