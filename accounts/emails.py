"""The HTML of an account e-mail is made from its text, so that both say the same."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string

from common.languages import active
from common.typography import spaced

FOOTER = re.compile(r"\n-- *\n")
ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text: words, a code to type, or an address to follow."""

    kind: str
    words: str


def as_html(subject: str, text: str, *, code: str = "") -> str:
    """``subject`` is the heading; what stands under the signature line is left to the layout."""
    body = FOOTER.split(text)[0]
    lines = [_line(words.strip(), code) for words in body.splitlines() if words.strip()]
    language = active()
    context = {
        "subject": subject,
        "lines": lines,
        "language": language,
        "site_url": settings.SITE_URL,
    }
    return spaced(render_to_string("emails/_account.html", context), language)


def _line(words: str, code: str) -> Line:
    if code and words == code:
        return Line("code", words)
    return Line("address" if ADDRESS.fullmatch(words) else "words", words)
