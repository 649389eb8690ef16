"""Writing the demonstration data: invented organisations with realistic technologies and needs."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.choices import Role
from accounts.models import User
from common.choices import Status
from common.languages import CODES, column
from demo import accounts
from listings.importing import Row, read
from matching.importing import Importer, Progress, Report
from matching.models import Change
from needs.models import Need
from partners.choices import Kind, OrganisationStatus, Size
from partners.models import Membership, Organisation
from programmes.choices import EventKind, Phase
from programmes.models import Event, Programme
from technologies.models import Technology

DATA = Path(__file__).resolve().parent / "data"
WAITING = 2  # the last records of each file wait in the reviewers' queue


def size() -> int:
    """Lines to read, for a progress bar."""
    return sum(1 for path in DATA.glob("*-?.jsonl") for line in path.open("rb") if line.strip())


def load(progress: Progress | None = None) -> Report:
    """Load everything; records that are known already are left as they are."""
    with transaction.atomic():
        accounts.create({})
        organisations = _organisations()
        accounts.create(organisations)
        importer = Importer(
            by=accounts.administrator(),
            organisation_of=lambda row: _owner(row, organisations),
            progress=progress,
        )
        for path in sorted(DATA.glob("technologies-?.jsonl")):
            importer.technologies(path)
        for path in sorted(DATA.glob("needs-?.jsonl")):
            importer.needs(path)
        _spread(Technology, importer.at)
        _spread(Need, importer.at)
        _queue()
        _programmes(organisations)
    return importer.report


def _owner(row: Row, organisations: dict[str, Organisation]) -> Organisation | None:
    organisation = organisations.get(row.cells.get("organisation", ""))
    if organisation is None:
        row.wrong("organisation", "unknown")
    return organisation


def _rows(name: str) -> Iterator[Row]:
    for path in sorted(DATA.glob(name)):
        yield from read(path)


def _organisations() -> dict[str, Organisation]:
    admin, now = accounts.administrator(), timezone.now()
    found: dict[str, Organisation] = {}
    for row in _rows("organisations-?.jsonl"):
        organisation = _organisation(row)
        if row.problems:
            raise ValueError("; ".join(map(str, row.problems)))
        organisation.applied_at = now - timedelta(days=240)
        organisation.status = OrganisationStatus.APPROVED
        organisation.decided_at, organisation.decided_by = now - timedelta(days=230), admin
        known = Organisation.objects.filter(
            name=organisation.name, country=organisation.country
        ).first()
        if known is None:
            organisation.save()
            _contact(row, organisation)
        found[row.cells["id"]] = known or organisation
    return found


def _organisation(row: Row) -> Organisation:
    contact = row.part("contact")
    organisation = Organisation(
        kind=row.choice("kind", Kind.values),
        name=row.text("name", 160, required=True),
        source_language=row.choice("lang", CODES) or "en",
        country=row.country("country"),
        subdivision=row.text("subdivision", 8),
        place=row.text("place", 120),
        latitude=row.number("lat", least=-90, most=90),
        longitude=row.number("lon", least=-180, most=180),
        founded=row.whole("founded", least=1000, most=2100),
        size=row.choice("size", Size.values),
        website=row.text("website", 200),
        contact_name=row.text("name", 120, where=contact),
        contact_email=row.text("email", 200, where=contact),
        contact_phone=row.text("phone", 40, where=contact),
        charter_accepted=True,
        in_examples=True,
    )
    for language, texts in row.texts({"description": ("description", 3000)}).items():
        setattr(organisation, column("description", language), texts["description"])
    return organisation


def _contact(row: Row, organisation: Organisation) -> None:
    """Each organisation has one person who is written to, and who cannot sign in."""
    email = (organisation.contact_email or f"contact@{row.cells['id']}.example").lower()
    user, _created = User.objects.get_or_create(
        email=email,
        defaults={
            "name": organisation.contact_name,
            "language": organisation.source_language,
            "password": make_password(None),
        },
    )
    Membership.objects.get_or_create(
        organisation=organisation, user=user, defaults={"role": Role.MANAGER}
    )


def _spread(model: Any, at: datetime) -> None:
    """Publication dates over the last months, in a fixed pattern, so that lists look alive."""
    rows = list(model.objects.filter(published_at=at).order_by("pk"))
    for number, row in enumerate(rows):
        days = (number * 37) % 120
        row.created_at = at - timedelta(days=days + 14)
        row.submitted_at = at - timedelta(days=days + 3)
        row.published_at = row.confirmed_at = at - timedelta(days=days, hours=number % 12)
        row.confirm_by = (row.published_at + timedelta(days=180)).date()
    columns = ["created_at", "submitted_at", "published_at", "confirmed_at", "confirm_by"]
    model.objects.bulk_update(rows, columns, batch_size=100)


def _queue() -> None:
    """A few records wait for a reviewer, so that the admin's queue has something in it."""
    for model, kind in ((Technology, "technology"), (Need, "need")):
        latest = list(
            model.objects.filter(status=Status.PUBLISHED)
            .order_by("-pk")
            .values_list("pk", flat=True)
        )
        waiting = latest[:WAITING]
        model.objects.filter(pk__in=waiting).update(
            status=Status.SUBMITTED,
            published_at=None,
            published_by=None,
            confirmed_at=None,
            confirm_by=None,
        )
        Change.objects.bulk_create([Change(kind=kind, subject_id=pk) for pk in waiting])


def _programmes(organisations: dict[str, Organisation]) -> None:
    for row in _rows("programmes.jsonl"):
        owner = organisations.get(row.cells["organisation"])
        if owner is None or Programme.objects.filter(organisation=owner).exists():
            continue
        programme = Programme(
            organisation=owner,
            source_language=row.cells["lang"],
            phase=row.choice("phase", Phase.values),
            starts=row.cells["starts"],
            ends=row.cells["ends"],
            public=True,
        )
        names = {
            "title": ("title", 200),
            "summary": ("summary", 600),
            "description": ("text", 20000),
        }
        for language, texts in row.texts(names).items():
            for name, text in texts.items():
                setattr(programme, column(name, language), text)
        programme.save()
        named = Need.objects.filter(external_id__in=row.cells.get("needs") or [])
        programme.needs.set({*owner.needs.all(), *named})
        _events(programme, row)


def _events(programme: Programme, row: Row) -> None:
    for cell in row.parts("events"):
        event = Event(
            programme=programme,
            date=cell["date"],
            place=cell.get("place", ""),
            kind=row.choice("kind", EventKind.values, where=cell),
        )
        for language, title in cell["title"].items():
            setattr(event, column("title", language), title)
        event.save()
