"""People who act through the pages of a site under test, while its web server is killed."""

from __future__ import annotations

import secrets
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

from faults.kit.watch import insist

TRIES = 12
PAUSE = 0.25  # seconds before the same is asked again of a server that is gone
PATIENCE = 30.0


@dataclass
class Traffic:
    """What all visitors together have met."""

    port: int
    answers: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    broken: int = 0
    under_way: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    ending: threading.Event = field(default_factory=threading.Event)

    @property
    def done(self) -> int:
        with self.lock:
            return sum(self.answers.values()) + sum(self.wrong.values())


@dataclass
class Browser:
    """A person's session and CSRF cookie; a request that breaks off is sent again, as people do."""

    traffic: Traffic
    user: Any = None

    def __post_init__(self) -> None:
        self.token = secrets.token_hex(16)
        self.cookies = f"csrftoken={self.token}"
        if self.user is not None:
            self.cookies += f"; sessionid={insist(lambda: _session(self.user))}"

    def post(self, name: str, path: str, **fields: Any) -> None:
        body = urlencode({**fields, "csrfmiddlewaretoken": self.token}, doseq=True)
        for _attempt in range(TRIES):
            try:
                status = self._send(path, body)
            except (OSError, HTTPException):
                with self.traffic.lock:
                    self.traffic.broken += 1
                if self.traffic.ending.wait(PAUSE):
                    return
                continue
            with self.traffic.lock:
                self.traffic.answers[f"{name}"] += status < 400
                self.traffic.wrong[f"{name}: {status}"] += status >= 400
            return

    def once(self, path: str, **fields: Any) -> int:
        """One request, whatever becomes of it; the status of the answer."""
        body = urlencode({**fields, "csrfmiddlewaretoken": self.token}, doseq=True)
        return self._send(path, body)

    def _send(self, path: str, body: str) -> int:
        traffic = self.traffic
        connection = HTTPConnection("127.0.0.1", traffic.port, timeout=PATIENCE)
        headers = {
            "Cookie": self.cookies,
            "Content-Type": "application/x-www-form-urlencoded",
            "Connection": "close",
        }
        connection.connect()
        with traffic.lock:
            traffic.under_way += 1
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            with traffic.lock:
                traffic.under_way -= 1
            connection.close()


def _session(user: Any) -> str:
    """A signed-in session, as the login page stores it."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    key: str = session.session_key
    return key


def live(traffic: Traffic, curator: Browser, boss: Any) -> None:
    """One story after another, until the end."""
    from django.db import connection

    try:
        while not traffic.ending.is_set():
            _story(insist(lambda: people(boss)), traffic, curator)
    finally:
        connection.close()


@dataclass
class Cast:
    author: Any
    official: Any
    draft: Any
    pairs: list[Any]


def people(boss: Any) -> Cast:
    """A provider with a finished draft and a city; three suggestions between them."""
    from django.db import transaction

    make: Any = import_module("tests.factories")
    mark = secrets.token_hex(6)
    with transaction.atomic():
        author, official = (
            make.UserFactory(email=f"{who}-{mark}@people.example") for who in ("author", "official")
        )
        by = {"decided_by": boss}
        provider = make.ProviderFactory(members=[author], name=f"Provider {mark}", **by)
        city = make.CityFactory(members=[official], name=f"City {mark}", **by)
        made = {"organisation": provider, "created_by": author}
        draft = make.TechnologyFactory(published=False, **made)
        need = make.NeedFactory(organisation=city, created_by=official, published_by=boss)
        pairs = [_pair(need, make.TechnologyFactory(**made, published_by=boss)) for _ in range(3)]
    return Cast(author, official, draft, pairs)


def _pair(need: Any, technology: Any) -> Any:
    from django.utils import timezone

    from matching.models import Suggestion
    from matching.policy import in_force

    now = timezone.now()
    return Suggestion.objects.create(
        need=need,
        technology=technology,
        score=80,
        policy=in_force(),
        expires_at=now + timedelta(days=20),
        told_need_at=now,
        told_technology_at=now,
    )


def _story(cast: Cast, traffic: Traffic, curator: Browser) -> None:
    author, official = Browser(traffic, cast.author), Browser(traffic, cast.official)
    _publish(cast, author, curator)
    _answer(cast, author, official)
    _go_on(cast, author, official)
    _choose(cast, author, traffic)


def _publish(cast: Cast, author: Browser, curator: Browser) -> None:
    page = f"technologies/{cast.draft.pk}/do/submit/"
    author.post("submit", f"/en/{page}")
    decide = f"/en/admin/technologies/technology/{cast.draft.pk}/decide/"
    curator.post("publish", decide, decision="publish", note="")


def _answer(cast: Cast, author: Browser, official: Browser) -> None:
    from django.utils import timezone

    yes, no, wait = (f"/en/matching/suggestions/{pair.pk}" for pair in cast.pairs)
    author.post("accept", f"{yes}/accept/", side="technology", message="Shall we talk?")
    official.post("second yes", f"{yes}/accept/", side="need", message="Gladly.")
    author.post("accept", f"{no}/accept/", side="technology", message="")
    author.post("withdraw", f"{no}/withdraw/", side="technology")
    official.post("decline", f"{no}/decline/", side="need", reason="price", note="")
    until = timezone.localdate() + timedelta(days=5)
    official.post("later", f"{wait}/later/", side="need", until=until.isoformat())


def _go_on(cast: Cast, author: Browser, official: Browser) -> None:
    from django.utils import timezone

    from matching.models import Introduction

    opened = insist(lambda: Introduction.objects.filter(suggestion=cast.pairs[0]).first())
    if opened is None:
        return
    page, today = f"/en/introductions/{opened.pk}", timezone.localdate().isoformat()
    author.post("see contact", f"{page}/contacts/")
    official.post("message", f"{page}/messages/", text="When can you come?")
    author.post("milestone", f"{page}/milestones/", step="meeting", day=today, note="")


def _choose(cast: Cast, author: Browser, traffic: Traffic) -> None:
    from outbox.actions import unsubscribe_address

    wish = {"kinds": ["suggestion"], "frequency": "daily", "weekday": 1, "hour": 9}
    author.post("choose", "/en/settings/mail/", **wish, language="en", time_zone="")
    stop = unsubscribe_address(cast.official, "en", "suggestion").partition("example")[2]
    Browser(traffic).post("unsubscribe", stop, **{"List-Unsubscribe": "One-Click"})
