"""Every address of the site, from the URL configuration itself: a new page cannot be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse


@dataclass(frozen=True)
class Route:
    """A named address and the parameters it takes."""

    name: str
    params: tuple[str, ...]


def routes() -> list[Route]:
    found = {route.name: route for route in _walk(get_resolver().url_patterns, "")}
    return sorted(found.values(), key=lambda route: route.name)


def _walk(patterns: Any, prefix: str, params: tuple[str, ...] = ()) -> Iterator[Route]:
    for entry in patterns:
        named = [*entry.pattern.converters, *entry.pattern.regex.groupindex]
        own = tuple(dict.fromkeys((*params, *named)))
        if isinstance(entry, URLResolver):
            space = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from _walk(entry.url_patterns, space, own)
        elif isinstance(entry, URLPattern) and entry.name:
            yield Route(f"{prefix}{entry.name}", own)


def ours() -> list[Route]:
    """Pages that we wrote: not the admin's and not allauth's."""
    foreign = ("admin:", "account_", "mfa_", "socialaccount_")
    return [route for route in routes() if not route.name.startswith(foreign)]


def address(route: Route, samples: dict[str, Any]) -> str:
    """The address with values from ``samples``: route.param, namespace.param or param."""
    space = route.name.rpartition(":")[0]
    values = {
        name: samples.get(f"{route.name}.{name}", samples.get(f"{space}.{name}", samples.get(name)))
        for name in route.params
    }
    missing = [name for name, value in values.items() if value is None]
    assert not missing, f"tests/routes.py has no sample for {missing} of {route.name}"
    return reverse(route.name, kwargs=values)
