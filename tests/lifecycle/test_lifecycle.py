"""Lives of suggestions played at random, by the actions and by requests: `./run faults lifecycle`
plays more and longer ones.
"""

from __future__ import annotations

import pytest

from faults.kit.life.play import play

pytestmark = [pytest.mark.django_db, pytest.mark.harness, pytest.mark.timeout(900)]

PARTS = 8
LIVES, STEPS = 200, 50


@pytest.mark.parametrize("door", ["actions", "http"])
@pytest.mark.parametrize("part", range(PARTS))
def test_no_promise_is_broken_in_a_random_life(door: str, part: int) -> None:
    played = play(door, lives=LIVES // PARTS, steps=STEPS, seed=part)
    assert played.lives >= LIVES // PARTS
