"""The virtual environment .venv: made with nothing but python3 and pip, renewed with the locks."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tooling.console import Failure, step
from tooling.environment import PYTHON, ROOT, VENV

RUNTIME = "requirements.txt"
DEVELOPMENT = "requirements-dev.txt"
STAMP = VENV / "installed.json"
# The locks are complete and hashed: pip has nothing to resolve, to build or to compile.
PIP_OPTIONS = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-compile", "--quiet"]
PIP_OPTIONS += ["--progress-bar", "off", "--no-input", "--disable-pip-version-check"]
PIP_OPTIONS += ["--root-user-action", "ignore"]


def ensure(lock: str) -> None:
    """Install a lock into .venv unless it is there already."""
    interpreter = {"python": sys.version, "place": str(VENV)}
    stamp = _read_stamp()
    if not PYTHON.exists() or stamp.get("interpreter") != interpreter:
        stamp = {"interpreter": interpreter}
        with step("creating .venv"):
            _create()
    # The development lock contains the runtime lock.
    wanted = {name: _digest(name) for name in _contained_in(lock)}
    if all(stamp.get(name) == digest for name, digest in wanted.items()):
        return
    STAMP.unlink(missing_ok=True)
    with step(f"installing {_count(lock)} packages of {lock}"):
        _install(lock)
    STAMP.write_text(json.dumps(stamp | wanted, indent=1), encoding="utf-8")


def _contained_in(lock: str) -> list[str]:
    return [RUNTIME, DEVELOPMENT] if lock == DEVELOPMENT else [RUNTIME]


def _create() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    command = [sys.executable, "-m", "venv", str(VENV)]
    if _has("pip"):  # quicker, and the only way on a Debian without python3-venv
        command.insert(3, "--without-pip")
    elif not _has("ensurepip"):
        raise Failure(
            "pip is missing: install the package python3-pip (or python3-venv) and run this again"
        )
    _call(command, "the virtual environment could not be created")


def _install(lock: str) -> None:
    if _has("pip"):
        pip = [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    else:
        pip = [str(PYTHON), "-m", "pip"]
    _call(
        [*pip, "install", *PIP_OPTIONS, "-r", str(ROOT / lock)], "packages could not be installed"
    )


def _call(command: list[str], problem: str) -> None:
    env = {
        key: value
        for key, value in os.environ.items()
        if key not in ("PYTHONPATH", "PIP_USER", "PIP_TARGET")
    }
    result = subprocess.run(
        command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if result.returncode:
        raise Failure(f"{problem}:\n{result.stdout.strip()[-3000:]}")


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _digest(lock: str) -> str:
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


def _count(lock: str) -> int:
    return sum("==" in line and not line.startswith((" ", "#")) for line in _lines(ROOT / lock))


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _read_stamp() -> dict[str, object]:
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}
