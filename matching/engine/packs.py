"""Dictionary packs: what a word of another language says in English, as weighted English terms.

A pack is a compact file made once from a dictionary that an operator has (dictionaries.py). A text
is cut into the longest phrases the pack knows; each spreads √p(e|t) over its best translations
(Pirkola 1998 on structured queries; Wang and Oard 2006, "Combining bidirectional translation and
synonymy for cross-language information retrieval", on translation probabilities).
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import fsum
from pathlib import Path
from typing import NamedTuple

from .text import LANGUAGES, STOP_WORDS, base_language, is_han, units

FORMAT = "#greenmatch-pack 1"
SUFFIX = ".pack.gz"
BEST = 10  # translations that are kept of a phrase
POWER = 0.5  # p(e|t) to this power, on either side: between two other languages it is p(e|t)
LONGEST = 8  # units of the longest phrase
SPREAD, SPREAD_UNITS = 0.3, 3  # a word of a short phrase means a little of what the phrase means
GLOSSED = "\u00b6"  # marks an English term that a text does not write but means


class PackError(ValueError):
    """A file that is not what it says; the message names the line."""


class Entry(NamedTuple):
    """A phrase of the other language, one of its meanings in English, and how sure that is."""

    phrase: str
    meaning: str
    weight: float


class Pack:
    """Phrases of one language to English terms with weights, parsed when first asked for."""

    def __init__(self, language: str, name: str, licence: str, rows: Mapping[str, str]) -> None:
        self.language, self.name, self.licence = language, name, licence
        self._rows = rows
        self._longest: dict[str, int] = {}
        for phrase in rows:
            first, *rest = phrase.split(" ")
            if rest:
                start = f"{first} {rest[0]}"
                self._longest[start] = max(self._longest.get(start, 0), 1 + len(rest))

    def __len__(self) -> int:
        """How many phrases are known."""
        return len(self._rows)

    def __contains__(self, phrase: str) -> bool:
        """Is this phrase known (units joined by blanks)?"""
        return phrase in self._rows

    def phrases(self) -> Iterable[str]:
        """All phrases, units joined by blanks."""
        return self._rows.keys()

    def meaning(self, phrase: str) -> list[tuple[str, float]]:
        """(English term, weight) of a phrase, units joined by blanks; empty if unknown."""
        parts = self._rows.get(phrase, "").split(" ")
        return [(parts[at], float(parts[at + 1])) for at in range(0, len(parts) - 1, 2)]

    def spans(self, sequence: Sequence[str]) -> Iterator[tuple[int, int, str, float]]:
        """(start, length, English term, weight), the longest phrases from left to right."""
        position = 0
        while position < len(sequence):
            length = self._match(sequence, position)
            if length:
                phrase = " ".join(sequence[position : position + length])
                for term, weight in self.meaning(phrase):
                    yield position, length, GLOSSED + term, weight
            position += length or 1

    def _match(self, sequence: Sequence[str], position: int) -> int:
        """Length of the longest phrase that begins here; 0 if there is none."""
        start = " ".join(sequence[position : position + 2])
        for length in range(self._longest.get(start, 0), 1, -1):
            if " ".join(sequence[position : position + length]) in self._rows:
                return length
        unit = sequence[position]
        return 1 if unit in self._rows and unit not in STOP_WORDS["zh-hans"] else 0


class _Meanings:
    """How often a phrase and an English term stand for each other, summed over dictionaries."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.found: dict[str, dict[str, float]] = {}

    def add(self, entry: Entry) -> None:
        phrase = units(entry.phrase, self.language)
        meant = [term for term in units(entry.meaning, "en") if term.isascii()]
        if not meant or not 0 < len(phrase) <= LONGEST:
            return
        self._count(" ".join(phrase), meant, entry.weight)
        if 1 < len(phrase) <= SPREAD_UNITS and not any(map(is_han, phrase)):
            for word in phrase:
                self._count(word, meant, SPREAD * entry.weight / len(phrase))

    def _count(self, phrase: str, meant: Sequence[str], weight: float) -> None:
        counts = self.found.setdefault(phrase, {})
        for term in meant:
            counts[term] = counts.get(term, 0.0) + weight / len(meant)


