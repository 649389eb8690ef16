"""How a record writes its terms: the words of its texts beside the terms made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from .pivot import Glossary
from .records import Text
from .text import Word, base_language, fold, han_terms, is_han, stem, words

Written = dict[str, str]


class Spelling:
    """For every term of a record, the words it was made of, as written there first.

    An explanation asks for a few terms, so a language is read when the first word of it is asked
    for, and the glossary is looked at only for what is no word of its texts.
    """

    def __init__(self, texts: Iterable[Text], glossary: Glossary | None) -> None:
        self._glossary = glossary
        self._texts: dict[str, list[str]] = {}
        for text in texts:
            self._texts.setdefault(base_language(text.language), []).append(text.text)
        self._read: dict[str, list[list[Word]]] = {}
        self._words: dict[str, Written] = {}
        self._glossed: dict[str, Written] = {}
        self._folded: dict[str, list[str]] = {}

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
        if language not in self._texts:
            return None
        found = self.every(language).get(term)
        return self._from_glossary(language).get(term) if found is None else found

    def anywhere(self, term: str) -> str | None:
        """How the first text that has a term writes it."""
        for language in self._texts:
            surface = self.in_language(term, language)
            if surface is not None:
                return surface
        return None

    def every(self, language: str) -> Written:
        """All terms of the words in one language."""
        if language not in self._words:
            known = self._words[language] = {}
            for text in self._taken_apart(language):
                for term, surface, han in text:
                    if han:
                        for part in han_terms(term):
                            known.setdefault(part, part)
                    else:
                        known.setdefault(term, surface)
        return self._words[language]

    def _taken_apart(self, language: str) -> list[list[Word]]:
        if language not in self._read:
            texts = self._texts.get(language, ())
            self._read[language] = [list(words(text, language)) for text in texts]
        return self._read[language]

    def _from_glossary(self, language: str) -> Written:
        """Pivots and glosses of the texts in a language, with the words they stand for."""
        if language not in self._glossed:
            self._glossed[language] = {}
            if self._glossary is not None:
                for text in self._taken_apart(language):
                    self._gloss(text, language, self._glossary)
        return self._glossed[language]

    def _gloss(self, text: Iterable[Word], language: str, glossary: Glossary) -> None:
        known = self._glossed[language]
        sequence: list[str] = []
        written: list[str] = []
        for term, surface, han in text:
            if han:
                sequence += term
                written += term
            else:
                sequence.append(term)
                written.append(surface)
        for start, length, pivot in glossary.spans(sequence, language):
            known.setdefault(pivot, _join(written[start : start + length]))
        for start, length, term, _ in glossary.glosses(sequence, language):
            surface = _join(written[start : start + length])
            known.setdefault(term, surface)
            known.setdefault(term[1:], surface)

    @cached_property
    def han(self) -> str:
        """All runs of Han characters, a line each."""
        texts = (text for language in self._texts for text in self._taken_apart(language))
        return "\n".join(word.term for text in texts for word in text if word.han)


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
