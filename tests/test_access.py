"""Who may open what: every address for every role, every state of a record for every role.

A new address without a row in ``EXPECTED`` fails: decide who may see it, then write it down.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import User
from common.choices import PUBLIC_STATUSES, Status
from matching.choices import Decision, Side
from matching.models import Introduction, Response, Suggestion
from matching.policy import in_force
from needs.models import Need
from partners.choices import OrganisationStatus
from partners.models import Organisation
from programmes.models import Programme
from technologies.models import Technology
from tests.factories import NeedFactory, TechnologyFactory, UserFactory
from tests.introductions.sample import introduced
from tests.routes import Route, address, ours, routes

pytestmark = pytest.mark.django_db

CANARIES = ("private@contact.example", "+33 555 0100", "Private Person")

EVERYBODY = {"visitor": 200, "stranger": 200, "author": 200, "official": 200, "curator": 200}
SIGNED_IN = {**EVERYBODY, "visitor": 302}
POST_ONLY = dict.fromkeys(EVERYBODY, 405)
POST_ONLY_SIGNED_IN = {**POST_ONLY, "visitor": 302}
AUTHOR = {"visitor": 302, "stranger": 404, "author": 200, "official": 404, "curator": 404}
OFFICIAL = {"visitor": 302, "stranger": 404, "author": 404, "official": 200, "curator": 404}
BOTH_SIDES = {"visitor": 302, "stranger": 404, "author": 200, "official": 200, "curator": 404}
TRANSLATORS_T = {**AUTHOR, "curator": 200}
TRANSLATORS_N = {**OFFICIAL, "curator": 200}

EXPECTED: dict[str, dict[str, int]] = {
    "about": EVERYBODY,
    "about_matching": EVERYBODY,
    "accessibility": EVERYBODY,
    "api-concept-detail": EVERYBODY,
    "api-concept-list": EVERYBODY,
    "api-docs": EVERYBODY,
    "api-need-detail": EVERYBODY,
    "api-need-list": EVERYBODY,
    "api-schema": EVERYBODY,
    "api-technology-detail": EVERYBODY,
    "api-technology-list": EVERYBODY,
    "dashboard": SIGNED_IN,
    "healthz": EVERYBODY,
    "home": EVERYBODY,
    "introductions:agree": POST_ONLY_SIGNED_IN,
    "introductions:broker_admit": POST_ONLY_SIGNED_IN,
    "introductions:broker_ask": POST_ONLY_SIGNED_IN,
    "introductions:broker_end": POST_ONLY_SIGNED_IN,
    "introductions:broker_invite": POST_ONLY_SIGNED_IN,
    "introductions:broker_join": POST_ONLY_SIGNED_IN,
    "introductions:calendar": BOTH_SIDES,
    "introductions:cancel": POST_ONLY_SIGNED_IN,
    "introductions:close": BOTH_SIDES,
    "introductions:confirm": POST_ONLY_SIGNED_IN,
    "introductions:contacts": POST_ONLY_SIGNED_IN,
    "introductions:contest": OFFICIAL,
    "introductions:correct": AUTHOR,
    "introductions:file": BOTH_SIDES,
    "introductions:impact": BOTH_SIDES,
    "introductions:impact_correct": AUTHOR,
    "introductions:list": SIGNED_IN,
    "introductions:meet": BOTH_SIDES,
    "introductions:page": BOTH_SIDES,
    "introductions:read": POST_ONLY_SIGNED_IN,
    "introductions:report": BOTH_SIDES,
    "introductions:show_again": POST_ONLY_SIGNED_IN,
    "introductions:verify": {**BOTH_SIDES, "author": 404, "official": 404},
    "introductions:withdraw": POST_ONLY_SIGNED_IN,
    "introductions:write": POST_ONLY_SIGNED_IN,
    "matching:accept": BOTH_SIDES,
    "matching:answer": dict.fromkeys(EVERYBODY, 404),
    "matching:compare": OFFICIAL,
    "matching:decline": BOTH_SIDES,
    "matching:exposure": EVERYBODY,
    "matching:inbox": SIGNED_IN,
    "matching:later": BOTH_SIDES,
    "matching:lesson": POST_ONLY_SIGNED_IN,
    "matching:shortlist": OFFICIAL,
    "matching:shortlist_csv": OFFICIAL,
    "matching:suggestion": BOTH_SIDES,
    "matching:withdraw": POST_ONLY_SIGNED_IN,
    "needs:act": POST_ONLY_SIGNED_IN,
    "needs:check": OFFICIAL,
    "needs:create": SIGNED_IN,
    "needs:detail": EVERYBODY,
    "needs:edit": OFFICIAL,
    "needs:list": EVERYBODY,
    "needs:section": OFFICIAL,
    "needs:translate": TRANSLATORS_N,
    "mail_events": POST_ONLY,
    "outbox:choices": dict.fromkeys(EVERYBODY, 404),
    "outbox:preferences": SIGNED_IN,
    "outbox:unsubscribe": dict.fromkeys(EVERYBODY, 404),
    "outbox:unsubscribe_before": dict.fromkeys(EVERYBODY, 404),
    "partners:apply": SIGNED_IN,
    "partners:apply_again": POST_ONLY_SIGNED_IN,
    "partners:detail": EVERYBODY,
    "partners:edit": AUTHOR,
    "partners:list": EVERYBODY,
    "privacy": EVERYBODY,
    "programmes:detail": EVERYBODY,
    "programmes:list": EVERYBODY,
    "programmes:work": SIGNED_IN,
    "root": dict.fromkeys(EVERYBODY, 302),
    "search": EVERYBODY,
    "settings": SIGNED_IN,
    "technologies:act": POST_ONLY_SIGNED_IN,
    "technologies:check": AUTHOR,
    "technologies:create": SIGNED_IN,
    "technologies:detail": EVERYBODY,
    "technologies:edit": AUTHOR,
    "technologies:list": EVERYBODY,
    "technologies:section": AUTHOR,
    "technologies:translate": TRANSLATORS_T,
    "theme": POST_ONLY,
}


class World:
    """Two organisations, a record of each, a suggestion between, and a browser for each role."""

    def __init__(
        self, browsers: dict[str, Client], provider: Organisation, city: Organisation
    ) -> None:
        self.browsers, self.provider, self.city = browsers, provider, city
        self.technology: Technology = TechnologyFactory(organisation=provider)
        self.need: Need = NeedFactory(organisation=city)
        today = timezone.localdate()
        self.programme = Programme.objects.create(
            organisation=city, title_en="Cool", title="Cool", starts=today, ends=today, public=True
        )
        self.suggestion = Suggestion.objects.create(
            need=self.need,
            technology=self.technology,
            score=88,
            policy=in_force(),
            expires_at=timezone.now() + timedelta(days=10),
        )

    def samples(self) -> dict[str, Any]:
        concept = self.technology.concepts.get_or_create(scheme="topic", code="sample")[0]
        return {
            "technologies.pk": self.technology.pk,
            "needs.pk": self.need.pk,
            "partners.pk": self.provider.pk,
            "programmes.pk": self.programme.pk,
            "matching.pk": self.suggestion.pk,
            **introduced(self.technology, NeedFactory(organisation=self.city)),
            "matching:compare.pk": self.need.pk,
            "matching:shortlist.pk": self.need.pk,
            "matching:shortlist_csv.pk": self.need.pk,
            "technologies.slug": "what",
            "needs.slug": "problem",
            "technologies:act.slug": "submit",
            "technologies:act.verb": "submit",
            "needs:act.verb": "submit",
            "language": "fr",
            "token": "no-such-token",
            "api-technology-detail.pk": self.technology.pk,
            "api-need-detail.pk": self.need.pk,
            "api-concept-detail.pk": concept.pk,
        }

    def status(self, role: str, path: str) -> tuple[int, str]:
        answer = self.browsers[role].get(path)
        text = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return answer.status_code, text.decode(errors="replace")


@pytest.fixture(autouse=True)
def files_of_tests_are_kept_apart(settings: Any, tmp_path: Path) -> None:
    settings.PRIVATE_ROOT = tmp_path / "private"


@pytest.fixture
def world(
    visitor: Client,
    as_stranger: Client,
    as_author: Client,
    as_official: Client,
    as_curator: Client,
    provider: Organisation,
    city: Organisation,
) -> World:
    browsers = {
        "visitor": visitor,
        "stranger": as_stranger,
        "author": as_author,
        "official": as_official,
        "curator": as_curator,
    }
    return World(browsers, provider, city)


def test_every_address_has_a_row() -> None:
    known = set(EXPECTED)
    found = {route.name for route in ours() if not route.name.startswith("demo:")}
    assert found == known


@pytest.mark.parametrize("route", [r for r in ours() if r.name in EXPECTED], ids=lambda r: r.name)
def test_each_role_sees_what_it_may(world: World, route: Route) -> None:
    path = address(route, world.samples())
    got = {role: world.status(role, path)[0] for role in EXPECTED[route.name]}
    assert got == EXPECTED[route.name], path


@pytest.mark.parametrize("route", [r for r in routes() if not r.params], ids=lambda r: r.name)
def test_no_contact_detail_is_on_any_page(world: World, route: Route) -> None:
    path = address(route, world.samples())
    for role in ("visitor", "stranger", "official"):
        status, text = world.status(role, path)
        assert status < 500
        assert not [word for word in CANARIES if word in text], (role, path)


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("kind", ["technology", "need"])
def test_a_record_is_seen_by_exactly_those_who_may(world: World, kind: str, status: str) -> None:
    record = getattr(world, kind)
    type(record).objects.filter(pk=record.pk).update(status=status)
    owner = "author" if kind == "technology" else "official"
    public = status in PUBLIC_STATUSES
    for role in world.browsers:
        expected = 200 if public or role in (owner, "curator") else 404
        got, text = world.status(role, f"/en{record.get_absolute_url()[3:]}")
        assert got == expected, (role, status)
        assert not [word for word in CANARIES if word in text]


@pytest.mark.parametrize("kind", ["technology", "need"])
def test_nothing_of_a_suspended_organisation_is_public(world: World, kind: str) -> None:
    record = getattr(world, kind)
    Organisation.objects.filter(pk=record.organisation_id).update(
        status=OrganisationStatus.SUSPENDED
    )
    assert world.status("visitor", record.get_absolute_url())[0] == 404
    assert world.status("visitor", record.organisation.get_absolute_url())[0] == 404
    listed = world.status("visitor", f"/en/{'technologies' if kind == 'technology' else 'needs'}/")[
        1
    ]
    assert record.get_absolute_url() not in listed
    assert world.status("author", world.suggestion.get_absolute_url())[0] == 404


def test_the_need_page_leads_to_a_suggestion_for_its_two_sides_alone(world: World) -> None:
    path, link = world.need.get_absolute_url(), world.suggestion.get_absolute_url()
    shown = {role: link in world.status(role, path)[1] for role in world.browsers}
    assert shown == {
        "visitor": False,
        "stranger": False,
        "author": True,
        "official": True,
        "curator": False,
    }


def test_contacts_open_to_both_sides_after_two_yeses_and_to_nobody_else(
    world: World, author: User, official: User
) -> None:
    path = world.suggestion.get_absolute_url()
    assert not _sees(world, "official", path, f"{path}contacts/")
    for side, person in ((Side.TECHNOLOGY, author), (Side.NEED, official)):
        Response.objects.create(
            suggestion=world.suggestion, side=side, decision=Decision.ACCEPT, answered_by=person
        )
    path = Introduction.objects.create(suggestion=world.suggestion).get_absolute_url()
    contacts = f"{path}contacts/"
    seen = {role: _sees(world, role, path, contacts) for role in world.browsers}
    assert seen == {
        "visitor": False,
        "stranger": False,
        "author": True,
        "official": True,
        "curator": False,
    }


def _sees(world: World, role: str, path: str, contacts: str) -> bool:
    browser = world.browsers[role]
    text = browser.post(contacts, follow=True).content.decode(errors="replace")
    text += browser.get(path).content.decode(errors="replace")
    return CANARIES[0] in text


def test_the_admin_is_closed_to_all_but_staff(world: World) -> None:
    for route in routes():
        if route.name.startswith("admin:") and not route.params:
            path = address(route, {})
            assert world.status("visitor", path)[0] in (302, 405), path
            assert world.status("author", path)[0] in (302, 403, 405), path


def test_a_superuser_opens_every_admin_page(world: World) -> None:
    admin = Client()
    admin.force_login(
        UserFactory(is_staff=True, is_superuser=True),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    for route in routes():
        if route.name.startswith("admin:") and not route.params and "logout" not in route.name:
            path = address(route, {})
            assert admin.get(path).status_code in (200, 302, 403, 405), path


def test_every_page_has_a_strict_content_security_policy(world: World) -> None:
    for route in routes():
        if route.params:
            continue
        answer = world.browsers["curator"].get(address(route, {}))
        policy = answer.headers.get("Content-Security-Policy", "")
        assert "default-src 'none'" in policy, route.name
        assert "unsafe" not in policy, route.name


def test_reviewers_need_the_permission(world: World) -> None:
    clerk = UserFactory(is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename="view_technology"))
    Technology.objects.filter(pk=world.technology.pk).update(status=Status.DRAFT)
    browser = Client()
    browser.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get(world.technology.get_absolute_url()).status_code == 404
