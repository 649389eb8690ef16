"""Reading records from JSON lines: what is wrong is said with file, line, column and reason; the
rest goes on.
"""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from accounts.models import User
from common.choices import Status
from common.countries import CURRENCIES, iso_country
from common.languages import CODES, column

MAX_LINE = 2_000_000


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one line of a file."""

    file: str
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}"
        return (
            f"{where}, {self.column}: {self.reason}" if self.column else f"{where}: {self.reason}"
        )


@dataclass
class Row:
    """One line of an import file, with the problems met while reading its columns."""

    file: str
    line: int
    cells: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, column: str, reason: str) -> None:
        self.problems.append(Problem(self.file, self.line, column, reason))

    def text(
        self,
        column: str,
        limit: int,
        *,
        required: bool = False,
        where: dict[str, Any] | None = None,
    ) -> str:
        value = (self.cells if where is None else where).get(column)
        if value is None or value == "":
            if required:
                self.wrong(column, "missing")
            return ""
        if not isinstance(value, str):
            self.wrong(column, "not a text")
            return ""
        clean = unicodedata.normalize("NFC", value).strip()
        if any(char == "\x00" or "\ud800" <= char <= "\udfff" for char in clean):
            self.wrong(column, "holds characters that are not text")
        elif len(clean) > limit:
            self.wrong(column, f"longer than {limit} characters")
        return clean

    def choice(
        self,
        column: str,
        codes: Any,
        *,
        where: dict[str, Any] | None = None,
        default: str = "",
        required: bool = False,
    ) -> str:
        value = (self.cells if where is None else where).get(column)
        if value is None or value == "":
            if required:
                self.wrong(column, "missing")
            return default
        if not isinstance(value, str) or value not in codes:
            self.wrong(column, f"unknown code {value!r}")
            return default
        return str(value)

    def codes(self, column: str, allowed: Any) -> list[str]:
        value = self.items(column)
        unknown = [code for code in value if not isinstance(code, str) or code not in allowed]
        if unknown:
            self.wrong(column, f"unknown code {unknown[0]!r}")
        return [code for code in value if code not in unknown]

    def items(self, column: str) -> list[Any]:
        value = self.cells.get(column) or []
        if not isinstance(value, list):
            self.wrong(column, "not a list")
            return []
        return value

    def countries(self, column: str, *, worldwide: bool = False) -> list[str]:
        value = self.items(column)
        kept = [
            found
            for code in value
            if (found := "*" if worldwide and code == "*" else iso_country(code))
        ]
        if len(kept) < len(value):
            self.wrong(column, "unknown country code")
        return kept

    def country(self, column: str) -> str:
        value = self.cells.get(column) or ""
        if value and not iso_country(value):
            self.wrong(column, f"unknown country code {value!r}")
        return iso_country(value)

    def number(
        self,
        column: str,
        *,
        where: dict[str, Any] | None = None,
        least: float = 0,
        most: float = 1e12,
    ) -> Any:
        value = (self.cells if where is None else where).get(column)
        if value is None:
            return None
        if (
            isinstance(value, bool)
            or not isinstance(value, (int, float))
            or not least <= value <= most
        ):
            self.wrong(column, f"not a number from {least:g} to {most:g}")
            return None
        return value

    def whole(self, column: str, *, least: int, most: int) -> int | None:
        value = self.number(column, least=least, most=most)
        return None if value is None else round(value)

    def part(self, column: str) -> dict[str, Any]:
        value = self.cells.get(column) or {}
        if not isinstance(value, dict):
            self.wrong(column, "not an object")
            return {}
        return value

    def parts(self, column: str) -> list[dict[str, Any]]:
        value = self.cells.get(column) or []
        if not isinstance(value, list) or any(not isinstance(item, dict) for item in value):
            self.wrong(column, "not a list of objects")
            return []
        return value

    def price(self, column: str, units: Any) -> dict[str, Any]:
        """``low``, ``high``, ``currency`` and ``unit`` of a cost or a budget."""
        cell = self.part(column)
        low, high = (self._money(column, cell.get(name)) for name in ("low", "high"))
        if low is not None and high is not None and low > high:
            self.wrong(column, "low is more than high")
        currency = self.choice("currency", CURRENCIES, where=cell)
        unit = self.choice("unit", units, where=cell)
        if (low is not None or high is not None) and not (currency and unit):
            self.wrong(column, "needs a currency and a unit")
        return {"low": low, "high": high, "currency": currency, "unit": unit}

    def _money(self, column: str, value: Any) -> Decimal | None:
        if value is None:
            return None
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            amount = Decimal(-1)
        if not amount.is_finite() or not 0 <= amount < Decimal("1e12"):
            self.wrong(column, f"not an amount: {value!r}")
            return None
        return amount

    def day(self, column: str) -> date | None:
        value = self.cells.get(column)
        if value is None or value == "":
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.wrong(column, "not a date like 2027-03-01")
            return None

    def texts(self, names: dict[str, tuple[str, int]]) -> dict[str, dict[str, str]]:
        """For each language the texts by field: the source at the top level, the rest in
        ``translations``.
        """
        language = self.choice("lang", CODES) or "en"
        if not self.cells.get("lang"):
            self.wrong("lang", "missing")
        found = {language: {name: self.text(key, limit) for name, (key, limit) in names.items()}}
        for code, cells in self.part("translations").items():
            if code not in CODES or not isinstance(cells, dict):
                self.wrong("translations", f"unknown language {code!r}")
                continue
            found[code] = {
                name: self.text(key, limit, where=cells) for name, (key, limit) in names.items()
            }
        return found


def read(path: Path) -> Iterator[Row]:
    """Each line of a file as a Row; a line that is not a JSON object is a Row with its problem
    and no cells.
    """
    with path.open("rb") as lines:
        for number, raw in enumerate(lines, start=1):
            if raw.strip():
                yield _row(path.name, number, raw)


def _row(file: str, number: int, raw: bytes) -> Row:
    row = Row(file, number, {})
    if len(raw) > MAX_LINE:
        row.wrong("", f"longer than {MAX_LINE} bytes")
        return row
    try:
        cells = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        row.wrong("", "not UTF-8")
    except (ValueError, RecursionError):
        row.wrong("", "not JSON")
    else:
        if isinstance(cells, dict):
            row.cells = cells
        else:
            row.wrong("", "not a JSON object")
    return row


def set_texts(row: Row, listing: Any, names: dict[str, tuple[str, int]]) -> None:
    """Write the texts of a row into the listing's columns; a missing title is cut from the text."""
    texts = row.texts(names)
    for language, fields in texts.items():
        for name, text in fields.items():
            setattr(listing, column(name, language), text)
    language = next(iter(texts))
    own = texts[language]
    if not own["title"]:
        body = next(text for name, text in own.items() if names[name][0] == "text")
        setattr(listing, column("title", language), body[:80])
        if not body:
            row.wrong("title", "missing")


def concept_keys(row: Row, concepts: dict[str, int]) -> list[str]:
    """Keys of the topics and goals named in a row."""
    keys = [f"topic:{code}" for code in row.items("concepts")]
    keys += [f"sdg:{goal}" for goal in row.items("sdgs")]
    for key in keys:
        if key not in concepts:
            scheme, code = key.split(":", 1)
            row.wrong("sdgs" if scheme == "sdg" else "concepts", f"unknown code {code!r}")
    return [key for key in dict.fromkeys(keys) if key in concepts]


def publish_columns(listing: Any, *, by: User, at: datetime) -> None:
    """Imported records come from a source that stands for them: they are public at once."""
    listing.status = Status.PUBLISHED
    listing.created_at, listing.created_by = at, by
    listing.submitted_at, listing.submitted_by = at, by
    listing.published_at, listing.published_by = at, by
    listing.confirmed_at = at
