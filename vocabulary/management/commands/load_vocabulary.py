"""``manage.py load_vocabulary``: the concepts of the data files, written or brought up to date."""

from typing import Any

from django.core.management.base import BaseCommand

from vocabulary.actions import load


class Command(BaseCommand):
    help = "Load the vocabulary from its data files; running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        counts = load()
        total = sum(counts.values())
        parts = ", ".join(f"{scheme} {count}" for scheme, count in counts.items())
        self.stdout.write(f"{total} concepts: {parts}")
