"""How a record writes its terms: the words of its texts beside the terms made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from .packs import GLOSSED
from .pivot import PIVOT, Glossary
from .records import Text
from .text import base_language, fold, han_terms, is_han, stem, words

Written = dict[str, str]


class Spelling:
    """For every term of a record, the words it was made of, as written there first.

    An explanation asks for a few terms, so texts are read only as far as they are asked for, and
    the glossary is looked at only for what is no word of theirs.
    """

    def __init__(self, texts: Iterable[Text], glossary: Glossary | None) -> None:
        self._glossary = glossary
        self._texts: dict[str, list[str]] = {}
        for text in texts:
            self._texts.setdefault(base_language(text.language), []).append(text.text)
        self._words: dict[str, Written] = {language: {} for language in self._texts}
        self._units: dict[str, list[list[tuple[str, str]]]] = {name: [] for name in self._texts}
        self._unread = {language: self._terms(language) for language in self._texts}
        self._glossed: dict[str, Written] = {}
        self._folded: dict[str, list[str]] = {}

    def _terms(self, language: str) -> Iterator[str]:
        """The terms of the words in a language, each noted on the way."""
        known = self._words[language]
        for text in self._texts[language]:
            units: list[tuple[str, str]] = []
            self._units[language].append(units)
            for term, surface, han in words(text, language):
                if han:
                    units.extend((character, character) for character in term)
                    for part in han_terms(term):
                        known.setdefault(part, part)
                        yield part
                else:
                    units.append((term, surface))
                    known.setdefault(term, surface)
                    yield term

    def has(self, word: str, term: str, language: str) -> bool:
        """Is this word, which is folded and makes this term, in the texts in its language? Found
        without taking them apart."""
        texts = self._texts.get(language)
        if texts is None or stem(word, language) != term:
            return False
        if language not in self._folded:
            self._folded[language] = list(map(fold, texts))
        return any(_holds(text, word) for text in self._folded[language])

    def in_language(self, term: str, language: str) -> str | None:
        """How the texts in one language write a term."""
        known = self._words.get(language)
        if known is None:
            return None
        if term not in known and term[0] not in (PIVOT, GLOSSED):
            for read in self._unread[language]:
                if read == term:
                    break
        found = known.get(term)
        return self._from_glossary(language).get(term) if found is None else found

    def anywhere(self, term: str) -> str | None:
        """How the first text that has a term writes it."""
        found = (self.in_language(term, language) for language in self._texts)
        return next((surface for surface in found if surface is not None), None)

    def every(self, language: str) -> Written:
        """All terms of the words in one language."""
        for _term in self._unread.get(language, ()):
            pass
        return self._words.get(language, {})

    def _from_glossary(self, language: str) -> Written:
        """Pivots and glosses of the texts in a language, with the words they stand for."""
        if language not in self._glossed:
            self._glossed[language] = {}
            self.every(language)
            if self._glossary is not None:
                for units in self._units[language]:
                    self._gloss(units, language, self._glossary)
        return self._glossed[language]

    def _gloss(self, units: list[tuple[str, str]], language: str, glossary: Glossary) -> None:
        known = self._glossed[language]
        sequence, written = [term for term, _ in units], [surface for _, surface in units]
        for start, length, pivot in glossary.spans(sequence, language):
            known.setdefault(pivot, _join(written[start : start + length]))
        for start, length, term, _ in glossary.glosses(sequence, language):
            surface = _join(written[start : start + length])
            known.setdefault(term, surface)
            known.setdefault(term[1:], surface)

    @cached_property
    def han(self) -> str:
        """All runs of Han characters, a line each."""
        held = ((text, language) for language, texts in self._texts.items() for text in texts)
        read = (word for text, language in held for word in words(text, language))
        return "\n".join(word.term for word in read if word.han)


def _holds(text: str, word: str) -> bool:
    """Is a word in a text, neither within a longer one nor a number?"""
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        inside = (at and text[at - 1].isalnum()) or (end < len(text) and text[end].isalnum())
        if not inside:
            return True
        at = text.find(word, end)
    return False


def _join(pieces: Sequence[str]) -> str:
    return "".join(pieces) if pieces and is_han(pieces[0]) else " ".join(pieces)
