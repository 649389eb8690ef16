"""How a test fills the wizard of either kind."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse


def formset(part: str, rows: list[dict[str, Any]], known: int = 0) -> dict[str, Any]:
    """The POST of a formset: its management form and its rows."""
    data: dict[str, Any] = {f"{part}-TOTAL_FORMS": len(rows), f"{part}-INITIAL_FORMS": known}
    for number, row in enumerate(rows):
        data |= {f"{part}-{number}-{name}": value for name, value in row.items()}
    return data


def write(browser: Client, namespace: str, pk: int, slug: str, data: dict[str, Any]) -> Any:
    return browser.post(reverse(f"{namespace}:section", args=[pk, slug]), data)


def act(browser: Client, namespace: str, pk: int, verb: str) -> Any:
    return browser.post(reverse(f"{namespace}:act", args=[pk, verb]))


def said(response: Any) -> str:
    return str(response.content.decode())
