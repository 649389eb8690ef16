"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from matching import index, tasks
from tests.cast import *  # noqa: F403 - fixtures are found by name


@pytest.fixture(autouse=True)
def each_test_starts_clean(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """English, an empty cache, no matching index left from the test before, suggestions told at
    once where nobody chose otherwise, and time enough for a run.
    """
    settings.DIGEST_DEFAULT = "at_once"
    cache.clear()
    index.forget()
    monkeypatch.setattr(tasks, "TURN", 600.0)
    with translation.override("en"):
        yield


@pytest.fixture
def count_queries() -> Any:
    """``with count_queries() as found``: the queries of the block, warm-up of caches left out."""

    @contextmanager
    def counting() -> Iterator[list[Any]]:
        ContentType.objects.clear_cache()
        with CaptureQueriesContext(connection) as context:
            found: list[Any] = []
            yield found
        found.extend(context.captured_queries)

    return counting
