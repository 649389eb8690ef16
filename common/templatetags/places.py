"""Countries, languages and texts that may be in another language than the page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from babel import Locale
from babel.core import UnknownLocaleError
from babel.lists import format_list
from django import template
from django.utils.html import conditional_escape, format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, pgettext

from common.languages import NAMES, active
from common.templatetags.quantities import locale

register = template.Library()

WORLDWIDE = "*"
RTL = {"ar", "fa", "he", "ur"}


class Spoken(Protocol):
    def shown(self, field: str) -> tuple[str, str]: ...


@register.filter
def country(code: str | None) -> str:
    """The name of an ISO 3166-1 or UN M49 code; ``*`` is the whole world."""
    if not code:
        return ""
    if code == WORLDWIDE:
        return gettext("Worldwide")
    return locale().territories.get(code.upper(), code)


@register.filter
def in_words(items: Iterable[object] | None) -> str:
    """A, B and C."""
    words = [str(item) for item in items or () if item]
    return format_list(words, locale=locale()) if words else ""


@register.filter
def countries(codes: Iterable[str] | None) -> str:
    """Several countries as a sentence, in the order of the alphabet."""
    return in_words(sorted(country(code) for code in codes or ()))


@register.simple_tag
def place(town: str, code: str) -> str:
    """A town and its country, in the order of the language."""
    names = {"town": town, "country": country(code)}
    if not (town and code):
        return town or names["country"]
    return pgettext("place", "%(town)s, %(country)s") % names


@register.filter
def lang_tag(code: str) -> str:
    """A code of ours as a BCP 47 tag: zh-hans gives zh-Hans."""
    language, _, script = code.partition("-")
    return f"{language}-{script.capitalize()}" if script else language


@register.filter
def lang_dir(code: str) -> str:
    return "rtl" if code.partition("-")[0] in RTL else "ltr"


@register.filter
def language_name(code: str) -> str:
    """A language by its own name, as its readers look for it."""
    if code in NAMES:
        return NAMES[code]
    try:
        name = Locale.parse(code.replace("-", "_")).get_language_name() or code
    except (UnknownLocaleError, ValueError):
        return code
    return name[:1].upper() + name[1:]


@register.filter
def language_word(code: str) -> str:
    """A language in the reader's own words: fr gives "French"."""
    names = locale().languages
    return names.get(code.replace("-", "_")) or names.get(code.partition("-")[0]) or code


@register.simple_tag
def own(text: str, code: str) -> SafeString:
    """A text with the language it is in, when that is not the reader's."""
    if not text or not code or code == active():
        return conditional_escape(text or "")
    return format_html('<bdi lang="{}" dir="{}">{}</bdi>', lang_tag(code), lang_dir(code), text)


@register.simple_tag
def said(record: Spoken, field: str) -> SafeString:
    """A field of a record as this reader sees it."""
    return own(*record.shown(field))


@register.filter
def says(record: Spoken, field: str) -> str:
    """The same as plain text, for titles and attributes."""
    return record.shown(field)[0]


@register.simple_tag
def said_text(record: Spoken, field: str) -> SafeString:
    """A long field as paragraphs."""
    text, code = record.shown(field)
    if not text:
        return mark_safe("")
    body = mark_safe(linebreaks(text, autoescape=True))  # noqa: S308 - escaped by linebreaks
    if code == active():
        return format_html('<div class="prose">{}</div>', body)
    return format_html(
        '<div class="prose" lang="{}" dir="{}">{}</div>', lang_tag(code), lang_dir(code), body
    )
