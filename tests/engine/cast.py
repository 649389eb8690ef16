"""Needs and technologies for the engine's tests, as people write them, and strategies for more."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from matching.engine import (
    EVIDENCE_LEVELS,
    Demand,
    Price,
    Quantity,
    Scale,
    Supply,
    Text,
)

PARENTS = {
    "topic:buildings.cooling": "field:buildings",
    "topic:buildings.insulation": "field:buildings",
    "topic:water.leakage": "field:water",
}
CODES = [*PARENTS, "field:buildings", "field:water", "sdg:7", "sdg:11"]
COUNTRIES = ["FR", "DE", "CN", "MA", "BR"]
OFFER_TERMS = ["sale", "pilot", "service", "licence_exclusive"]
WORDS = [
    "roof",
    "coating",
    "heat",
    "cool",
    "leak",
    "pipe",
    "water",
    "sensor",
    "paint",
    "school",
    "屋顶",
    "降温",
    "toit",
    "froid",
]

COOL_ROOF = {
    "title": "Passive radiative roof coating",
    "description": "A white water-based coating that reflects sunlight and radiates heat to the "
    "sky. Applied by roller or spray on concrete and metal roofs, it lowers the roof temperature "
    "and cuts the cooling load. Used on schools and hospitals; peak electricity demand for air "
    "conditioning fell by 34 % in a school.",
}
HOT_SCHOOLS = {
    "title": "Cool roofs for public schools",
    "problem": "Our schools overheat from May to October and the air conditioning pushes the grid "
    "to its limit. We look for a roof coating or membrane that keeps the buildings cooler and cuts "
    "peak electricity demand, without rebuilding the concrete and metal roofs.",
}
OTHERS = [
    (
        "Acoustic leak location",
        (
            "Sensors in valve chambers listen to the noise of leaks in water pipes at night "
            "and locate them by correlation, without excavation."
        ),
    ),
    (
        "Containerised anaerobic digestion",
        (
            "A modular digester turns food waste and market residues into biogas and compost "
            "on site, closed and with a biofilter against odour."
        ),
    ),
    (
        "Battery-buffered charging hub",
        (
            "A charging system for depots of electric buses with a second-life battery, so "
            "that the grid connection need not be reinforced."
        ),
    ),
    (
        "Permeable clay paving",
        (
            "Paving blocks that let rain water through and store stormwater, reducing runoff "
            "from streets and the load on combined sewers."
        ),
    ),
    (
        "Ammonia-based aeration control",
        (
            "Software and sensors control the blowers of activated sludge plants and cut the "
            "electricity for aeration while nitrogen limits are met."
        ),
    ),
    (
        "Shared cargo bikes",
        (
            "A fleet of electric cargo bikes with lockers for last-mile deliveries in city "
            "centres and a booking platform."
        ),
    ),
]


def supply(number: int = 1, language: str = "en", **given: Any) -> Supply:
    """A technology from its texts (`title=`, `description=`) and facts."""
    texts = [k for k in given if k in ("title", "summary", "description", "problem")]
    fields = tuple(Text(language, field, given.pop(field)) for field in texts)
    given.setdefault("provider", number)
    return Supply(id=number, language=language, texts=given.pop("texts", fields), **given)


def demand(number: int = 1, language: str = "en", **given: Any) -> Demand:
    """A need from its texts (`title=`, `problem=`) and what it asks."""
    texts = [k for k in given if k in ("title", "summary", "problem", "constraints")]
    fields = tuple(Text(language, field, given.pop(field)) for field in texts)
    given.setdefault("city", 1)
    return Demand(id=number, language=language, texts=given.pop("texts", fields), **given)


def market() -> list[Supply]:
    """A small catalogue; the cool roof is number 1."""
    rest = [supply(n, title=t, description=d) for n, (t, d) in enumerate(OTHERS, 2)]
    return [supply(1, **COOL_ROOF), *rest]


FACTS: dict[str, Any] = {
    "concepts": frozenset({"topic:buildings.cooling"}),
    "benefits": (Quantity("peak_power_reduction", 34, "%", "verified"),),
    "deployed_in": frozenset({"FR"}),
    "available_in": frozenset({"CN"}),
    "price": Price(5, 6, "EUR", "m2"),
    "trl_low": 8,
    "trl_high": 9,
    "terms": frozenset({"sale"}),
    "lead_time_weeks": 6.0,
    "evidence": "verified",
}
ASKS: dict[str, Any] = {
    "concepts": frozenset({"topic:buildings.cooling"}),
    "targets": (Quantity("peak_power_reduction", 30, "%"),),
    "country": "CN",
    "budget": Price(None, 100, "CNY", "m2"),
    "scale": Scale(186_000, "m2"),
    "trl_min": 8,
    "evidence_min": "documented",
    "terms": frozenset({"sale"}),
    "weeks_to_decision": 8.5,
}


def _sets(values: list[str], most: int = 3) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), max_size=most)


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


_NUMBER = st.floats(0, 200) | st.sampled_from([float("nan"), float("inf"), -1.0, 0.0, 30.0])
_QUANTITIES = st.lists(
    st.builds(
        Quantity,
        st.sampled_from(["energy_saving", "payback", "power", "own_metric"]),
        _NUMBER,
        st.sampled_from(["%", "kW", "MW", "yr", "mo"]),
        st.sampled_from(EVIDENCE_LEVELS),
    ),
    max_size=4,
).map(tuple)
_PRICES = st.builds(
    Price,
    _maybe(_NUMBER),
    _maybe(_NUMBER),
    st.sampled_from(["EUR", "CNY", "XXX"]),
    st.sampled_from(["m2", "project", "unit", "kW"]),
)
_SENTENCES = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)


def _texts(fields: list[str]) -> st.SearchStrategy[tuple[Text, ...]]:
    one = st.builds(
        Text, st.sampled_from(["en", "fr", "zh-hans"]), st.sampled_from(fields), _SENTENCES
    )
    return st.lists(one, max_size=3).map(tuple)


def supplies(number: int = 1) -> st.SearchStrategy[Supply]:
    """Any technology, with any facts missing or odd."""
    return st.builds(
        Supply,
        id=st.just(number),
        provider=st.integers(1, 3),
        language=st.just("en"),
        texts=_texts(["title", "description"]),
        concepts=_sets(CODES),
        benefits=_QUANTITIES,
        developed_in=st.sampled_from(["", *COUNTRIES]),
        deployed_in=_sets(COUNTRIES),
        available_in=_sets([*COUNTRIES, "*"]),
        price=_maybe(_PRICES),
        trl_low=_maybe(st.integers(1, 9)),
        trl_high=_maybe(st.integers(1, 9)),
        terms=_sets(OFFER_TERMS),
        lead_time_weeks=_maybe(_NUMBER),
        evidence=_maybe(st.sampled_from(EVIDENCE_LEVELS)),
        sites=st.integers(0, 3),
    )


_MUST = ["readiness", "place", "terms", "evidence", "cost", "timing", "performance"]


def demands(number: int = 1, must: bool = False) -> st.SearchStrategy[Demand]:
    """Any need, with anything asked or not."""
    return st.builds(
        Demand,
        id=st.just(number),
        city=st.integers(1, 3),
        language=st.just("en"),
        texts=_texts(["title", "problem"]),
        concepts=_sets(CODES),
        targets=_QUANTITIES,
        country=st.sampled_from(["", *COUNTRIES]),
        budget=_maybe(_PRICES),
        scale=_maybe(st.builds(Scale, _NUMBER, st.sampled_from(["m2", "ha", "households", "kW"]))),
        trl_min=_maybe(st.integers(1, 9)),
        evidence_min=_maybe(st.sampled_from(EVIDENCE_LEVELS)),
        terms=_sets(OFFER_TERMS),
        weeks_to_decision=_maybe(_NUMBER),
        must=_sets(_MUST) if must else st.just(frozenset()),
    )
