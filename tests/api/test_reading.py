"""The API reads what is published, in any language, and says what is wrong with a request."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from tests.factories import ConceptFactory, NeedFactory, TechnologyFactory

pytestmark = pytest.mark.django_db
KINDS = [("technologies", TechnologyFactory), ("needs", NeedFactory)]


def get(browser: Client, path: str, **query: Any) -> Any:
    return browser.get(f"/api/v1/{path}", query)


@pytest.mark.parametrize(("path", "factory"), KINDS)
def test_only_published_records_are_listed(visitor: Client, path: str, factory: Any) -> None:
    public, draft = factory(), factory(published=False)
    rows = get(visitor, f"{path}/").json()["results"]
    assert [row["id"] for row in rows] == [public.pk]
    assert get(visitor, f"{path}/{draft.pk}/").status_code == 404


def test_a_curator_reads_no_more_than_a_visitor(as_curator: Client) -> None:
    draft = TechnologyFactory(published=False)
    assert get(as_curator, f"technologies/{draft.pk}/").status_code == 404


@pytest.mark.parametrize(("path", "factory"), KINDS)
def test_no_person_and_no_contact_is_told(visitor: Client, path: str, factory: Any) -> None:
    record = factory(review_note="Between us")
    body = get(visitor, f"{path}/{record.pk}/").content.decode()
    secrets = (
        "private@contact.example",
        "Private Person",
        "555 0100",
        "Between us",
        record.created_by.name,
    )
    assert not [secret for secret in secrets if secret in body]


@pytest.mark.parametrize(("path", "factory"), KINDS)
def test_texts_come_by_language(visitor: Client, path: str, factory: Any) -> None:
    record = factory(title="Panel", title_fr="Panneau")
    row = get(visitor, f"{path}/{record.pk}/").json()
    assert row["title"] == {"en": "Panel", "fr": "Panneau"}
    assert row["source_language"] == "en"
    assert get(visitor, f"{path}/", lang="fr").json()["results"][0]["title"] == {"fr": "Panneau"}


def test_the_filters_of_the_page_work_here(visitor: Client) -> None:
    wanted = TechnologyFactory(type="service", available_in=["*"])
    TechnologyFactory(type="device", available_in=["FR"])
    rows = get(visitor, "technologies/", country="CN", type="service", sort="title").json()[
        "results"
    ]
    assert [row["id"] for row in rows] == [wanted.pk]


def test_concepts_are_listed_with_labels_in_all_languages(visitor: Client) -> None:
    ConceptFactory(code="water.leakage", label_fr="Fuites", synonyms_en="leak|burst")
    row = get(visitor, "concepts/", scheme="topic", q="fuites").json()["results"][0]
    assert row["key"] == "topic:water.leakage"
    assert row["label"]["fr"] == "Fuites"
    assert row["synonyms"]["en"] == ["leak", "burst"]
    assert row["parent"] == "field:water"


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("technologies/", {"colour": "green"}, 400),
        ("technologies/", {"country": "QQ"}, 400),
        ("technologies/", {"lang": "tlh"}, 400),
        ("needs/", {"sort": "sideways"}, 400),
        ("needs/", {"organisation": "9" * 40}, 400),
        ("needs/", {"page": "9" * 30}, 404),
        ("needs/", {"page": "x"}, 404),
        ("concepts/", {"scheme": "zodiac"}, 400),
        ("needs/", {"q": "\x00"}, 400),
        ("technologies/123456789012345678/", {}, 404),
    ],
)
def test_errors_have_a_code(visitor: Client, path: str, query: dict[str, str], status: int) -> None:
    answer = get(visitor, path, **query)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "detail", "fields"}
    assert answer.json()["code"] in ("invalid", "not_found")


def test_an_unknown_parameter_is_named(visitor: Client) -> None:
    assert get(visitor, "needs/", colour="green").json()["fields"] == {
        "colour": ["Unknown parameter."]
    }


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written_here(as_author: Client, method: str) -> None:
    record = TechnologyFactory()
    answer = getattr(as_author, method)(f"/api/v1/technologies/{record.pk}/")
    assert answer.status_code in (403, 405)
    assert answer.json()["code"] in ("method_not_allowed", "permission_denied")


@pytest.mark.parametrize(("path", "factory"), KINDS)
def test_a_list_asks_as_often_for_many_as_for_few(
    visitor: Client, count_queries: Any, path: str, factory: Any
) -> None:
    counts = []
    for _round in range(2):
        factory.create_batch(4)
        with count_queries() as found:
            assert get(visitor, f"{path}/").status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1] <= 12


def test_page_size_has_a_limit(visitor: Client) -> None:
    TechnologyFactory.create_batch(3)
    assert len(get(visitor, "technologies/", page_size=2).json()["results"]) == 2
    assert get(visitor, "technologies/", page_size=10**6).status_code == 200


def test_the_description_of_the_api_has_no_warning(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())
    assert "Warning" not in capsys.readouterr().err


def test_description_and_its_page_open_without_inline_code(visitor: Client) -> None:
    assert visitor.get("/api/schema/").status_code == 200
    page = visitor.get("/api/docs/").content.decode()
    assert "<style" not in page
    assert "<script>" not in page
