"""The vocabulary files: complete, consistent, loaded as often as one likes."""

from __future__ import annotations

import unicodedata

import pytest

from common.languages import CODES
from vocabulary.actions import load, read
from vocabulary.choices import Scheme
from vocabulary.models import Concept

ROWS = list(read())


def test_the_eight_fields_and_some_eighty_topics_are_there() -> None:
    schemes = [scheme for scheme, _position, _row in ROWS]
    assert schemes.count(Scheme.FIELD) == 8
    assert schemes.count(Scheme.TOPIC) >= 80
    assert schemes.count(Scheme.SDG) == 17
    assert schemes.count(Scheme.TRL) == 9
    assert {Scheme.CPC, Scheme.IPC, Scheme.CTCN} <= set(schemes)


@pytest.mark.parametrize("language", CODES)
def test_every_concept_has_a_label_in_every_language(language: str) -> None:
    assert not [row["code"] for _scheme, _position, row in ROWS if not row[language].strip()]


@pytest.mark.parametrize("language", CODES)
def test_every_topic_has_synonyms_in_every_language(language: str) -> None:
    topics = [row for scheme, _position, row in ROWS if scheme == Scheme.TOPIC]
    for row in topics:
        words = row[f"{language}_syn"].split("|")
        assert len(words) >= 5, row["code"]
        assert len(words) == len(set(words)), row["code"]
        assert unicodedata.is_normalized("NFC", row[f"{language}_syn"])


def test_codes_are_unique_and_references_lead_somewhere() -> None:
    keys = [f"{scheme}:{row['code']}" for scheme, _position, row in ROWS]
    assert len(keys) == len(set(keys))
    for scheme, _position, row in ROWS:
        parent = row["parent"]
        assert not parent or (parent if ":" in parent else f"{scheme}:{parent}") in keys
        assert all(target.strip() in keys for target in filter(None, row["maps"].split(",")))


@pytest.mark.django_db
def test_loading_twice_changes_nothing() -> None:
    first = load()
    before = list(Concept.objects.values_list("pk", "scheme", "code", "parent", "label_zh_hans"))
    assert load() == first
    assert (
        list(Concept.objects.values_list("pk", "scheme", "code", "parent", "label_zh_hans"))
        == before
    )


@pytest.mark.django_db
def test_a_topic_knows_its_field_and_its_words_in_other_languages() -> None:
    load()
    topic = Concept.objects.get(scheme=Scheme.TOPIC, code="water.leakage")
    assert topic.parent is not None
    assert topic.parent.key == "field:water"
    assert topic.label_fr != topic.label_en
    assert topic.maps_to.exists()
