"""What tests of runs share."""

from __future__ import annotations

import pytest

from matching import stages
from needs.models import Need
from partners.models import Organisation
from tests.factories import NeedFactory, ProviderFactory, TechnologyFactory

WORDS = (
    "Ceiling panels freeze salt at night",
    "White roofs send heat back",
    "Trees shade yards",
)


@pytest.fixture
def market(city: Organisation, monkeypatch: pytest.MonkeyPatch) -> list[Need]:
    """Five needs in chunks of two; nine technologies of three providers, some better."""
    monkeypatch.setattr(stages, "SIZE", 2)
    for words in WORDS:
        provider = ProviderFactory()
        for number in range(3):
            TechnologyFactory(organisation=provider, description=words * (number + 1))
    return [NeedFactory(organisation=city, problem=f"{WORDS[n % 3]}. Too hot.") for n in range(5)]
