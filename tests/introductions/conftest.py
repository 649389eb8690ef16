"""Two sides that have both said yes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from matching import actions
from matching.choices import Side
from matching.models import Introduction, Suggestion
from matching.policy import in_force
from partners.models import Organisation
from tests.factories import NeedFactory, TechnologyFactory

CANARIES = ("Canary Contact", "canary@contact.example", "+00 1234 5678")


@pytest.fixture(autouse=True)
def files_of_tests_are_kept_apart(settings: Any, tmp_path: Path) -> None:
    settings.PRIVATE_ROOT = tmp_path / "private"


@pytest.fixture
def suggestion(provider: Organisation, city: Organisation) -> Suggestion:
    name, email, phone = CANARIES
    Organisation.objects.filter(pk__in=[provider.pk, city.pk]).update(
        contact_name=name, contact_email=email, contact_phone=phone
    )
    row: Suggestion = Suggestion.objects.create(
        need=NeedFactory(organisation=city),
        technology=TechnologyFactory(organisation=provider),
        score=88,
        policy=in_force(),
        expires_at=timezone.now() + timedelta(days=10),
    )
    return row


@pytest.fixture
def introduction(suggestion: Suggestion, author: User, official: User) -> Introduction:
    actions.accept(suggestion, by=author, side=Side.TECHNOLOGY)
    opened = actions.accept(suggestion, by=official, side=Side.NEED)
    assert opened
    return opened
