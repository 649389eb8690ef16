"""Eight criteria to one score from 0 to 100 whose parts add up to it.

The link is logistic regression (Cox 1958): score = 100·σ(z),
z = intercept + x·(w_purpose + Σ w·fit), where x in 0..1 is how well the purpose fits, so that facts
count only as far as the technology is about the need, and a fit below 0 counts with `miss_cost`.

x comes from evidence: how far the shared words stand above chance (z-scores by language of the
technology: Weinberg 1972 and ENGINE.md, finding 6), and the topics both sides name.

The parts: what brings log-odds shares the score in proportion to what it brings, the purpose after
paying for the intercept: without it there is no match, and it alone must overcome the odds against
one. A miss earns no points; what it costs is missing from everybody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import exp, log, sqrt
from typing import TYPE_CHECKING

from .criteria import Finding, Numbers, State, findings
from .policy import Policy
from .records import CRITERIA, Demand, Supply
from .steps import Version, impacts_of

if TYPE_CHECKING:
    from .encoder import Heard
    from .statistics import Offer
    from .vectors import Context

HALFWAY = 1.14  # evidence at which half of the purpose is met
LEAST_STANDING = -1.0  # below any text: a spread is more than its mean
SOFTNESS = 0.6
SATURATION = 20.0  # evidence that text can bring at the very most
TOPIC_EVIDENCE, FIELD_EVIDENCE, GOAL_EVIDENCE = 2.1, 0.1, 0.05
OTHER_TOPIC = 0.8  # of the text's evidence is left where both name topics and share none
PURPOSE_LEAST = 0.1  # of its weight, that the purpose keeps after paying for the intercept
LEAST_PURPOSE = 0.01  # so that a bar has a length also where the purpose does not fit at all
STRONG, PARTIAL = 0.8, 0.5
RAISE_KEYS = (
    "purpose_if_stated",
    *(f"{criterion}_if_{change}" for criterion in CRITERIA[1:] for change in ("stated", "met")),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One criterion: `points` of the score, of at most `of`; `key` and `numbers` say why."""

    criterion: str
    points: float
    of: float
    state: State
    key: str
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class SharedTerm:
    """A term both sides use, as each writes it, and its share (0..1) of what the texts share."""

    term: str
    demand_word: str
    supply_word: str
    share: float


@dataclass(frozen=True, slots=True)
class Raise:
    """A change that would raise the score, and the score then."""

    criterion: str
    key: str
    score: float
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Scored:
    """A pair with its score (0..100) and the reasons; the points of the verdicts add up to it."""

    demand_id: int
    supply_id: int
    score: float
    verdicts: tuple[Verdict, ...]
    terms: tuple[SharedTerm, ...]
    missing: tuple[str, ...]
    raises: tuple[Raise, ...]


@dataclass(frozen=True, slots=True)
class Shortlist:
    """Best first, with what was left out and why.

    `considered`: all records looked at. `excluded`: how many each hard condition removed, counted
    one by one (who fails two counts twice). `would_fit`: how many a condition alone keeps out whose
    score, with what that miss costs, still reaches `min_score` ("12 more would fit if ...").
    """

    results: list[Scored]
    considered: int
    excluded: dict[str, int]
    would_fit: dict[str, int] = field(default_factory=dict)


def sigmoid(z: float) -> float:
    """1 / (1 + e⁻ᶻ), safe for any z."""
    return 1.0 / (1.0 + exp(-z)) if z >= 0 else exp(z) / (1.0 + exp(z))


def log_odds_at(score: float) -> float:
    """z of a score; minus or plus infinity at the ends."""
    if score <= 0:
        return float("-inf")
    return float("inf") if score >= 100 else log(score / (100.0 - score))


def text_evidence(standing: float) -> float:
    """Above 0, from how many spreads above chance the text stands; about 0 below chance."""
    above = (standing + sqrt(standing * standing + SOFTNESS * SOFTNESS)) / 2.0
    return above / (1.0 + above / SATURATION)


