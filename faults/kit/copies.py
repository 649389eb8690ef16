"""A database as often as it is needed: each trial begins with the same rows."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

# What may differ between two runs that did the same, and why.
BY_CHANCE = {
    "claimed_by": "a name used once",
    "attempts": "which of several workers came first",
    "wanted": "a counter that says only whether something was asked again meanwhile",
    "message_id": "drawn at random",
    "matching.Epoch.name": "drawn at random",
    "dedupe_key": "made of keys of rows; the database itself keeps it unique",
    "text": "links hold keys of rows and a signature",
    "html": "as text",
    "about": "keys of rows",
    "suggestions": "how many there were when a run counted them, before or after one expired",
    **dict.fromkeys(
        ("counts", "figures", "appear", "vanish", "move", "changes"),
        "what a rehearsal found: it looks at the suggestions there are at its moment",
    ),
}
SUGGESTION = "matching.suggestion"
# A need has a row only if the rehearsal changed something at its moment; the database keeps
# it from having two.
REHEARSED = "matching.rehearsedneed"


class Copies:
    """Of the database of this process; nobody may be connected while one is made."""

    def __init__(self) -> None:
        from django.db import connection, connections

        self._here = connections["default"]
        self._name, self._made = str(self._here.settings_dict["NAME"]), 0
        self._is_file = connection.vendor == "sqlite"

    def switch_to_fresh_one(self) -> None:
        """This process, and those it forks from now on, work in a copy."""
        self._here.close()
        self._made += 1
        name = f"{self._name}_{self._made}"
        if self._is_file:
            _checkpoint(self._name)
            shutil.copy(self._name, name)
        else:
            self._here.settings_dict["NAME"] = "template1"
            with self._here._nodb_cursor() as cursor:
                cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{self._name}"')
        self._here.settings_dict["NAME"] = name
        self._here.close()

    def leave(self) -> None:
        name = str(self._here.settings_dict["NAME"])
        self._here.close()
        self._here.settings_dict["NAME"] = self._name
        if self._is_file:
            for path in Path(name).parent.glob(f"{Path(name).name}*"):
                path.unlink()
        else:
            with self._here._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _checkpoint(name: str) -> None:
    import sqlite3

    with sqlite3.connect(name) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def rows() -> dict[str, Counter[str]]:
    """Every row of every table, without its key and its times: what two workers may order."""
    from django.apps import apps

    found, pairs = {}, _pairs()
    for model in apps.get_models(include_auto_created=True):
        chance = model._meta.label_lower == REHEARSED
        if model._meta.managed and not model._meta.proxy and not chance:
            names = [field.attname for field in model._meta.concrete_fields if _counts(field)]
            lines = model._base_manager.values(*names) if names else []
            found[model._meta.label_lower] = Counter(_shown(line, pairs) for line in lines)
    return found


def _pairs() -> dict[int, str]:
    """What a suggestion is about: its key depends on what was tried before it was made."""
    from matching.models import Suggestion

    rows = Suggestion.objects.values_list("pk", "need_id", "technology_id")
    return {pk: f"need {need} and technology {technology}" for pk, need, technology in rows}


def _shown(line: dict[str, Any], pairs: dict[int, str]) -> str:
    names = ["suggestion_id"]
    if line.get("effect") in ("remind", "expire") or line.get("subject_type") == SUGGESTION:
        names.append("subject_id")
    named = {name: pairs.get(line[name], "gone") for name in names if name in line}
    return repr(line | named)


def _counts(field: Any) -> bool:
    from django.db.models import BinaryField, DateTimeField

    chance = {field.name, str(field)} & BY_CHANCE.keys() or field.name.startswith("history_")
    return not (field.primary_key or chance or isinstance(field, DateTimeField | BinaryField))


def differences(wanted: dict[str, Counter[str]], got: dict[str, Counter[str]]) -> list[str]:
    """Table by table: how many rows were too many and too few, with one of them."""
    found = []
    for name, once in wanted.items():
        more, less = got[name] - once, once - got[name]
        if more or less:
            one = next(iter(more or less))[:300]
            found.append(f"{name}: {more.total()} more, {less.total()} less, as {one}")
    return found
