"""A mail server on loopback that answers as it is told."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from accounts.models import User
from outbox.actions import put
from outbox.choices import MessageKind
from outbox.models import Message
from tests.factories import UserFactory


@dataclass
class Script:
    """What the server says at each step; ``drop`` closes the line instead of answering DATA."""

    recipient: str = "250 OK"
    data: str = "250 OK"
    drop: bool = False
    received: list[Any] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.received.append(envelope)
        if self.drop:
            server.transport.abort()
        return self.data


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def send_to(settings: Any, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_TIMEOUT = 5


@pytest.fixture
def server(settings: Any) -> Iterator[Script]:
    script = Script()
    controller = Controller(script, hostname="127.0.0.1", port=free_port())
    controller.start()
    send_to(settings, controller.port)
    yield script
    controller.stop()


@pytest.fixture
def no_server(settings: Any) -> None:
    send_to(settings, free_port())


@pytest.fixture
def reader(db: None) -> User:
    return UserFactory(name="Rea Reader", email="reader@people.example")


def queue(to: User | None, key: str = "one", **columns: Any) -> Message:
    kind = columns.pop("kind", MessageKind.DECISION)
    words = {"subject": "Published", "text": "Your technology is public.", "html": "<p>Public.</p>"}
    message = put(kind, to=to, dedupe_key=key, **{**words, **columns})
    assert message
    return message
