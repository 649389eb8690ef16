"""Needs from import rows: checked column by column, then written in bulk."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from accounts.models import User
from common.choices import Evidence, Metric, PriceUnit, ScaleUnit, Term, Unit
from common.languages import CODES
from listings.importing import Row, concept_keys, publish_columns, set_texts
from needs.choices import Must, Procurement
from needs.models import Need, Target
from partners.models import Organisation

TEXTS = {
    "title": ("title", 300),
    "summary": ("summary", 600),
    "problem": ("text", 20000),
    "baseline": ("baseline", 3000),
    "target": ("target", 3000),
    "constraints": ("constraints", 3000),
}


@dataclass
class Draft:
    """A need that is not stored yet, with what belongs to it."""

    need: Need
    concept_keys: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)


def read(row: Row, *, organisation: Organisation, concepts: dict[str, int], at: datetime) -> Draft:
    """The need of one row; what is wrong with it is in ``row.problems``."""
    scale = row.part("scale")
    need = Need(
        organisation=organisation,
        external_id=row.text("id", 120, required=True),
        source_language=row.cells.get("lang") or "en",
        country=row.country("country") or organisation.country,
        subdivision=row.text("subdivision", 8),
        place=row.text("place", 120) or organisation.place,
        unlocode=row.text("unlocode", 5),
        latitude=row.number("lat", least=-90, most=90),
        longitude=row.number("lon", least=-180, most=180),
        scale_value=row.number("value", where=scale),
        scale_unit=row.choice("unit", ScaleUnit.values, where=scale),
        procurement=row.choice("procurement", Procurement.values),
        terms=row.codes("terms", Term.values),
        trl_min=row.whole("trl_min", least=1, most=9),
        evidence_min=row.choice("evidence_min", Evidence.values),
        must=row.codes("must", Must.values),
        team_languages=row.codes("languages", CODES),
        capacity=row.whole("capacity", least=1, most=20) or 5,
        source=row.text("source", 200),
        source_url=row.text("url", 500),
        source_licence=row.text("licence", 120),
    )
    set_texts(row, need, TEXTS)
    need.decision_by = _decision(row, at)
    for name, value in row.price("budget", PriceUnit.values).items():
        setattr(need, f"budget_{name}", value)
    return Draft(need, concept_keys(row, concepts), _targets(row, need))


def _decision(row: Row, at: datetime) -> date | None:
    """The day given, or that many days from the import."""
    days = row.number("decision_in_days", least=0, most=3650)
    return row.day("decision_by") or (
        at.date() + timedelta(days=days) if days is not None else None
    )


def _targets(row: Row, need: Need) -> list[Target]:
    return [
        Target(
            need=need,
            metric=row.choice("metric", Metric.values, where=cell, required=True),
            value=row.number("value", where=cell, least=-1e12) or 0,
            unit=row.choice("unit", Unit.values, where=cell, required=True),
        )
        for cell in row.parts("targets")
    ]


def store(
    drafts: Iterable[Draft], *, by: User, at: datetime, concepts: dict[str, int]
) -> list[int]:
    """Write drafts as published; in the caller's transaction. The primary keys."""
    rows = list(drafts)
    for draft in rows:
        publish_columns(draft.need, by=by, at=at)
    Need.objects.bulk_create([draft.need for draft in rows], batch_size=200)
    targets, links = [], []
    for draft in rows:
        for target in draft.targets:
            target.need_id = draft.need.pk
            targets.append(target)
        links += [
            Need.concepts.through(need_id=draft.need.pk, concept_id=concepts[key])
            for key in draft.concept_keys
        ]
    Target.objects.bulk_create(targets, batch_size=500)
    Need.concepts.through.objects.bulk_create(links, batch_size=1000)
    return [draft.need.pk for draft in rows]


def known(organisation: Organisation, ids: Iterable[str]) -> dict[str, int]:
    """External ids that are stored already, with their primary keys."""
    rows = Need.objects.filter(organisation=organisation, external_id__in=list(ids))
    return dict(rows.values_list("external_id", "pk"))
