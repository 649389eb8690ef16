"""The application of a web server under test: each process writes down that it lives."""

from __future__ import annotations

import os
from pathlib import Path

from greenmatch.wsgi import application

__all__ = ("application",)


def _born() -> None:
    (Path(os.environ["WEB_PIDS"]) / str(os.getpid())).touch()


os.register_at_fork(after_in_child=_born)
