"""Importing a folder: good lines are stored, bad lines are named with line, column and reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from matching.choices import Effect
from matching.importing import Report, import_folder
from matching.models import Work
from needs.models import Need
from partners.models import Organisation
from technologies.models import Technology
from vocabulary.actions import load

pytestmark = pytest.mark.django_db

GOOD = {
    "id": "t1",
    "lang": "fr",
    "title": "Plafond à changement de phase",
    "text": "Stocke le froid la nuit.",
    "translations": {"en": {"title": "Phase-change ceiling"}},
    "concepts": ["buildings.cooling"],
    "sdgs": [7],
    "trl": [8, 9],
    "terms": ["sale"],
    "available_in": ["FR", "UK", "*"],
    "benefits": [{"metric": "load_shifted", "value": 41, "unit": "%", "evidence": "verified"}],
    "cost": {"low": 40, "high": 62, "currency": "EUR", "unit": "m2"},
}
NEED = {"id": "n1", "lang": "en", "title": "Cool schools", "text": "They are hot.", "country": "CN"}


@pytest.fixture(autouse=True)
def vocabulary(db: None) -> None:
    load()


def folder(path: Path, technologies: list[Any], needs: list[Any]) -> Path:
    for name, rows in (("technologies", technologies), ("needs", needs)):
        lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
        (path / f"{name}.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    return path


def imported(path: Path, provider: Organisation, author: User) -> Report:
    return import_folder(path, organisation=provider, by=author)


def test_a_record_is_stored_with_everything_it_has(
    tmp_path: Path, provider: Organisation, author: User
) -> None:
    report = imported(folder(tmp_path, [GOOD], [NEED]), provider, author)
    assert (report.technologies, report.needs, report.problems) == (1, 1, [])
    technology = Technology.objects.published().get()
    assert technology.said("title", "fr") == GOOD["title"]
    assert technology.said("title", "en") == "Phase-change ceiling"
    assert technology.available_in == ["FR", "GB", "*"]
    assert technology.best_evidence == "verified"
    assert {concept.key for concept in technology.concepts.all()} == {
        "topic:buildings.cooling",
        "sdg:7",
    }
    assert Work.objects.filter(
        effect=Effect.REFRESH_NEED, subject_id=Need.objects.get().pk
    ).exists()


def test_importing_again_stores_nothing_twice(
    tmp_path: Path, provider: Organisation, author: User
) -> None:
    path = folder(tmp_path, [GOOD], [NEED])
    imported(path, provider, author)
    again = imported(path, provider, author)
    assert (again.technologies, again.needs, again.known) == (0, 0, 2)
    assert Technology.objects.count() == 1


BAD: list[tuple[Any, str, str]] = [
    (b"{not json", "", "not JSON"),
    (b'"just a text"', "", "not a JSON object"),
    (b'{"id": "x", "title": "\xff"}', "", "not UTF-8"),
    ({**GOOD, "id": ""}, "id", "missing"),
    ({**GOOD, "lang": "xx"}, "lang", "unknown code"),
    ({**GOOD, "lang": None}, "lang", "missing"),
    ({**GOOD, "title": "", "text": ""}, "title", "missing"),
    ({**GOOD, "title": "a" * 301}, "title", "longer than 300"),
    ({**GOOD, "title": "nul\x00"}, "title", "not text"),
    ({**GOOD, "title": 7}, "title", "not a text"),
    ({**GOOD, "concepts": ["buildings.nothing"]}, "concepts", "unknown code"),
    ({**GOOD, "sdgs": [18]}, "sdgs", "unknown code"),
    ({**GOOD, "trl": [9, 8]}, "trl", "not a level"),
    ({**GOOD, "trl": "high"}, "trl", "not a level"),
    ({**GOOD, "terms": ["barter"]}, "terms", "unknown code"),
    ({**GOOD, "terms": "sale"}, "terms", "not a list"),
    ({**GOOD, "available_in": ["Narnia"]}, "available_in", "unknown country"),
    (
        {**GOOD, "cost": {"low": 9, "high": 1, "currency": "EUR", "unit": "m2"}},
        "cost",
        "more than high",
    ),
    ({**GOOD, "cost": {"low": 9}}, "cost", "needs a currency"),
    ({**GOOD, "cost": {"low": "NaN", "currency": "EUR", "unit": "m2"}}, "cost", "not an amount"),
    ({**GOOD, "benefits": [{"metric": "joy", "value": 1, "unit": "%"}]}, "metric", "unknown code"),
    ({**GOOD, "benefits": {"metric": "power"}}, "benefits", "not a list"),
    ({**GOOD, "lead_time_weeks": -1}, "lead_time_weeks", "not a number"),
    ({**GOOD, "translations": {"de": {}}}, "translations", "unknown language"),
    ({**GOOD, "concepts": "water"}, "concepts", "not a list"),
    ({**GOOD, "concepts": [{}]}, "concepts", "unknown code"),
    ({**GOOD, "sdgs": 7}, "sdgs", "not a list"),
]


@pytest.mark.parametrize(("row", "column", "reason"), BAD)
def test_a_bad_line_is_named_and_the_rest_goes_on(
    tmp_path: Path, provider: Organisation, author: User, row: Any, column: str, reason: str
) -> None:
    path = folder(tmp_path, [row, {**GOOD, "id": "good"}], [NEED])
    report = imported(path, provider, author)
    assert Technology.objects.count() == 1
    problem = next(p for p in report.problems if p.column == column and reason in p.reason)
    assert (problem.file, problem.line) == ("technologies.jsonl", 1)


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        ({"decision_by": "soon"}, "decision_by", "not a date"),
        ({"capacity": 99}, "capacity", "not a number"),
        ({"must": ["luck"]}, "must", "unknown code"),
        ({"lat": 91}, "lat", "not a number"),
        ({"scale": {"value": 3, "unit": "cubits"}}, "unit", "unknown code"),
        ({"targets": [{"metric": "power"}]}, "unit", "missing"),
    ],
)
def test_a_bad_need_is_named(
    tmp_path: Path,
    provider: Organisation,
    author: User,
    change: dict[str, Any],
    column: str,
    reason: str,
) -> None:
    report = imported(folder(tmp_path, [GOOD], [{**NEED, **change}]), provider, author)
    assert Need.objects.count() == 0
    assert [(p.column, reason in p.reason) for p in report.problems] == [(column, True)]


def test_an_id_used_twice_is_named(tmp_path: Path, provider: Organisation, author: User) -> None:
    report = imported(folder(tmp_path, [GOOD, GOOD], [NEED]), provider, author)
    assert Technology.objects.count() == 1
    assert [(p.line, p.column) for p in report.problems] == [(2, "id")]