@dataclass(frozen=True, slots=True)
class Concepts:
    """Concept codes by what sharing one says: the same topic, the same field, the same goal."""

    topics: frozenset[str]
    fields: frozenset[str]
    goals: frozenset[str]


def concepts_of(codes: Iterable[str], context: Context) -> Concepts:
    """Topics have a parent (or are in no tree), fields are parents, goals are `sdg:`."""
    topics, fields, goals = set(), set(), set()
    for code in codes:
        if code.startswith("sdg:"):
            goals.add(code)
        elif code in context.roots or code.startswith("field:"):
            fields.add(code)
        else:
            topics.add(code)
            if code in context.parents:
                fields.add(context.parents[code])
    return Concepts(frozenset(topics), frozenset(fields), frozenset(goals))


def concept_fit(
    topics: int, asked: int, given: int, fields: int, goals: int
) -> tuple[float, float]:
    """(what shared concepts add to the evidence, the share of the text's evidence that counts).

    Counts: topics shared, asked and given, fields and goals shared. Topics count by their Jaccard
    index, so that naming the very topic says more than naming many.
    """
    alike = topics / max(asked + given - topics, 1)
    kin = FIELD_EVIDENCE if fields else GOAL_EVIDENCE if goals else 0.0
    apart = not topics and asked and given
    return TOPIC_EVIDENCE * alike + kin, OTHER_TOPIC if apart else 1.0


def purpose_fit(text: float, concept: float, counted: float) -> float:
    """x in 0..1 from evidence of texts and concepts: a log-logistic curve, half at HALFWAY."""
    ratio = (text * counted + concept) / HALFWAY
    powered = ratio * ratio * sqrt(ratio)
    return powered / (powered + 1.0)


@dataclass(frozen=True, slots=True)
class Pair:
    """What the score of a pair is made of: text (impacts of the technology, version of the need,
    dot product, evidence), concepts and facts."""

    impacts: Mapping[int, int]
    query: Version | None
    dot: float
    text: float
    asked: Concepts
    given: Concepts
    x: float
    found: tuple[Finding, ...]
    heard: Heard | None = None

    @property
    def topics(self) -> frozenset[str]:
        """Those that both sides name."""
        return self.asked.topics & self.given.topics

    @property
    def fields(self) -> frozenset[str]:
        """Likewise."""
        return self.asked.fields & self.given.fields


def weigh(
    demand: Demand, queries: Iterable[Version], supply: Supply, offer: Offer, context: Context
) -> Pair:
    """The scalar twin of kernels.py, and what an encoder adds."""
    impacts = impacts_of(offer.vector)
    best: tuple[float, float, Version | None] = (LEAST_STANDING, 0.0, None)
    for query in queries:
        dot = dot_product(weights_for(query, offer), impacts) * query.unit
        standing = stands(query, offer, dot)
        if best[2] is None or standing > best[0]:
            best = (standing, dot, query)
    said = context.meanings.hear(demand, supply) if context.meanings and best[2] else None
    text = text_evidence(said.mixed(best[0]) if said else best[0])
    asked, given = concepts_of(demand.concepts, context), concepts_of(supply.concepts, context)
    topics, fields = len(asked.topics & given.topics), len(asked.fields & given.fields)
    goals = len(asked.goals & given.goals)
    x = purpose_of(text, topics, len(asked.topics), len(given.topics), fields, goals)
    found = findings(demand, supply, context.policy)
    return Pair(impacts, best[2], best[1], text, asked, given, x, found, said)


def purpose_of(text: float, topics: int, asked: int, given: int, fields: int, goals: int) -> float:
    """x of a pair from the evidence of its texts and the counts that `concept_fit` takes."""
    return purpose_fit(text, *concept_fit(topics, asked, given, fields, goals))


def stands(query: Version, offer: Offer, dot: float) -> float:
    """Spreads above chance; of several foreign languages the one where it stands lowest."""
    if not offer.languages:
        return LEAST_STANDING
    languages = offer.languages if foreign(query, offer) else (query.language,)
    chances = [query.chance[language] for language in languages]
    return min((dot - mean) / spread for mean, spread in chances)


