"""Why a pair has its score: the terms both sides share, what is missing, what would raise it.

The dot product of the texts is a sum over terms, so each term's product is its share of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import fsum
from typing import NamedTuple

from .criteria import Numbers
from .packs import GLOSSED
from .pivot import PIVOT, Glossary
from .records import CRITERIA, Demand, Supply, Text
from .score import (
    Pair,
    Raise,
    Scored,
    SharedTerm,
    concepts_of,
    foreign,
    purpose_of,
    score_of,
    verdicts,
    weigh,
    weights_for,
)
from .statistics import Offer, is_phrase
from .steps import levels
from .text import GRAMMAR_HAN, base_language, han_terms, is_han, words
from .vectors import Context, Query

SHOWN = 5
LONGEST_HAN = 8


class Spelling(NamedTuple):
    """How a record writes its terms: by language and term, and its runs of Han characters."""

    written: Mapping[str, Mapping[str, str]]
    han: str


def spelling(texts: Iterable[Text], glossary: Glossary | None) -> Spelling:
    """For every term of a record, the words it was made of, as written there first."""
    found: dict[str, dict[str, str]] = {}
    runs: list[str] = []
    for text in texts:
        language = base_language(text.language)
        known = found.setdefault(language, {})
        sequence: list[str] = []
        written: list[str] = []
        for term, surface in _written(text.text, language, known, runs):
            sequence.append(term)
            written.append(surface)
        if glossary is not None:
            for start, length, pivot in glossary.spans(sequence, language):
                known.setdefault(pivot, _join(written[start : start + length]))
            for start, length, term, _ in glossary.glosses(sequence, language):
                surface = _join(written[start : start + length])
                known.setdefault(term, surface)
                known.setdefault(term[1:], surface)
    return Spelling(found, "\n".join(runs))


def _written(
    text: str, language: str, known: dict[str, str], runs: list[str]
) -> Iterator[tuple[str, str]]:
    """Units with their surface; fills `known` with the terms and `runs` on the way."""
    for word in words(text, language):
        if not word.han:
            known.setdefault(word.term, word.surface)
            yield word.term, word.surface
            continue
        runs.append(word.term)
        for term in han_terms(word.term):
            known.setdefault(term, term)
        yield from ((character, character) for character in word.term)


def _join(pieces: Sequence[str]) -> str:
    return "".join(pieces) if pieces and is_han(pieces[0]) else " ".join(pieces)


def _word(term: str, spelled: Spelling, language: str) -> str:
    """How a record writes a term, in `language` if it can; "" for a pivot it has no words for."""
    if term[0] == GLOSSED and not any(term in known for known in spelled.written.values()):
        term = term[1:]  # the record is in English
    own = spelled.written.get(language, {}).get(term)
    if own is not None:
        return own
    held = (known[term] for known in spelled.written.values() if term in known)
    return next(held, "" if term[0] == PIVOT else term)


class _Shown(NamedTuple):
    term: str
    demand_word: str
    supply_word: str
    value: float


def _own(term: str, spelled: Spelling) -> bool:
    """Does the record say this itself, or has the need learned it from answers?"""
    terms = (term, term[1:]) if term[0] == GLOSSED else (term,)
    return any(t in known for known in spelled.written.values() for t in terms)


def _tells(term: str, context: Context) -> bool:
    """Does a term tell a reader something by itself?"""
    if not is_han(term):
        return len(term) > 1 and not (is_phrase(term) or term[0].isdigit())
    return len(term) == 2 and not set(term) & GRAMMAR_HAN and context.cohesive(term)


def _grown(pair: str, pairs: Mapping[str, float], texts: Sequence[str]) -> str:
    """The longest word around two Han characters that every text writes, made of `pairs`."""
    word = pair
    while len(word) < LONGEST_HAN:
        longer = [(value, word + p[1]) for p, value in pairs.items() if p[0] == word[-1]]
        longer += [(value, p[0] + word) for p, value in pairs.items() if p[1] == word[0]]
        longer = [item for item in longer if all(item[1] in text for text in texts)]
        if not longer:
            break
        word = max(longer)[1]
    return word


def _strongest(
    values: Mapping[str, float], context: Context, asked: Spelling, offered: Spelling, language: str
) -> list[_Shown]:
    """The five strongest terms that tell something, Han pairs joined to words as written."""
    ranked = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    pairs = {t: value for t, value in ranked if is_han(t) and _tells(t, context)}
    texts = (asked.han, offered.han) if offered is not asked else (asked.han,)
    chosen: list[_Shown] = []
    claimed: set[str] = set()
    for term, value in ranked:
        if term not in pairs and not _tells(term, context):
            continue
        if term in pairs:
            wide = _grown(term, pairs, texts)
            shown = _Shown(term, wide, wide, 0.0)
            parts = [part for part in dict.fromkeys(han_terms(wide)) if part not in claimed]
            shown = shown._replace(value=fsum(values.get(part, 0.0) for part in parts))
        else:
            parts = [term]
            shown = _Shown(
                term, _word(term, asked, language), _word(term, offered, language), value
            )
        if shown.demand_word and shown.supply_word and not _repeats(shown, chosen):
            claimed.update(parts)
            chosen.append(shown)
        if len(chosen) == SHOWN:
            break
    return sorted(chosen, key=lambda shown: -shown.value)


def _repeats(shown: _Shown, chosen: Iterable[_Shown]) -> bool:
    """Is a word shown already, or (Han) part of one, or the other way round?"""
    word = shown.demand_word
    for other in chosen:
        if (word, shown.supply_word) == (other.demand_word, other.supply_word):
            return True
        if is_han(word) and (word in other.demand_word or other.demand_word in word):
            return True
    return False


def shared_terms(
    query: Query, offer: Offer, context: Context, asked: Spelling, offered: Spelling
) -> tuple[tuple[SharedTerm, ...], tuple[str, ...]]:
    """(the five strongest shared terms, the five strongest words of the need not covered)."""
    impacts = dict(zip(offer.vector.ids.tolist(), levels(offer.vector).tolist(), strict=True))
    asked = _heard(query, offer, context, asked)
    products: dict[str, float] = {}
    lacking: dict[str, float] = {}
    whole = 0.0
    for number, weight in weights_for(query, offer):
        term = context.statistics.word(number)
        if number in impacts:
            whole += weight * impacts[number]
        if _own(term, asked) or is_phrase(term):
            if number in impacts:
                products[term] = weight * impacts[number]
            else:
                lacking[term] = weight
    language = query.language
    shared = tuple(
        SharedTerm(
            shown.demand_word if shown.term[0] in (PIVOT, GLOSSED) else shown.term,
            shown.demand_word,
            shown.supply_word,
            shown.value / (whole or 1.0),
        )
        for shown in _strongest(products, context, asked, offered, language)
    )
    covered = {_word(term, asked, language) for term in products}
    absent = _strongest(lacking, context, asked, asked, language)
    words = dict.fromkeys(shown.demand_word for shown in absent)
    return shared, tuple(word for word in words if word not in covered)


def _heard(query: Query, offer: Offer, context: Context, asked: Spelling) -> Spelling:
    """With the words that stand for one of the need by sound or beginning, as it writes that."""
    held, language = context.statistics, query.language
    alike = held.kin if foreign(query, offer) else held.relatives
    own = asked.written.get(language, {})
    found = {
        word: surface
        for term, surface in own.items()
        if term[0] not in (PIVOT, GLOSSED) and not is_phrase(term)
        for word, _ in alike(term, language)
    }
    return asked._replace(written={**asked.written, language: {**found, **own}})


def raises(demand: Demand, supply: Supply, pair: Pair, context: Context) -> tuple[Raise, ...]:
    """The two changes to the facts that would raise the score most; none that changes nothing."""
    policy = context.policy.for_need(demand)
    fits = [finding.fit for finding in pair.found]
    now = score_of(pair.x, fits, policy)
    made: list[Raise] = []
    for index, finding in enumerate(pair.found):
        if finding.fit >= 1 or finding.key.endswith("_not_asked"):
            continue
        then = score_of(pair.x, [*fits[:index], 1.0, *fits[index + 1 :]], policy)
        criterion = CRITERIA[index + 1]
        change = "stated" if finding.key.endswith("_unknown") else "met"
        made.append(Raise(criterion, f"{criterion}_if_{change}", then, finding.numbers))
    wanted = concepts_of(demand.concepts, context).topics
    if wanted and not concepts_of(supply.concepts, context).topics:
        x = purpose_of(pair.text, (1, len(wanted), 1, 1, 0))
        numbers: Numbers = {"topics": ",".join(sorted(wanted))}
        made.append(Raise("purpose", "purpose_if_stated", score_of(x, fits, policy), numbers))
    made = [change for change in made if change.score > now]
    return tuple(sorted(made, key=lambda change: (-change.score, change.criterion))[:2])


def explain(
    demand: Demand,
    supply: Supply,
    context: Context,
    queries: Iterable[Query],
    offer: Offer,
    asked: Spelling,
    offered: Spelling,
) -> Scored:
    """A pair with its score and every reason."""
    pair = weigh(demand, queries, supply, offer, context)
    terms: tuple[SharedTerm, ...] = ()
    missing: tuple[str, ...] = ()
    if pair.query is not None:
        terms, missing = shared_terms(pair.query, offer, context, asked, offered)
    policy = context.policy.for_need(demand)
    return Scored(
        demand_id=demand.id,
        supply_id=supply.id,
        score=score_of(pair.x, [finding.fit for finding in pair.found], policy),
        verdicts=verdicts(pair, policy),
        terms=terms,
        missing=missing,
        raises=raises(demand, supply, pair, context),
    )


def score_alone(demand: Demand, supply: Supply, context: Context) -> float:
    """The score of `score_pair` without its reasons."""
    offer = context.offer(context.read_supply(supply))
    pair = weigh(demand, context.queries(demand), supply, offer, context)
    fits = [finding.fit for finding in pair.found]
    return score_of(pair.x, fits, context.policy.for_need(demand))


def score_pair(demand: Demand, supply: Supply, context: Context) -> Scored:
    """The score of one pair, the same as in either direction; hard conditions do not hide it."""
    offer = context.offer(context.read_supply(supply))
    return explain(
        demand,
        supply,
        context,
        context.queries(demand),
        offer,
        spelling(demand.texts, context.glossary),
        spelling(supply.texts, context.glossary),
    )
