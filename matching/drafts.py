"""A first message to start from: what fits and what is open, in the words of the one who writes."""

from __future__ import annotations

import re

from django.template.loader import render_to_string

from matching.choices import OTHER, Side
from matching.models import MESSAGE_LENGTH, Suggestion

BLANK = re.compile(r"\n\s*\n")


def first_message(suggestion: Suggestion, side: Side) -> str:
    """In the active language, with titles and facts of both records and nobody's name."""
    context = {
        "suggestion": suggestion,
        "side": side,
        "mine": getattr(suggestion, side),
        "theirs": getattr(suggestion, OTHER[side]),
    }
    text = render_to_string("matching/draft.txt", context)
    return BLANK.sub("\n\n", text).strip()[:MESSAGE_LENGTH]
