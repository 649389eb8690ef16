"""Applying, and being decided about: by somebody else, with a reason, and told by mail."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from common.errors import Conflict, Incomplete, NotAllowed
from outbox.models import Message
from partners import actions
from partners.choices import OrganisationStatus
from partners.models import Membership, Organisation
from tests.factories import ProviderFactory, TechnologyFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def applied(author: User) -> Organisation:
    return ProviderFactory(name="New Works", status=OrganisationStatus.APPLIED, members=[author])


def decide_url(organisation: Organisation) -> str:
    return reverse("admin:partners_organisation_decide", args=[organisation.pk])


def test_applicant_gets_a_mail_and_becomes_manager(author: User) -> None:
    organisation = Organisation(name="New Works", kind="provider", country="FR")
    actions.apply(organisation, by=author)
    assert Message.objects.get().subject == "We have received the application of New Works"
    assert Membership.objects.get().user == author


@pytest.mark.parametrize(
    ("decision", "status", "subject"),
    [
        ("approve", OrganisationStatus.APPROVED, "New Works is approved on GreenMatch"),
        ("reject", OrganisationStatus.REJECTED, "New Works: the application was not approved"),
    ],
)
def test_decision_in_the_admin_is_told_with_its_reason(
    applied: Organisation, as_curator: Client, decision: str, status: str, subject: str
) -> None:
    note = "The website answers and the register knows you."
    as_curator.post(decide_url(applied), {"decision": decision, "note": note})
    applied.refresh_from_db()
    assert applied.status == status
    message = Message.objects.get()
    assert message.subject == subject
    assert note in message.text
    assert AuditEntry.objects.filter(subject_id=applied.pk, reason=note).exists()


def test_refusal_needs_a_reason(applied: Organisation, as_curator: Client, curator: User) -> None:
    page = as_curator.post(decide_url(applied), {"decision": "reject", "note": " "})
    assert page.status_code == 200
    applied.refresh_from_db()
    assert applied.status == OrganisationStatus.APPLIED
    with pytest.raises(Incomplete):
        actions.reject(applied, by=curator, reason="")


def test_suspension_is_told_and_hides_what_was_published(
    applied: Organisation, as_curator: Client, visitor: Client, curator: User
) -> None:
    actions.approve(applied, by=curator)
    technology = TechnologyFactory(organisation=applied)
    assert visitor.get(technology.get_absolute_url()).status_code == 200
    as_curator.post(decide_url(applied), {"decision": "suspend", "note": "Reported as a copy."})
    assert visitor.get(technology.get_absolute_url()).status_code == 404
    assert Message.objects.filter(subject="New Works has been suspended").exists()


def test_only_steps_that_make_sense_are_offered(applied: Organisation, as_curator: Client) -> None:
    page = as_curator.get(decide_url(applied)).content.decode()
    assert 'value="approve"' in page
    assert 'value="reject"' in page
    assert 'value="suspend"' not in page


def test_nobody_decides_about_their_own(
    applied: Organisation, as_curator: Client, curator: User
) -> None:
    Membership.objects.create(organisation=applied, user=curator)
    assert as_curator.get(decide_url(applied)).status_code == 403
    with pytest.raises(NotAllowed):
        actions.approve(applied, by=curator)


def test_two_curators_cannot_decide_twice(applied: Organisation, curator: User) -> None:
    stale = Organisation.objects.get(pk=applied.pk)
    actions.approve(applied, by=curator)
    with pytest.raises(Conflict):
        actions.reject(stale, by=curator, reason="Too late")


def test_stranger_does_not_enter_the_admin(applied: Organisation, as_stranger: Client) -> None:
    assert as_stranger.get(decide_url(applied)).status_code in (302, 403)
    url = reverse("admin:partners_organisation_changelist")
    assert as_stranger.get(url).status_code in (302, 403)


def test_queue_and_page_of_an_organisation_open(applied: Organisation, as_curator: Client) -> None:
    url = reverse("admin:partners_organisation_changelist")
    assert "New Works" in as_curator.get(url + "?status__exact=applied").content.decode()
    page = as_curator.get(reverse("admin:partners_organisation_change", args=[applied.pk]))
    assert page.status_code == 200
    assert decide_url(applied) in page.content.decode()


def test_status_cannot_be_typed_in(applied: Organisation, as_curator: Client) -> None:
    url = reverse("admin:partners_organisation_change", args=[applied.pk])
    as_curator.post(url, {"status": "approved", "name": "New Works"})
    applied.refresh_from_db()
    assert applied.status == OrganisationStatus.APPLIED


def test_organisations_are_neither_added_nor_deleted_by_hand(
    applied: Organisation, as_curator: Client
) -> None:
    assert as_curator.get(reverse("admin:partners_organisation_add")).status_code == 403
    url = reverse("admin:partners_organisation_delete", args=[applied.pk])
    assert as_curator.get(url).status_code == 403


def test_new_member_in_the_admin_is_written_down(applied: Organisation, stranger: User) -> None:
    boss = UserFactory(is_staff=True, is_superuser=True)
    browser = Client()
    browser.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("admin:partners_organisation_change", args=[applied.pk])
    form = browser.get(url).context["adminform"].form
    data = {name: value for name, value in form.initial.items() if value is not None}
    data |= {
        "memberships-TOTAL_FORMS": 1,
        "memberships-INITIAL_FORMS": 0,
        "memberships-0-user": stranger.pk,
        "memberships-0-role": "member",
        "memberships-0-organisation": applied.pk,
    }
    assert browser.post(url, data).status_code == 302
    assert applied.memberships.filter(user=stranger).exists()
    entry = AuditEntry.objects.get(verb="set member")
    assert entry.details == {"user": stranger.pk}
