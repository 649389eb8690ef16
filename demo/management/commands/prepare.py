"""``manage.py prepare [--demo]``: everything a start needs, in one process that skips what is
done already.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from demo import accounts
from matching.engine import native
from matching.management.commands.match_progress import counts
from vocabulary import actions as vocabulary
from vocabulary.models import Concept


class Command(BaseCommand):
    help = (
        "Bring database, vocabulary, static files and (with --demo) demonstration data up to date."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true")
        parser.add_argument("--no-static", action="store_true", help="No pages will be served.")

    def handle(self, *args: Any, **options: Any) -> None:
        self._machine_code()
        self._database()
        self._vocabulary()
        if not (settings.DEBUG or options["no_static"]):
            self._static()
        summary: dict[str, Any] = {}
        if options["demo"]:
            call_command("load_demo", if_empty=True, stdout=self.stdout, stderr=self.stderr)
            word = accounts.password()
            summary["accounts"] = [
                {"email": account.email, "password": word, "role": str(account.role)}
                for account in accounts.ACCOUNTS
            ]
        self.stdout.write(json.dumps({**summary, **counts()}))

    def _machine_code(self) -> None:
        if native.is_missing():
            self.stdout.write("matching engine: compiling for this processor")
        native.prepare()

    def _database(self) -> None:
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            self.stdout.write(f"database: {len(plan)} migrations")
            call_command("migrate", verbosity=0, interactive=False)

    def _vocabulary(self) -> None:
        stamp = _stamp(
            vocabulary.DATA.glob("*.tsv"), str(settings.DATABASES[DEFAULT_DB_ALIAS]["NAME"])
        )
        if _remembered("vocabulary", stamp) and Concept.objects.exists():
            return
        counted = sum(vocabulary.load().values())
        self.stdout.write(f"vocabulary: {counted} concepts")
        _remember("vocabulary", stamp)

    def _static(self) -> None:
        files = (
            path
            for folder in settings.STATICFILES_DIRS
            for path in Path(folder).rglob("*")
            if path.is_file()
        )
        stamp = _stamp(files, str(settings.STATIC_ROOT))
        if _remembered("static", stamp) and settings.STATIC_ROOT.exists():
            return
        call_command("collectstatic", verbosity=0, interactive=False)
        self.stdout.write("static files: collected")
        _remember("static", stamp)


def _stamp(paths: Any, extra: str) -> str:
    digest = hashlib.sha256(extra.encode())
    for path in sorted(paths):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _remembered(name: str, stamp: str) -> bool:
    path = settings.DATA_DIR / f"{name}.stamp"
    return path.exists() and path.read_text() == stamp


def _remember(name: str, stamp: str) -> None:
    (settings.DATA_DIR / f"{name}.stamp").write_text(stamp)
