"""The weeks in which clocks change, in five zones: what `./run faults year` counts, smaller."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from faults.kit.diary import Diary

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("month", "day"), [(3, 26), (10, 23)], ids=["spring", "autumn"])
def test_around_a_clock_change_mail_keeps_hours_caps_and_every_suggestion(
    settings: Any, month: int, day: int
) -> None:
    settings.DIGEST_DEFAULT = "daily"
    settings.MAILS_PER_DAY = 5
    diary = Diary(datetime(2026, month, day, tzinfo=UTC), seed=7)
    diary.live(timedelta(days=10))
    diary.come_to_rest()
    assert len(diary.digests()) >= 20
    assert diary.second_digests() == []
    assert diary.out_of_hours() == []
    assert diary.over_the_cap() == []
    assert diary.lost() == []
    assert diary.doubled() == []
    assert diary.left_over() == []
