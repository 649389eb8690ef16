"""The examples that docs/mails is made of: every e-mail, whole, in every language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as configured
from django.template.loader import render_to_string
from django.test import override_settings
from django.utils import translation

from common.languages import CODES
from demo.letters import samples, templates
from matching.models import Introduction
from outbox.choices import Frequency
from outbox.hours import Hours
from outbox.templatetags import mail

GAP = "[nothing]"
HOURS = Hours(ZoneInfo("Asia/Almaty"), "KZ", Frequency.DAILY, 0, 9)


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


def test_no_room_after_a_full_width_mark(introduction: Introduction) -> None:
    """It brings its own; only before an address it stays, so that programs find its beginning."""
    wide = re.compile(r"[，。：；！？）”](?:</\w+>)* +(?!http).{0,20}")
    for sample in samples("zh-hans"):
        letter = sample.letter
        assert wide.findall(letter.subject + letter.text + letter.html) == [], sample.name


def test_a_label_inside_a_sentence() -> None:
    assert mail.within("Figures verified") == "figures verified"
    assert mail.within("В пределах бюджета") == "в пределах бюджета"
    assert mail.within("TRL 7, level 6 asked") == "TRL 7, level 6 asked"
    assert mail.within("数据经核验") == "数据经核验"
    assert mail.within("") == ""
    assert mail.listed(["Within the budget", "Figures verified"]) == (
        "within the budget; figures verified"
    )


def test_why_somebody_of_several_organisations_gets_it() -> None:
    with translation.override("ru"):
        one, two = (
            render_to_string("emails/_because_all.txt", {"organisations": names, "hours": HOURS})
            for names in (["Акимат"], ["Акимат", "Школы"])
        )
    assert "представляете организацию «Акимат» на" in one
    assert "представляете несколько организаций на площадке GreenMatch: Акимат; Школы." in two


def test_a_city_by_the_name_it_has_now() -> None:
    with translation.override("fr"):
        assert mail.zone_place(ZoneInfo("Asia/Almaty")) == "Almaty"
        assert mail.zone_place(ZoneInfo("Europe/London")) == "Londres"
