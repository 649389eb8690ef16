"""The shape of the house: a file name means one thing, and everything points down the ladder."""

from __future__ import annotations

import ast
import configparser
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Field, Model

ROOT = Path(__file__).resolve().parent.parent
FILE_NAMES = {
    "__init__",
    "actions",
    "adapters",
    "admin",
    "api",
    "apps",
    "backends",
    "choices",
    "emails",
    "filters",
    "forms",
    "middleware",
    "models",
    "permissions",
    "querysets",
    "receivers",
    "serializers",
    "signals",
    "tasks",
    "translation",
    "urls",
    "views",
}
FILE_NAMES_OF = {
    "common": {
        "catalogues",
        "clock",
        "countries",
        "errors",
        "fields",
        "hints",
        "languages",
        "logs",
        "progress",
        "search",
        "transitions",
        "typography",
    },
    "demo": {
        "accounts",
        "letters",
        "loading",
    },
    "greenmatch": {
        "admin_site",
        "asgi",
        "celery",
        "settings",
        "wsgi",
    },
    "home": {
        "statistics",
    },
    "introductions": {
        "broker_models",
        "broker_views",
        "brokers",
        "entries",
        "impact_views",
        "ledger",
        "meeting_views",
        "meetings",
        "milestones",
        "pages",
        "requests",
        "uploads",
    },
    "listings": {
        "content",
        "facets",
        "importing",
        "panels",
        "sections",
        "wizard",
    },
    "matching": {
        "allotment",
        "calibration",
        "checks",
        "clock_models",
        "clocks",
        "drafts",
        "encoder",
        "encodings",
        "epochs",
        "exposure",
        "importing",
        "index",
        "index_models",
        "lessons",
        "links",
        "notices",
        "panels",
        "payloads",
        "policy",
        "policy_admin",
        "policy_forms",
        "policy_models",
        "records",
        "rehearsal",
        "run_admin",
        "run_models",
        "runs",
        "scoring",
        "sheets",
        "stages",
        "storing",
        "telling",
        "work",
    },
    "needs": {
        "importing",
    },
    "outbox": {
        "bounces",
        "delivery",
        "events",
        "handover",
        "headers",
        "hours",
        "leases",
        "limits",
        "machinery",
        "reconcile",
        "suppression",
    },
    "programmes": {
        "statistics",
    },
    "technologies": {
        "importing",
    },
}
FOLDERS = {"__pycache__", "data", "engine", "glossary", "management", "migrations", "templatetags"}
LONGEST_FILE = 350
LONGEST_FUNCTION = 40


def ladder() -> list[set[str]]:
    """The rungs of .importlinter, highest first."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    layers = parser["importlinter:contract:ladder"]["layers"]
    return [
        {name.strip() for name in line.split("|")} for line in layers.split("\n") if line.strip()
    ]


RUNG = {name: -number for number, names in enumerate(ladder()) for name in names}
APPS = sorted(RUNG)
SOURCES = sorted(
    path
    for name in [*APPS, "tests", "tooling", "benchmarks", "faults"]
    for path in (ROOT / name).rglob("*.py")
    if "migrations" not in path.parts
)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def related_fields() -> list[tuple[str, Field]]:
    ours = [model for model in apps.get_models() if app_of(model) in RUNG]
    fields = [field for model in ours for field in model._meta.get_fields()]
    direct = [field for field in fields if isinstance(field, Field) and field.is_relation]
    return [(str(field), field) for field in direct if isinstance(field.related_model, type)]


def app_of(model: type[Model]) -> str:
    return model.__module__.partition(".")[0]


def test_every_app_of_ours_stands_on_the_ladder() -> None:
    with_apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert with_apps <= set(APPS)


@pytest.mark.parametrize("name", APPS)
def test_app_holds_only_files_of_the_closed_set(name: str) -> None:
    allowed = FILE_NAMES | FILE_NAMES_OF.get(name, set())
    entries = list((ROOT / name).iterdir())
    assert {path.stem for path in entries if path.suffix == ".py"} <= allowed
    assert {path.name for path in entries if path.is_dir()} <= FOLDERS


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_files_and_functions_stay_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{node.name} has {length} lines"


def test_relations_between_models_point_down_the_ladder() -> None:
    upward = []
    for label, field in related_fields():
        source, target = app_of(field.model), app_of(field.related_model)
        if target in RUNG and (RUNG[target] > RUNG[source] or beside(source, target)):
            upward.append(label)
    assert upward == []


def beside(source: str, target: str) -> bool:
    return source != target and RUNG[source] == RUNG[target]


def test_engine_knows_only_python_and_libraries_for_numbers() -> None:
    known = set(sys.stdlib_module_names) | {"llvmlite", "numpy", "numba", "scipy", "Stemmer"}
    for path in (ROOT / "matching" / "engine").rglob("*.py"):
        for module in imported_by(path):
            assert module.startswith("matching.engine") or module.partition(".")[0] in known, path


def imported_by(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.append(node.module or "")
    return names


def test_tooling_needs_nothing_installed() -> None:
    known = set(sys.stdlib_module_names) | {"tooling"}
    for path in [*(ROOT / "tooling").glob("*.py"), ROOT / "run"]:
        assert {module.partition(".")[0] for module in imported_by(path)} <= known, path
