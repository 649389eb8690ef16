"""The ledger of effects: appended, corrected by entries, verified by somebody of neither side."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from common.errors import Conflict, Incomplete, NotAllowed
from introductions import actions, ledger
from introductions.models import ImpactEntry
from introductions.uploads import Checked
from matching.choices import Side
from matching.models import Introduction
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def enter(introduction: Introduction, by: User, **said: Any) -> ImpactEntry:
    today = timezone.localdate()
    usual = {
        "metric": "energy_saving",
        "value": Decimal("19.5"),
        "unit": "%",
        "starts": today - timedelta(days=90),
        "ends": today,
        "evidence": "documented",
        "method": "Meters, adjusted for weather",
    }
    side = said.pop("side", Side.TECHNOLOGY)
    return ledger.enter(introduction, by=by, side=side, **{**usual, **said})


@pytest.fixture
def auditor(db: None) -> User:
    person = UserFactory(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename="verify_impactentry"))
    return person


def test_member_writes_an_effect_down_and_both_sides_see_it(
    introduction: Introduction, as_author: Client, as_official: Client
) -> None:
    today = timezone.localdate()
    said = {
        "metric": "co2e_avoided",
        "value": "1250.50",
        "unit": "ktCO2e/yr",
        "starts": today - timedelta(days=30),
        "ends": today,
        "evidence": "claimed",
    }
    as_author.post(reverse("introductions:impact", args=[introduction.pk]), said)
    page = as_official.get(introduction.get_absolute_url()).content.decode()
    assert "CO₂e avoided" in page
    assert "1,250.5\N{NO-BREAK SPACE}kt CO₂e per year" in page


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"unit": "kW"}, "unit"),
        ({"ends": timezone.localdate() - timedelta(days=91)}, "ends"),
        ({"ends": timezone.localdate() + timedelta(days=1)}, "ends"),
        ({"evidence": "verified"}, "evidence"),
        ({"method": " "}, "method"),
    ],
)
def test_what_cannot_be_is_refused_with_words_for_its_field(
    introduction: Introduction, author: User, said: dict[str, Any], field: str
) -> None:
    with pytest.raises(Incomplete) as refused:
        enter(introduction, author, **said)
    assert list(refused.value.fields) == [field]


def test_correction_replaces_and_keeps_the_old_entry(
    introduction: Introduction, author: User, official: User, as_author: Client
) -> None:
    old = enter(introduction, author)
    with pytest.raises(NotAllowed):
        enter(introduction, official, side=Side.NEED, replaces=old)
    new = enter(introduction, author, value=Decimal(17), replaces=old)
    assert list(ImpactEntry.objects.standing()) == [new]
    with pytest.raises(Conflict):
        enter(introduction, author, replaces=old)
    page = as_author.get(introduction.get_absolute_url()).content.decode()
    assert "1 entry that was replaced" in page


def test_only_somebody_of_neither_side_with_the_permission_verifies(
    introduction: Introduction, author: User, stranger: User, auditor: User
) -> None:
    entry = enter(introduction, author)
    author.user_permissions.set(Permission.objects.filter(codename="verify_impactentry"))
    for person in (User.objects.get(pk=author.pk), stranger):
        with pytest.raises(NotAllowed):
            ledger.verify(entry, by=person, method="Looked at it")
    checked = ledger.verify(entry, by=auditor, method="Read the meters")
    assert list(ImpactEntry.objects.standing()) == [checked]
    with pytest.raises(Conflict):
        ledger.verify(entry, by=auditor, method="Again")


def test_who_verifies_sees_the_figure_and_nothing_of_the_conversation(
    introduction: Introduction, author: User, auditor: User, as_author: Client
) -> None:
    actions.write(introduction, by=author, side=Side.TECHNOLOGY, text="Between us")
    entry = enter(introduction, author)
    path = reverse("introductions:verify", args=[entry.pk])
    assert as_author.get(path).status_code == 404
    browser = Client()
    browser.force_login(auditor, backend="django.contrib.auth.backends.ModelBackend")
    page = browser.get(path).content.decode()
    assert "Meters, adjusted for weather" in page
    assert "Between us" not in page
    assert browser.get(introduction.get_absolute_url()).status_code == 404
    browser.post(path, {"method": "Read the meters"})
    assert ImpactEntry.objects.standing().get().by == auditor


def test_the_database_holds_the_rules_by_itself(introduction: Introduction, author: User) -> None:
    entry = enter(introduction, author)
    forged = ImpactEntry(introduction=introduction, by=author, metric="power", unit="kW", value=1)
    forged.starts = forged.ends = timezone.localdate()
    for columns in (
        {"side": "technology", "evidence": "verified", "method": "x", "replaces": entry},
        {"side": "", "evidence": "claimed", "method": "", "replaces": None},
        {"side": "need", "evidence": "documented", "method": "", "replaces": None},
    ):
        for name, value in columns.items():
            setattr(forged, name, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            ImpactEntry.objects.bulk_create([forged])
    for table, column in (("impactentry", "method"), ("attachment", "name")):
        message = actions.write(
            introduction,
            by=author,
            side=Side.TECHNOLOGY,
            text="File",
            file=Checked("a.txt", "text/plain", b"a"),
        )
        assert message.pk
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE introductions_{table} SET {column} = 'Otherwise'")


def test_admin_sees_that_something_was_written_but_not_what(
    introduction: Introduction, author: User, as_author: Client
) -> None:
    actions.write(
        introduction,
        by=author,
        side=Side.TECHNOLOGY,
        text="Between us",
        file=Checked("secret-name.txt", "text/plain", b"a"),
    )
    enter(introduction, author)
    browser = Client()
    boss = UserFactory(is_staff=True, is_superuser=True)
    browser.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    for model in ("threadmessage", "attachment", "milestone", "meeting", "impactentry"):
        listed = browser.get(reverse(f"admin:introductions_{model}_changelist"))
        assert listed.status_code == 200
        text = listed.content.decode()
        assert "Between us" not in text
        assert "secret-name" not in text
    row = introduction.messages.get()  # type: ignore[attr-defined]
    page = browser.get(reverse("admin:introductions_threadmessage_change", args=[row.pk]))
    assert page.status_code == 200
    assert "Between us" not in page.content.decode()
    decide = reverse("admin:matching_introduction_decide", args=[introduction.pk])
    assert browser.post(decide, {"decision": "close", "note": ""}).status_code == 200
    browser.post(decide, {"decision": "close", "note": "Reported as a swindle"})
    seen = as_author.get(introduction.get_absolute_url()).content.decode()
    assert "Reported as a swindle" in seen
    assert "was closed on" in seen
