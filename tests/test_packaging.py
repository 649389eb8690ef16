"""Image, composition and locks agree with the settings; it takes no engine to see that."""

from __future__ import annotations

import ast
import json
import re
import shlex
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from greenmatch.celery import app as celery_app

ROOT = Path(__file__).resolve().parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "beat")
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
SETTINGS = (ROOT / "greenmatch" / "settings.py").read_text()
# Read by the programs themselves, not by settings.py.
OF_OTHERS = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PATH"}


def instructions(name: str) -> list[str]:
    lines = [line for line in DOCKERFILE.splitlines() if not line.startswith("#")]
    return [line.removeprefix(name).strip() for line in lines if line.startswith(f"{name} ")]


def read_by_settings() -> set[str]:
    return set(re.findall(r"env(?:\.\w+)?\(\s*\"([A-Z_]+)\"", SETTINGS))


def locked(lock: str) -> dict[str, set[str]]:
    """Name to the versions a lock pins (one per marker)."""
    pins: dict[str, set[str]] = {}
    for line in (ROOT / lock).read_text().splitlines():
        if line and not line.startswith((" ", "#")):
            requirement = Requirement(line.rstrip(" \\"))
            version = str(requirement.specifier).removeprefix("==")
            pins.setdefault(canonicalize_name(requirement.name), set()).add(version)
    return pins


def asked_for(source: str) -> list[Requirement]:
    lines = (ROOT / source).read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


@pytest.mark.parametrize("name", OURS)
def test_every_variable_of_a_service_is_read_by_the_settings(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= read_by_settings()


@pytest.mark.parametrize(
    "name",
    ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "CACHE_URL", "EMAIL_URL", "DATA_DIR", "SITE_URL"],
)
def test_every_service_of_ours_is_told_what_matters(name: str) -> None:
    assert all(SERVICES[service]["environment"].get(name) for service in OURS)


def test_addresses_name_services_of_the_composition() -> None:
    environment = SERVICES["web"]["environment"]
    for name in ("DATABASE_URL", "REDIS_URL", "CACHE_URL", "EMAIL_URL"):
        host = re.search(r"(?:://|@)([a-z]+):\d+", environment[name])
        assert host, name
        assert host[1] in SERVICES, name


def test_secrets_come_from_the_environment_and_have_no_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD"):
        assert set(re.findall(rf"\$\{{{name}(.)", text)) == {":"}
        assert set(re.findall(rf"\$\{{{name}:(.)", text)) == {"?"}


def test_broker_keeps_messages_and_is_not_the_cache() -> None:
    command = shlex.join(SERVICES["broker"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command
    environment = SERVICES["web"]["environment"]
    assert "//broker:" in environment["REDIS_URL"]
    assert "//broker:" not in environment["CACHE_URL"]


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_celery_services_run_our_application(name: str) -> None:
    command = SERVICES[name]["command"]
    assert command[:4] == ["celery", "-A", celery_app.main, name]


def test_worker_serves_every_queue() -> None:
    command = SERVICES["worker"]["command"]
    served = set(command[command.index("-Q") + 1].split(","))
    routes = {route["queue"] for route in celery_app.conf.task_routes.values()}
    assert served == routes | {celery_app.conf.task_default_queue}


def test_worker_may_finish_before_it_is_killed() -> None:
    grace = int(SERVICES["worker"]["stop_grace_period"].removesuffix("s"))
    assert grace > celery_app.conf.worker_soft_shutdown_timeout


def test_migrations_are_a_job_that_the_others_wait_for() -> None:
    job = SERVICES["migrate"]
    assert job["restart"] == "no"
    assert job["command"][:2] == ["python", "manage.py"]
    assert job["command"][2] in get_commands()
    for name in ("web", "worker", "beat"):
        waits = SERVICES[name]["depends_on"]
        assert waits["migrate"]["condition"] == "service_completed_successfully"
        assert waits["broker"]["condition"] == "service_healthy"
    assert job["depends_on"]["postgres"]["condition"] == "service_healthy"


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"web", "migrate"}))
def test_service_says_whether_it_is_well(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]


def test_image_says_whether_the_site_is_well(client: Any, db: None) -> None:
    (check,) = instructions("HEALTHCHECK")
    program = json.loads(check[check.index("CMD") + 3 :])[-1]
    compile(program, "HEALTHCHECK", "exec")
    (path,) = re.findall(r"127\.0\.0\.1:8000(/\w+)", program)
    assert client.get(path).status_code == 200


def test_image_serves_the_site_as_an_unprivileged_user() -> None:
    assert instructions("USER") == ["greenmatch"]
    last = DOCKERFILE.index("\nUSER ")
    assert DOCKERFILE.rindex("\nRUN ") < last < DOCKERFILE.index("\nCMD ")
    (command,) = instructions("CMD")
    assert json.loads(command)[:2] == ["gunicorn", "greenmatch.wsgi:application"]


@pytest.mark.parametrize("name", OURS)
def test_container_is_locked_down(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["image"] == "greenmatch"


def test_image_runs_a_python_that_the_project_supports() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    supported = SpecifierSet(project["requires-python"])
    versions = {
        source.split()[0].removeprefix("python:").split("-")[0] for source in instructions("FROM")
    }
    assert len(versions) == 1
    assert all(supported.contains(version) for version in versions)


def test_image_sets_only_variables_that_somebody_reads() -> None:
    assignments = re.findall(r"([A-Z_]+)=", " ".join(instructions("ENV")))
    assert set(assignments) <= read_by_settings() | OF_OTHERS


def test_nothing_of_a_service_image_floats() -> None:
    for name in ("postgres", "broker", "cache", "mail"):
        assert re.search(r":v?\d+(\.\d+)*", SERVICES[name]["image"]), name


@pytest.mark.parametrize(
    ("source", "lock"),
    [("requirements.in", "requirements.txt"), ("requirements-dev.in", "requirements-dev.txt")],
)
def test_lock_satisfies_what_is_asked_for(source: str, lock: str) -> None:
    pins = locked(lock)
    for requirement in asked_for(source):
        versions = pins.get(canonicalize_name(requirement.name), set())
        assert versions, f"{requirement.name} is not in {lock}: ./run lock"
        assert all(requirement.specifier.contains(version) for version in versions), requirement


def test_development_lock_contains_the_runtime_lock() -> None:
    runtime, development = locked("requirements.txt"), locked("requirements-dev.txt")
    assert {name: development.get(name) for name in runtime} == runtime


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_lock_is_hashed_and_names_no_place(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert not re.search(r"https?:|file:|/|--index-url|--find-links|@", text)
    for line in re.findall(r"^\S.*$", text, flags=re.MULTILINE):
        assert line.endswith("\\"), f"no hash for {line}"


def test_site_imports_nothing_that_the_runtime_lock_lacks() -> None:
    runtime, distributions = locked("requirements.txt"), packages_distributions()
    ours = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    for app in sorted(ours - {"tests", "tooling", "benchmarks", "faults"}):
        for path in (ROOT / app).rglob("*.py"):
            for module in imported_by(path) - ours - sys.stdlib_module_names:
                names = {canonicalize_name(name) for name in distributions.get(module, [])}
                assert names & set(runtime), f"{path.relative_to(ROOT)} imports {module}"


def imported_by(path: Path) -> set[str]:
    modules = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules.add(node.module.partition(".")[0])
    return modules
