"""Every page: axe finds nothing, the console is silent, nothing is wider than a small phone."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.browser.pages import ADMIN, Seen, pages, sign_in
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.pages]

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
# Best practices beside WCAG are ours to keep, not those of Django's own admin templates.
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
RUN_AXE = """async (only) => (await axe.run(document,
    {resultTypes: ['violations'], ...(only ? {runOnly: only} : {})})).violations.map(
    v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).slice(0, 3).join(' | '))"""
WIDER = """() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"""


def visits(site: Site) -> dict[str, list[Seen]]:
    """The pages by who looks at them, so that each person signs in once."""
    found: dict[str, list[Seen]] = {}
    for seen in pages(site):
        found.setdefault(seen.who, []).append(seen)
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh-hans", "ar"])
def test_axe_finds_nothing(browser: Browser, demo: Site, language: str, theme: str) -> None:
    problems = []
    for who, seen in visits(demo).items():
        context = browser.new_context(
            bypass_csp=True,
            color_scheme=theme,
            reduced_motion="reduce",
            viewport={"width": 1280, "height": 900},
        )
        sign_in(context, demo, who)
        page = context.new_page()
        for one in seen:
            page.goto(f"{demo.url}/{language}/{one.path}")
            page.evaluate(AXE)
            only = WCAG if one.who == ADMIN else None
            problems += [f"{one.name}: {violation}" for violation in page.evaluate(RUN_AXE, only)]
        context.close()
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_page_breaks_its_policy_or_is_wider_than_a_small_phone(
    browser: Browser, demo: Site, language: str
) -> None:
    problems: list[str] = []
    for who, seen in visits(demo).items():
        context = browser.new_context(viewport={"width": 320, "height": 700})
        sign_in(context, demo, who)
        page = context.new_page()
        listen(page, problems)
        for one in seen:
            answer = page.goto(f"{demo.url}/{language}/{one.path}")
            assert answer is not None
            expected = 404 if one.name == "not found" else 200
            if answer.status != expected:
                problems.append(f"{one.name}: status {answer.status}")
            if not one.name.startswith("admin") and page.evaluate(WIDER):
                problems.append(f"{one.name}: wider than 320 pixels")
        context.close()
    assert not problems, "\n".join(problems)


def listen(page: Page, problems: list[str]) -> None:
    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "404" not in message.text:
            problems.append(f"{page.url}: {message.text}")

    page.on("console", note)
    page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
