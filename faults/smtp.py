"""SMTP: a mail server that is down, slow, rude or breaks off, for half an hour each time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

from faults.kit.options import parser
from faults.kit.sink import Behaviour, Sink
from faults.kit.site import site
from faults.kit.verdict import Verdict
from faults.kit.watch import messages
from faults.kit.writer import Writer
from tooling.console import Progress

FULL, SMALL = 60, 6
OUTAGE = timedelta(minutes=30)
STEP = timedelta(seconds=20)  # a sweep each
AT_MOST = timedelta(minutes=10)
GIVEN = timedelta(hours=2)
LONGEST_IN_TRANSACTION = 1.0
FINAL = ("sent", "failed", "withheld")


@dataclass(frozen=True)
class Fault:
    """``lasts``: the e-mails it is about are refused for good, not late."""

    behaviour: Behaviour | None = None  # None: nobody listens
    tls: bool = False
    lasts: str = ""


FAULTS = {
    "down": Fault(),
    "421": Fault(Behaviour(mail="421 Too busy")),
    "451 to the recipient": Fault(Behaviour(recipient="451 4.3.0 Not now")),
    "451 to the content": Fault(Behaviour(data="451 4.3.0 Not now")),
    "552 to the content": Fault(Behaviour(data="552 5.3.4 Too big"), lasts="all"),
    "slower than our patience": Fault(Behaviour(slow=1.6)),
    "TLS fails": Fault(Behaviour(), tls=True),
    "line drops in DATA": Fault(Behaviour(drop=0.5)),
    "one recipient refused": Fault(
        Behaviour(refused=frozenset(["reader1@people.example"])), lasts="reader1@people.example"
    ),
}


class Time:
    """The site's clock, moved by hand; half an hour passes in as long as its sweeps take."""

    def __init__(self) -> None:
        from common import clock

        self.passed = timedelta()
        self._real = clock.now
        clock.now = self.now

    def now(self) -> datetime:
        return self._real() + self.passed


def main(arguments: list[str]) -> int:
    made = parser("smtp", __doc__)
    made.add_argument("--mails", type=int, help="for each fault")
    made.add_argument("--only", choices=FAULTS, help="one fault alone")
    options = made.parse_args(arguments)
    chosen = [options.only] if options.only else list(FAULTS)
    count = options.mails or (SMALL if options.small else FULL)
    sink, verdict, progress = Sink(), Verdict(f"smtp, {count} e-mails for each fault"), Progress()
    patience = {"EMAIL_TIMEOUT": "1", "OUTBOX_DATA_TIMEOUT": "1", "OUTBOX_LEASE": "60"}
    asked = {"OUTBOX_RECONCILER": "outbox.reconcile.in_log"}
    asked["OUTBOX_RECONCILER_PATH"] = str(sink.record)
    with ExitStack() as stack:
        where = stack.enter_context(
            site(services=True, mail_port=sink.port, HINTS="0", **patience, **asked)
        )
        assert where.postgres is not None
        sink.start()
        stack.callback(sink.stop)
        held = stack.enter_context(_transactions(where.postgres.url))
        trial = Trial(sink, Writer(readers=20), Time(), progress)
        for name in chosen:
            trial.suffer(name, FAULTS[name], count, verdict)
        progress.close()
        longest = max(held, default=0.0)
        verdict.expect(
            "longest idle transaction (s)", f"{longest:.2f}", holds=longest < LONGEST_IN_TRANSACTION
        )
    return verdict.close()


@dataclass
class Trial:
    sink: Sink
    writer: Writer
    time: Time
    progress: Progress

    def suffer(self, name: str, fault: Fault, count: int, verdict: Verdict) -> None:
        first = self.writer.written
        heard = sum(self.sink.heard.values())
        self.writer.write_until(first + count)
        with self._broken(fault):
            self._pass(OUTAGE, name, lambda: False)
        if fault.tls:
            said = sum(self.sink.heard.values()) - heard
            verdict.expect(f"{name}: sent in clear", said, holds=said == 0)
        rows = messages().filter(dedupe_key__in=[f"mail {n}" for n in range(first, first + count)])
        late = self._recover(name, rows)
        self._judge(name, fault, list(rows.values("message_id", "address", "status")), verdict)
        verdict.expect(f"{name}: last one out after (min)", _minutes(late), holds=late <= AT_MOST)

    @contextmanager
    def _broken(self, fault: Fault) -> Iterator[None]:
        from django.conf import settings

        settings.EMAIL_USE_TLS = fault.tls
        if fault.behaviour is None:
            self.sink.close()
        else:
            self.sink.behaviour = fault.behaviour
        yield
        settings.EMAIL_USE_TLS = False
        self.sink.behaviour = Behaviour()
        if fault.behaviour is None:
            self.sink.start()

    def _recover(self, name: str, rows: Any) -> timedelta:
        def at_rest() -> bool:
            if rows.filter(status="unknown").exists():
                # The record of the server must reach beyond what it is asked about.
                self.writer.write_until(self.writer.written + 1)
            return not rows.exclude(status__in=FINAL).exists()

        return self._pass(GIVEN, f"{name}, over", at_rest)

    def _pass(self, span: timedelta, name: str, done: Callable[[], bool]) -> timedelta:
        """Let time pass, with a sweep at each step, until ``done``."""
        from outbox.tasks import sweep

        passed = timedelta()
        while passed < span and not done():
            self.time.passed += STEP
            passed += STEP
            sweep()
            self.progress.show(f"{name}: {_minutes(passed)} minutes")
        return passed

    def _judge(self, name: str, fault: Fault, rows: list[dict[str, Any]], verdict: Verdict) -> None:
        taken, heard = self.sink.taken(), self.sink.heard
        refused = [row for row in rows if fault.lasts in ("all", row["address"])]
        lost = [row for row in rows if row not in refused and not taken[row["message_id"]]]
        doubled = [row for row in rows if taken[row["message_id"]] > 1]
        verdict.expect(f"{name}: lost", len(lost), holds=not lost, wanted="0")
        verdict.expect(f"{name}: doubled", len(doubled), holds=not doubled, wanted="0")
        if refused:
            again = [row for row in refused if heard[row["message_id"]] > 1]
            failed = all(row["status"] in ("failed", "withheld") for row in refused)
            verdict.expect(f"{name}: refused for good", len(refused), holds=failed)
            verdict.expect(f"{name}: of them tried again", len(again), holds=not again)


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:.1f}"


@contextmanager
def _transactions(url: str) -> Iterator[list[float]]:
    """How long transactions were open and idle, sampled from outside."""
    from importlib import import_module

    found: list[float] = []
    over = Event()
    query = """SELECT coalesce(extract(epoch FROM max(clock_timestamp() - state_change)), 0)
        FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"""

    def sample() -> None:
        connection = import_module("psycopg2").connect(url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            while not over.is_set():
                cursor.execute(query)
                found.append(float(cursor.fetchone()[0]))
                time.sleep(0.05)
        connection.close()

    thread = Thread(target=sample, daemon=True)
    thread.start()
    yield found
    over.set()
    thread.join(5)
