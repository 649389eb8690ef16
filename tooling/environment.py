"""Where things are, and what the started programs find in their environment."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
from pathlib import Path

from tooling.console import Failure

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
Environment = dict[str, str]

# Explicit, so that neither the shell nor a .env file decides what the tests see.
TEST_DEFAULTS = {
    "REDIS_URL": "",
    "CACHE_URL": "locmemcache://",
    "EMAIL_URL": "dummymail://",
    "DEBUG": "0",
    "SECURE": "0",
    "DEMO_MODE": "0",
    "SITE_URL": "http://127.0.0.1:8000",
    "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1],testserver",
    "SECRET_KEY": "only-for-the-test-suite-" * 4,
}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")


def read_dotenv(path: Path) -> Environment:
    """KEY=VALUE lines; quotes, comments and a leading `export` are allowed."""
    values: Environment = {}
    if not path.is_file():
        return values
    for line in path.read_text(encoding="utf-8").splitlines():
        key, found, value = line.strip().removeprefix("export ").partition("=")
        if not found or key.startswith("#"):
            continue
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        values[key.strip()] = value
    return values


def base() -> Environment:
    """The environment of this process, completed from .env, with an absolute DATA_DIR."""
    env = read_dotenv(ROOT / ".env") | dict(os.environ)
    env["DATA_DIR"] = str((ROOT / env.get("DATA_DIR", "var")).resolve())
    env.setdefault("NUMBA_CACHE_DIR", str(Path(env["DATA_DIR"]) / "kernels"))
    env.setdefault("PYTHONUNBUFFERED", "1")
    env.pop("DJANGO_SETTINGS_MODULE", None)
    return env


def data_dir(env: Environment) -> Path:
    path = Path(env["DATA_DIR"])
    try:
        (path / "log").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"cannot write to the data directory {path}: {error.strerror}") from error
    return path


def with_secret_key(env: Environment) -> Environment:
    """A key of this installation, made once, readable by its owner only."""
    if env.get("SECRET_KEY"):
        return env
    path = data_dir(env) / "secret_key"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
    return env | {"SECRET_KEY": path.read_text(encoding="ascii").strip()}


def for_site(host: str, port: int, *, demo: bool) -> Environment:
    """What the web server, the worker and beat see; anything already set wins."""
    env = with_secret_key(base())
    names = ["127.0.0.1", "localhost", "[::1]", socket.gethostname()]
    if host not in names and host not in ("0.0.0.0", "::"):
        names.append(host)
    env.setdefault("ALLOWED_HOSTS", ",".join(names))
    env.setdefault("SITE_URL", address(host, port))
    env.setdefault("DEMO_MODE", "1" if demo else "0")
    return env


def for_tests() -> Environment:
    env = base() | TEST_DEFAULTS
    folder = Path(env["DATA_DIR"]) / "test"
    folder.mkdir(parents=True, exist_ok=True)
    env |= {"DATA_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder / 'test.sqlite3'}"}
    chromium = find_chromium()
    return env | ({"CHROMIUM": chromium} if chromium else {})


def for_production_check() -> Environment:
    return for_tests() | {
        "SECURE": "1",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "greenmatch.example",
        "SITE_URL": "https://greenmatch.example",
    }


def address(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"


def find_chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