def foreign(query: Version, offer: Offer) -> bool:
    """Has the technology no words in the language of this version of the need?"""
    return query.language not in offer.languages


def weights_for(query: Version, offer: Offer) -> Mapping[int, int]:
    """Steps by term number of a need against this technology."""
    return query.away if foreign(query, offer) else query.at_home


def dot_product(weights: Mapping[int, int], impacts: Mapping[int, int]) -> int:
    """Sum of weight times impact over shared terms, in whole steps, so that the order is free."""
    return sum(weights.get(term, 0) * impact for term, impact in impacts.items())


def log_odds(x: float, fits: Iterable[float], policy: Policy) -> float:
    """z of a pair from its purpose and the seven other fits; kernels.log_odds for one."""
    z = policy.intercept + x * policy.weights["purpose"]
    for criterion, fit in zip(CRITERIA[1:], fits, strict=True):
        weight = policy.weights[criterion]
        z = z + x * (weight * policy.miss_cost if fit < 0 else weight) * fit
    return z


def score_of(x: float, fits: Iterable[float], policy: Policy) -> float:
    """The score of a pair from its purpose and the seven other fits."""
    return 100.0 * sigmoid(log_odds(x, fits, policy))


def log_odds_of(pair: Pair, demand: Demand, context: Context) -> float:
    """z of a pair under the policy of a need."""
    policy = context.policy.for_need(demand)
    return log_odds(pair.x, [finding.fit for finding in pair.found], policy)


def gains(x: float, fits: Iterable[float], policy: Policy) -> list[float]:
    """Log-odds each of the eight criteria brings, purpose net of the intercept; a miss none."""
    weights = policy.weights
    brought = zip(CRITERIA[1:], fits, strict=True)
    net = max(weights["purpose"] + policy.intercept, PURPOSE_LEAST * weights["purpose"])
    return [x * net] + [x * weights[c] * max(fit, 0.0) for c, fit in brought]


def points(x: float, fits: list[float], policy: Policy) -> list[float]:
    """The score dealt to the eight criteria, at least 0 each, adding up to the score."""
    score, brought = score_of(x, fits, policy), gains(x, fits, policy)
    whole = sum(brought)
    if whole <= 0:
        return [score] + [0.0] * (len(brought) - 1)
    return [score * part / whole for part in brought]


def purpose_finding(pair: Pair) -> Finding:
    """How well the technology is about the need, from text and concepts."""
    query = pair.query
    numbers: Numbers = {
        "coverage": min(1.0, pair.dot / query.total) if query else 0.0,
        "topics": ",".join(sorted(pair.topics)),
        "fields": ",".join(sorted(pair.fields)),
        "strength": pair.x,
    }
    if pair.heard is not None:
        numbers = {**numbers, "likeness": pair.heard.likeness}
    if pair.x >= STRONG:
        return Finding(pair.x, "fits", "purpose_strong", numbers)
    if pair.x >= PARTIAL:
        return Finding(pair.x, "check", "purpose_partial", numbers)
    if query is None and not pair.fields and not pair.topics:
        return Finding(0.0, "unknown", "purpose_unknown", numbers)
    return Finding(pair.x, "miss", "purpose_weak", numbers)


def verdicts(pair: Pair, policy: Policy) -> tuple[Verdict, ...]:
    """Eight verdicts in the order of records.CRITERIA; `of` is the part with a full fit."""
    fits = [finding.fit for finding in pair.found]
    dealt, x = points(pair.x, fits, policy), max(pair.x, LEAST_PURPOSE)
    full = [points(1.0, fits, policy)[0]]
    for index, fit in enumerate(fits):
        if fit == 1.0 and x == pair.x:
            full.append(dealt[index + 1])
        else:
            met = [*fits[:index], 1.0, *fits[index + 1 :]]
            full.append(points(x, met, policy)[index + 1])
    said = zip(CRITERIA, dealt, full, (purpose_finding(pair), *pair.found), strict=True)
    return tuple(
        Verdict(criterion, part, max(most, part), finding.state, finding.key, finding.numbers)
        for criterion, part, most, finding in said
    )
