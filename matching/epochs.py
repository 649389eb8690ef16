"""Epochs: an index frozen at one moment, saved as files that all processes of a machine map.

The row in the database says which epoch is current; its files lie in a folder that is written
beside and renamed. Without them, or on another machine, anybody makes them from the database.
"""

from __future__ import annotations

import fcntl
import json
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.utils import timezone

from matching import encodings, engine
from matching.encodings import words
from matching.lessons import demands_of
from matching.models import Epoch
from matching.records import findable
from needs.models import Need
from technologies.models import Technology

ABOUT, PART = "about.json", ".part"
KEPT = 2  # epochs: a process may be about to open the one before
MANY = 100  # needs, with their terms, on the way to the builder
SMALL = 2_000  # records: fewer are built at once here, a process costs half a second
Tick = Callable[[], None]


class Parts(NamedTuple):
    """What an epoch consists of, and when its records were read."""

    started: datetime
    size: int
    catalogue: engine.Catalogue
    board: engine.Board
    asked: engine.Catalogue


def latest() -> Epoch | None:
    return Epoch.objects.order_by("-pk").first()


def open_files(epoch: Epoch) -> Parts:
    """Map the files of an epoch; raises SnapshotError when there are none that fit."""
    path = _folder_of(epoch.name)
    try:
        about = json.loads((path / ABOUT).read_text())
    except (OSError, ValueError) as error:
        raise engine.SnapshotError(f"{path}: {error}") from error
    said = words()
    catalogue = engine.Catalogue.open(
        path / "technologies", fetch=supplies, parents=said.parents, glossary=said.glossary
    )
    board = engine.Board.open(path / "needs", catalogue.context, fetch=demands)
    asked = engine.Catalogue.open(path / "asked", fetch=_nobody, glossary=said.glossary)
    return Parts(datetime.fromisoformat(about["started"]), about["size"], catalogue, board, asked)


def make(since: datetime | None, *, tick: Tick, anew: bool = False) -> tuple[Epoch, Parts]:
    """The current epoch on this machine, made if its files are missing; a new one if it is older
    than ``since``. One process of a machine makes, others wait for it.
    """
    with _alone(tick):
        epoch = latest()
        good = epoch is not None and not anew and (since is None or epoch.started_at >= since)
        if epoch is not None and good:
            try:
                return epoch, open_files(epoch)
            except engine.SnapshotError:
                _build(_folder_of(epoch.name), tick)
        else:
            encodings.forget()
            epoch = Epoch(name=secrets.token_hex(8), started_at=timezone.now())
            _build(_folder_of(epoch.name), tick)
            epoch.save()
            _tidy()
        return epoch, open_files(epoch)


def _build(path: Path, tick: Tick) -> None:
    """Read the database, write the files beside, rename the folder."""
    started, said = timezone.now(), words()
    technologies, needs = Technology.objects.published(), Need.objects.published()
    size = technologies.count() + needs.count()
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}{PART}")  # not of one who died
    apart = size > SMALL
    with engine.begin_building(said.parents, said.glossary, apart=apart, tick=tick) as building:
        held = engine.read_technologies(encodings.every(tick), building, said.parents)
        for demands in _demands(tick):
            building.needs([engine.read_need(d, findable(d), said.glossary) for d in demands])
            held += len(demands)
        building.save(beside / "needs", beside / "asked", beside / "technologies")
    about = {"started": started.isoformat(), "size": held}
    (beside / ABOUT).write_text(json.dumps(about))
    shutil.rmtree(path, ignore_errors=True)
    beside.rename(path)


def _demands(tick: Tick) -> Iterator[list[engine.Demand]]:
    today = timezone.localdate()
    ids = list(Need.objects.published().order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), MANY):
        rows = Need.objects.published().filter(pk__in=ids[start : start + MANY]).for_page()
        yield demands_of(list(rows.order_by("pk")), today)
        tick()


def supplies(ids: Iterable[int]) -> dict[int, engine.Supply]:
    """The records of public technologies, for explanations."""
    return encodings.records(ids)


def demands(ids: Iterable[int]) -> dict[int, engine.Demand]:
    """The records of public needs, for explanations."""
    rows = Need.objects.published().filter(pk__in=list(ids)).for_page()
    return {demand.id: demand for demand in demands_of(list(rows), timezone.localdate())}


def _nobody(ids: Iterable[int]) -> dict[int, engine.Supply]:
    """The search box explains nothing."""
    return {}


def folder() -> Path:
    """Of this machine and database."""
    held = connection.settings_dict
    place = f"{held['HOST']} {held['PORT']} {held['NAME']}"
    return Path(settings.DATA_DIR) / "index" / sha256(place.encode()).hexdigest()[:12]


def _folder_of(name: str) -> Path:
    return folder() / f"{name}-{encodings.form()}"


@contextmanager
def _alone(tick: Tick) -> Iterator[None]:
    """Held by one process of the machine; freed by the system when it dies."""
    folder().mkdir(parents=True, exist_ok=True)
    with (folder() / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        tick()
        yield


def _tidy() -> None:
    """Away with epochs before the last two, and with what dead processes left."""
    kept = list(Epoch.objects.order_by("-pk").values_list("pk", "name")[:KEPT])
    Epoch.objects.filter(pk__lt=min(pk for pk, _name in kept)).delete()
    names = {name for _pk, name in kept}
    for path in folder().iterdir():
        old = path.suffix == PART or path.name.partition("-")[0] not in names
        if path.is_dir() and old:
            shutil.rmtree(path, ignore_errors=True)
