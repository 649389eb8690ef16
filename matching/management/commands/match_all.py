"""``manage.py match_all [--anew]``: match every need anew through the workers, with a bar."""

import sys
import time
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.models import Max

from common.progress import Bar
from matching import runs
from matching.choices import Stage
from matching.models import Run

EVERY = 0.3
STALLED_AFTER = 120.0  # seconds in which no chunk is finished, claimed or renewed


class Command(BaseCommand):
    help = "Match every need anew; the workers do it, this shows how far they are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anew", action="store_true", help="begin again when a run is under way"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        run = None if options["anew"] else Run.objects.filter(under_way=True).first()
        run = run or runs.start()
        spent = {}
        for stage in Stage:
            began = time.monotonic()
            self._follow(run, stage)
            spent[stage.value] = time.monotonic() - began
        run.refresh_from_db()
        if run.last_error:
            raise CommandError(f"the run ended early: {run.last_error}")
        seconds = (run.finished_at - run.started_at).total_seconds() if run.finished_at else 0
        self.stdout.write(f"{run.needs} needs, {run.suggestions} suggestions open, {seconds:.1f} s")
        self.stdout.write(", ".join(f"{stage} {took:.1f} s" for stage, took in spent.items()))

    def _follow(self, run: Run, stage: Stage) -> None:
        """A bar for each stage; say so when nothing moves."""
        bar: Bar | None = None
        last: tuple[int, datetime | None] = (-1, None)
        moved = time.monotonic()
        while True:
            run.refresh_from_db()
            if not run.under_way or runs.ORDER.index(Stage(run.stage)) > runs.ORDER.index(stage):
                break
            done, all_ = runs.progress(run)
            bar = bar or Bar(all_, sys.stderr, f"{stage.label}  ")
            held = run.chunks.aggregate(at=Max("claimed_at"))["at"]  # renewed while it is worked on
            if (done, held) != last:
                last, moved = (done, held), time.monotonic()
            bar.show(done)
            if time.monotonic() - moved > STALLED_AFTER:
                raise CommandError("matching does not move: is a worker running? (see worker.log)")
            connection.close()
            time.sleep(EVERY)
        if bar:
            bar.show(bar.total)
            bar.close()
