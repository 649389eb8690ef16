"""What a person sees: one line per step with its time, a moving progress line, clear failures."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

TTY = sys.stdout.isatty()
_COLOURS = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}


class Failure(Exception):
    """Something the person can act on; shown without a traceback, exit code 1."""


def paint(text: str, colour: str) -> str:
    if not TTY or "NO_COLOR" in os.environ:
        return text
    return f"\033[{_COLOURS[colour]}m{text}\033[0m"


def say(text: str = "") -> None:
    print(text, flush=True)


def seconds(since: float) -> str:
    return f"{time.monotonic() - since:.1f} s"


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what begins, and how long it took once it is done."""
    started = time.monotonic()
    print(f"  {what} ...", end="", flush=True)
    try:
        yield
    except BaseException:
        print(paint(" stopped", "red"), flush=True)
        raise
    print(paint(f" {seconds(started)}", "dim"), flush=True)


class Progress:
    """One line that moves on a terminal; a line every few seconds elsewhere."""

    def __init__(self, every: float = 3.0) -> None:
        self._every = every
        self._last = 0.0
        self._text = ""

    def show(self, text: str) -> None:
        if TTY:
            print(f"\r\033[K  {text}", end="", flush=True)
        elif text != self._text and time.monotonic() - self._last >= self._every:
            print(f"  {text}", flush=True)
            self._last = time.monotonic()
        self._text = text

    def close(self) -> None:
        if TTY and self._text:
            print(flush=True)
