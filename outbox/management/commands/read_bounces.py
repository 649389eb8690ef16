"""Bounces and complaints from a mailbox file or a Maildir, each once, however often it is read."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from outbox import events
from outbox.bounces import reports_in
from outbox.choices import EventSource
from outbox.reconcile import mails_in


class Command(BaseCommand):
    help = "Read delivery reports and spam complaints from an mbox file or a Maildir."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("mailbox", metavar="PATH", help="mbox file or Maildir")

    def handle(self, *args: Any, **options: Any) -> None:
        place = Path(options["mailbox"])
        if not place.exists():
            raise CommandError(f"{place} is not there")
        seen = new = 0
        for mail in mails_in(place):
            seen += 1
            new += events.store(reports_in(mail), EventSource.MAILBOX)
        events.process_due()
        events.forget_old()
        self.stdout.write(f"{seen} e-mails read, {new} new reports")
