"""``manage.py preview_mails DIR``: every e-mail in every language, as text and as HTML."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.languages import CODES
from demo.letters import samples
from matching.models import Introduction, Suggestion


class Command(BaseCommand):
    help = "Write every e-mail in every language into a folder, from the demonstration's records."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        if not (Suggestion.objects.live().exists() and Introduction.objects.exists()):
            raise CommandError("There is nothing to write about: ./run up loads the demonstration.")
        written = 0
        for language in CODES:
            place = options["folder"] / language
            place.mkdir(parents=True, exist_ok=True)
            for sample in samples(language):
                letter = sample.letter
                text = f"Subject: {letter.subject}\n\n{letter.text}"
                (place / f"{sample.name}.txt").write_text(text, encoding="utf-8")
                (place / f"{sample.name}.html").write_text(letter.html, encoding="utf-8")
                written += 1
        self.stdout.write(f"{written} e-mails in {len(CODES)} languages: {options['folder']}")
