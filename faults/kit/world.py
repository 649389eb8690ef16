"""GreenMatch in this process, on a database of its own that is gone at the end."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tooling import environment, servers
from tooling.environment import Environment

# Beside the defaults of tests; a few people get thousands of e-mails.
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "greenmatch.settings",
    "HINTS": "0",
    "REDIS_URL": "",
    "LOG_LEVEL": "CRITICAL",
    "MAILS_PER_DAY": "1000000",
}


@contextmanager
def world(place: str = "postgresql") -> Iterator[None]:
    """DATABASE_URL of the shell gives the server; without one, a server is started for it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        given = _database(place, folder, stack)
        os.environ.update(environment.TEST_DEFAULTS | given | SETTINGS | {"DATA_DIR": str(folder)})
        import django

        django.setup()
        from django.db import connections
        from django.test.utils import setup_databases, setup_test_environment, teardown_databases

        if place == "sqlite":  # in memory, two connections would not be two
            connections["default"].settings_dict["TEST"]["NAME"] = str(folder / "world.sqlite3")
        setup_test_environment()
        config = setup_databases(verbosity=0, interactive=False)
        try:
            yield
        finally:
            connections.close_all()
            teardown_databases(config, verbosity=0)


def _database(place: str, folder: Path, stack: ExitStack) -> Environment:
    if place == "sqlite":
        return {"DATABASE_URL": f"sqlite:///{folder / 'unused.sqlite3'}"}
    return stack.enter_context(servers.provide())
