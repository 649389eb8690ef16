"""A glossary in six languages: phrases of any of them become shared terms, so that texts in
different languages meet in one dot product.

Source: dictionary-based query translation (Pirkola 1998, "The effects of query structure and
dictionary setups in dictionary-based cross-language information retrieval"), applied when indexing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from .packs import Pack, merged
from .text import LANGUAGES, base_language, units

PIVOT = "\u00a7"
_LATIN = ("en", "fr", "es")
Phrase = tuple[str, ...]
Phrases = dict[str, dict[Phrase, set[str]]]
"""Pivots of phrases by language."""
Table = Mapping[str, tuple[tuple[int, ...], Mapping[Phrase, tuple[str, ...]]]]
"""First unit -> (lengths, longest first; phrase -> pivots)."""
_EMPTY: Table = {}


class Glossary:
    """Phrases (sequences of stems or Han characters) to concepts, by language.

    Rows are mappings with the columns concept, en, zh-hans, fr, es, ru, ar; synonyms are separated
    by "|"; a row without a concept takes its English phrase; empty cells are skipped.
    """

    def __init__(self, rows: Iterable[Mapping[str, str]] = (), packs: Iterable[Pack] = ()) -> None:
        phrases: Phrases = {language: {} for language in LANGUAGES}
        for row in rows:
            _add(phrases, row)
        self._known = sum(map(len, phrases.values()))
        others = _by_first(phrases[language] for language in ("zh-hans", "ru", "ar"))
        latin = {language: _by_first([phrases[language]], others) for language in _LATIN}
        self._tables = {language: latin.get(language, latin["en"]) for language in LANGUAGES}
        self._others = others
        by_language: dict[str, list[Pack]] = {}
        for pack in packs:
            by_language.setdefault(pack.language, []).append(pack)
        self.packs = {language: merged(held) for language, held in sorted(by_language.items())}

    @classmethod
    def load(cls, paths: Iterable[Path], packs: Iterable[Pack] = ()) -> Glossary:
        """Read .tsv and .csv files, and those of folders, in the order of their names.

        Raises OSError for a missing file, UnicodeDecodeError for one that is not UTF-8.
        """
        return cls((row for path in paths for row in read_rows(path)), packs)

    def __len__(self) -> int:
        """How many phrases are known, over all languages."""
        return self._known

    def spans(self, sequence: Sequence[str], language: str) -> list[tuple[int, int, str]]:
        """(start, length, pivot) in a sequence of units, longest match first, left to right."""
        table, others = self._tables[base_language(language)], self._others
        found: list[tuple[int, int, str]] = []
        position = 0
        while position < len(sequence):
            first = sequence[position]
            length, pivots = _longest(table.get(first) or others.get(first), sequence, position)
            found.extend((position, length, pivot) for pivot in pivots)
            position += length or 1
        return found

    def glosses(
        self, sequence: Sequence[str], language: str
    ) -> Iterable[tuple[int, int, str, float]]:
        """(start, length, English term, weight) of the dictionary pack of a language, if any."""
        pack = self.packs.get(base_language(language))
        return pack.spans(sequence) if pack else ()

    def pivots(self, sequence: Sequence[str], language: str) -> list[str]:
        """The pivot terms of a sequence of units."""
        return [pivot for _, _, pivot in self.spans(sequence, language)]


def _add(phrases: Phrases, row: Mapping[str, str]) -> None:
    concept = (row.get("concept") or (row.get("en") or "").split("|")[0]).strip()
    if not concept:
        return
    for language in LANGUAGES:
        for synonym in (row.get(language) or "").split("|"):
            phrase = tuple(units(synonym, language))
            if phrase:
                known = phrases[language].setdefault(phrase, set())
                known.add(PIVOT + "_".join(concept.split()))


def _by_first(sources: Iterable[Mapping[Phrase, set[str]]], others: Table = _EMPTY) -> Table:
    """Phrases by their first unit, with those of `others` that begin alike."""
    found: dict[str, dict[Phrase, set[str]]] = {}
    for source in sources:
        for phrase, pivots in source.items():
            known = found.setdefault(phrase[0], {})
            known[phrase] = known[phrase] | pivots if phrase in known else pivots
    for first, known in found.items():
        if first in others:
            for phrase, more in others[first][1].items():
                known[phrase] = known.get(phrase, set()) | set(more)
    return {
        first: (
            tuple(sorted({len(phrase) for phrase in known}, reverse=True)),
            {phrase: tuple(sorted(pivots)) for phrase, pivots in known.items()},
        )
        for first, known in found.items()
    }


def _longest(
    known: tuple[tuple[int, ...], Mapping[Phrase, tuple[str, ...]]] | None,
    sequence: Sequence[str],
    position: int,
) -> tuple[int, tuple[str, ...]]:
    """(length, pivots) of the longest phrase that starts at `position`; 0 and none for none."""
    if known:
        for length in known[0]:
            pivots = known[1].get(tuple(sequence[position : position + length]))
            if pivots:
                return length, pivots
    return 0, ()


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of one file, or of all .tsv and .csv files of a folder."""
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.suffix in (".tsv", ".csv"))
        return [row for file in files for row in read_rows(file)]
    with path.open(encoding="utf-8-sig", newline="") as lines:
        if path.suffix == ".tsv":
            reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        else:
            reader = csv.DictReader(lines)
        return [{k: v or "" for k, v in row.items() if isinstance(k, str)} for row in reader]
