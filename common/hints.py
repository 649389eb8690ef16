"""Celery messages are hints: when the broker is away the page must not wait, the sweeper does the
work later.
"""

import logging
from typing import Any

from django.conf import settings

log = logging.getLogger(__name__)


def hint(task: Any, *args: int) -> None:
    """Ask a worker to look at a row soon; never raises, never waits long."""
    if not settings.HINTS:
        return
    try:
        task.apply_async(args=args, retry=False, ignore_result=True)
    except Exception as error:  # noqa: BLE001 - whatever the broker's trouble is, the row is already stored
        log.warning("hint for %s lost: %s", task.name, type(error).__name__)
