"""Due times are rows: no Celery message waits in the broker, none is retried there."""

from __future__ import annotations

import ast
from pathlib import Path

from greenmatch.celery import app

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = {"countdown", "eta"}
OURS = [path for path in ROOT.glob("*/**/*.py") if path.parts[len(ROOT.parts)] != "tests"]


def test_nothing_is_asked_of_celery_for_later() -> None:
    for path in OURS:
        if ".venv" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                assert not {word.arg for word in node.keywords} & FORBIDDEN, path
                assert getattr(node.func, "attr", "") != "retry", path


def test_tasks_take_identifiers_only() -> None:
    app.loader.import_default_modules()
    ours = [task for name, task in app.tasks.items() if not name.startswith("celery.")]
    assert ours
    for task in ours:
        hints = dict(task.__wrapped__.__annotations__)
        hints.pop("return", None)
        assert set(hints.values()) <= {int, "int"}, task.name
