"""``manage.py load_demo``: the demonstration data; ``--if-empty`` leaves a database with records
alone.
"""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common.progress import Bar
from demo.loading import load, size
from needs.models import Need
from technologies.models import Technology


class Command(BaseCommand):
    help = "Load the demonstration data: invented organisations, technologies and needs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="Do nothing when there are records."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and (Technology.objects.exists() or Need.objects.exists()):
            return
        bar = Bar(size(), sys.stderr)
        report = load(bar.forward)
        bar.close()
        for problem in report.problems:
            self.stderr.write(str(problem))
        self.stdout.write(
            f"demonstration data: {report.technologies} technologies, {report.needs} needs"
        )
