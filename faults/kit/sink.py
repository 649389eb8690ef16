"""A mail server that writes down what it takes before it says so."""

from __future__ import annotations

import asyncio
import os
import random
import re
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from tooling.servers import free_port

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)


@dataclass
class Behaviour:
    """What it does at each step; ``drop`` and ``slow`` happen after the content was heard."""

    hello: str = ""
    mail: str = "250 OK"
    recipient: str = "250 OK"
    data: str = "250 OK"
    refused: frozenset[str] = frozenset()  # recipients that are told 550
    drop: float = 0.0  # share of e-mails whose line breaks before or after they are written down
    slow: float = 0.0  # seconds before the last answer
    stagger: float = 0.0  # up to so many seconds, to be killed in


def _empty_file() -> Path:
    handle, name = tempfile.mkstemp(prefix="greenmatch-sink-")
    os.close(handle)
    return Path(name)


@dataclass
class Sink:
    record: Path = field(default_factory=_empty_file)
    behaviour: Behaviour = field(default_factory=Behaviour)
    port: int = field(default_factory=free_port)
    rng: random.Random = field(default_factory=lambda: random.Random(1))
    heard: Counter[str] = field(default_factory=Counter)  # contents, taken or not
    keep: bool = False
    contents: list[bytes] = field(default_factory=list)  # of what was taken, when it is kept

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def close(self) -> None:
        """Nobody listens until ``start``."""
        self._controller.stop()

    def stop(self) -> None:
        self.close()
        self.record.unlink(missing_ok=True)

    def taken(self) -> Counter[str]:
        """How often each Message-ID was taken."""
        return Counter(self.record.read_text().split()) if self.record.exists() else Counter()

    async def handle_EHLO(  # noqa: N802 - the names that aiosmtpd calls
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [self.behaviour.hello] if self.behaviour.hello else responses

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.behaviour.mail.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.behaviour.mail

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.behaviour.refused:
            return "550 5.1.1 No such person"
        if self.behaviour.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.behaviour.recipient

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        doing, key = self.behaviour, _key(envelope)
        self.heard[key] += 1
        breaks = self.rng.random() < doing.drop
        if breaks and self.rng.random() < 0.5:
            server.transport.abort()
            return "451 gone"
        if not doing.data.startswith("250"):
            return doing.data
        with self.record.open("a") as file:
            file.write(f"{key}\n")
        if self.keep:
            self.contents.append(envelope.content)
        await asyncio.sleep(doing.slow + self.rng.uniform(0, doing.stagger))
        if breaks:
            server.transport.abort()
        return doing.data


def _key(envelope: Any) -> str:
    found = MESSAGE_ID.search(envelope.content)
    assert found is not None
    assert len(envelope.rcpt_tos) == 1
    return found[1].decode()
