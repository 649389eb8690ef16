"""Links: every address in every e-mail, asked for by machines; counts the rows that change."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from faults.kit.options import parser
from faults.kit.places import ask_where, on_each
from faults.kit.sink import Sink
from faults.kit.site import Site, site
from faults.kit.verdict import Verdict
from tooling.console import Failure, Progress, seconds, step
from tooling.environment import ROOT, find_chromium
from tooling.processes import dying_with_parent
from tooling.servers import free_port

if TYPE_CHECKING:
    from faults.kit.links import Found

PATIENCE = 60.0
AT_ONCE, BATCH = 4, 40  # requests at a time; addresses between two looks at all tables
SMALL = ("en", "ar")
# The mail server is well here, and slow only when the machine is.
UNHURRIED = {"OUTBOX_LEASE": "120", "EMAIL_TIMEOUT": "20", "OUTBOX_DATA_TIMEOUT": "20"}
LONG_AFTER = 10 * 60 * 1000  # milliseconds: a page that waits before it acts has acted by then
A_MOMENT = 150  # milliseconds for what a page does when its clock has moved on
# All that any of the pages would act on, were it not for what protects them.
FORM = urlencode(
    {
        "what": "decline",
        "side": "need",
        "reason": "price",
        "frequency": "weekly",
        "weekday": "1",
        "hour": "8",
        "language": "en",
        "email": "new@people.example",
        "login": "new@people.example",
        "name": "New",
        "password": "correct horse battery",
        "password1": "correct horse battery",
        "code": "K7RT-2MQX",
        "action": "confirm",
    }
).encode()
ONE_CLICK = b"List-Unsubscribe=One-Click"
MAY_CHANGE = {"outbox.preference", "accounts.auditentry", "matching.work"}
# A scanner that moves over everything that could be pressed, and presses nothing.
LOOK_AROUND = """() => document.querySelectorAll('a, button, input, form').forEach(part => {
    for (const name of ['mouseover', 'pointerenter', 'focus']) part.dispatchEvent(new Event(name))
})"""
Ask = Callable[[str], int]
AskAll = Callable[[Ask, list[str]], Iterable[int]]


def main(arguments: list[str]) -> int:
    made = parser("links", __doc__)
    ask_where(made)
    options = made.parse_args(arguments)
    if options.on == "both":
        return on_each("links", arguments)
    started, verdict, sink = time.monotonic(), Verdict(f"links on {options.on}"), Sink(keep=True)
    address = f"http://127.0.0.1:{free_port()}"
    settings = {"SITE_URL": address, "DIGEST_DEFAULT": "at_once", "HINTS": "0"} | UNHURRIED
    with ExitStack() as stack:
        where = stack.enter_context(
            site(services=options.on == "postgresql", mail_port=sink.port, **settings)
        )
        sink.start()
        stack.callback(sink.stop)
        found = _collect(sink, verdict, small=options.small)
        stack.enter_context(_web(where, address))
        _look(Look(address, verdict), found, small=options.small)
    verdict.title += f", {seconds(started)}"
    return verdict.close()


def _collect(sink: Sink, verdict: Verdict, *, small: bool) -> Found:
    """What the e-mails lead to, once every one of them has been written and taken."""
    from common.languages import CODES
    from faults.kit import links, post
    from outbox.models import Message

    languages = SMALL if small else CODES
    with step("writing and sending every e-mail"):
        written, due = post.write_everything(languages), post.expected(languages)
    missing = sorted(due - written)
    verdict.tell("templates, languages", f"{len(due) // len(languages)}, {len(languages)}")
    verdict.expect("e-mails that were not written", ", ".join(missing[:5]) or 0, holds=not missing)
    unsent = Counter(Message.objects.exclude(status="sent").values_list("kind", flat=True))
    verdict.expect("written and not sent", dict(unsent) or 0, holds=not unsent)
    found = links.Found()
    for content in sink.contents:
        found.read(content)
    verdict.tell("e-mails taken", len(sink.contents))
    verdict.tell("addresses in them, one-click", f"{len(found.ours)}, {len(found.stops)}")
    verdict.expect("addresses of others", len(found.others), holds=not found.others, wanted="0")
    bad = found.without_way_out
    verdict.expect("optional ones without one-click", len(bad), holds=not bad, wanted="0")
    found.ours.update(links.doors(languages))
    return found


def _look(look: Look, found: Found, *, small: bool) -> None:
    from faults.kit.links import by_view, one_of_each

    paths, stops = sorted(found.ours, key=by_view), sorted(found.stops)
    look.by_machines(paths, [path for path in paths if path not in found.stops])
    look.by_browser(one_of_each(look.forms) if small else paths)
    look.stop_by_one_click(stops)
    look.progress.close()


@contextmanager
def _web(where: Site, address: str) -> Iterator[None]:
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False)
    command = [sys.executable, "-m", "gunicorn", "greenmatch.wsgi:application"]
    command += ["--bind", address.removeprefix("http://"), "--threads", "4"]
    with (where.folder / "web.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=where.env,
            stdout=log,
            stderr=log,
            preexec_fn=dying_with_parent(signal.SIGKILL),
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while not _answers(address):
            if time.monotonic() > deadline:
                raise Failure((where.folder / "web.log").read_text()[-3000:])
            time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _answers(address: str) -> bool:
    try:
        return _request(f"{address}/healthz", "GET") == 200
    except OSError:
        return False


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


FOLLOWING = urllib.request.build_opener()
STAYING = urllib.request.build_opener(_StayHere)  # what a POST is answered with counts


def _request(url: str, method: str, body: bytes | None = None) -> int:
    return _answer(url, method, body)[0]


def _answer(url: str, method: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Without a cookie, like a machine; redirects are followed where machines do."""
    asked = urllib.request.Request(url, data=body, method=method)
    opener = STAYING if method == "POST" else FOLLOWING
    try:
        with opener.open(asked, timeout=PATIENCE) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, b""


