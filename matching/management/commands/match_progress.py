"""``manage.py match_progress [--watch]``: how far the worker has come, as JSON."""

import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from matching.models import Suggestion, Work
from needs.models import Need
from outbox.models import Message
from technologies.models import Technology

EVERY = 0.4  # seconds


def counts() -> dict[str, int]:
    """What is still to be done, and what has come of it."""
    return {
        "pending": Work.objects.all().pressing().count(),
        "suggestions": Suggestion.objects.count(),
        "messages": Message.objects.count(),
        "technologies": Technology.objects.published().count(),
        "needs": Need.objects.published().count(),
    }


class Command(BaseCommand):
    help = "Print what matching has still to do; with --watch until nothing is left."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--watch", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            found = counts()
            self.stdout.write(json.dumps(found))
            self.stdout.flush()
            if not options["watch"] or not found["pending"]:
                return
            connection.close()
            time.sleep(EVERY)
