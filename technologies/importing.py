"""Technologies from import rows: checked column by column, then written in bulk."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.models import User
from common.choices import Evidence, Metric, PriceUnit, Term, Unit
from common.countries import iso_country
from listings.importing import Row, concept_keys, publish_columns, set_texts
from partners.models import Organisation
from technologies.choices import Complexity, Maturity, RightKind, RightStatus, Type
from technologies.models import Benefit, Right, Site, Technology

TEXTS = {
    "title": ("title", 300),
    "summary": ("summary", 600),
    "description": ("text", 20000),
    "problem_solved": ("problem", 3000),
    "difference": ("difference", 3000),
    "economic_case": ("economic_case", 3000),
}


@dataclass
class Draft:
    """A technology that is not stored yet, with what belongs to it."""

    technology: Technology
    concept_keys: list[str] = field(default_factory=list)
    children: list[Benefit | Site | Right] = field(default_factory=list)


def read(row: Row, *, organisation: Organisation, concepts: dict[str, int]) -> Draft:
    """The technology of one row; what is wrong with it is in ``row.problems``."""
    technology = Technology(
        organisation=organisation,
        external_id=row.text("id", 120, required=True),
        source_language=row.cells.get("lang") or "en",
        type=row.choice("type", Type.values),
        maturity=row.choice("maturity", Maturity.values),
        complexity=row.choice("complexity", Complexity.values),
        terms=row.codes("terms", Term.values),
        developed_in=row.country("developed_in") or row.country("country"),
        deployed_in=row.countries("deployed_in"),
        available_in=row.countries("available_in", worldwide=True),
        lead_time_weeks=row.whole("lead_time_weeks", least=0, most=520),
        source=row.text("source", 200),
        source_url=row.text("url", 500),
        source_licence=row.text("licence", 120),
    )
    set_texts(row, technology, TEXTS)
    _readiness(row, technology)
    cost = row.price("cost", PriceUnit.values)
    for name, value in cost.items():
        setattr(technology, f"cost_{name}", value)
    return Draft(technology, concept_keys(row, concepts), _children(row, technology))


def _readiness(row: Row, technology: Technology) -> None:
    levels = row.cells.get("trl")
    if levels is None:
        return
    pair = levels if isinstance(levels, list) and len(levels) == 2 else [levels, levels]
    if all(isinstance(level, int) and 1 <= level <= 9 for level in pair) and pair[0] <= pair[1]:
        technology.trl_low, technology.trl_high = pair
    else:
        row.wrong("trl", "not a level from 1 to 9, or a pair of them")


def _children(row: Row, technology: Technology) -> list[Benefit | Site | Right]:
    children: list[Benefit | Site | Right] = [
        Benefit(
            technology=technology,
            metric=row.choice("metric", Metric.values, where=cell, required=True),
            value=row.number("value", where=cell, least=-1e12) or 0,
            unit=row.choice("unit", Unit.values, where=cell, required=True),
            evidence=row.choice("evidence", Evidence.values, where=cell, default=Evidence.CLAIMED),
            basis=row.text("basis", 300, where=cell),
        )
        for cell in row.parts("benefits")
    ]
    children += [
        Site(
            technology=technology,
            place=row.text("place", 120, where=cell),
            country=iso_country(cell.get("country")),
            year=row.number("year", where=cell, least=1900, most=2100),
            note=row.text("note", 300, where=cell),
        )
        for cell in row.parts("sites")
    ]
    children += [
        Right(
            technology=technology,
            kind=row.choice("kind", RightKind.values, where=cell, required=True),
            number=row.text("number", 60, where=cell),
            office=row.text("office", 20, where=cell),
            status=row.choice("status", RightStatus.values, where=cell),
        )
        for cell in row.parts("ip")
    ]
    return children


def store(
    drafts: Iterable[Draft], *, by: User, at: datetime, concepts: dict[str, int]
) -> list[int]:
    """Write drafts as published; in the caller's transaction. The primary keys."""
    rows = list(drafts)
    for draft in rows:
        publish_columns(draft.technology, by=by, at=at)
    Technology.objects.bulk_create([draft.technology for draft in rows], batch_size=200)
    children: dict[type, list[Any]] = {Benefit: [], Site: [], Right: []}
    links = []
    for draft in rows:
        for child in draft.children:
            child.technology_id = draft.technology.pk
            children[type(child)].append(child)
        links += [
            Technology.concepts.through(technology_id=draft.technology.pk, concept_id=concepts[key])
            for key in dict.fromkeys(draft.concept_keys)
        ]
    for model, found in children.items():
        model._default_manager.bulk_create(found, batch_size=500)  # type: ignore[attr-defined]
    Technology.concepts.through.objects.bulk_create(links, batch_size=1000)
    return [draft.technology.pk for draft in rows]


def known(organisation: Organisation, ids: Iterable[str]) -> dict[str, int]:
    """External ids that are stored already, with their primary keys."""
    rows = Technology.objects.filter(organisation=organisation, external_id__in=list(ids))
    return dict(rows.values_list("external_id", "pk"))