class Look:
    def __init__(self, address: str, verdict: Verdict) -> None:
        self.address, self.verdict, self.progress = address, verdict, Progress()
        self.forms: dict[str, int] = {}  # how many the page at an address has

    def by_machines(self, paths: list[str], others: list[str]) -> None:
        """``others`` are those that a POST must not change anything at."""
        asks: dict[str, tuple[list[str], Ask]] = {
            "GET": (paths, self._get),
            "HEAD": (paths, lambda path: _request(self.address + path, "HEAD")),
            "POST, empty": (others, lambda path: _request(self.address + path, "POST", b"")),
            "POST, a form": (others, lambda path: _request(self.address + path, "POST", FORM)),
        }
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for name, (asked, ask) in asks.items():
                self._ask(name, asked, ask, pool.map)

    def _get(self, path: str) -> int:
        status, page = _answer(self.address + path, "GET")
        self.forms[path] = page.count(b"<form")
        return status

    def _ask(self, name: str, paths: list[str], ask: Ask, ask_all: AskAll = map) -> None:
        from faults.kit.links import changed, checksums, view_of

        before, culprits = checksums(), list[str]()
        answers, nowhere = Counter[int](), Counter[str]()
        for first in range(0, len(paths), BATCH):
            batch = paths[first : first + BATCH]
            got = list(ask_all(ask, batch))
            answers.update(got)
            nowhere.update(view_of(batch[at]) for at, status in enumerate(got) if status == 404)
            if tables := changed(before):
                culprits += _culprits(batch, ask, tables)
                before = checksums()
            self.progress.show(f"{name}: {first + len(batch)} of {len(paths)} addresses")
        self.verdict.tell(f"{name}: addresses, answers", f"{len(paths)}, {dict(answers)}")
        if nowhere:
            self.verdict.tell(f"{name}: not found", dict(nowhere))
        shown = "; ".join(culprits)[:300]
        self.verdict.expect(f"{name}: changed something", shown or 0, holds=not culprits)
        failed = sum(count for status, count in answers.items() if status >= 500 or status == 429)
        self.verdict.expect(f"{name}: failed or turned away", failed, holds=not failed, wanted="0")

    def by_browser(self, paths: list[str]) -> None:
        program = find_chromium()
        if program is None:
            raise Failure("no chromium found: install the package chromium, or set CHROMIUM")
        submitted: list[str] = []

        def note(asked: Any) -> None:
            if asked.method not in ("GET", "HEAD"):
                submitted.append(asked.url)

        with import_module("playwright.sync_api").sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            context = browser.new_context()
            context.on("request", note)
            context.clock.install()
            page = context.new_page()
            # The browser runs an event loop in this thread, which asks the database too.
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
            self._ask("browser with scripts", paths, lambda path: self._open(page, path))
            browser.close()
        shown = f"{len(submitted)}, {submitted[0]}" if submitted else 0
        self.verdict.expect("browser: submitted by itself", shown, holds=not submitted)

    def _open(self, page: Any, path: str) -> int:
        answer = page.goto(self.address + path)
        page.wait_for_load_state()
        page.evaluate(LOOK_AROUND)
        page.clock.fast_forward(LONG_AFTER)
        page.wait_for_timeout(A_MOMENT)
        page.wait_for_load_state()
        return int(answer.status)

    def stop_by_one_click(self, stops: list[str]) -> None:
        """The first POST may change what a stop changes, the second nothing."""
        from faults.kit.links import changed, checksums

        before = checksums()
        first = self._click(stops)
        tables, stopped = changed(before), checksums()
        again = self._click(stops)
        good = set(first) == set(again) == {200}
        answers = f"{len(stops)}: {dict(first)}, again {dict(again)}"
        self.verdict.expect("one-click POST without cookie: answers", answers, holds=good)
        holds = "outbox.preference" in tables and set(tables) <= MAY_CHANGE
        self.verdict.expect("one-click POST: changed", ", ".join(tables), holds=holds)
        more = changed(stopped)
        self.verdict.expect("one-click POST again: changed", ", ".join(more) or 0, holds=not more)
        left = _not_stopped(stops)
        self.verdict.expect("one-click POST: not stopped", len(left), holds=not left, wanted="0")

    def _click(self, stops: list[str]) -> Counter[int]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            asks = (lambda path: _request(self.address + path, "POST", ONE_CLICK), stops)
            return Counter(pool.map(*asks))


def _culprits(batch: list[str], ask: Ask, tables: list[str]) -> list[str]:
    """Asks one by one; what acts only once cannot be told from its neighbours any more."""
    from faults.kit.links import changed, checksums, view_of

    found, before = list[str](), checksums()
    for path in batch:
        ask(path)
        if now := changed(before):
            found.append(f"{path}: {', '.join(now)}")
            before = checksums()
    views = sorted({view_of(path) for path in batch})
    return found or [f"one of {', '.join(views)}: {', '.join(tables)}"]


def _not_stopped(stops: list[str]) -> list[str]:
    from outbox.actions import read_ticket
    from outbox.limits import wanted

    tickets = {path: read_ticket(path.rstrip("/").rpartition("/")[2]) for path in stops}
    return [
        path
        for path, ticket in tickets.items()
        if ticket is None or ticket.person is None or wanted(ticket.kind, ticket.person)
    ]
