"""``manage.py install_pack FILE``: make a dictionary pack of a file an operator has."""

from argparse import BooleanOptionalAction
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from matching.engine.dictionaries import open_dictionary
from matching.engine.packs import SUFFIX, PackError, write
from matching.index import forget

LANGUAGES = ("zh-hans", "fr", "es", "ru", "ar")


class Command(BaseCommand):
    help = (
        "Install a dictionary: CC-CEDICT (.u8, .txt, also .gz) or dictd and FreeDict "
        "(.index beside .dict or .dict.dz). Processes that run use it after a restart."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--language", choices=LANGUAGES, default="")
        parser.add_argument(
            "--english-headwords",
            action=BooleanOptionalAction,
            default=None,
            help="the headwords are English (found out when not said)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder = settings.DATA_DIR / "packs"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            source = open_dictionary(
                options["file"], options["language"], reverse=options["english_headwords"]
            )
            path = folder / f"{source.language}-{source.name}{SUFFIX}"
            entries, phrases = write(
                path,
                source.entries,
                language=source.language,
                name=source.name,
                licence=source.licence,
            )
        except (PackError, OSError) as error:
            raise CommandError(str(error)) from error
        forget()
        self.stdout.write(f"{path}: {entries} entries, {phrases} phrases in {source.language}")
        self.stdout.write(f"licence: {source.licence or 'not stated in the file'}")
