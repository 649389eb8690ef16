from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from common.templatetags import dates, money, places, quantities

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


def render(source: str, path: str = "/en/", **context: object) -> str:
    request = RequestFactory().get(path)
    text = Template("{% load design %}" + source).render(Context({"request": request, **context}))
    return " ".join(text.split())


@dataclass
class Verdict:
    criterion: str
    points: float
    of: float
    state: str = "fits"


class Record:
    def __init__(self, text: str, code: str) -> None:
        self.text, self.code = text, code

    def shown(self, field: str) -> tuple[str, str]:
        return self.text, self.code


class Question(forms.Form):
    title = forms.CharField(label="Title", help_text="A few words.")
    days = forms.ChoiceField(
        label="Which days?",
        widget=forms.RadioSelect,
        choices=[("35", "Above 35"), ("38", "Above 38")],
    )
    terms = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, choices=[("sale", "Sale")], required=False
    )
    sure = forms.BooleanField(required=False, label="I am sure")
    token = forms.CharField(widget=forms.HiddenInput, required=False)


@pytest.mark.parametrize(
    ("language", "value", "written"),
    [
        ("en", 1284, "1,284"),
        ("en", "9.50", "9.5"),
        ("en", -34, f"{MINUS}34"),
        ("en", None, ""),
        ("fr", 1284, "1\N{NARROW NO-BREAK SPACE}284"),
        ("ru", 9.5, "9,5"),
        ("ar", 1284, "1,284"),
    ],
)
def test_number(language: str, value: object, written: str) -> None:
    with translation.override(language):
        assert quantities.number(value) == written


def test_arabic_minus_is_held_before_its_digits() -> None:
    with translation.override("ar"):
        assert quantities.number(-34) == f"\N{LEFT-TO-RIGHT MARK}{MINUS}34"


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (34, "%", "34%"),
        (-34, "%", f"{MINUS}34%"),
        (410, "kWh", f"410{NBSP}kWh"),
        (186000, "m2", f"186,000{NBSP}m²"),
        (1, "yr", f"1{NBSP}year"),
        (1.5, "yr", f"1.5{NBSP}years"),
        (12, "m3/d", f"12{NBSP}m³ per day"),
        (3, "parsec", f"3{NBSP}parsec"),
        ("", "%", ""),
    ],
)
def test_quantity(value: object, unit: str, written: str) -> None:
    assert quantities.quantity(value, unit) == written


def test_unit_alone() -> None:
    assert quantities.unit("m3/d") == "m³ per day"
    assert quantities.unit("%") == "%"


def test_chinese_counts_in_ten_thousands_only_when_nothing_is_lost() -> None:
    with translation.override("zh-hans"):
        assert quantities.quantity(186000, "m2").startswith("18.6万")
        assert quantities.quantity(186500, "m2").startswith("186,500")


def test_size_of_a_file() -> None:
    assert quantities.size(2_100_000) == f"2.1{NBSP}MB"
    assert quantities.size(312) == f"1{NBSP}kB"


@pytest.mark.parametrize(
    ("language", "value", "currency", "written"),
    [
        ("en", 420, "CNY", "¥420"),
        ("en", 78_000_000, "CNY", f"¥78{NBSP}million"),
        ("en", 63, "USD", "US$63"),
        ("en", 900, "KES", f"KES{NBSP}900"),
        ("fr", 62, "EUR", f"62{NBSP}€"),
        ("es", 78_000_000, "EUR", f"78{NBSP}M{NBSP}€"),
        ("zh-hans", 420, "CNY", "420元"),
        ("zh-hans", 78_000_000, "CNY", "7800万元"),
        ("ar", 62, "EUR", f"62{NBSP}يورو"),
    ],
)
def test_money(language: str, value: int, currency: str, written: str) -> None:
    with translation.override(language):
        assert money.money(value, currency) == written


@pytest.mark.parametrize(
    ("low", "high", "per", "written"),
    [
        (55, 62, "m2", "€55 to €62 per m²"),
        (None, 62, "m2", "Up to €62 per m²"),
        (55, None, "", "From €55"),
        (55, 55, "project", "€55 for the whole project"),
        (None, None, "m2", ""),
    ],
)
def test_price(low: int | None, high: int | None, per: str, written: str) -> None:
    assert money.price(low, high, "EUR", per) == written


class TestDays:
    today = date(2026, 11, 22)

    @pytest.fixture(autouse=True)
    def _stand_on_one_day(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(dates, "today", lambda: self.today)

    @pytest.mark.parametrize(
        ("distance", "written"),
        [
            (0, "today"),
            (-1, "yesterday"),
            (-5, f"5{NBSP}days ago"),
            (-21, f"3{NBSP}weeks ago"),
            (-210, f"7{NBSP}months ago"),
            (-900, f"2{NBSP}years ago"),
            (5, f"in{NBSP}5 days"),
        ],
    )
    def test_ago(self, distance: int, written: str) -> None:
        assert dates.ago(self.today + timedelta(days=distance)) == written

    def test_the_year_is_left_out_when_near(self) -> None:
        assert dates.day(date(2026, 12, 19)) == f"19{NBSP}December"
        assert dates.day(date(2028, 12, 19)) == f"19{NBSP}December 2028"
        assert dates.short_day(date(2027, 1, 30)) == f"30{NBSP}Jan"

    def test_period(self) -> None:
        start, end = date(2027, 7, 10), date(2027, 8, 25)
        assert dates.period(start, end) == f"10{NBSP}July to 25{NBSP}August 2027"
        assert dates.period(start, None) == f"From 10{NBSP}July 2027"
        assert dates.period(None, None) == ""

    def test_days_left(self) -> None:
        assert dates.days_left(date(2026, 12, 3)) == 11
        assert dates.days_left(date(2026, 1, 1)) == 0

    def test_other_languages(self) -> None:
        with translation.override("fr"):
            assert dates.day(date(2026, 12, 19)) == f"19{NBSP}décembre"
            assert dates.day(date(2026, 12, 1)) == f"1er{NBSP}décembre"
            assert dates.full_day(date(2026, 12, 1)) == f"1er{NBSP}décembre 2026"
            assert dates.full_day(date(2026, 12, 11)) == f"11{NBSP}décembre 2026"
        with translation.override("zh-hans"):
            assert dates.full_day(date(2026, 12, 19)) == "2026年12月19日"


def test_countries_and_languages() -> None:
    assert places.country("FR") == "France"
    assert places.country("*") == "Worldwide"
    assert places.country("ZZZ") == "ZZZ"
    assert places.countries(["MA", "FR", "CN"]) == "China, France and Morocco"
    assert places.language_name("zh-hans") == "中文"
    assert places.language_word("fr") == "French"
    assert places.lang_tag("zh-hans") == "zh-Hans"
    with translation.override("zh-hans"):
        assert places.country("FR") == "法国"


def test_said_marks_another_language_and_escapes() -> None:
    assert places.said(Record("a < b", "en"), "title") == "a &lt; b"
    assert places.said(Record("<ألواح>", "ar"), "title") == (
        '<bdi lang="ar" dir="rtl">&lt;ألواح&gt;</bdi>'
    )


def test_said_text_escapes_and_makes_paragraphs() -> None:
    html = places.said_text(Record("one\n\n<script>", "fr"), "text")
    assert html == (
        '<div class="prose" lang="fr" dir="ltr"><p>one</p>\n\n<p>&lt;script&gt;</p></div>'
    )
