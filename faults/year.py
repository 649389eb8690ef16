"""A year of mail in five time zones: digests, sending hours, caps, both clock changes."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sized
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from faults.kit.options import parser
from faults.kit.verdict import Verdict
from tooling.console import Progress, seconds

if TYPE_CHECKING:
    from faults.kit.diary import Diary

DAY = timedelta(days=1)
HALF_A_YEAR = timedelta(days=200)
START = date(2026, 1, 5)
YEAR = [(START, 365)]
CLOCK_CHANGES = [(date(2026, 3, 6), 26), (date(2026, 10, 23), 12)]
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "greenmatch.settings",
    "DIGEST_DEFAULT": "daily",
    "EMAIL_URL": "dummymail://",
    "REDIS_URL": "",
    "HINTS": "0",
    "DEMO_MODE": "0",
    "LOG_LEVEL": "ERROR",
}


def main(arguments: list[str]) -> int:
    made = parser("year", __doc__)
    options = made.parse_args(arguments)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="greenmatch-year-") as folder:
        _set_up(Path(folder))
        from faults.kit.diary import Diary

        verdict, progress = Verdict("a year of mail"), Progress()
        for start, days in CLOCK_CHANGES if options.small else YEAR:
            diary = Diary(datetime.combine(start, datetime.min.time(), UTC), seed=options.seed)
            for day in range(days):
                diary.live(DAY)
                progress.show(f"{start + day * DAY}: {diary.sent} e-mails sent")
            diary.come_to_rest()
            judge(diary, verdict, f"from {start:%-d %B}, {days} days")
        progress.close()
        verdict.title = f"a year of mail, {seconds(began)}"
        return verdict.close()


def judge(diary: Diary, verdict: Verdict, when: str) -> None:
    """The promises, counted over what was sent."""
    verdict.tell(f"{when}: people, zones", f"{len(diary.people)}, {len(diary.zones)}")
    verdict.tell("suggestions made, e-mails sent", f"{diary.suggestions}, {diary.sent}")
    verdict.tell("digests, hours without a worker", f"{len(diary.digests())}, {diary.asleep}")
    promises: dict[str, Sized] = {
        "days of a person with a second digest": diary.second_digests(),
        "e-mails outside the person's hours": diary.out_of_hours(),
        "days of a person over the cap": diary.over_the_cap(),
        "suggestions never told while live": diary.lost(),
        "suggestions told twice": diary.doubled(),
        "e-mails left over": diary.left_over(),
        "digests to people who are away": diary.to_people_away(),
    }
    for what, found in promises.items():
        verdict.expect(what, len(found), holds=not found, wanted="0")
    pauses, wanted = len(diary.pauses()), int(diary.now - diary.start > HALF_A_YEAR)
    verdict.expect("e-mails about a pause", pauses, holds=pauses == wanted, wanted=str(wanted))


def _set_up(folder: Path) -> None:
    os.environ.update(SETTINGS)
    os.environ["DATA_DIR"] = str(folder)
    os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'year.sqlite3'}"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
