"""Who is seen: shares beside the catalogue, plain measures, and when to look closer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.exposure import Line, days_asked, gini, report, size_of, spread, top_share
from matching.models import Introduction, Suggestion
from matching.policy import in_force
from matching.templatetags.exposures import tables, warnings
from tests.factories import NeedFactory, ProviderFactory, TechnologyFactory, UserFactory

settings.register_profile(
    "steady",
    deadline=None,
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")
COUNTS = st.lists(st.integers(0, 50), min_size=1, max_size=40)


@given(COUNTS)
def test_gini_lies_between_even_and_all_with_one(counts: list[int]) -> None:
    assert -1e-9 <= gini(counts) < 1
    assert gini(counts) == pytest.approx(gini([7 * count for count in counts]))
    assert 0 <= top_share(counts) <= 1


def test_gini_of_the_extremes() -> None:
    assert gini([3, 3, 3, 3]) == 0
    assert gini([0, 0, 0, 8]) == 0.75
    assert gini([]) == 0
    assert gini([0, 0]) == 0


def test_small_providers_and_the_top_tenth_are_told_apart() -> None:
    found = spread({1: 30, 2: 10}, {1: 40, 2: 2, 3: 1})
    assert found["small"] == 0.25
    assert found["top"] == 0.75
    assert (found["providers"], found["seen"]) == (3, 2)


def test_sizes_have_groups() -> None:
    assert [size_of(n) for n in (0, 1, 2, 5, 6, 20, 21)] == [
        *("1", "1", "2-5", "2-5", "6-20", "6-20", "21+")
    ]


def suggest(technology: object, days_ago: int = 0) -> Suggestion:
    now = timezone.now()
    return Suggestion.objects.create(
        need=NeedFactory(),
        technology=technology,
        score=80,
        policy=in_force(),
        created_at=now - timedelta(days=days_ago),
        expires_at=now,
    )


@pytest.fixture
def market(db: None) -> None:
    """Three technologies from Morocco with all suggestions, one from France without."""
    big = ProviderFactory(country="MA")
    rows = [TechnologyFactory(organisation=big) for _ in range(3)]
    TechnologyFactory(organisation=ProviderFactory(country="FR"), source_language="fr")
    first = suggest(rows[0])
    suggest(rows[1], days_ago=60)
    Introduction.objects.create(suggestion=first)


def test_report_counts_beside_the_catalogue(market: None) -> None:
    found = report()
    lines = {line.group: line for line in found.by_size}
    assert (lines["2-5"].technologies, lines["2-5"].suggestions) == (3, 2)
    assert (lines["2-5"].share, lines["2-5"].suggested) == (75, 100)
    assert (lines["2-5"].introductions, lines["1"].suggestions) == (1, 0)
    assert {line.group for line in found.by_region} == {"002", "150"}
    assert {line.group: line.technologies for line in found.by_language} == {"en": 3, "fr": 1}
    assert report(30).suggested["suggestions"] == 1


def test_group_that_is_overlooked_is_named(market: None) -> None:
    line = Line("fr", 30, 5, 0, 100, 100, 10)
    assert line.seen_little
    assert not Line("fr", 30, 20, 0, 100, 100, 10).seen_little
    assert not Line("fr", 3, 0, 0, 100, 100, 10).seen_little


def test_uneven_report_says_so(market: None) -> None:
    found = report()
    assert found.suggested["gini"] == 0.5
    assert "Gini 0.5 against 0.25" in warnings(found)[0]
    assert [table["lines"][0][0] for table in tables(found)] == [
        *("One technology", "Africa", "English")
    ]


def test_period_is_one_of_three() -> None:
    assert [days_asked(text) for text in ("30", "90", "7", "", "x")] == [30, 90, 365, 365, 365]


def test_page_is_for_everybody_and_counts_nobody_by_name(market: None, visitor: Client) -> None:
    page = visitor.get(reverse("matching:exposure"))
    assert page.status_code == 200
    assert b"Africa" in page.content
    assert b"Provider" not in page.content.split(b"<article>")[1].split(b"</article>")[0].replace(
        b"Providers", b""
    )


def test_admin_sees_it_fresh(market: None) -> None:
    browser = Client()
    browser.force_login(
        UserFactory(is_staff=True, is_superuser=True),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    url = reverse("admin:matching_policy_exposure")
    assert b"To look at:" in browser.get(url, {"days": "90"}).content
    assert url.encode() in browser.get(reverse("admin:matching_policy_changelist")).content
