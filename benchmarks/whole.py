"""`./run bench whole`: the platform at full size, with real worker processes.

Makes the world once, then: every need matched anew by the workers, a new need from its publication
to suggestions and e-mails, a change seen by another process, memory of each process.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from threading import Event, Thread
from typing import Any

from benchmarks import tables
from tooling import serving
from tooling.environment import ROOT, Environment
from tooling.processes import Child, Crew
from tooling.servers import plain, prepare_postgres, prepare_redis

DURABLE = ["shared_buffers=512MB", "max_wal_size=4GB", "max_connections=60"]
PROCESSES = {"postgresql": 2, "sqlite": 1}
SPAN = 120.0  # seconds over which kills are spread


def say(what: str) -> None:
    """Progress."""
    print(f"  {time.strftime('%H:%M:%S')}  {what}", flush=True)


@contextmanager
def servers(kind: str, where: Path, name: str) -> Iterator[tuple[Crew, Environment]]:
    """Its own database server and broker; the world is kept, what a run writes is not."""
    where.mkdir(parents=True, exist_ok=True)
    where.chmod(0o755)
    env: Environment = {
        **os.environ, "DATA_DIR": str(where / f"run-{kind}"), "DIGEST_DEFAULT": "at_once",
        "DEMO_MODE": "0",
        "SECRET_KEY": "only for measuring", "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1",
        "EMAIL_URL": "dummymail://", "DJANGO_SETTINGS_MODULE": "greenmatch.settings",
    }  # fmt: skip
    shutil.rmtree(where / f"run-{kind}", ignore_errors=True)
    (where / f"run-{kind}").mkdir()
    with Crew(where / "log") as crew:
        redis = prepare_redis(where)
        crew.start("redis", redis.command, plain())
        env["REDIS_URL"] = redis.url
        if kind == "postgresql":
            made = prepare_postgres(where, DURABLE)
            server = crew.start("postgresql", made.command, plain(), stop_signal=signal.SIGINT,
                                user=made.account)  # fmt: skip
            crew.wait_for("PostgreSQL", lambda: "ready to accept" in server.log_text(), 60)
            _provide(made.url, name, env)
            env["DATABASE_URL"] = f"{made.url.rpartition('/')[0]}/whole"
        else:
            world = where / f"{name}.sqlite3"
            if not world.exists():
                part = world.with_suffix(".part")
                part.unlink(missing_ok=True)
                _fill(name, {**env, "DATABASE_URL": f"sqlite:///{part}"})
                with closing(sqlite3.connect(part)) as link:  # what a copy would not find
                    link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                part.rename(world)
            shutil.copyfile(world, where / f"run-{kind}" / "whole.sqlite3")
            env["DATABASE_URL"] = f"sqlite:///{where / f'run-{kind}' / 'whole.sqlite3'}"
        yield crew, env


def _provide(url: str, name: str, env: Environment) -> None:
    """A copy of the world, which is made when it is not there."""
    psycopg2 = import_module("psycopg2")  # it has no types
    link = psycopg2.connect(url)
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname = %s", [name])
        if not cursor.fetchall():
            cursor.execute("DROP DATABASE IF EXISTS part")
            cursor.execute("CREATE DATABASE part")
            _fill(name, {**env, "DATABASE_URL": f"{url.rpartition('/')[0]}/part"})
            cursor.execute(f'ALTER DATABASE part RENAME TO "{name}"')
        cursor.execute("DROP DATABASE IF EXISTS whole")
        cursor.execute(f'CREATE DATABASE whole TEMPLATE "{name}"')
    link.close()


def _fill(name: str, env: Environment) -> None:
    say(f"making {name}")
    start = time.perf_counter()
    subprocess.run(serving.manage("prepare", "--no-static"), env=env, check=True)
    subprocess.run([sys.executable, "-m", "benchmarks.watching", "fill", name, _data()], env=env,
                   check=True)  # fmt: skip
    say(f"{name} made in {time.perf_counter() - start:.0f} s")


def _data() -> str:
    return os.environ.get("BENCH_DATA", str(ROOT.parent / "shared" / "data"))


def measure(kind: str, where: Path, name: str, needs: int, kills: int) -> dict[str, Any]:
    """All figures on one database; `kills`: how many processes of the worker are killed."""
    found: dict[str, Any] = {"database": kind, "processes": PROCESSES[kind]}
    with servers(kind, where, name) as (crew, env):
        worker = crew.start("worker", serving.worker_command(PROCESSES[kind]), env)
        crew.wait_for("the worker", lambda: " ready." in worker.log_text(), 60)
        if kills:
            crew.start("beat", serving.celery("beat", "--loglevel", "INFO", "--pidfile="), env)
        found["load"] = os.getloadavg()[0]
        say(f"{kind}: matching everything")
        start = time.perf_counter()
        with _killing(worker, kills):
            done = subprocess.run(serving.manage("match_all", "--anew"), env=env, check=True,
                                  stdout=subprocess.PIPE, text=True)  # fmt: skip
        found["seconds"] = time.perf_counter() - start
        if kills:
            found["killed on the way"] = kills
        found["stages"] = done.stdout.splitlines()[-1]
        say(done.stdout.replace("\n", "; "))
        found |= _asked(env, "stages")
        found["memory after the run"] = memory(worker)
        say(f"{kind}: one at a time")
        found |= _asked(env, "singles", str(needs))
        found["memory"] = memory(worker)
    return found


@contextmanager
def _killing(worker: Child, kills: int) -> Iterator[None]:
    """Kill the processes of the pool in turn, evenly until about the end of a run."""
    over = Event()

    def kill() -> None:
        for number in range(kills):
            if over.wait(SPAN / kills):
                return
            pids = pool_of(worker)
            if pids:
                os.kill(pids[number % len(pids)], signal.SIGKILL)
                say(f"killed {number + 1} of {kills}")

    killer = Thread(target=kill)
    killer.start()
    try:
        yield
    finally:
        over.set()
        killer.join()


def _asked(env: Environment, *what: str) -> dict[str, Any]:
    """What a process of its own finds out, as JSON in its last line."""
    import json

    command = [sys.executable, "-m", "benchmarks.watching", *what]
    done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
    held: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return held


def pool_of(worker: Child) -> list[int]:
    """The processes that do the work."""
    path = Path(f"/proc/{worker.process.pid}/task/{worker.process.pid}/children")
    return [int(pid) for pid in path.read_text().split()]


def memory(worker: Child) -> list[dict[str, int]]:
    """Megabytes of each pool process: private, its share of what is mapped, files alone."""
    found = []
    for pid in pool_of(worker):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
        kb = {line.split(":")[0]: int(line.split()[1]) for line in lines}
        private = kb["Private_Clean"] + kb["Private_Dirty"]
        found.append({"private": private // 1024, "pss": kb["Pss"] // 1024,
                      "rss": kb["Rss"] // 1024, "dirty": kb["Private_Dirty"] // 1024})  # fmt: skip
    return found


def text(found: list[dict[str, Any]], technologies: int, needs: int) -> str:
    """The section of docs/benchmarks.md."""
    about = (
        f"{technologies:,} technologies × {needs:,} needs, all criteria, explanations, allotment"
        f" and rows written. {tables.where()} Durable writes."
    )
    heads = [f"{row['database']}, {row['processes']} processes" for row in found]
    keys = [key for key in found[0] if key not in ("database", "processes")]
    rows = [[key, *(_shown(row.get(key)) for row in found)] for key in keys]
    lines = [["", *heads], ["---"] * (len(found) + 1), *rows]
    return "\n".join([about, "", *(f"| {' | '.join(line)} |" for line in lines)])


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(one)}" for name, one in value.items())
    return "; ".join(map(_shown, value)) if isinstance(value, list) else str(value)


def main() -> int:
    """Read the arguments; results go to the screen and into docs/benchmarks.md."""
    parser = argparse.ArgumentParser("./run bench whole", allow_abbrev=False)
    parser.add_argument("--technologies", type=int, default=130_000)
    parser.add_argument("--needs", type=int, default=10_000)
    parser.add_argument("--singles", type=int, default=50)
    parser.add_argument("--kills", type=int, default=0, help="kill -9 worker processes meanwhile")
    parser.add_argument("--on", choices=[*PROCESSES, "both"], default="both")
    parser.add_argument("--where", type=Path, help="folder for the databases, kept for next time")
    options = parser.parse_args(sys.argv[1:])
    where = options.where or Path(os.environ.get("DATA_DIR", ROOT / "var")) / "bench" / "whole"
    name = f"world_{options.technologies}_{options.needs}"
    kinds = list(PROCESSES) if options.on == "both" else [options.on]
    found = [measure(kind, where.resolve(), name, options.singles, options.kills) for kind in kinds]
    section = text(found, options.technologies, options.needs)
    mark = "bench whole, killed" if options.kills else "bench whole"
    tables.write(ROOT / "docs" / "benchmarks.md", mark, section)
    return 0


if __name__ == "__main__":
    sys.exit(main())
