"""Every address in every e-mail, asked for as machines do, and whether any row changed."""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.urls import Resolver404, resolve, reverse
from django.utils import translation

from outbox.choices import OPTIONAL
from outbox.models import Message

ADDRESS = re.compile(r"https?://[^\s\"'<>)]+")
# Sessions; and what was read of public records, which whoever meets it first keeps for all.
MAY_CHANGE = {"sessions.session", "matching.encoding", "matching.epoch"}
STOPS = "/mail/stop/"  # the one page whose POST acts without a session (RFC 8058)
# Codes are typed in here; the e-mails that bring codes have no address of their own.
DOORS = (
    "account_login",
    "account_signup",
    "account_request_login_code",
    "account_confirm_login_code",
    "account_email_verification_sent",
    "account_reset_password",
    "account_confirm_password_reset_code",
)


def addresses() -> list[str]:
    """The paths of our own pages that any e-mail leads to, fragments left out."""
    found = set()
    for text, html in Message.objects.values_list("text", "html"):
        found |= {_path(url) for url in ADDRESS.findall(f"{text} {html}".replace("&amp;", "&"))}
    return sorted(path for path in found if path)


def _path(url: str) -> str:
    parts = urlsplit(url.rstrip(".,;"))
    if f"{parts.scheme}://{parts.netloc}" != settings.SITE_URL:
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "") or "/"


def doors(languages: tuple[str, ...]) -> list[str]:
    """The pages where one signs in, registers and confirms, in each language."""
    found = []
    for language in languages:
        with translation.override(language):
            found += [reverse(name) for name in DOORS]
    return found


def view_of(path: str) -> str:
    where = path.partition("?")[0]
    with translation.override(translation.get_language_from_path(where) or "en"):
        try:
            return resolve(where).view_name
        except Resolver404:
            return where  # files, and what is not there


@dataclass
class Found:
    """Where e-mails lead to, as they were handed over: texts, HTML and headers."""

    ours: set[str] = field(default_factory=set)
    stops: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    without_way_out: list[str] = field(default_factory=list)

    def read(self, content: bytes) -> None:
        mail = email.message_from_bytes(content, policy=email.policy.default)
        words = [f"{value}" for _name, value in mail.items()]
        words += [
            part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"
        ]
        for url in ADDRESS.findall("\n".join(words).replace("&amp;", "&")):
            path = _path(url)
            (self.ours if path else self.others).add(path or url)
        self._way_out(mail)

    def _way_out(self, mail: Any) -> None:
        way_out = str(mail.get("List-Unsubscribe", "")).strip(" <>")  # folded behind its name
        if mail.get("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click" and way_out:
            self.stops.add(_path(way_out))
        elif "List-Id" in mail or str(mail.get("Feedback-ID", "")).split(":")[0] in OPTIONAL:
            self.without_way_out.append(str(mail["Message-ID"]))


def by_view(path: str) -> tuple[str, str]:
    return view_of(path), path


def one_of_each(forms: dict[str, int]) -> list[str]:
    """An address for each view and number of forms: a page may have nothing left to send."""
    return list({(view_of(path), count): path for path, count in forms.items()}.values())


def checksums() -> dict[str, str]:
    """One sum for each table; sessions may come and go."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.label_lower in MAY_CHANGE or not model._meta.managed:
            continue
        rows = model._base_manager.order_by("pk").values_list()
        lines = "\n".join(map(repr, rows.iterator()))
        found[model._meta.label_lower] = hashlib.sha256(lines.encode()).hexdigest()
    return found


def changed(before: dict[str, str]) -> list[str]:
    return sorted(name for name, found in checksums().items() if found != before[name])
