"""A line to the broker that dies while a message is acknowledged: its place becomes free."""

from __future__ import annotations

from typing import Any

import pytest
import redis
from kombu.transport.redis import Channel

from greenmatch.celery import QoS


class DeadLine:
    """A channel whose broker does not answer."""

    def conn_or_acquire(self, _client: Any = None) -> Any:
        raise redis.TimeoutError("Timeout reading from socket")


@pytest.fixture
def full() -> Any:
    """A worker with room for one message, which it has."""
    held = QoS(DeadLine(), prefetch_count=1)
    held.restore_at_shutdown = False
    held._quick_append("tag", "message")
    assert not held.can_consume()
    yield held
    held._on_collect.cancel()


def test_workers_use_it() -> None:
    assert Channel.QoS is QoS


@pytest.mark.parametrize("give_back", ["ack", "reject"])
def test_worker_takes_the_next_message_after_an_acknowledgement_was_lost(
    full: Any, give_back: str
) -> None:
    with pytest.raises(redis.TimeoutError):
        getattr(full, give_back)("tag")
    assert full.can_consume()
