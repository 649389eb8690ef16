"""``manage.py match_folder DIR``: import a folder, let the worker match it, print the best of
each need.
"""

import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from accounts.models import User
from common.progress import Bar
from matching.importing import Report, import_folder
from matching.management.commands.match_progress import counts
from matching.models import Suggestion
from needs.models import Need
from partners.choices import Kind, OrganisationStatus
from partners.models import Membership, Organisation

BEST = 3
EVERY = 0.3
STALLED_AFTER = 60.0  # seconds without progress


class Command(BaseCommand):
    help = "Import a folder of records, match it through the worker, print the results."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        for name in ("technologies.jsonl", "needs.jsonl"):
            if not (folder / name).is_file():
                raise CommandError(f"{folder} has no {name}")
        organisation, importer = importing_organisation(folder)
        report = self._import(folder, organisation, importer)
        self._follow()
        self._print(organisation)
        found = counts()
        self.stdout.write(
            f"\n{report.technologies} technologies and {report.needs} needs imported"
            + (f", {report.known} known already" if report.known else "")
            + (f", {len(report.problems)} problems" if report.problems else "")
            + f"\n{found['suggestions']} suggestions and {found['messages']} e-mails written"
        )

    def _import(self, folder: Path, organisation: Organisation, by: User) -> Report:
        total = sum(
            1
            for name in ("technologies", "needs")
            for _line in (folder / f"{name}.jsonl").open("rb")
        )
        bar = Bar(total, sys.stderr, "importing ")
        report = import_folder(folder, organisation=organisation, by=by, progress=bar.forward)
        bar.close()
        for problem in report.problems:
            self.stderr.write(str(problem))
        return report

    def _follow(self) -> None:
        """Wait for the worker, with a bar; say so when it does not move."""
        first = counts()["pending"]
        bar = Bar(first, sys.stderr, "matching  ")
        last, moved = first, time.monotonic()
        while last:
            time.sleep(EVERY)
            connection.close()
            pending = counts()["pending"]
            if pending != last:
                last, moved = pending, time.monotonic()
            bar.show(first - pending)
            if time.monotonic() - moved > STALLED_AFTER:
                raise CommandError("matching does not move: is a worker running? (see worker.log)")
        bar.close()

    def _print(self, organisation: Organisation) -> None:
        for need in Need.objects.filter(organisation=organisation).order_by("pk"):
            self.stdout.write(f"\n{need.external_id}  {need.shown('title')[0]}")
            rows = Suggestion.objects.filter(need=need).for_list()[:BEST]
            for row in rows:
                technology = row.technology
                title = technology.shown("title")[0]
                self.stdout.write(f"  {row.score:5.1f}  {technology.external_id}  {title[:90]}")
                self.stdout.write(f"         {reasons(row)}")
            if not rows:
                self.stdout.write("  no technology scores high enough")


def reasons(suggestion: Suggestion) -> str:
    """Points by criterion and the strongest shared words, in one line."""
    verdicts = [v for v in suggestion.verdicts if v["state"] != "unknown"]
    points = ", ".join(f"{v['criterion']} {v['points']:.0f} of {v['of']:.0f}" for v in verdicts)
    words = ", ".join(
        dict.fromkeys(term["demand_word"] for term in suggestion.explanation.get("terms", []))
    )
    return f"{points}; shared: {words}" if words else points


def importing_organisation(folder: Path) -> tuple[Organisation, User]:
    """The one organisation that imported records belong to, and its one member."""
    user, _created = User.objects.get_or_create(
        email="import@greenmatch.example", defaults={"name": "Import", "is_active": True}
    )
    name = f"Import: {folder.resolve().name}"
    organisation, created = Organisation.objects.get_or_create(
        name=name,
        imported=True,
        defaults={
            "kind": Kind.PARTNER,
            "status": OrganisationStatus.APPROVED,
            "decided_at": timezone.now(),
            "decided_by": user,
            "applied_by": user,
        },
    )
    if created:
        Membership.objects.create(organisation=organisation, user=user)
    return organisation, user
