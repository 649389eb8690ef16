"""The arguments that every harness knows."""

from __future__ import annotations

import argparse


def parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """With ``--small``: the version that the test suite runs."""
    made = argparse.ArgumentParser(
        f"./run faults {name}", description=description, allow_abbrev=False
    )
    made.add_argument("--small", action="store_true", help="as small as the test suite runs it")
    made.add_argument("--seed", type=int, default=1, help="of the moments at which things break")
    return made
