"""Dictionaries in the common formats, read to entries for packs.

CC-CEDICT: https://cc-cedict.org/wiki/format:syntax. dictd: an index of headwords with offset and
length in base 64 (man dictfmt, RFC 2229) beside a text, plain or compressed (dictzip is gzip).
"""

from __future__ import annotations

import gzip
import re
import string
from collections.abc import Iterator
from math import log
from pathlib import Path
from typing import NamedTuple

from .packs import Entry, PackError

_DIGITS = {
    c: n for n, c in enumerate(string.ascii_uppercase + string.ascii_lowercase + "0123456789+/")
}
_ISO = {"zho": "zh-hans", "chi": "zh-hans", "cmn": "zh-hans", "fra": "fr", "fre": "fr", "spa": "es",
        "rus": "ru", "ara": "ar"}  # fmt: skip
_NAMES = {"chinese": "zh-hans", "french": "fr", "spanish": "es", "russian": "ru", "arabic": "ar"}
_SCRIPTS = {
    "ru": re.compile(r"[\u0400-\u052f]"),
    "ar": re.compile(r"[\u0600-\u06ff\u0750-\u077f]"),
    "zh-hans": re.compile(r"[\u3400-\u9fff]"),
}
_CEDICT = re.compile(r"^(\S+) (\S+) \[[^\]]*\] /(.*)/\s*$")
_POINTER = re.compile(
    r"^(CL:|see |(old |archaic |Japanese |erroneous )?variant of |also |surname |abbr\.|used in )"
)
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|<[^<>]*>|\{[^{}]*\}")
_MARK = re.compile(r"_\w+\.|(?:(?<=\s)|^)\d+[.)]|(?:(?<=\s)|^)[a-zа-я]\)|\|")
_PIECES = re.compile(r"[,;:/\n،؛]|\s-\s")
_SPOKEN = re.compile(r"/[^/\n]*/")
_HEADER = "00-database"
_HEADER_TOLD = ("00-database", "00database")


class Source(NamedTuple):
    """What a dictionary says of itself: its entries are read by iterating over `entries`."""

    language: str
    name: str
    licence: str
    entries: Iterator[Entry]


def open_dictionary(path: Path, language: str = "", *, reverse: bool | None = None) -> Source:
    """A dictionary by its file: .u8, .txt (CC-CEDICT, also .gz); .index, .dict, .dict.dz (dictd).

    `reverse`: are the headwords English? Found out from the name or the letters when not said.
    Raises PackError that says what is wrong, OSError for a missing file.
    """
    if not path.is_file():
        raise PackError(f"{path} is not a file")
    if re.search(r"\.(index|dict|dict\.dz)$", path.name):
        return _dictd(path, language, reverse)
    return _cedict(path, language)


def _text(path: Path) -> str:
    raw = path.read_bytes()
    try:
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
    except (EOFError, OSError) as error:
        raise PackError(f"{path.name}: cannot be unpacked: {error}") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise PackError(f"{path.name}, line {line}: not UTF-8") from error


def _cedict(path: Path, language: str) -> Source:
    if language not in ("", "zh-hans"):
        raise PackError(f"{path.name}: a CC-CEDICT file is for zh-hans, not for {language}")
    lines = _text(path).splitlines()
    told = [line[1:].strip(" !") for line in lines[:40] if line.startswith("#")]
    licence = next((line for line in told if "licen" in line.lower() or "CC" in line), "")
    return Source("zh-hans", path.name, licence, _cedict_entries(path.name, lines))


def _cedict_entries(name: str, lines: list[str]) -> Iterator[Entry]:
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _CEDICT.match(line)
        if match is None:
            raise PackError(
                f"{name}, line {number}: not «Traditional Simplified [pin1 yin1] /meaning/…/»"
            )
        simplified, said = match.group(2), match.group(3)
        meanings = [piece for gloss in said.split("/") for piece in _meanings(gloss)]
        for meaning in meanings:
            yield Entry(simplified, meaning, 1.0 / len(meanings))


def _meanings(gloss: str) -> list[str]:
    if _POINTER.match(gloss):
        return []
    plain = _without_asides(gloss)
    pieces = [re.sub(r"^(to|an?|the) ", "", piece.strip()) for piece in plain.split(";")]
    return [piece for piece in pieces if re.search(r"[A-Za-z]", piece)]


def _without_asides(text: str) -> str:
    previous = ""
    while previous != text:
        previous, text = text, _ASIDE.sub(" ", text)
    return text


