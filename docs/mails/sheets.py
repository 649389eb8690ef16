"""Contact sheets and texts: ``sheets.py FOLDER`` after ``manage.py preview_mails FOLDER``.

Needs the development requirements (playwright) and chromium; CHROMIUM names another one.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).resolve().parent
LANGUAGES = ("en", "zh-hans", "fr", "es", "ru", "ar")
SHOWN = (  # name, width of the window, colours
    ("digest", 700, "light"),
    ("digest", 390, "dark"),
    ("introduction_opened", 700, "dark"),
    ("account_login_code", 390, "light"),
    ("digests_paused", 390, "light"),
)
HIGH, SHRINK = 1600, 0.5  # the sheet below is as high as these make it
SHEET = """<body style="margin:0;padding:12px;display:flex;gap:12px;background:#80868a;
align-items:flex-start;width:max-content">{}</body>"""
SIGNED = re.compile(r"(?<=/)[\w.:-]+:[\w-]{20,}(?=/)")  # an answer or a way out, for one reader
PICTURE = '<img src="data:image/png;base64,{}" style="width:{}px">'


def shot(browser: Browser, file: Path, width: int, dark: bool) -> str:
    page = browser.new_page(viewport={"width": width, "height": 600})
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.goto(file.resolve().as_uri())
    high = min(HIGH, page.evaluate("document.documentElement.scrollHeight"))
    data = page.screenshot(clip={"x": 0, "y": 0, "width": width, "height": high}, full_page=True)
    page.close()
    return PICTURE.format(base64.b64encode(data).decode(), round(width * SHRINK))


def sheet(browser: Browser, folder: Path, language: str) -> None:
    pictures = [
        shot(browser, folder / language / f"{name}.html", width, colours == "dark")
        for name, width, colours in SHOWN
    ]
    page = browser.new_page(viewport={"width": 1400, "height": 824})
    page.set_content(SHEET.format("".join(pictures)))
    page.locator("body").screenshot(path=HERE / f"{language}.png")
    page.close()


def texts(folder: Path, language: str) -> None:
    """Every e-mail as its reader's terminal shows it, one after the other."""
    found = [path.read_text(encoding="utf-8") for path in sorted((folder / language).glob("*.txt"))]
    whole = f"\n{'=' * 72}\n\n".join(text.rstrip() + "\n" for text in found)
    (HERE / f"{language}.txt").write_text(SIGNED.sub("…", whole), encoding="utf-8")


def main(folder: Path) -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        for language in LANGUAGES:
            sheet(browser, folder, language)
            texts(folder, language)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
