"""The demonstration data: large, in six languages, and good enough that matches make sense."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F
from django.test import Client, override_settings
from django.urls import reverse

from common.languages import CODES
from demo import loading
from listings.importing import read
from matching.models import Introduction, Suggestion
from matching.tasks import sweep
from needs.models import Need
from partners.choices import Kind
from partners.models import Organisation
from technologies.models import Technology
from vocabulary.actions import load as load_vocabulary


def rows(name: str) -> list[dict[str, Any]]:
    return [row.cells for path in sorted(loading.DATA.glob(name)) for row in read(path)]


def test_there_is_enough_of_everything() -> None:
    technologies, needs, owners = (
        rows(f"{n}-?.jsonl") for n in ("technologies", "needs", "organisations")
    )
    providers = [owner for owner in owners if owner["kind"] == Kind.PROVIDER]
    assert len(technologies) >= 150
    assert len(needs) >= 50
    assert len(providers) >= 70
    assert len({owner["country"] for owner in providers}) >= 35
    assert len([owner for owner in owners if owner["kind"] == Kind.CITY]) >= 25
    assert {"beijing", "shanghai", "chongqing"} <= {owner["id"] for owner in owners}


def test_all_fields_and_languages_occur_and_a_third_is_translated() -> None:
    records = rows("technologies-?.jsonl") + rows("needs-?.jsonl")
    fields = {code.split(".")[0] for record in records for code in record["concepts"]}
    assert len(fields) == 8
    languages = Counter(record["lang"] for record in records)
    assert set(languages) == set(CODES)
    assert min(languages.values()) >= 10
    translated = sum(bool(record.get("translations")) for record in records)
    assert 0.28 <= translated / len(records) <= 0.45


@pytest.mark.django_db
def test_it_loads_without_a_problem_and_matches_across_languages() -> None:
    load_vocabulary()
    report = loading.load()
    assert report.problems == []
    sweep()
    best = Suggestion.objects.filter(need__external_id="na-lyon-sewer-heat").order_by("-score")
    first = {row.technology.external_id for row in best[:3]}
    assert {"ta-sewer-heat-liner", "ta-sewage-shaft-heat-plant"} <= first
    abroad = Suggestion.objects.exclude(need__source_language=F("technology__source_language"))
    assert abroad.count() >= 20, "too little meets across languages"
    with_suggestions = Suggestion.objects.values("need").distinct().count()
    assert with_suggestions >= 0.8 * Need.objects.published().count()
    call_command("demo_answers")
    assert Introduction.objects.count() >= 5
    again = loading.load()
    assert (again.technologies, again.needs) == (0, 0)
    assert Technology.objects.submitted().exists()
    assert Organisation.objects.approved().count() >= 100


def test_the_mailbox_does_not_exist_outside_demo_mode(client: Client) -> None:
    with override_settings(DEMO_MODE=False), pytest.raises(Exception, match="demo"):
        reverse("demo:mailbox")
