"""The bundled glossary: complete in six languages, each phrase at home in one place."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from common.languages import CODES
from matching import engine
from matching.index import GLOSSARY

FILES = sorted(GLOSSARY.glob("*.tsv"))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


ROWS = [row for path in FILES for row in rows(path)]


def test_there_are_at_least_two_thousand_terms_with_ids_of_their_own() -> None:
    ids = Counter(row["concept"] for row in ROWS)
    assert len(ids) >= 2000
    assert not [concept for concept, times in ids.items() if times > 1]


@pytest.mark.parametrize("language", CODES)
def test_every_term_is_there_in_every_language(language: str) -> None:
    for row in ROWS:
        phrases = row[language].split("|")
        assert all(phrase.strip() == phrase and phrase for phrase in phrases), row["concept"]
        assert unicodedata.is_normalized("NFC", row[language]), row["concept"]


@pytest.mark.parametrize("language", CODES)
def test_few_phrases_stand_for_two_terms(language: str) -> None:
    phrases = Counter(phrase for row in ROWS for phrase in set(row[language].split("|")))
    shared = [phrase for phrase, times in phrases.items() if times > 1]
    assert len(shared) <= 0.02 * len(phrases), shared


def test_a_chinese_need_meets_a_spanish_offer_through_it() -> None:
    glossary = engine.Glossary.load([GLOSSARY])
    offer = engine.Supply(
        id=1,
        provider=1,
        language="es",
        texts=(engine.Text("es", "title", "Bomba de calor para recuperar calor residual"),),
    )
    other = engine.Supply(
        id=2,
        provider=2,
        language="es",
        texts=(engine.Text("es", "title", "Pavimento permeable para aceras"),),
    )
    demand = engine.Demand(
        id=3, city=3, language="zh-hans", texts=(engine.Text("zh-hans", "title", "热泵余热回收"),)
    )
    found = engine.Catalogue([offer, other], glossary=glossary).ranked(demand)
    assert found[0][0] == offer.id
    assert found[0][1] > 2 * found[1][1]
