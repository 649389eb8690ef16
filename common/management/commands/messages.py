"""``manage.py messages``: bring the message catalogues up to date, or check that they are
complete.
"""

import json
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from common import catalogues


class Command(BaseCommand):
    help = (
        "Extract messages, merge them into locale/, compile;"
        " --check only looks and fails when something is missing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="Change nothing; fail when a message is missing."
        )
        parser.add_argument(
            "--todo", metavar="LANGUAGE", help="Print the untranslated messages as JSON."
        )
        parser.add_argument(
            "--take",
            nargs=2,
            metavar=("LANGUAGE", "FILE"),
            help="Read translations from such JSON.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        sources = catalogues.collect(Path(settings.BASE_DIR))
        if options["todo"]:
            self.stdout.write(
                json.dumps(_todo(options["todo"], sources), ensure_ascii=False, indent=1)
            )
        elif options["check"]:
            self._check(sources)
        else:
            taken = options["take"] or ("", "")
            for language in [taken[0]] if taken[0] else catalogues.LOCALES:
                catalogue = catalogues.merge(language, sources.values())
                if language == taken[0]:
                    _take(catalogue, Path(taken[1]))
                catalogues.save(language, catalogue)
            self._count(sources)

    def _check(self, sources: dict[tuple[str, str], catalogues.Source]) -> None:
        found = [
            line
            for language in catalogues.LOCALES
            for line in catalogues.problems(language, sources)
        ]
        for line in found[:60]:
            self.stderr.write(line)
        if found:
            self.stderr.write(f"{len(found)} problems in the message catalogues")
            sys.exit(1)
        self.stdout.write(
            f"{len(sources)} messages, complete in {len(catalogues.LOCALES) + 1} languages"
        )

    def _count(self, sources: dict[tuple[str, str], catalogues.Source]) -> None:
        for language in catalogues.LOCALES:
            self.stdout.write(
                f"{language}: {len(_todo(language, sources))} of {len(sources)} not translated"
            )


def _todo(language: str, sources: dict[tuple[str, str], catalogues.Source]) -> list[dict[str, Any]]:
    """Untranslated messages with what a translator needs to see."""
    catalogue = catalogues.load(language)
    rows = []
    for source in sources.values():
        message = catalogue.get(source.singular, source.context or None)
        text = message.string if message is not None else ""
        forms = text if isinstance(text, tuple | list) else (text,)
        if not forms or not all(forms):
            row: dict[str, Any] = {"context": source.context, "singular": source.singular}
            if source.plural:
                row |= {
                    "plural": source.plural,
                    "forms": catalogue.num_plurals,
                    "rule": catalogue.plural_expr,
                }
            rows.append(
                {**row, "where": source.places[0][0], "translation": [""] if source.plural else ""}
            )
    return rows


def _take(catalogue: Any, path: Path) -> None:
    for row in json.loads(path.read_text(encoding="utf-8")):
        message = catalogue.get(row["singular"], row.get("context") or None)
        text = row["translation"]
        if message is not None and text:
            message.string = tuple(text) if isinstance(text, list) else text
