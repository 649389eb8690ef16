"""Database rows as the plain records that the engine reads."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from common.languages import CODES
from listings.models import Listing
from matching import engine
from needs.models import Need
from technologies.models import Technology

SUPPLY_FIELDS = {"problem_solved": "problem"}


def supply_of(technology: Technology) -> engine.Supply:
    """Needs the relations of ``for_page()``."""
    benefits = tuple(
        engine.Quantity(metric=b.metric, value=b.value, unit=b.unit, evidence=b.evidence)
        for b in technology.benefits.all()
    )
    return engine.Supply(
        id=technology.pk,
        provider=technology.organisation_id,
        language=technology.source_language,
        texts=texts_of(technology),
        concepts=concepts_of(technology),
        benefits=benefits,
        developed_in=technology.developed_in or "",
        deployed_in=frozenset(technology.deployed_in)
        | {site.country for site in technology.sites.all()},
        available_in=frozenset(technology.available_in),
        price=_price(
            technology.cost_low,
            technology.cost_high,
            technology.cost_currency,
            technology.cost_unit,
        ),
        trl_low=technology.trl_low,
        trl_high=technology.trl_high,
        terms=frozenset(technology.terms),
        lead_time_weeks=technology.lead_time_weeks,
        evidence=technology.best_evidence or None,
        sites=len(technology.sites.all()),
    )


def demand_of(need: Need, today: date) -> engine.Demand:
    """Needs the relations of ``for_page()``."""
    targets = tuple(
        engine.Quantity(metric=t.metric, value=t.value, unit=t.unit) for t in need.targets.all()
    )
    scale = (
        engine.Scale(need.scale_value, need.scale_unit)
        if need.scale_value and need.scale_unit
        else None
    )
    return engine.Demand(
        id=need.pk,
        city=need.organisation_id,
        language=need.source_language,
        texts=texts_of(need),
        concepts=concepts_of(need),
        targets=targets,
        country=need.country,
        subdivision=need.subdivision,
        budget=_price(need.budget_low, need.budget_high, need.budget_currency, need.budget_unit),
        scale=scale,
        trl_min=need.trl_min,
        evidence_min=need.evidence_min or None,
        terms=frozenset(need.terms),
        weeks_to_decision=_weeks(need.decision_by, today),
        must=frozenset(need.must),
        capacity=need.capacity,
    )


def findable(demand: engine.Demand) -> engine.Supply:
    """A need as the search box sees it: texts alone."""
    return engine.Supply(
        id=demand.id,
        provider=demand.city,
        language=demand.language,
        texts=demand.texts,
        concepts=demand.concepts,
    )


def texts_of(listing: Listing) -> tuple[engine.Text, ...]:
    """Every text in every language it has been written in."""
    return tuple(
        engine.Text(language, SUPPLY_FIELDS.get(field, field), text)
        for field in listing.TEXT_FIELDS
        for language in CODES
        if (text := listing.said(field, language))
    )


def concepts_of(listing: Listing) -> frozenset[str]:
    """Concept keys with the field of each topic, so that neighbours meet."""
    keys = set()
    for concept in listing.concepts.all():  # type: ignore[attr-defined]
        keys.add(concept.key)
        if concept.scheme == "topic" and "." in concept.code:
            keys.add(f"field:{concept.code.split('.')[0]}")
    return frozenset(keys)


def _price(
    low: Decimal | None, high: Decimal | None, currency: str, unit: str
) -> engine.Price | None:
    if (low is None and high is None) or not currency or not unit:
        return None
    return engine.Price(
        low=float(low) if low is not None else None,
        high=float(high) if high is not None else None,
        currency=currency,
        unit=unit,
    )


def _weeks(day: date | None, today: date) -> float | None:
    return (day - today).days / 7 if day else None
