"""Where lives are played: one world, one transaction for each life, a clock that the rules move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from datetime import timedelta
from functools import lru_cache
from typing import Any

import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import override_settings

from faults.kit.life.doors import SECRET, Actions, Either, Site, browsers
from faults.kit.life.town import START, Town, build
from matching import encodings, index, tasks
from matching.choices import Effect
from matching.work import ask_all
from needs.models import Need

SETTINGS: dict[str, Any] = {
    "DATABASE_CLOCK": False,
    "DIGEST_DEFAULT": "daily",
    "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
    "HINTS": False,
    "MAIL_WEBHOOK_SECRETS": [SECRET],
    "OUTBOX_RECONCILER": "faults.kit.life.post.reconciled",
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    "SESSION_COOKIE_AGE": 10 * 365 * 24 * 3600,
    "STORAGES": {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    },
}


class Stage:
    """Begins each life from the same rows and takes everything back at its end."""

    def __init__(self, door: str) -> None:
        self.lives = self.steps = 0
        self.seen: Counter[str] = Counter()  # what happened in all lives together
        self.clock = time_machine.travel(START, tick=False)
        with self.clock:
            build()
            index.forget()
            ask_all(Effect.REFRESH_NEED, Need.objects.values_list("pk", flat=True))
            tasks.sweep()
            self.town = Town()
            self.browsers = {} if door == "actions" else browsers(self.town)
        self.door = door
        self._life = ExitStack()

    def begin(self) -> tuple[Town, Actions | Either]:
        self._life = ExitStack()
        self.time = self._life.enter_context(self.clock)
        self._life.enter_context(_taken_back())
        cache.clear()
        index.forget()
        self.lives += 1
        town = deepcopy(self.town)
        if self.door == "actions":
            return town, Actions(town)
        made = Site if self.door == "http" else Either
        return town, made(town, self.browsers)

    def wait(self, span: timedelta) -> None:
        self.time.shift(span)

    def end(self) -> None:
        self._life.close()


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def stage(door: str) -> Iterator[Stage]:
    """With the settings of the model; the glossary, which no life changes, is read once."""
    read = encodings._read_words
    encodings._read_words = lru_cache(maxsize=1)(read)
    try:
        with override_settings(**SETTINGS), _taken_back():
            yield Stage(door)
    finally:
        encodings._read_words = read
        index.forget()
