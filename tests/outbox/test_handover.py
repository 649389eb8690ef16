"""The conversation with the mail server, and every place at which it can break."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from outbox import delivery, tasks
from outbox.choices import MessageStatus
from outbox.handover import Refused
from outbox.models import Message
from tests.outbox.conftest import Script, queue, send_to

pytestmark = pytest.mark.django_db
S = MessageStatus


class Rude(threading.Thread):
    """Says prepared lines, one for each it hears; None closes the line instead."""

    def __init__(self, **answers: str | None) -> None:
        super().__init__(daemon=True)
        self.answers = {
            "HELLO": "220 ready", "EHLO": "250 here", "MAIL": "250 OK", "RCPT": "250 OK",
            "DATA": "354 go on", ".": "250 taken", "RSET": "250 OK", "QUIT": "221 bye", **answers,
        }  # fmt: skip
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.calls = 0
        self.taken = 0
        self.start()

    def run(self) -> None:
        while True:
            try:
                line, _address = self.listener.accept()
            except OSError:
                return
            self.calls += 1
            with line, line.makefile("rb") as words:
                self._talk(line, words)

    def _talk(self, line: socket.socket, words: Any) -> None:
        if not self._say(line, "HELLO"):
            return
        content = False
        for heard in words:
            if content and heard != b".\r\n":
                continue
            word = "." if content else heard[:4].decode().strip().upper()
            if not self._say(line, word):
                return
            self.taken += word == "." and str(self.answers["."]).startswith("250")
            content = word == "DATA" and str(self.answers["DATA"]).startswith("354")

    def _say(self, line: socket.socket, word: str) -> bool:
        answer = self.answers.get(word, "502 what?")
        if answer is None:
            return False
        line.sendall(answer.encode() + b"\r\n")
        return True


@pytest.fixture
def rude(settings: Any) -> Iterator[Callable[..., Rude]]:
    started: list[Rude] = []

    def start(**answers: str | None) -> Rude:
        started.append(Rude(**answers))
        send_to(settings, started[-1].port)
        return started[-1]

    yield start
    for server in started:
        server.listener.close()


def outcome(reader: User) -> tuple[str, Message]:
    message = queue(reader)
    status = delivery.deliver(message.pk)
    message.refresh_from_db()
    assert message.status == status
    return status, message


@pytest.mark.parametrize("word", ["HELLO", "EHLO", "MAIL", "RCPT", "DATA"])
def test_line_lost_before_the_content_loses_nothing(rude: Any, reader: User, word: str) -> None:
    rude(**{word: None})
    assert outcome(reader)[0] == S.QUEUED


def test_line_lost_after_the_content_leaves_doubt(rude: Any, reader: User) -> None:
    rude(**{".": None})
    assert outcome(reader)[0] == S.UNKNOWN


def test_nonsense_after_the_content_leaves_doubt(rude: Any, reader: User) -> None:
    rude(**{".": "what"})
    assert outcome(reader)[0] == S.UNKNOWN


@pytest.mark.parametrize("word", ["RCPT", "DATA", "."])
@pytest.mark.parametrize("code", [450, 451, 452])
def test_not_now_waits_at_most_a_minute_at_first(
    rude: Any, reader: User, word: str, code: int
) -> None:
    rude(**{word: f"{code} 4.0.0 Not now"})
    status, message = outcome(reader)
    assert (status, message.attempts, message.code) == (S.QUEUED, 1, code)
    assert message.next_attempt_at - message.first_attempt_at <= timedelta(seconds=60)


@pytest.mark.parametrize("word", ["MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize("code", [550, 552, 554])
def test_never_is_final(rude: Any, reader: User, word: str, code: int) -> None:
    server = rude(**{word: f"{code} 5.0.0 Never"})
    status, message = outcome(reader)
    assert (status, message.code) == (S.FAILED, code)
    tasks.sweep()
    assert server.calls == 1


@pytest.mark.parametrize("word", ["HELLO", "EHLO", "MAIL", "RCPT", "DATA", "."])
def test_server_that_closes_with_421_is_given_a_rest(rude: Any, reader: User, word: str) -> None:
    server = rude(**{word: "421 Too busy"})
    assert outcome(reader)[0] == S.QUEUED
    tasks.sweep()
    assert server.calls == 1


def test_no_word_is_sent_in_clear_when_tls_is_wanted(
    rude: Any, reader: User, settings: Any
) -> None:
    server = rude()
    settings.EMAIL_USE_TLS = True
    assert outcome(reader)[0] == S.QUEUED
    assert server.taken == 0


def test_certificate_of_somebody_else_is_not_trusted(
    rude: Any, reader: User, settings: Any, monkeypatch: Any
) -> None:
    rude()
    settings.EMAIL_USE_TLS = True

    def starttls(*_: Any, **__: Any) -> None:
        raise ssl.SSLCertVerificationError

    monkeypatch.setattr("smtplib.SMTP.starttls", starttls)
    assert outcome(reader)[0] == S.QUEUED


def test_one_line_serves_many_mails_and_survives_a_refusal(rude: Any, reader: User) -> None:
    server = rude()
    for number in range(12):
        queue(reader, f"key {number}")
    tasks.sweep()
    assert (server.calls, server.taken) == (1, 12)


def test_each_mail_has_one_recipient_and_arrives_as_written(server: Script, reader: User) -> None:
    delivery.deliver(queue(reader, text="First.\n.\n..dots\n").pk)
    (envelope,) = server.received
    assert envelope.rcpt_tos == [reader.email]
    assert b"\r\n.\r\n..dots\r\n" in envelope.content


@pytest.mark.parametrize(
    ("waited", "most"), [(0, 60), (240, 60), (1800, 450), (4 * 3600, 3600), (23 * 3600, 3600)]
)
def test_pause_grows_with_the_wait_and_has_an_end(waited: int, most: int) -> None:
    found = [
        delivery.pause(timedelta(seconds=waited), Refused("RCPT", 451, "")).total_seconds()
        for _ in range(300)
    ]
    assert max(found) <= most
    assert len({round(pause) for pause in found}) > 20


def test_greylisting_is_not_asked_again_at_once() -> None:
    found = [delivery.pause(timedelta(), Refused("RCPT", 451, "Greylisted")) for _ in range(200)]
    assert timedelta(seconds=30) <= min(found)
    assert max(found) <= timedelta(seconds=60)
