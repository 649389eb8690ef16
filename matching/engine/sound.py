"""Words of different languages that sound alike: names and international words.

A term is written in Latin letters as it is heard; terms with the same first consonants (a code in
the manner of Soundex: Knuth 1998, "The Art of Computer Programming" 3, chapter 6) are compared by
their pairs of letters (Dice 1945). Cognates as translations: Buckley et al. 2000, "Using clustering
and SuperConcepts within SMART: TREC 6"; names: Pirkola et al. 2003, "Fuzzy translation of
cross-lingual spelling variants".
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

SHORTEST, CODED = 4, 5  # letters a term must have, consonants of its code
LEAST_ALIKE = 0.4  # of the pairs of letters that two terms must share
LEAST_WORTH = 0.25  # of a term that is just alike enough

_CYRILLIC = dict(zip("абвгдезийклмнопрстуфхцыэюя", "abvgdeziiklmnoprstufhcieua", strict=True))
_CYRILLIC |= {"ж": "j", "ч": "ch", "ш": "sh", "щ": "sh", "ё": "e", "ь": "", "ъ": ""}
_ARABIC = dict(
    zip(
        "\u0627\u0628\u062a\u062b\u062c\u062d\u062e\u062f\u0630\u0631\u0632\u0633\u0635\u0636\u0637"
        "\u0638\u0639\u063a\u0641\u0642\u0643\u0644\u0645\u0646\u0647\u0648\u064a\u067e\u06a4\u06af",
        "abttjhkddrzssdtzagfkklmnhuipvg",
        strict=True,
    )
)
_ARABIC |= {"\u0634": "sh", "\u0686": "ch", "\u0621": ""}
_LETTERS = str.maketrans(_CYRILLIC | _ARABIC)
_HEARD = tuple(
    (re.compile(written), heard)
    for written, heard in (
        ("ph", "f"),
        ("th", "t"),
        ("c?ch(?=[lr])|ck|qu?", "k"),
        ("(?<=.)[cts]io?n?$", "t"),  # stems of one language keep -tion, of another -t
        ("s?c(?=[eiy])|ts", "s"),
        ("sch|sh|tch|ch", "s"),
        ("x", "ks"),
        ("c", "k"),
        ("nm", "m"),
        ("^[eh]+(?=s[kpt])", ""),  # estado, state
        ("y", "i"),
        ("w", "v"),
        (r"(.)\1+", r"\1"),
    )
)
_CODES = str.maketrans("bvdzjq", "pftsgk", "aeiouh")


@lru_cache(maxsize=20_000)
def heard(term: str) -> str:
    """The letters one hears; "" for too few, or letters of another script."""
    found = term.translate(_LETTERS)
    for written, letters in _HEARD:
        found = written.sub(letters, found)
    return found if len(found) >= SHORTEST and found.isascii() and found.isalpha() else ""


def code(term: str) -> str:
    """What terms that sound alike have in common; "" for one that is too short to tell."""
    consonants = heard(term).translate(_CODES)
    return consonants[:CODED] if len(consonants) > 1 else ""


@lru_cache(maxsize=4_096)  # a thousand bytes each
def _pairs(term: str) -> frozenset[str]:
    return frozenset(a + b for a, b in pairwise(f"^{heard(term)}"))


def worth(one: str, other: str) -> float:
    """0..1: how well one term of a code stands for another; 0 if they are not alike enough."""
    first, second = _pairs(one), _pairs(other)
    alike = 2 * len(first & second) / (len(first) + len(second))
    if alike < LEAST_ALIKE:
        return 0.0
    return LEAST_WORTH + (1 - LEAST_WORTH) * (alike - LEAST_ALIKE) / (1 - LEAST_ALIKE)
