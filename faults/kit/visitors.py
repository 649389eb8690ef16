"""People at the pages of a site under test: each click again until an answer comes."""

from __future__ import annotations

import http.client
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

BEFORE_AGAIN = 0.05
ANSWER_WITHIN = 30.0
Proof = Callable[[], bool]


@dataclass(frozen=True)
class Click:
    """One form that is sent; ``proof`` looks for what an answer of success promises."""

    name: str
    who: Any
    path: str
    said: dict[str, Any]
    proof: Proof


Story = Callable[[], Iterator[Click]]


@dataclass
class Visitors:
    """Some people at once, each living one story after another until they are sent home."""

    port: int
    cookies: dict[int, str] = field(default_factory=dict)
    answered: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    promised: list[Click] = field(default_factory=list)
    cut: Counter[int] = field(default_factory=Counter)  # requests, by the kill that cut them
    kill: int = 0
    errors: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._home, self._lock = threading.Event(), threading.Lock()
        self._threads: list[threading.Thread] = []

    def come(self, number: int, story: Story) -> None:
        for _ in range(number):
            thread = threading.Thread(target=self._live, args=(story,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def go_home(self) -> None:
        self._home.set()
        for thread in self._threads:
            thread.join(60)

    def _live(self, story: Story) -> None:
        from django.db import connections

        try:
            while not self._home.is_set():
                for click in story():
                    self._insist(click)
                    if self._home.is_set():
                        break
        except BaseException as error:  # noqa: BLE001 - told by the thread that judges
            self.errors.append(error)
        finally:
            connections.close_all()

    def _insist(self, click: Click) -> None:
        while not self._home.is_set():
            kill = self.kill
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_WITHIN)
            try:
                connection.connect()
                self._send(connection, click)
            except ConnectionRefusedError:  # nobody is there yet
                time.sleep(BEFORE_AGAIN)
            except (OSError, http.client.HTTPException):
                with self._lock:
                    self.cut[max(kill, self.kill)] += 1
                time.sleep(BEFORE_AGAIN)
            else:
                return
            finally:
                connection.close()

    def _send(self, connection: http.client.HTTPConnection, click: Click) -> None:
        response = send(connection, click, self._session(click.who))
        self._note(click, response.status, response.getheader("Location") or "")

    def _note(self, click: Click, status: int, location: str) -> None:
        with self._lock:
            if status not in (200, 302):
                self.broken.append(f"{status} {click.path}")
            elif _is_success(click, status, location):
                self.answered[click.name] += 1
                self.promised.append(click)
            else:
                self.refused[click.name] += 1

    def _session(self, who: Any) -> str:
        if who.pk not in self.cookies:
            self.cookies[who.pk] = sign_in(who)
        return self.cookies[who.pk]


def _is_success(click: Click, status: int, location: str) -> bool:
    """A refusal leads back to where the form was; choices about e-mail lead there when kept."""
    if click.name == "unsubscribe":
        return status == 200
    return status == 302 and (click.name == "choose" or urlsplit(location).path != click.path)


def send(
    connection: http.client.HTTPConnection, click: Click, session: str
) -> http.client.HTTPResponse:
    """The form with its session and token, as a browser sends it; the answer, read to its end."""
    token = secrets.token_hex(16)
    body = urlencode({**click.said, "csrfmiddlewaretoken": token}, doseq=True)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"csrftoken={token}; sessionid={session}",
    }
    connection.request("POST", click.path, body, headers)
    response = connection.getresponse()
    response.read()
    return response


def sign_in(who: Any) -> str:
    """The key of a session as signing in makes it."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(who.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = who.get_session_auth_hash()
    session.save()
    return str(session.session_key)
