"""A whole site of real processes: gunicorn, a Celery worker and beat, SMTP that records."""

from __future__ import annotations

import email
import email.policy
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parent.parent.parent


class Recorder:
    """Keeps every message that a recording SMTP server accepts."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.arrived = threading.Condition()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with self.arrived:
            self.messages.append(parsed)
            self.arrived.notify_all()
        return "250 kept"

    def wait(self, to: str, *words: str, timeout: float = 60) -> EmailMessage:
        """The first message to an address whose subject or text has all the words."""

        def fits(message: EmailMessage) -> bool:
            text = f"{message['Subject']}\n{text_of(message)}"
            return to in str(message["To"]) and all(word in text for word in words)

        with self.arrived:
            found = self.arrived.wait_for(lambda: any(map(fits, self.messages)), timeout)
            seen = [f"{m['To']}: {m['Subject']}" for m in self.messages]
            assert found, f"no message to {to} with {words} in {timeout} s; there were {seen}"
            return next(filter(fits, self.messages))


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return body.get_content() if body else ""


class Site:
    """One running site with a database, broker and data folder of its own."""

    def __init__(self, folder: Path, *, demo: bool = False, worker: bool = True) -> None:
        self.folder, self.demo, self.worker = folder, demo, worker
        self.port, self.smtp_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.post = Recorder()
        self.children: list[subprocess.Popen[bytes]] = []
        self.env = self._environment()

    def _environment(self) -> dict[str, str]:
        database = os.environ.get("DATABASE_URL", "")
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "greenmatch.settings",
            "DATA_DIR": str(self.folder / "var"),
            "DATABASE_URL": new_database(database)
            if database.startswith("postgres")
            else f"sqlite:///{self.folder / 'site.sqlite3'}",
            "BROKER_PREFIX": f"browser{secrets.token_hex(4)}:",
            "CACHE_URL": "locmemcache://",
            "SECRET_KEY": secrets.token_hex(24),
            "SITE_URL": self.url,
            "ALLOWED_HOSTS": "127.0.0.1",
            "CSRF_TRUSTED_ORIGINS": self.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{self.smtp_port}",
            "DEMO_MODE": "1" if self.demo else "0",
            "DIGEST_DEFAULT": "at_once",
            "PYTHONUNBUFFERED": "1",
        }

    def __enter__(self) -> Site:
        (self.folder / "var").mkdir(parents=True, exist_ok=True)
        self.smtp = Controller(self.post, hostname="127.0.0.1", port=self.smtp_port)
        self.smtp.start()
        self.manage("prepare", *(["--demo"] if self.demo else []))
        self._start(
            "web",
            "-m",
            "gunicorn",
            "greenmatch.wsgi:application",
            "-b",
            f"127.0.0.1:{self.port}",
            "--threads",
            "4",
        )
        if self.worker:
            queues = "mail,match,maintenance"
            self._start(
                "worker",
                "-m",
                "celery",
                "-A",
                "greenmatch",
                "worker",
                "-Q",
                queues,
                "-c",
                "1",
                "-l",
                "INFO",
            )
            self._start(
                "beat", "-m", "celery", "-A", "greenmatch", "beat", "--pidfile=", "-l", "INFO"
            )
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        for child in self.children:
            child.send_signal(signal.SIGTERM)
        for child in self.children:
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self.smtp.stop()
        if self.env["DATABASE_URL"].startswith("postgres"):
            drop_database(self.env["DATABASE_URL"])

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def python(self, code: str) -> str:
        """Run a few lines inside the site's own settings."""
        return self.manage("shell", "--no-imports", "-c", code)

    def _start(self, name: str, *arguments: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self.children.append(
                subprocess.Popen(
                    [sys.executable, *arguments], cwd=ROOT, env=self.env, stdout=log, stderr=log
                )
            )

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise AssertionError((self.folder / "web.log").read_text())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def new_database(url: str) -> str:
    """A fresh PostgreSQL database beside the one of the suite."""
    parts = urlsplit(url)
    name = f"browser_{secrets.token_hex(4)}"
    _admin(url, f'CREATE DATABASE "{name}"')
    return urlunsplit(parts._replace(path=f"/{name}"))


def drop_database(url: str) -> None:
    _admin(
        urlunsplit(urlsplit(url)._replace(path="/postgres")),
        f'DROP DATABASE "{urlsplit(url).path[1:]}" WITH (FORCE)',
    )


def _admin(url: str, statement: str) -> None:
    connection = psycopg2.connect(urlunsplit(urlsplit(url)._replace(path="/postgres")))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()