def _dictd(path: Path, language: str, reverse: bool | None) -> Source:
    stem = re.sub(r"\.(index|dict|dict\.dz)$", "", path.name)
    index = path.with_name(f"{stem}.index")
    body = next((p for p in (path.with_name(f"{stem}.dict"), path.with_name(f"{stem}.dict.dz"))
                 if p.is_file()), None)  # fmt: skip
    if body is None or not index.is_file():
        raise PackError(
            f"{path.name}: {stem}.index and {stem}.dict or {stem}.dict.dz belong together"
        )
    entries = list(_articles(index, body))
    header = "\n".join(text for word, text in entries if word.startswith(_HEADER_TOLD))
    articles = [(word, text) for word, text in entries if not word.startswith(_HEADER_TOLD)]
    sample = articles[:: max(1, len(articles) // 500)]
    language = language or _language_told(stem, header) or _language_seen(sample)
    if not language:
        raise PackError(f"{path.name}: which language is it for? Say it with --language")
    if reverse is None:
        reverse = _is_reverse(stem, header, language, sample)
    found = _reversed(articles, language) if reverse else _forward(articles)
    licence = next((x.strip() for x in header.splitlines() if "licen" in x.lower()), "")
    return Source(language, stem, licence, found)


def _articles(index: Path, body: Path) -> Iterator[tuple[str, str]]:
    raw = body.read_bytes()
    try:
        text = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (EOFError, OSError) as error:
        raise PackError(f"{body.name}: cannot be unpacked: {error}") from error
    for number, line in enumerate(_text(index).split("\n"), 1):
        if not line.strip():
            continue
        parts = line.rstrip("\r").split("\t")
        if len(parts) < 3 or not all(set(part) <= _DIGITS.keys() and part for part in parts[1:3]):
            raise PackError(f"{index.name}, line {number}: not «headword TAB offset TAB length»")
        start, length = _number(parts[1]), _number(parts[2])
        if start + length > len(text):
            raise PackError(f"{index.name}, line {number}: points behind the end of {body.name}")
        yield parts[0], text[start : start + length].decode("utf-8", "replace")


def _number(digits: str) -> int:
    value = 0
    for digit in digits[-12:]:
        value = value * 64 + _DIGITS[digit]
    return value


def _language_told(stem: str, header: str) -> str:
    codes = (_ISO.get(code, "") for code in re.split(r"[^a-z]+", stem.lower()))
    names = (_NAMES.get(name, "") for name in re.findall(r"[a-z]+", header.lower()))
    return next((found for found in (*codes, *names) if found), "")


def _language_seen(sample: list[tuple[str, str]]) -> str:
    text = "\n".join(word + "\n" + article for word, article in sample)
    seen = {language: len(script.findall(text)) for language, script in _SCRIPTS.items()}
    best = max(seen, key=lambda language: seen[language])
    return best if seen[best] > len(sample) else ""


def _is_reverse(stem: str, header: str, language: str, sample: list[tuple[str, str]]) -> bool:
    script = _SCRIPTS.get(language)
    if script is not None:
        return sum(bool(script.search(word)) for word, _ in sample) * 2 < len(sample)
    return bool(re.search(r"\beng?-", stem.lower()) or re.search(r"\bEnglish ?[-–] ?[A-Z]", header))


def _pieces(article: str) -> list[str]:
    """The single meanings of an article, its first line (the headword) left out."""
    _first, _, rest = article.partition("\n")
    plain = _MARK.sub("\n", _without_asides(_SPOKEN.sub(" ", rest)))
    joined = re.sub(r"\n\s+(?=\S)", " ", plain) if "_" in rest else plain
    return [piece.strip(" .\t") for piece in _PIECES.split(joined) if piece.strip(" .\t")]


def _forward(articles: list[tuple[str, str]]) -> Iterator[Entry]:
    for word, article in articles:
        meanings = [p for p in _pieces(article) if re.search(r"[A-Za-z]", p)]
        for meaning in meanings:
            yield Entry(_without_asides(word), meaning, 1.0 / len(meanings))


def _reversed(articles: list[tuple[str, str]], language: str) -> Iterator[Entry]:
    script = _SCRIPTS.get(language)
    for word, article in articles:
        found = _pieces(article)
        if script is not None:
            found = [p for p in found if script.search(p) and not re.search(r"[A-Za-z]", p)]
        for phrase in found:
            yield Entry(phrase, word, log(1 + len(found)))
