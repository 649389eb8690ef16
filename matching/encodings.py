"""Technologies as bytes in the database, and what those bytes depend on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from django.conf import settings
from django.db.models import F

from common.languages import CODES, column
from matching import engine
from matching.engine.encoding import split_supply
from matching.engine.packs import Pack, PackError, pack_files, read_pack
from matching.engine.pivot import read_rows
from matching.models import Encoding
from matching.records import SUPPLY_FIELDS, supply_of
from technologies.models import Technology
from vocabulary.models import Concept

logger = logging.getLogger(__name__)
HERE = Path(__file__).resolve().parent
GLOSSARY = HERE / "glossary"
READING = ("encoding", "packs", "pivot", "reading", "records", "text")
"""Modules of the engine that say how a text is read."""
TEXTS = [
    (column(field, code), code, SUPPLY_FIELDS.get(field, field))
    for field in Technology.TEXT_FIELDS
    for code in CODES
]
"""Columns of a technology with the language and the name its text has in the engine."""
MANY = 500


class Words(NamedTuple):
    """The glossary in use with the tree of concepts, and its mark: other bytes, other mark."""

    glossary: engine.Glossary
    parents: dict[str, str]
    mark: str


class _Known:
    lock = Lock()
    words: Words | None = None
    last: Words | None = None  # also after ``forget``: often nothing has changed


def words() -> Words:
    """Those of this process; read anew after ``forget``."""
    with _Known.lock:
        if _Known.words is None:
            _Known.words = _Known.last = _read_words()
        return _Known.words


def forget() -> None:
    """Read glossary, packs and concepts anew at the next use."""
    with _Known.lock:
        _Known.words = None


def fingerprint() -> str:
    """What an encoded technology depends on besides its record."""
    return sha256(f"{_code(READING)} {words().mark}".encode()).hexdigest()[:16]


def form() -> str:
    """What a snapshot depends on besides the records: all of the engine's code."""
    modules = tuple(sorted(path.stem for path in (HERE / "engine").glob("*.py")))
    return sha256(f"{_code(modules)} {words().mark}".encode()).hexdigest()[:16]


@cache
def _code(modules: Sequence[str]) -> str:
    found = sha256(version("PyStemmer").encode())
    for name in modules:
        found.update((HERE / "engine" / f"{name}.py").read_bytes())
    return found.hexdigest()


def _read_words() -> Words:
    """Labels and synonyms of the concepts, the bundled glossary, installed packs."""
    rows, parents = [], {}
    for concept in Concept.objects.select_related("parent").order_by("pk"):
        if concept.parent:
            parents[concept.key] = concept.parent.key
        if concept.scheme in ("field", "topic"):
            rows.append(_row_of(concept))
    if GLOSSARY.is_dir():
        rows += read_rows(GLOSSARY)
    mark = sha256(repr((rows, sorted(parents.items()))).encode("utf-8", "surrogatepass"))
    packs = list(_packs())
    for path, _pack in packs:
        mark.update(path.name.encode() + path.read_bytes())
    last = _Known.last
    if last is not None and last.mark == mark.hexdigest():
        return last
    glossary = engine.Glossary(rows, [pack for _path, pack in packs])
    return Words(glossary, parents, mark.hexdigest())


def _row_of(concept: Concept) -> dict[str, str]:
    row = {"concept": concept.key}
    for code in CODES:
        label = getattr(concept, column("label", code)) or ""
        synonyms = getattr(concept, column("synonyms", code)) or ""
        row[code] = "|".join(filter(None, (label, synonyms)))
    return row


def _packs() -> Iterator[tuple[Path, Pack]]:
    """The dictionary packs an operator installed; one that cannot be read is left out and told."""
    for path in pack_files(settings.DATA_DIR / "packs"):
        try:
            yield path, read_pack(path)
        except (PackError, OSError):
            logger.exception("dictionary pack left out: install it again")


def outdate(technology_id: int) -> None:
    """In the transaction that changes a technology: what was read of it before counts no more."""
    Encoding.objects.bulk_create([Encoding(technology_id=technology_id)], ignore_conflicts=True)
    Encoding.objects.filter(technology=technology_id).update(
        version=F("version") + 1, fingerprint="", row=b""
    )


def every(tick: Callable[[], None]) -> Iterator[list[bytes]]:
    """All published technologies, encoded, in the order of their numbers, many at a time."""
    for part in _parts(Technology.objects.published().order_by("pk").values_list("pk", flat=True)):
        yield list(part.values())
        tick()


def of(ids: Iterable[int]) -> dict[int, bytes]:
    """Those of these technologies that are published, encoded."""
    found: dict[int, bytes] = {}
    for part in _parts(sorted(ids)):
        found |= part
    return found


def _parts(ids: Iterable[int]) -> Iterator[dict[int, bytes]]:
    """Many at a time, by number: a database that sorted what is left would carry it all along."""
    wanted = list(ids)
    for start in range(0, len(wanted), MANY):
        rows = Technology.objects.published().filter(pk__in=wanted[start : start + MANY])
        columns = ("pk", "encoding__fingerprint", "encoding__row")
        yield _completed(rows.order_by("pk").values_list(*columns))


def records(ids: Iterable[int]) -> dict[int, engine.Supply]:
    """Those of these technologies that are published, with their texts; facts as encoded."""
    rows = of(ids)
    said: dict[int, tuple[engine.Text, ...]] = {}
    for start in range(0, len(rows), MANY):
        part = Technology.objects.filter(pk__in=list(rows)[start : start + MANY])
        for pk, *texts in part.order_by().values_list("pk", *(name for name, *_ in TEXTS)):
            held = zip(TEXTS, texts, strict=True)
            said[pk] = tuple(
                engine.Text(code, field, text) for (_, code, field), text in held if text
            )
    return {
        pk: replace(split_supply(row)[0], texts=said[pk]) for pk, row in rows.items() if pk in said
    }


def _completed(rows: Iterable[tuple[int, str | None, bytes | None]]) -> dict[int, bytes]:
    """Encoded here and stored where the stored form is missing or of other words or code."""
    part, now = list(rows), fingerprint()
    missing = [pk for pk, mark, _row in part if mark != now]
    made = _encode(missing, now) if missing else {}
    held = {pk: bytes(row or b"") if mark == now else made.get(pk) for pk, mark, row in part}
    return {pk: row for pk, row in held.items() if row}


def _encode(ids: Sequence[int], mark: str) -> dict[int, bytes]:
    known = dict(Encoding.objects.filter(technology__in=ids).values_list("technology", "version"))
    rows = Technology.objects.published().filter(pk__in=ids).for_page()
    glossary = words().glossary
    made = {row.pk: engine.encode_supply(supply_of(row), glossary) for row in rows}
    for pk in made.keys() & known.keys():  # not if it has changed since: then another reads it
        mine = Encoding.objects.filter(technology=pk, version=known[pk])
        mine.update(fingerprint=mark, row=made[pk])
    new = [Encoding(technology_id=pk, fingerprint=mark, row=made[pk]) for pk in made.keys() - known]
    Encoding.objects.bulk_create(new, ignore_conflicts=True)
    return made
