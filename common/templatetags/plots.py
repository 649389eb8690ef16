"""The map of dots and the loom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import asin, cos, radians, sin, sqrt
from typing import Any

from django import template

register = template.Library()
Context = dict[str, Any]

# Equal Earth (Šavrič, Patterson and Jenny, 2018), placed as the land of img/land.svg was drawn.
A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796
CENTRE, SCALE, ORIGIN_X, ORIGIN_Y = 11.0, 199.4002, 498.104, 279.780
LOOM_COLUMNS, LOOM_ROWS = 8, 6
RADII = ((5, "7"), (2, "5.5"), (0, "4"))


def project(lat: float, lon: float) -> tuple[float, float]:
    """Degrees to units of the 1000-wide map."""
    turned = radians((lon - CENTRE + 540) % 360 - 180)
    theta = asin(sqrt(3) / 2 * sin(radians(lat)))
    square = theta * theta
    sixth = square**3
    slope = A1 + 3 * A2 * square + sixth * (7 * A3 + 9 * A4 * square)
    x = 2 * sqrt(3) / 3 * turned * cos(theta) / slope
    y = theta * (A1 + A2 * square + sixth * (A3 + A4 * square))
    return ORIGIN_X + SCALE * x, ORIGIN_Y - SCALE * y


def _value(point: Any, name: str) -> Any:
    return point.get(name) if isinstance(point, Mapping) else getattr(point, name, None)


def _dots(points: Iterable[Any]) -> list[dict[str, str]]:
    """Places without coordinates are left out; the table beside the map has them."""
    dots = []
    for point in points:
        lat, lon = _value(point, "lat"), _value(point, "lon")
        if lat is None or lon is None:
            continue
        x, y = project(float(lat), float(lon))
        count = _value(point, "count") or 1
        radius = next(size for least, size in RADII if count >= least)
        dots.append({"x": f"{x:.0f}", "y": f"{y:.0f}", "r": radius})
    return dots


@register.inclusion_tag("_components/worldmap.html")
def worldmap(
    technologies: Iterable[Any] = (), needs: Iterable[Any] = (), label: str = ""
) -> Context:
    return {"technologies": _dots(technologies), "needs": _dots(needs), "label": label}


@register.inclusion_tag("_components/loom.html")
def loom(columns: Iterable[Any], rows: Iterable[Any], caption: str = "") -> Context:
    """Technologies across, needs down; the cells of a row follow the columns, None is no pair."""
    return {
        "columns": list(columns)[:LOOM_COLUMNS],
        "rows": list(rows)[:LOOM_ROWS],
        "caption": caption,
        "last": f":{LOOM_COLUMNS}",
    }
