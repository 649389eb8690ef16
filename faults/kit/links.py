"""Every address in every e-mail, asked for as machines do, and whether any row changed."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings

from outbox.models import Message

ADDRESS = re.compile(r"https?://[^\s\"'<>)]+")
MAY_CHANGE = {"sessions.session"}
STOPS = "/mail/stop/"  # the one page whose POST acts without a session (RFC 8058)


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


def checksums() -> dict[str, str]:
    """One sum for each table; sessions may come and go."""
    found = {}
    for model in apps.get_models():
        if model._meta.label_lower in MAY_CHANGE or not model._meta.managed:
            continue
        rows = model._default_manager.order_by("pk").values_list()
        lines = "\n".join(map(repr, rows.iterator()))
        found[model._meta.label_lower] = hashlib.sha256(lines.encode()).hexdigest()
    return found


def changed(before: dict[str, str]) -> list[str]:
    return sorted(name for name, found in checksums().items() if found != before[name])
