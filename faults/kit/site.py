"""GreenMatch on servers that may break: its settings, its tables, and Django in this process."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from faults.kit.servers import Postgres, Redis
from tooling.console import step
from tooling.environment import ROOT, Environment

# Shorter than in production, so that what is left by the dead is found while one watches.
HASTE = {"OUTBOX_LEASE": "20", "EMAIL_TIMEOUT": "3", "OUTBOX_DATA_TIMEOUT": "4"}


@dataclass
class Site:
    folder: Path
    env: Environment = field(default_factory=dict)
    postgres: Postgres | None = None
    redis: Redis | None = None

    def prepare(self) -> None:
        """Tables, in this process, which from now on is a part of the site."""
        os.environ.update(self.env)
        os.environ["DJANGO_SETTINGS_MODULE"] = "greenmatch.settings"
        import django
        from django.core.management import call_command

        django.setup()
        with step("making tables"):
            call_command("migrate", verbosity=0)


@contextmanager
def site(*, services: bool, mail_port: int, **settings: str) -> Iterator[Site]:
    """With its own PostgreSQL and Redis, or on SQLite and the file system broker."""
    with tempfile.TemporaryDirectory(prefix="greenmatch-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        made = Site(folder)
        try:
            if services:
                made.postgres, made.redis = _servers(folder)
            made.env = _environment(made, mail_port) | settings
            made.prepare()
            yield made
        finally:
            for server in (made.redis, made.postgres):
                if server is not None:
                    server.stop()


def _servers(folder: Path) -> tuple[Postgres, Redis]:
    with step("starting PostgreSQL and Redis"):
        postgres, redis = Postgres(folder), Redis(folder)
        postgres.start()
        redis.start()
    return postgres, redis


def _environment(made: Site, mail_port: int) -> Environment:
    data = made.folder / "data"
    data.mkdir()
    return {
        **os.environ,
        **HASTE,
        "PYTHONPATH": str(ROOT),
        "DATA_DIR": str(data),
        "DATABASE_URL": made.postgres.url if made.postgres else f"sqlite:///{data / 'db.sqlite3'}",
        "REDIS_URL": made.redis.url if made.redis else "",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "CACHE_URL": "locmemcache://",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "SITE_URL": "http://greenmatch.example",
        "DEMO_MODE": "0",
        "MAILS_PER_DAY": "1000000",  # a few people get thousands
        "SECURE": "0",
        "DEBUG": "0",
        "HINTS": "1",
        "CELERY_SKIP_CHECKS": "true",  # hundreds of workers start; the suite checks
        "LOG_LEVEL": "WARNING",
        "CONN_MAX_AGE": "60",
    }
