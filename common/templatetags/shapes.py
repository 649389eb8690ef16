"""The shapes of the two voices and what is drawn from them; anatomy in templates/_components."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, override, pgettext

from common.choices import Evidence
from common.languages import NAMES
from common.templatetags.places import lang_tag, language_word
from common.templatetags.quantities import number

register = template.Library()
Context = dict[str, Any]

FLIPPED = {"next", "prev", "ask"}
LEVELS = tuple(Evidence.values)
BARS = (("1", "9", "4"), ("7", "5", "8"), ("13", "1", "12"))
DUE_DAYS = 5


@register.inclusion_tag("_components/icon.html")
def icon(name: str) -> Context:
    return {"name": name, "flips": name in FLIPPED}


@register.simple_tag
def kind(voice: str, words: str = "") -> SafeString:
    if not words:
        technology = pgettext("kind of record", "Technology")
        words = technology if voice == "t" else pgettext("kind of record", "Need")
    return format_html('<span class="kind kind--{}">{}</span>', voice, words)


@register.simple_tag
def dot(voice: str) -> SafeString:
    return format_html('<span class="dot dot--{}"></span>', voice)


@register.inclusion_tag("_components/knot.html")
def knot(score: float, size: str = "", url: str = "", about: str = "") -> Context:
    return {"score": str(round(score)), "size": size, "url": url, "about": about}


@register.filter
def fit_word(score: float) -> str:
    """A score in words, for beside the knot and never instead of it."""
    if score >= 80:
        return pgettext("score", "Strong fit")
    if score >= 70:
        return pgettext("score", "Good fit")
    return pgettext("score", "Fair fit") if score >= 50 else pgettext("score", "Weak fit")


@register.inclusion_tag("_components/evidence.html")
def evidence(level: str) -> Context:
    if level not in LEVELS:
        return {}
    reached = LEVELS.index(level)
    bars = [
        {"x": x, "y": y, "height": height, "on": step <= reached}
        for step, (x, y, height) in enumerate(BARS)
    ]
    return {"bars": bars, "word": Evidence(level).label}


@register.inclusion_tag("_components/trl.html")
def trl(low: int | None, high: int | None = None) -> Context:
    """Nine steps; the levels from ``low`` to ``high`` are where the technology is now."""
    top = high or low
    if not top:
        return {}
    bottom = min(low or top, top)
    steps = [
        {"level": str(level), "on": level <= top, "now": bottom <= level <= top}
        for level in range(1, 10)
    ]
    words = {"low": bottom, "high": top}
    label = (
        gettext("Readiness: level %(high)s of 9")
        if bottom == top
        else gettext("Readiness: levels %(low)s to %(high)s of 9")
    )
    return {"steps": steps, "label": label % words}


@register.inclusion_tag("_components/clock.html")
def clock(left: int, of: int = 14) -> Context:
    """Days left of a deadline; the words stand beside it, written by the page."""
    whole = max(1, of)
    rest = max(0, min(left, whole))
    return {"left": str(rest), "of": str(whole), "due": rest <= DUE_DAYS}


@register.inclusion_tag("_components/voice.html")
def voice(
    kind: str, who: str, words: str, *, state: str = "waiting", left: int = 0, of: int = 14
) -> Context:
    """One side of a pair, with its answer (yes, no) or its clock (waiting)."""
    return {"kind": kind, "who": who, "words": words, "state": state, "left": left, "of": of}


@register.inclusion_tag("_components/chip.html")
def chip(text: str, check: bool = False) -> Context:
    return {"text": text, "check": check}


@register.simple_tag
def tag(text: str, kind: str = "") -> SafeString:
    if kind:
        return format_html('<span class="tag tag--{}">{}</span>', kind, text)
    return format_html('<span class="tag">{}</span>', text)


@register.inclusion_tag("_components/months.html")
def months(done: int, of: int = 12) -> Context:
    return {"steps": [step < done for step in range(of)]}


@register.inclusion_tag("_components/metric.html")
def metric(value: str, words: str, level: str = "") -> Context:
    return {"value": value, "words": words, "level": level}


@register.inclusion_tag("_components/notice.html")
def notice(text: str, kind: str = "", icon: str = "") -> Context:
    chosen = icon or {"due": "clock", "stop": "warn"}.get(kind, "info")
    return {"text": text, "kind": kind, "icon": chosen}


@register.inclusion_tag("_components/translated_notice.html")
def translated_notice(
    shown: str,
    original: str,
    machine: bool = True,
    original_url: str = "",
    correct_url: str = "",
) -> Context:
    """Says that a text is a translation; nothing when it is the original."""
    ours = original in NAMES
    with override(original if ours else shown):
        link = gettext("See the original")
    return {
        "translated": bool(shown and original) and shown != original,
        "language": language_word(original),
        "original_link": link,
        "original_tag": lang_tag(original),
        "link_lang": lang_tag(original) if ours else "",
        "machine": machine,
        "original_url": original_url,
        "correct_url": correct_url,
    }


@register.inclusion_tag("_components/fact.html")
def fact(label: str, value: object, note: object = "") -> Context:
    return {"label": label, "value": value, "note": note}


@register.inclusion_tag("_components/facts.html")
def facts(rows: Iterable[Context], style: str = "") -> Context:
    return {"rows": [row for row in rows if row.get("value")], "style": style}


@register.inclusion_tag("_components/figures.html")
def figures(items: Iterable[Context]) -> Context:
    shown = [{**item, "value": number(item["value"]) or item["value"]} for item in items]
    return {"items": shown}


@register.inclusion_tag("_components/phases.html")
def phases(items: Iterable[Context]) -> Context:
    return {"items": items}


@register.inclusion_tag("_components/selvedge.html")
def selvedge() -> Context:
    return {}
