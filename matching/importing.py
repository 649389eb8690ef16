"""A folder of technologies and needs, imported as records of one organisation and put up for
matching.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actions import record
from accounts.models import User
from listings.importing import Problem, Row, read
from matching.choices import Effect, Side
from matching.models import Change
from matching.work import ask
from needs import importing as needs
from partners.models import Organisation
from technologies import importing as technologies
from vocabulary.models import Concept

BATCH = 500
Progress = Callable[[int], None]


@dataclass
class Report:
    """What an import did."""

    technologies: int = 0
    needs: int = 0
    known: int = 0
    problems: list[Problem] = field(default_factory=list)


class Importer:
    """Reads rows, keeps the good ones, says what is wrong with the others."""

    def __init__(
        self,
        *,
        by: User,
        organisation_of: Callable[[Row], Organisation | None],
        progress: Progress | None = None,
    ) -> None:
        self.by = by
        self.organisation_of = organisation_of
        self.progress = progress or (lambda _lines: None)
        self.at: datetime = timezone.now()
        self.report = Report()
        self.concepts = {
            f"{scheme}:{code}": pk
            for scheme, code, pk in Concept.objects.values_list("scheme", "code", "pk")
        }

    def technologies(self, path: Path) -> None:
        for drafts in self._drafts(path, technologies, lambda d: d.technology):
            with transaction.atomic():
                ids = technologies.store(drafts, by=self.by, at=self.at, concepts=self.concepts)
                Change.objects.bulk_create(
                    [Change(kind=Side.TECHNOLOGY, subject_id=pk) for pk in ids]
                )
            self.report.technologies += len(ids)

    def needs(self, path: Path) -> None:
        for drafts in self._drafts(path, needs, lambda d: d.need):
            with transaction.atomic():
                ids = needs.store(drafts, by=self.by, at=self.at, concepts=self.concepts)
                Change.objects.bulk_create([Change(kind=Side.NEED, subject_id=pk) for pk in ids])
                for pk in ids:
                    ask(Effect.REFRESH_NEED, pk)
            self.report.needs += len(ids)

    def _drafts(
        self, path: Path, app: Any, listing_of: Callable[[Any], Any]
    ) -> Iterator[list[Any]]:
        """Batches of good, new drafts; each external id once."""
        seen: set[tuple[int, str]] = set()
        rows = read(path)
        while batch := list(islice(rows, BATCH)):
            drafts = [draft for row in batch if (draft := self._draft(row, app, listing_of, seen))]
            yield self._new(drafts, app, listing_of)
            self.progress(len(batch))

    def _draft(
        self, row: Row, app: Any, listing_of: Callable[[Any], Any], seen: set[tuple[int, str]]
    ) -> Any:
        organisation = None if row.problems else self.organisation_of(row)
        draft = None
        if organisation is not None:
            extra = {"at": self.at} if app is needs else {}
            draft = app.read(row, organisation=organisation, concepts=self.concepts, **extra)
            key = (organisation.pk, listing_of(draft).external_id)
            if key in seen:
                row.wrong("id", "used twice in this file")
            seen.add(key)
        self.report.problems += row.problems
        return None if row.problems else draft

    def _new(self, drafts: list[Any], app: Any, listing_of: Callable[[Any], Any]) -> list[Any]:
        by_organisation: dict[Organisation, list[str]] = {}
        for draft in drafts:
            listing = listing_of(draft)
            by_organisation.setdefault(listing.organisation, []).append(listing.external_id)
        known = {
            (organisation.pk, external_id)
            for organisation, ids in by_organisation.items()
            for external_id in app.known(organisation, ids)
        }
        self.report.known += len(known)
        return [
            d
            for d in drafts
            if (listing_of(d).organisation_id, listing_of(d).external_id) not in known
        ]


def import_folder(
    folder: Path, *, organisation: Organisation, by: User, progress: Progress | None = None
) -> Report:
    """Import ``technologies.jsonl`` and ``needs.jsonl`` of a folder as records of one
    organisation.
    """
    importer = Importer(by=by, organisation_of=lambda _row: organisation, progress=progress)
    importer.technologies(folder / "technologies.jsonl")
    importer.needs(folder / "needs.jsonl")
    record(
        "import",
        organisation,
        by=by,
        technologies=importer.report.technologies,
        needs=importer.report.needs,
    )
    return importer.report
