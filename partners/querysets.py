"""Questions asked of organisations and memberships."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from accounts.models import User
from partners.choices import Kind, OrganisationStatus


class OrganisationQuerySet(models.QuerySet[Any]):
    def approved(self) -> "OrganisationQuerySet":
        return self.filter(status=OrganisationStatus.APPROVED)

    def waiting(self) -> "OrganisationQuerySet":
        return self.filter(status=OrganisationStatus.APPLIED).order_by("applied_at")

    def of(self, user: User | AnonymousUser) -> "OrganisationQuerySet":
        """The organisations that the user is a member of."""
        return self.filter(memberships__user_id=user.pk) if user.pk else self.none()

    def visible_to(self, user: User | AnonymousUser) -> "OrganisationQuerySet":
        """Approved ones to everybody; others to their members and to those who approve."""
        if user.has_perm("partners.decide_organisation"):
            return self.all()
        mine = Q(
            pk__in=self.model._default_manager.filter(memberships__user_id=user.pk).values("pk")
        )
        return (
            self.filter(Q(status=OrganisationStatus.APPROVED) | mine)
            if user.pk
            else self.approved()
        )

    def editable_by(self, user: User | AnonymousUser) -> "OrganisationQuerySet":
        return self.of(user).exclude(status=OrganisationStatus.SUSPENDED)

    def able_to_post(self, user: User | AnonymousUser, kind: Kind) -> "OrganisationQuerySet":
        """The approved organisations of one kind in whose name the user may post."""
        return self.of(user).approved().filter(kind=kind)

    def in_directory(self) -> "OrganisationQuerySet":
        return self.approved().order_by("name")


def members_to_tell(organisation: Any) -> models.QuerySet[User]:
    """Active people of an organisation, who may be written to."""
    return User.objects.filter(memberships__organisation=organisation, is_active=True).order_by(
        "pk"
    )


def country_of(person: User) -> str:
    """Where a person works: the country of the first organisation they joined."""
    rows = User.objects.filter(pk=person.pk).order_by("memberships__since", "memberships__pk")
    return rows.values_list("memberships__organisation__country", flat=True).first() or ""
