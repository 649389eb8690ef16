"""A folder of records and labels in the import format, read as far as it can be read.

Bad lines are left out and bad cells are read as unknown; both are told with number and reason.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import TextIOWrapper
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TextIO, TypeVar, cast

from .records import EVIDENCE_LEVELS, Demand, Price, Quantity, Scale, Supply, Text
from .text import language_of

SUPPLY_KEYS = {
    "title": "title",
    "summary": "summary",
    "text": "description",
    "problem": "problem",
    "difference": "difference",
    "economic_case": "economic_case",
}
DEMAND_KEYS = {
    "title": "title",
    "summary": "summary",
    "text": "problem",
    "baseline": "baseline",
    "target": "target",
    "constraints": "constraints",
}
MOST_GRADE = 20  # 2^grade - 1 is the gain: more is a mistake
Grades = dict[str, dict[str, int]]
Row = Mapping[str, Any]
Value = TypeVar("Value")
NO_CODES: frozenset[str] = frozenset()
NO_QUANTITIES: tuple[Quantity, ...] = ()
NO_VERSIONS: tuple[tuple[str, Row], ...] = ()


class Problem(NamedTuple):
    """What is wrong with a line of a file; line 0 is the whole file."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{place}: {self.reason}".encode("utf-8", "backslashreplace").decode()


@dataclass
class Folder:
    """Records with numbers from 0, their names by number, labels if there are any."""

    supplies: list[Supply] = field(default_factory=list)
    demands: list[Demand] = field(default_factory=list)
    technologies: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    grades: Grades | None = None
    problems: list[Problem] = field(default_factory=list)


class _Cells:
    """The cells of one line; what cannot be read is unknown and told."""

    def __init__(self, row: Row, tell: Callable[[str], None]) -> None:
        self.row, self._tell = row, tell

    def get(self, key: str, read: Callable[[Any], Value], unknown: Value) -> Value:
        cell = self.row.get(key)
        if cell is None or cell == "":
            return unknown
        try:
            return read(cell)
        except (TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError):
            self._tell(f"{key}: cannot be read, taken as unknown")
            return unknown


def _string(cell: Any) -> str:
    if not isinstance(cell, str):
        raise TypeError
    return cell


def _codes(cell: Any) -> frozenset[str]:
    if isinstance(cell, str):
        cell = [cell]
    if not all(isinstance(code, str | int) for code in cell):
        raise TypeError
    return frozenset(str(code) for code in cell)


def _number(cell: Any) -> float:
    value = float(cell)
    if isinstance(cell, bool) or not isfinite(value):
        raise ValueError
    return value


def _maybe(cell: Any) -> float | None:
    return None if cell is None else _number(cell)


def _quantities(cell: Any) -> tuple[Quantity, ...]:
    return tuple(
        Quantity(
            _string(row["metric"]),
            _number(row["value"]),
            _string(row["unit"]),
            row.get("evidence") if row.get("evidence") in EVIDENCE_LEVELS else "claimed",
        )
        for row in cell
    )


def _price(cell: Any) -> Price:
    currency, unit = cell.get("currency") or "", cell.get("unit") or ""
    return Price(
        _maybe(cell.get("low")), _maybe(cell.get("high")), _string(currency), _string(unit)
    )


def _scale(cell: Any) -> Scale:
    return Scale(_number(cell["value"]), _string(cell["unit"]))


def _levels(cell: Any) -> tuple[int, int]:
    levels = [int(_number(level)) for level in (cell if isinstance(cell, list) else [cell])]
    if not all(1 <= level <= 9 for level in levels):
        raise ValueError
    return min(levels), max(levels)


def _evidence(cell: Any) -> str:
    if cell not in EVIDENCE_LEVELS:
        raise ValueError
    return cast(str, cell)


def _translations(cell: Any) -> tuple[tuple[str, Row], ...]:
    return tuple((_string(code), dict(version)) for code, version in sorted(cell.items()))


def _texts(cells: _Cells, keys: Mapping[str, str]) -> tuple[Text, ...]:
    own = {key: cells.get(key, _string, "") for key in keys}
    found = [(language_of(str(cells.row.get("lang") or ""), " ".join(own.values())), own)]
    for code, version in cells.get("translations", _translations, NO_VERSIONS):
        read = {k: v for k in keys if isinstance(v := version.get(k), str)}
        found.append((language_of(code, " ".join(read.values())), read))
    return tuple(
        Text(language, keys[key], text)
        for language, version in found
        for key, text in version.items()
        if text
    )


def _language(cells: _Cells, texts: tuple[Text, ...]) -> str:
    return texts[0].language if texts else language_of(str(cells.row.get("lang") or ""), "")


def _concepts(cells: _Cells) -> frozenset[str]:
    topics = {c if ":" in c else f"topic:{c}" for c in cells.get("concepts", _codes, NO_CODES)}
    return frozenset(topics | {f"sdg:{goal}" for goal in cells.get("sdgs", _codes, NO_CODES)})


