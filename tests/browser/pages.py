"""The pages of the demonstration that accessibility, CSP and screenshots look at, and who looks."""

from __future__ import annotations

import json
from dataclasses import dataclass

from playwright.sync_api import BrowserContext

from tests.browser.site import Site

VISITOR, PROVIDER, CITY, ADMIN = "", "provider", "city", "admin"
DOMAIN = "demo.greenmatch.example"


@dataclass(frozen=True)
class Seen:
    """One page as one person sees it; the path comes after the language."""

    name: str
    path: str
    who: str = VISITOR


def pages(site: Site) -> list[Seen]:
    """Every kind of page, with records that show all of its parts."""
    ids = json.loads(site.python(FIND).strip().splitlines()[-1])
    fixed = [Seen(name or "home", f"{name}/" if name else "") for name in PUBLIC]
    return fixed + [
        Seen(name, path.format(**ids), who)
        for who, found in PAGES.items()
        for name, path in found.items()
    ]


PUBLIC = (
    "",
    "technologies",
    "needs",
    "partners",
    "programmes",
    "about",
    "about/matching",
    "about/accessibility",
    "about/privacy",
    "search",
    "matching/exposure",
    "demo/mail",
    "accounts/login",
    "accounts/signup",
    "accounts/login/code",
    "accounts/password/reset",
)

PAGES = {
    VISITOR: {
        "technology": "technologies/{technology}/",
        "need": "needs/{need}/",
        "partner": "partners/{provider}/",
        "programme": "programmes/{programme}/",
        "search results": "search/?q=water",
        "found technologies": "technologies/?q=heat+pump&terms=sale",
        "nothing found": "technologies/?q=zzzzqqqq",
        "mail": "demo/mail/{message}/",
        "not found": "nothing-here/",
    },
    CITY: {
        "dashboard": "dashboard/",
        "settings": "settings/",
        "your e-mails": "settings/mail/",
        "register": "partners/register/",
        "inbox": "matching/",
        "own need": "needs/{own_need}/",
        "shortlist": "matching/needs/{own_need}/",
        "compare": "matching/needs/{own_need}/compare/?{compared}",
        "choose to compare": "matching/needs/{own_need}/compare/",
        "suggestion": "matching/suggestions/{suggestion}/",
        "accept": "matching/suggestions/{suggestion}/accept/",
        "decline": "matching/suggestions/{suggestion}/decline/",
        "introductions": "introductions/",
        "introduction": "introductions/{introduction}/",
        "milestone": "introductions/{introduction}/milestones/",
        "meeting": "introductions/{introduction}/meeting/",
        "effect": "introductions/{introduction}/impact/",
        "close": "introductions/{introduction}/close/",
        "later": "matching/suggestions/{suggestion}/later/",
        "answer by link": "matching/answer/{token}/",
        "edit need": "needs/{own_need}/edit/",
        "section": "needs/{own_need}/edit/problem/",
        "topics": "needs/{own_need}/edit/topics/",
        "figures": "needs/{own_need}/edit/situation/",
        "check need": "needs/{own_need}/check/",
        "translate": "needs/{own_need}/translate/fr/",
        "second factor": "accounts/2fa/",
        "password": "accounts/password/change/",
        "e-mail address": "accounts/email/",
        "new need": "needs/new/",
    },
    PROVIDER: {
        "new technology": "technologies/new/",
        "own technology": "technologies/{own_technology}/",
        "where": "technologies/{own_technology}/edit/where/",
    },
    ADMIN: {
        "admin index": "admin/",
        "admin technologies": "admin/technologies/technology/",
        "admin technology": "admin/technologies/technology/{waiting}/change/",
        "admin decision": "admin/technologies/technology/{waiting}/decide/",
        "admin needs": "admin/needs/need/",
        "admin organisations": "admin/partners/organisation/",
        "admin organisation": "admin/partners/organisation/{provider}/change/",
        "admin policies": "admin/matching/policy/",
        "admin new policy": "admin/matching/policy/add/",
        "admin exposure": "admin/matching/policy/exposure/",
        "admin suggestions": "admin/matching/suggestion/",
        "admin e-mails": "admin/outbox/message/",
        "admin concepts": "admin/vocabulary/concept/",
        "admin programmes": "admin/programmes/programme/",
        "admin users": "admin/accounts/user/",
        "admin audit": "admin/accounts/auditentry/",
    },
}

FIND = f"""
import json
from accounts.models import User
from matching.models import Introduction, Suggestion
from matching.links import token_for
from matching.models import Suggestion
from needs.models import Need
from outbox.models import Message
from partners.models import Organisation
from programmes.models import Programme
from technologies.models import Technology
city = User.objects.get(email='city@{DOMAIN}').memberships.first().organisation
provider = User.objects.get(email='provider@{DOMAIN}').memberships.first().organisation
person = User.objects.get(email='city@{DOMAIN}')
own = Need.objects.published().filter(organisation=city, suggestions__isnull=False).first()
print(json.dumps({{
    'technology': Technology.objects.published().filter(benefits__isnull=False).first().pk,
    'need': Need.objects.published().first().pk,
    'provider': provider.pk,
    'programme': Programme.objects.first().pk,
    'message': Message.objects.filter(kind='suggestion').first().pk,
    'own_need': own.pk,
    'own_technology': Technology.objects.published().filter(organisation=provider).first().pk,
    'suggestion': own.suggestions.first().pk,
    'introduction': Introduction.objects.filter(
        suggestion__need__organisation=city, messages__isnull=False).first().pk,
    'compared': '&'.join(f'compare={{row.pk}}' for row in own.suggestions.all()[:3]),
    'token': token_for(own.suggestions.first(), 'need', person),
    'waiting': Technology.objects.submitted().first().pk,
}}))
"""


def sign_in(context: BrowserContext, site: Site, who: str) -> None:
    """Through the sign-in page, as a person does."""
    if not who:
        return
    password = (site.folder / "var" / "demo_password").read_text().strip()
    page = context.new_page()
    page.goto(f"{site.url}/en/accounts/login/")
    page.fill("input[name=login]", f"{who}@{DOMAIN}")
    page.fill("input[name=password]", password)
    page.locator("main .btn--main").first.click()
    page.wait_for_url("**/dashboard/")
    page.close()