def write(
    path: Path, entries: Iterable[Entry], *, language: str, name: str, licence: str
) -> tuple[int, int]:
    """Make a pack file, beside and renamed; (entries read, phrases written)."""
    language = base_language(language)
    meanings, read = _Meanings(language), 0
    for entry in entries:
        meanings.add(entry)
        read += 1
    if not meanings.found:
        raise PackError(f"{name}: no entry of it could be used")
    beside = path.with_name(path.name + ".part")
    head = {"language": language, "name": name, "licence": licence}
    with gzip.open(beside, "wt", encoding="utf-8", newline="\n") as lines:
        lines.write(f"{FORMAT}\n")
        for key, value in head.items():
            lines.write(f"#{key} {' '.join(value.split())}\n")
        for phrase, meant in _rows(meanings.found):
            lines.write(f"{phrase}\t{meant}\n")
    beside.replace(path)
    return read, len(meanings.found)


def read_pack(path: Path) -> Pack:
    """A pack file. Raises PackError with the line if it is not one, OSError if it is not there."""
    head: dict[str, str] = {}
    rows: dict[str, str] = {}
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
            if next(lines, "").rstrip("\n") != FORMAT:
                raise PackError(f"{path.name}, line 1: not a pack of this version")
            for number, line in enumerate(lines, 2):
                text = line.rstrip("\n")
                if text.startswith("#"):
                    key, _, value = text[1:].partition(" ")
                    head[key] = value
                    continue
                phrase, tab, meant = text.partition("\t")
                if not tab or not _sound(meant):
                    raise PackError(f"{path.name}, line {number}: no terms with weights")
                rows[phrase] = meant
    except (EOFError, UnicodeDecodeError, gzip.BadGzipFile) as error:
        raise PackError(f"{path.name}: {error}") from error
    language = head.get("language", "")
    if language not in LANGUAGES or language == "en":
        raise PackError(f"{path.name}: no language it could be for: {language!r}")
    return Pack(language, head.get("name", path.name), head.get("licence", ""), rows)


def merged(packs: Sequence[Pack]) -> Pack:
    """Several packs of one language as one: the mean of what they say of a phrase."""
    if len(packs) == 1:
        return packs[0]
    found: dict[str, dict[str, float]] = {}
    for pack in packs:
        for phrase in pack.phrases():
            counts = found.setdefault(phrase, {})
            for term, weight in pack.meaning(phrase):
                counts[term] = counts.get(term, 0.0) + weight ** (1 / POWER)
    name = ", ".join(pack.name for pack in packs)
    licence = "; ".join(dict.fromkeys(pack.licence for pack in packs))
    return Pack(packs[0].language, name, licence, dict(_rows(found)))


def _rows(found: Mapping[str, Mapping[str, float]]) -> Iterator[tuple[str, str]]:
    """(phrase, its best terms with √p(e|t)), in alphabetical order."""
    for phrase, counts in sorted(found.items()):
        best = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:BEST]
        whole = fsum(counts.values())
        shares = [(term, (weight / whole) ** POWER) for term, weight in best]
        yield phrase, " ".join(f"{term} {share:.4g}" for term, share in shares if share > 0)


def _sound(meant: str) -> bool:
    parts = meant.split(" ")
    try:
        return len(parts) % 2 == 0 and all(0 < float(part) <= 1 for part in parts[1::2])
    except ValueError:
        return False


def pack_files(folder: Path) -> list[Path]:
    """The packs of a folder in the order of their names; none if there is no such folder."""
    return sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []


def read_packs(folder: Path) -> list[Pack]:
    """All packs of a folder; raises what `read_pack` raises."""
    return [read_pack(file) for file in pack_files(folder)]
