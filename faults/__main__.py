"""``python -m faults NAME [--small] …``: run one harness, or list them."""

from __future__ import annotations

import ast
import sys
from importlib import import_module
from pathlib import Path

from tooling.console import Failure, say
from tooling.processes import Stop, stop_on_signals

HERE = Path(__file__).resolve().parent


def harnesses() -> dict[str, str]:
    """Name and first docstring line of each; nothing is imported for it."""
    found = sorted(path for path in HERE.glob("*.py") if not path.name.startswith("_"))
    return {path.stem: _first_line(path) for path in found}


def _first_line(path: Path) -> str:
    words = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return words.partition("\n")[0]


def main(arguments: list[str]) -> int:
    known = harnesses()
    if not arguments or arguments[0] not in known:
        say("./run faults NAME [--small] [arguments of the harness; --help lists them]\n")
        for name, words in known.items():
            say(f"  {name:<10} {words}")
        return 2 if arguments and not arguments[0].startswith("-") else 0
    stop_on_signals()
    try:
        code: int = import_module(f"faults.{arguments[0]}").main(arguments[1:])
    except Failure as failure:
        say(f"\n{failure}")
        return 1
    except Stop:
        say("\nstopped")
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
