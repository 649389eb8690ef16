"""Machines open every link of every e-mail: nothing changes but by the POST of unsubscribing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from faults.kit.links import STOPS, addresses, changed, checksums
from listings import actions as listings
from matching import actions, clocks, tasks
from matching.choices import Effect, Side
from matching.models import Suggestion
from outbox.models import Message
from partners.actions import approve, suspend
from partners.models import Organisation
from tests.factories import NeedFactory, TechnologyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def journey(
    provider: Organisation,
    city: Organisation,
    curator: User,
    author: User,
    official: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From a submitted need to every e-mail that a suggestion can bring about."""
    rows = [TechnologyFactory(organisation=provider) for _ in range(4)]
    need = NeedFactory(organisation=city, submitted=True)
    listings.publish(need, by=curator, note="Thank you")
    tasks.sweep()
    Suggestion.objects.update(told_need_at=timezone.now(), told_technology_at=timezone.now())
    pairs = list(Suggestion.objects.order_by("pk"))
    assert len(pairs) == len(rows)
    actions.accept(pairs[0], by=author, side=Side.TECHNOLOGY)
    actions.accept(pairs[0], by=official, side=Side.NEED)
    actions.decline(pairs[1], by=author, side=Side.TECHNOLOGY, reason="price")
    actions.accept(pairs[2], by=author, side=Side.TECHNOLOGY)
    actions.withdraw(pairs[2], by=author, side=Side.TECHNOLOGY)
    actions.accept(pairs[3], by=author, side=Side.TECHNOLOGY)
    monkeypatch.setattr(clocks, "is_working", lambda country, day: True)
    Suggestion.objects.filter(pk=pairs[3].pk).update(
        told_need_at=timezone.now() - timedelta(days=30),
        expires_at=timezone.now() + timedelta(days=1),
    )
    tasks.EFFECTS[Effect.REMIND](pairs[3].pk)
    Suggestion.objects.filter(pk=pairs[3].pk).update(expires_at=timezone.now())
    tasks.EFFECTS[Effect.EXPIRE](pairs[3].pk)
    suspend(provider, by=curator, reason="Reported")
    approve(Organisation.objects.get(pk=provider.pk), by=curator)


@pytest.mark.usefixtures("journey")
def test_no_machine_that_follows_a_link_changes_anything() -> None:
    found = addresses()
    templates = set(Message.objects.values_list("kind", flat=True))
    assert {"answer", "introduction", "decision", "reminder"} <= templates
    assert any(STOPS in path for path in found)
    before = checksums()
    for path in found:
        for method in ("get", "head"):
            assert getattr(Client(), method)(path).status_code < 500, path
            assert changed(before) == [], (method, path)


@pytest.mark.usefixtures("journey")
def test_post_without_a_cookie_changes_nothing_but_unsubscribing() -> None:
    before = checksums()
    for path in addresses():
        machine = Client(enforce_csrf_checks=True)
        said = {"what": "decline", "side": "need", "reason": "price"}
        assert machine.post(path, said).status_code < 500, path
        now = changed(before)
        if STOPS in path:
            assert set(now) <= {"outbox.preference", "accounts.auditentry", "matching.work"}, path
            before = checksums()
        else:
            assert now == [], path
