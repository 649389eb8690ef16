"""Celery messages are hints: a request drops one into a queue of this process and goes on.

A thread publishes them. When the broker is away, hung or half open, that thread waits for a
moment, then forgets hints for a while; the sweeper does the work later.
"""

import atexit
import logging
import os
import queue
import threading
import time
from typing import Any

from django.conf import settings

log = logging.getLogger(__name__)
MOST_WAITING = 2000
PATIENCE = 0.5  # seconds for each word with the broker
FIRST_REST = 2.0
LONGEST_REST = 30.0
GOODBYE = 0.5  # seconds for what is left when the process ends
IMPATIENT = {
    "socket_timeout": PATIENCE,
    "socket_connect_timeout": PATIENCE,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
Hint = tuple[Any, tuple[int, ...]]


def hint(task: Any, *args: int) -> None:
    """Ask a worker to look at a row soon; never raises, never waits."""
    if not settings.HINTS:
        return
    if settings.CELERY_TASK_ALWAYS_EAGER:
        task.apply_async(args=args)
        return
    publisher().put(task, args)


class Publisher:
    """The thread of one process, and what it has been asked to publish."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.lost = 0
        self._waiting: queue.Queue[Hint] = queue.Queue(MOST_WAITING)
        self._connection: Any = None
        self._failures = 0
        self._rests_until = 0.0
        threading.Thread(target=self._work, name="hints", daemon=True).start()

    def put(self, task: Any, args: tuple[int, ...]) -> None:
        try:
            self._waiting.put_nowait((task, args))
        except queue.Full:
            self.lost += 1

    def drain(self, patience: float) -> None:
        deadline = time.monotonic() + patience
        while self._waiting.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.01)

    def _work(self) -> None:
        while True:
            task, args = self._waiting.get()
            try:
                self._publish(task, args)
            except Exception as error:  # noqa: BLE001 - whatever the broker's trouble is, the row is stored
                self._rest(task, error)
            finally:
                self._waiting.task_done()

    def _publish(self, task: Any, args: tuple[int, ...]) -> None:
        if time.monotonic() < self._rests_until:
            self.lost += 1
            return
        if self._connection is None:
            self._connection = task.app.connection_for_write(transport_options=IMPATIENT)
        task.apply_async(args=args, retry=False, ignore_result=True, connection=self._connection)
        self._failures = 0

    def _rest(self, task: Any, error: Exception) -> None:
        self.lost += 1
        self._failures += 1
        pause = min(LONGEST_REST, FIRST_REST * 2 ** min(self._failures - 1, 10))
        self._rests_until = time.monotonic() + pause
        log.warning("hint for %s lost: %s", task.name, type(error).__name__)
        connection, self._connection = self._connection, None
        try:
            if connection is not None:
                connection.collect(socket_timeout=PATIENCE)
        except Exception:  # noqa: BLE001 - it was broken anyway
            log.debug("the broken connection could not be closed")


_publisher: Publisher | None = None
_lock = threading.Lock()


def publisher() -> Publisher:
    """That of this process: a fork inherits the object but not its thread."""
    global _publisher  # noqa: PLW0603 - one for each process
    with _lock:
        if _publisher is None or _publisher.pid != os.getpid():
            _publisher = Publisher()
        return _publisher


def _renew_lock() -> None:
    """A fork may have copied the lock while another thread held it."""
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_renew_lock)


@atexit.register
def _say_goodbye() -> None:
    if _publisher is not None and _publisher.pid == os.getpid():
        _publisher.drain(GOODBYE)
