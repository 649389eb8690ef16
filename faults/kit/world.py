"""GreenMatch in this process, on a PostgreSQL database of its own that is gone at the end."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from tooling import environment, servers


@contextmanager
def world() -> Iterator[None]:
    """DATABASE_URL of the shell gives the server; without one, a server is started for it."""
    with servers.provide() as given, tempfile.TemporaryDirectory() as folder:
        os.environ.update(environment.TEST_DEFAULTS | given)
        os.environ |= {"DATA_DIR": folder, "HINTS": "0", "REDIS_URL": "", "LOG_LEVEL": "CRITICAL"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "greenmatch.settings"
        import django

        django.setup()
        from django.db import connections
        from django.test.utils import setup_databases, setup_test_environment, teardown_databases

        setup_test_environment()
        config = setup_databases(verbosity=0, interactive=False)
        try:
            yield
        finally:
            connections.close_all()
            teardown_databases(config, verbosity=0)
