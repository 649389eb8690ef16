"""Parts of a record's page that apps above add, such as the shortlist of a need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

Panel = Callable[[HttpRequest, Any], str]

_panels: dict[str, list[Panel]] = {}


def register(kind: str, panel: Panel) -> None:
    """``panel(request, record)`` gives safe HTML, or an empty string for nothing.

    A ``kind`` is ``need`` or ``technology``, after the facts, or ``need:aside``, beside them.
    """
    known = _panels.setdefault(kind, [])
    if panel not in known:
        known.append(panel)


def rendered(kind: str, request: HttpRequest, record: Any) -> list[str]:
    return [html for panel in _panels.get(kind, []) if (html := panel(request, record))]
