"""The whole story in a browser, from two sign-ups to an introduction."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.site import Recorder, Site, text_of

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery staple"
ADMIN = "admin@greenmatch.example"
NEED = {
    "title": "Cool 42 public schools through summer without raising the evening peak",
    "summary": "Classrooms pass 30 °C; the local grid can take no more in the evening.",
    "problem": "Split air conditioners all run at once on summer afternoons. We look for cooling "
    "of buildings with thermal storage: phase change panels or ice charged at night, less peak.",
}
TECHNOLOGY = {
    "title": "夜间蓄冷相变吊顶板",
    "summary": "夜间用低谷电给相变材料蓄冷，白天为教室降温，减少空调高峰用电。",
    "description": "相变蓄冷吊顶板安装在既有建筑的吊顶内，夜间蓄冷，白天供冷，"
    "削减制冷高峰负荷，适用于学校、医院和办公楼的建筑制冷。",
}


@dataclass
class Person:
    """One browser window with somebody at it."""

    page: Page
    site: Site
    language: str

    def go(self, path: str) -> None:
        self.page.goto(f"{self.site.url}/{self.language}/{path}")

    def press(self) -> None:
        """The page's one main button."""
        self.page.locator("main .btn--main").first.click()


def newcomer(browser: Browser, site: Site, language: str) -> Person:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    context.set_default_timeout(15_000)
    return Person(context.new_page(), site, language)


def sign_up(person: Person, name: str, address: str, post: Recorder) -> None:
    person.go("accounts/signup/")
    person.page.fill("input[name=name]", name)
    person.page.fill("input[name=email]", address)
    person.page.fill("input[name=password1]", PASSWORD)
    person.press()
    code = code_in(text_of(post.wait(address)))
    person.page.fill("input[name=code]", code)
    person.press()
    expect(person.page).to_have_url(re.compile("/dashboard/"))


def code_in(text: str) -> str:
    found = re.search(r"^\s*([A-Z0-9]{3,}(?:-[A-Z0-9]{3,})?)\s*$", text, re.MULTILINE)
    assert found, text
    return found.group(1)


def register(person: Person, kind: str, name: str, country: str) -> None:
    person.go("partners/register/")
    person.page.check(f"input[name=kind][value={kind}]")
    person.page.fill("input[name=name]", name)
    person.page.select_option("select[name=source_language]", person.language)
    person.page.fill("textarea[name=description]", "…" * 20)
    person.page.select_option("select[name=country]", country)
    person.page.fill("input[name=contact_name]", f"Contact of {name}")
    person.page.fill("input[name=contact_email]", f"contact-{kind}@secret.example")
    person.page.check("input[name=charter_accepted]")
    person.press()
    expect(person.page).to_have_url(re.compile("/dashboard/"))


def administrator(browser: Browser, site: Site) -> Person:
    site.python(
        "from accounts.models import User; from allauth.account.models import EmailAddress;"
        f"u = User.objects.create_superuser('{ADMIN}', '{PASSWORD}', name='Ada');"
        "EmailAddress.objects.create(user=u, email=u.email, verified=True, primary=True)"
    )
    admin = newcomer(browser, site, "en")
    admin.go("admin/")
    admin.page.fill("input[name=login]", ADMIN)
    admin.page.fill("input[name=password]", PASSWORD)
    admin.press()
    expect(admin.page).to_have_url(re.compile("/admin/$"))
    return admin


def decide(admin: Person, model: str, words: str, decision: str, note: str) -> None:
    """Open the record from its list in the admin, and decide."""
    admin.go(f"admin/{model}/")
    admin.page.locator("#result_list a", has_text=words).first.click()
    admin.page.locator(f".object-tools a[href$='#decision-{decision}']").click()
    admin.page.fill("textarea[name=note]", note)
    admin.page.click(f"button[value={decision}]")
    expect(admin.page.locator(".messagelist .success")).to_be_visible()


def write(person: Person, app: str, texts: dict[str, str], first: str) -> None:
    """Draft, topics, check, submit: section by section, as the pages lead."""
    person.go(f"{app}/new/")
    for name, text in texts.items():
        person.page.fill(f"main [name={name}]", text)
    if app == "technologies":
        person.page.select_option("select[name=type]", "material")
    person.press()
    expect(person.page).to_have_url(re.compile(r"/edit/$"))
    person.page.goto(person.page.url + "topics/")
    topic = person.page.locator("label", has_text=first).locator("input").first
    topic.evaluate("box => { box.closest('details').open = true }")
    topic.check()
    person.press()
    expect(person.page).to_have_url(re.compile(r"/edit/$"))
    person.page.goto(person.page.url.replace("/edit/", "/check/"))
    person.page.locator("main form[action$='/do/submit/'] button").click()
    expect(person.page.locator("main form[action$='/do/withdraw/']")).to_be_visible()


def link_in(text: str, site: Site, page: str = "matching/suggestions") -> str:
    found = re.search(re.escape(site.url) + rf"/\S*/{page}/\d+/", text)
    assert found, text
    return found.group(0)


def accept(person: Person, link: str) -> None:
    """Follow the link from the e-mail; a yes takes a page of its own and a press of a button."""
    person.page.goto(link)
    expect(person.page.locator(".knot").first).to_be_visible()
    person.page.locator("main a[href*='/accept/']").first.click()
    person.page.locator("main form[method=post] button.btn--main").click()


def test_two_strangers_are_matched_and_introduced(browser: Browser, site: Site) -> None:
    post = site.post
    provider, city = newcomer(browser, site, "zh-hans"), newcomer(browser, site, "en")
    sign_up(provider, "沈清越", "shen@provider.example", post)
    register(provider, "provider", "清越建筑系统", "CN")
    sign_up(city, "Grace Holloway", "grace@city.example", post)
    register(city, "city", "Schools Estates Office", "GB")

    admin = administrator(browser, site)
    decide(admin, "partners/organisation", "清越建筑系统", "approve", "Checked.")
    decide(admin, "partners/organisation", "Schools Estates Office", "approve", "Checked.")
    post.wait("shen@provider.example", "清越建筑系统")
    post.wait("grace@city.example", "Schools Estates Office", "approved")

    write(provider, "technologies", TECHNOLOGY, "建筑制冷")
    write(city, "needs", NEED, "Cooling of buildings")
    decide(admin, "technologies/technology", TECHNOLOGY["title"], "publish", "")
    decide(admin, "needs/need", NEED["title"], "publish", "")

    to_provider = post.wait("shen@provider.example", "/matching/suggestions/")
    to_city = post.wait("grace@city.example", "/matching/suggestions/")
    assert re.search(r"[\u4e00-\u9fff]", str(to_provider["Subject"]))
    assert to_provider["Content-Language"] == "zh-hans"
    assert to_city["Content-Language"] == "en"
    assert "secret.example" not in text_of(to_provider) + text_of(to_city)

    accept(city, link_in(text_of(to_city), site))
    assert "contact-provider@secret.example" not in city.page.content()
    accept(provider, link_in(text_of(to_provider), site))
    opened = post.wait("grace@city.example", "/introductions/", "清越建筑系统")
    city.page.goto(link_in(text_of(opened), site, "introductions"))
    city.page.locator("form[action$='/contacts/'] button").click()
    expect(city.page.locator("main")).to_contain_text("contact-provider@secret.example")
