"""A dead-man check for cron and monitors: fails, and says why, when work stands still."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from outbox import machinery


class Command(BaseCommand):
    help = "Fail when due work is over ten minutes late or the sweeper has not run."

    def handle(self, *args: Any, **options: Any) -> None:
        if found := machinery.troubles():
            raise CommandError("\n".join(found))
        self.stdout.write("everything moves")