def supply_of(
    row: Row, number: int, provider: int = 0, tell: Callable[[str], None] = lambda _reason: None
) -> Supply:
    """One line of technologies.jsonl."""
    cells = _Cells(row, tell)
    texts = _texts(cells, SUPPLY_KEYS)
    low, high = cells.get("trl", _levels, (0, 0))
    benefits = cells.get("benefits", _quantities, NO_QUANTITIES)
    shown = [benefit.evidence for benefit in benefits]
    return Supply(
        id=number,
        provider=provider,
        language=_language(cells, texts),
        texts=texts,
        concepts=_concepts(cells),
        benefits=benefits,
        developed_in=cells.get("developed_in", _string, ""),
        deployed_in=cells.get("deployed_in", _codes, NO_CODES),
        available_in=cells.get("available_in", _codes, NO_CODES),
        price=cells.get("cost", _price, None),
        trl_low=low or None,
        trl_high=high or None,
        terms=cells.get("terms", _codes, NO_CODES),
        lead_time_weeks=cells.get("lead_time_weeks", _number, None),
        evidence=next((level for level in reversed(EVIDENCE_LEVELS) if level in shown), None),
        sites=cells.get("sites", len, 0),
    )


def demand_of(
    row: Row, number: int, city: int = 0, tell: Callable[[str], None] = lambda _reason: None
) -> Demand:
    """One line of needs.jsonl; `decision_by` is a date and needs a clock: only days are read."""
    cells = _Cells(row, tell)
    texts = _texts(cells, DEMAND_KEYS)
    days = cells.get("decision_in_days", _number, None)
    least = cells.get("trl_min", _levels, None)
    return Demand(
        id=number,
        city=city,
        language=_language(cells, texts),
        texts=texts,
        concepts=_concepts(cells),
        targets=cells.get("targets", _quantities, NO_QUANTITIES),
        country=cells.get("country", _string, ""),
        subdivision=cells.get("subdivision", _string, ""),
        budget=cells.get("budget", _price, None),
        scale=cells.get("scale", _scale, None),
        trl_min=None if least is None else least[0],
        evidence_min=cells.get("evidence_min", _evidence, None),
        terms=cells.get("terms", _codes, NO_CODES),
        weeks_to_decision=None if days is None else days / 7,
        must=cells.get("must", _codes, NO_CODES),
        capacity=cells.get("capacity", int, 5) or 5,
    )


def _opened(path: Path) -> TextIO | None:
    """The text of a file, or of the same with .gz; broken UTF-8 is kept as it can be."""
    zipped = path.with_name(path.name + ".gz")
    if path.is_file():
        raw = cast(BinaryIO, path.open("rb"))
    elif zipped.is_file():
        raw = cast(BinaryIO, gzip.GzipFile(zipped, "rb"))
    else:
        return None
    return TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="\n")


def _rows(path: Path, problems: list[Problem]) -> Iterator[tuple[int, str, Row]]:
    """(line, id, cells) of every good line, each id once."""
    lines, seen = _opened(path), set[str]()
    if lines is None:
        raise FileNotFoundError(f"{path.parent} has no {path.name}")
    with lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            reason, row = _parsed(line)
            name = _id(row)
            if not reason and (not name or name in seen):
                reason = f"the id {name} is used twice" if name else "no id"
            if reason:
                problems.append(Problem(path.name, number, reason))
                continue
            seen.add(name)
            yield number, name, row


def _parsed(line: str) -> tuple[str, Row]:
    try:
        row = json.loads(line, strict=False)
    except (ValueError, RecursionError):
        return "not JSON", {}
    return ("", row) if isinstance(row, dict) else ("not a JSON object", {})


def _id(row: Row) -> str:
    name = row.get("id")
    known = isinstance(name, str | int | float) and not isinstance(name, bool)
    return str(name).strip() if known else ""


def read_folder(folder: Path | str) -> Folder:
    """Everything in a folder that can be read. Raises FileNotFoundError without the two files."""
    folder, found = Path(folder), Folder()
    providers: dict[str, int] = {}
    for line, name, row in _rows(folder / "technologies.jsonl", found.problems):
        tell = _teller(found.problems, "technologies.jsonl", line)
        provider = providers.setdefault(str(row.get("organisation") or name), len(providers))
        found.supplies.append(supply_of(row, len(found.supplies), provider, tell))
        found.technologies.append(name)
    for line, name, row in _rows(folder / "needs.jsonl", found.problems):
        tell = _teller(found.problems, "needs.jsonl", line)
        found.demands.append(demand_of(row, len(found.demands), tell=tell))
        found.needs.append(name)
    found.grades = read_grades(folder / "qrels.tsv", found.problems)
    return found


def _teller(problems: list[Problem], file: str, line: int) -> Callable[[str], None]:
    return lambda reason: problems.append(Problem(file, line, reason))


def read_grades(path: Path, problems: list[Problem]) -> Grades | None:
    """need -> technology -> grade, from `need <TAB> 0 <TAB> technology <TAB> grade` or without the
    second column; None without a file. Of a pair labelled twice the last label counts.
    """
    lines, grades = _opened(path), Grades()
    if lines is None:
        return None
    with lines:
        for number, line in enumerate(lines, 1):
            cells = line.strip().split("\t") if "\t" in line else line.split()
            if not any(cells):
                continue
            label = _label([cell.strip() for cell in cells])
            if label is not None:
                grades.setdefault(label[0], {})[label[1]] = label[2]
            elif number > 1 or any(cell.strip().isdigit() for cell in cells[2:]):
                problems.append(Problem(path.name, number, "not «need, 0, technology, grade»"))
    return grades


def _label(cells: list[str]) -> tuple[str, str, int] | None:
    if len(cells) < 3:
        return None
    technology, grade = cells[2:4] if len(cells) > 3 else cells[1:3]
    try:
        value = round(float(grade))
    except (ValueError, OverflowError):
        return None
    return (cells[0], technology, max(0, value)) if value <= MOST_GRADE else None
