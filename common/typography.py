"""What a language asks of the room between words that are put together by a program."""

import re

# Before an address the space stays: it tells programs where the address begins.
WIDE = re.compile(r"([，。：；！？）”](?:</\w+>)*) +(?!http)")


def spaced(text: str, language: str) -> str:
    """A full-width mark of Chinese brings its own room: no space follows it, in text or HTML."""
    return WIDE.sub(r"\1", text) if language == "zh-hans" else text
