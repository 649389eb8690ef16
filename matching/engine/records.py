"""What the engine is told: supplies (technologies) and demands (needs) as immutable records."""

from __future__ import annotations

from dataclasses import dataclass

SUPPLY_FIELDS = ("title", "summary", "description", "problem", "difference", "economic_case")
DEMAND_FIELDS = ("title", "summary", "problem", "baseline", "target", "constraints")
EVIDENCE_LEVELS = ("claimed", "documented", "verified")
CRITERIA = (
    "purpose",
    "performance",
    "place",
    "cost",
    "readiness",
    "terms",
    "timing",
    "evidence",
)
WORLDWIDE = "*"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A benefit offered or a target asked: `value` in `unit`, one of those units.py lists."""

    metric: str
    value: float
    unit: str
    evidence: str = "claimed"


@dataclass(frozen=True, slots=True)
class Price:
    """A price or budget band in `currency` (ISO 4217) per `unit`; `project` is all of it."""

    low: float | None
    high: float | None
    currency: str
    unit: str


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of it a need is about, e.g. 186,000 m2."""

    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Text:
    """One field of a record in one language (`en`, `zh-hans`, `fr`, `es`, `ru`, `ar`)."""

    language: str
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Supply:
    """A technology on offer. Empty sets, empty strings and None mean: not known.

    `concepts` are codes `scheme:code`; countries are ISO 3166-1 alpha-2; TRL is 1 to 9.
    """

    id: int
    provider: int
    language: str
    texts: tuple[Text, ...]
    concepts: frozenset[str] = frozenset()
    benefits: tuple[Quantity, ...] = ()
    developed_in: str = ""
    deployed_in: frozenset[str] = frozenset()
    available_in: frozenset[str] = frozenset()
    price: Price | None = None
    trl_low: int | None = None
    trl_high: int | None = None
    terms: frozenset[str] = frozenset()
    lead_time_weeks: float | None = None
    evidence: str | None = None
    sites: int = 0


@dataclass(frozen=True, slots=True)
class Demand:
    """A need of a city. Empty sets, empty strings and None mean: not asked.

    `must` names criteria that are hard conditions: a supply known to fall short is excluded.
    What answers taught: `emphasis` multiplies the weights of criteria for this need alone; its text
    moves towards `liked` and away from `disliked` technologies (feedback.py).
    """

    id: int
    city: int
    language: str
    texts: tuple[Text, ...]
    concepts: frozenset[str] = frozenset()
    targets: tuple[Quantity, ...] = ()
    country: str = ""
    subdivision: str = ""
    budget: Price | None = None
    scale: Scale | None = None
    trl_min: int | None = None
    evidence_min: str | None = None
    terms: frozenset[str] = frozenset()
    weeks_to_decision: float | None = None
    must: frozenset[str] = frozenset()
    capacity: int = 5
    emphasis: tuple[tuple[str, float], ...] = ()
    liked: tuple[Supply, ...] = ()
    disliked: tuple[Supply, ...] = ()
