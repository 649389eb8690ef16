"""The examples that docs/mails is made of: every e-mail, whole, in every language."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import override_settings

from common.languages import CODES
from demo.letters import samples, templates
from matching.models import Introduction

GAP = "[nothing]"


@pytest.fixture
def _gaps() -> Iterator[None]:
    """A variable that a template does not get shows as a gap."""
    engines: list[dict[str, Any]] = deepcopy(configured.TEMPLATES)
    engines[0].setdefault("OPTIONS", {})["string_if_invalid"] = GAP
    with override_settings(TEMPLATES=engines):
        yield


@pytest.mark.parametrize("language", CODES)
@pytest.mark.usefixtures("_gaps")
def test_every_example_is_whole(introduction: Introduction, language: str) -> None:
    letters = {sample.name: sample.letter for sample in samples(language)}
    assert set(templates()) <= set(letters)
    assert "account_login_code" in letters
    gaps = [
        name
        for name, letter in letters.items()
        if GAP in letter.subject + letter.text + letter.html
    ]
    assert gaps == []
