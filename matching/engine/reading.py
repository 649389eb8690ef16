"""A text to weighted terms: words, Han uni- and bigrams, pairs of words, pivots, glosses.

What is read of a technology is stored with it, under a mark of this source: how terms are weighed
stands in vectors.py and may change without a text being read again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import fsum

from .packs import GLOSSED
from .pivot import PIVOT, Glossary
from .records import Text
from .statistics import Reading, is_phrase
from .text import base_language, han_terms, words

SUPPLY_FIELDS: Mapping[str, float] = {"title": 1.5, "summary": 1.2}
DEMAND_FIELDS: Mapping[str, float] = {"title": 3.0, "summary": 1.5, "constraints": 0.5}


def read(
    texts: Iterable[Text], weights: Mapping[str, float], glossary: Glossary | None
) -> dict[str, Reading]:
    """Weighted term counts by language: words, Han uni- and bigrams, pairs of words, pivots."""
    found: dict[str, dict[str, float]] = {}
    for text in texts:
        language = base_language(text.language)
        counts = found.setdefault(language, {})
        weight = weights.get(text.field, 1.0)
        for term, times in _terms(text.text, language, glossary).items():
            counts[term] = counts.get(term, 0.0) + weight * times
    return {
        language: Reading(counts, fsum(v for t, v in counts.items() if _has_length(t)))
        for language, counts in sorted(found.items())
    }


def _has_length(term: str) -> bool:
    return not is_phrase(term) and term[0] not in (PIVOT, GLOSSED)


def _terms(text: str, language: str, glossary: Glossary | None) -> Mapping[str, float]:
    found: defaultdict[str, float] = defaultdict(float)
    sequence: list[str] = []
    previous = ""
    for word in words(text, language):
        if word.han:
            for term in han_terms(word.term):
                found[term] += 1
            sequence.extend(word.term)
            previous = ""
            continue
        found[word.term] += 1
        sequence.append(word.term)
        if previous:
            found[f"{previous} {word.term}"] += 1
        previous = word.term
    if glossary is not None:
        for pivot in glossary.pivots(sequence, language):
            found[pivot] += 1
        for _start, _length, term, weight in glossary.glosses(sequence, language):
            found[term] += weight
    return found
