"""Message catalogues without gettext's tools: extract from Python and templates, merge, check,
compile (Babel).
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract as extract_calls
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

LOCALES = {"zh-hans": "zh_Hans", "fr": "fr", "es": "es", "ru": "ru", "ar": "ar"}
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
UNDATED = datetime(2026, 1, 1, tzinfo=UTC)
SKIP = {"tests", "var", "node_modules", "migrations", "benchmarks", "tooling"}
CALL = re.compile(r"\b(gettext|ngettext|pgettext|npgettext|_)\((?=[\"'u])")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")
TAG = re.compile(r"</?\w+")


@dataclass(order=True)
class Source:
    """One message as it stands in the code: key, plural, and where."""

    context: str
    singular: str
    plural: str = ""
    places: list[tuple[str, int]] = field(default_factory=list, compare=False)

    @property
    def key(self) -> tuple[str, str]:
        return self.context, self.singular

    @property
    def id(self) -> str | tuple[str, str]:
        return (self.singular, self.plural) if self.plural else self.singular


def collect(root: Path) -> dict[tuple[str, str], Source]:
    """Every translatable message of the project's Python files and templates."""
    found: dict[tuple[str, str], Source] = {}
    for path in sorted(_files(root)):
        name = path.relative_to(root).as_posix()
        for line, source in _messages(path):
            kept = found.setdefault(source.key, source)
            kept.plural = kept.plural or source.plural
            kept.places.append((name, line))
    return found


def _files(root: Path) -> Iterator[Path]:
    for path in root.rglob("*"):
        parts = path.relative_to(root).parts
        hidden = any(part.startswith(".") for part in parts)
        wanted = path.suffix == ".py" or (path.suffix in {".html", ".txt"} and "templates" in parts)
        if wanted and not hidden and not SKIP & set(parts):
            yield path


def _messages(path: Path) -> Iterator[tuple[int, Source]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        for line, message, _comments, context in extract_calls(
            "python", BytesIO(text.encode()), KEYWORDS
        ):
            singular, plural = message if isinstance(message, tuple) else (message, "")
            yield line, Source(context or "", singular, plural)
    else:
        yield from _template_messages(templatize(text, origin=str(path)))


def _template_messages(code: str) -> Iterator[tuple[int, Source]]:
    """Django rewrites a template as a text with gettext calls in it; each call is parsed by
    itself.
    """
    for match in CALL.finditer(code):
        call = _parse(code, match.start())
        if call is None:
            continue
        texts = [ast.literal_eval(arg) for arg in call.args if isinstance(arg, ast.Constant)]
        texts = [text for text in texts if isinstance(text, str)]
        line = code.count("\n", 0, match.start()) + 1
        name = match.group(1)
        if name == "ngettext":
            yield line, Source("", texts[0], texts[1])
        elif name == "pgettext":
            yield line, Source(texts[0], texts[1])
        elif name == "npgettext":
            yield line, Source(texts[0], texts[1], texts[2])
        elif texts:
            yield line, Source("", texts[0])


def _parse(code: str, start: int) -> ast.Call | None:
    """The shortest text from ``start`` that is a whole call."""
    end = code.find(")", start)
    while end != -1:
        try:
            node = ast.parse(code[start : end + 1].replace("\n", " "), mode="eval").body
        except (SyntaxError, ValueError):
            end = code.find(")", end + 1)
            continue
        return node if isinstance(node, ast.Call) else None
    return None


def path_of(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / LOCALES[language] / "LC_MESSAGES" / "django.po"


def load(language: str) -> Catalog:
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=LOCALES[language], domain="django")
    with path.open("rb") as file:
        return read_po(file, locale=LOCALES[language], domain="django")


def merge(language: str, sources: Iterable[Source]) -> Catalog:
    """The catalogue of a language with exactly the messages of the code; translations are kept."""
    old, new = (
        load(language),
        Catalog(
            locale=LOCALES[language],
            domain="django",
            project="GreenMatch",
            version="1",
            copyright_holder="GreenMatch contributors",
            fuzzy=False,
            creation_date=None,
        ),
    )
    for source in sorted(sources):
        before = old.get(source.singular, source.context or None)
        text = before.string if before is not None else ""
        if bool(source.plural) != isinstance(text, tuple | list):
            text = ("",) * new.num_plurals if source.plural else ""
        files: Any = [(name, None) for name in dict.fromkeys(name for name, _line in source.places)]
        new.add(
            source.id,
            text,
            locations=files,
            context=source.context or None,
            flags=["python-format"] if "%(" in source.singular else [],
        )
    return new


def save(language: str, catalogue: Catalog) -> None:
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_po(catalogue))
    path.with_suffix(".mo").write_bytes(as_mo(catalogue))


def as_po(catalogue: Catalog) -> bytes:
    buffer = BytesIO()
    write_po(
        buffer, catalogue, width=110, omit_header=False, include_lineno=False, sort_output=False
    )
    lines = buffer.getvalue().decode().split("\n")
    stamps = ("POT-Creation-Date", "PO-Revision-Date", "Generated-By")
    return "\n".join(
        line for line in lines if not line.startswith(tuple(f'"{stamp}' for stamp in stamps))
    ).encode()


def as_mo(catalogue: Catalog) -> bytes:
    """The compiled catalogue; the same messages give the same bytes whenever it is made."""
    catalogue.creation_date = catalogue.revision_date = UNDATED
    buffer = BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def problems(language: str, sources: dict[tuple[str, str], Source]) -> list[str]:
    """What is missing or wrong in a language's catalogue, in words."""
    catalogue = load(language)
    found = []
    for source in sources.values():
        message = catalogue.get(source.singular, source.context or None)
        if message is None or not all(_forms(message.string)):
            found.append(
                f"{language}: not translated: {source.singular[:70]!r} ({source.places[0][0]})"
            )
        else:
            found += [
                f"{language}: {reason}: {source.singular[:70]!r}"
                for reason in _unlike(source, message.string)
            ]
    extra = [m for m in catalogue if m.id and ((m.context or ""), _singular(m.id)) not in sources]
    found += [f"{language}: no longer used: {_singular(m.id)[:70]!r}" for m in extra]
    found += [
        f"{language}: marked fuzzy: {_singular(m.id)[:70]!r}" for m in catalogue if m.id and m.fuzzy
    ]
    compiled = path_of(language).with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != as_mo(catalogue):
        found.append(
            f"{language}: the compiled catalogue differs from the .po file; run ./run messages"
        )
    return found


def _forms(text: object) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, tuple | list) else (str(text),)


def _singular(message_id: object) -> str:
    return _forms(message_id)[0]


def _unlike(source: Source, text: object) -> Iterator[str]:
    """Placeholders and tags must be those of the source; a plural form may leave the number out."""
    wanted = _names(source.singular) | _names(source.plural)
    for form in _forms(text):
        names = _names(form)
        if names - wanted or (not source.plural and wanted - names):
            yield f"placeholders {sorted(names ^ wanted)} differ"
        if sorted(TAG.findall(form)) != sorted(TAG.findall(source.singular)) and not source.plural:
            yield "tags differ"


def _names(text: str) -> set[str]:
    return {a or b for a, b in PLACEHOLDER.findall(text)}
