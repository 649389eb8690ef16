"""Every harness says what it does and can be run by its name."""

from __future__ import annotations

from importlib import import_module

import pytest

from faults import __main__ as faults


@pytest.mark.parametrize("name", faults.harnesses())
def test_harness_has_a_line_of_help_and_a_way_in(name: str) -> None:
    assert faults.harnesses()[name].endswith(".")
    assert callable(import_module(f"faults.{name}").main)


def test_unknown_harness_lists_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert faults.main(["no-such-harness"]) == 2
    assert "./run faults NAME" in capsys.readouterr().out
