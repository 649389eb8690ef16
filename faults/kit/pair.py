"""Two processes that do the same thing at the same moment, each with a connection of its own."""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Callable
from multiprocessing.synchronize import Barrier

from tooling.console import Failure

PATIENCE = 300.0  # for a machine with much else to do


def deliver(step: Callable[[], object], times: int) -> None:
    """``times`` deliveries: two at once as long as there are two left, the last alone."""
    shares = [(times + 1) // 2, times // 2]
    _let_work(step, [share for share in shares if share], times // 2)


def _let_work(step: Callable[[], object], shares: list[int], together: int) -> None:
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(2)
    workers = [
        context.Process(target=_work, args=(step, share, together, barrier)) for share in shares
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PATIENCE)
        if worker.is_alive():
            worker.kill()
    if any(worker.exitcode != 0 for worker in workers):
        raise Failure("a task raised, or did not end")


def _work(step: Callable[[], object], share: int, together: int, barrier: Barrier) -> None:
    from django.db import connection

    connection.ensure_connection()
    try:
        for number in range(share):
            if number < together:
                barrier.wait(PATIENCE)
            step()
    except BaseException:
        traceback.print_exc()
        barrier.abort()
        raise
    finally:
        connection.close()
