"""Questions asked of both kinds of listing."""

from typing import Self, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from accounts.models import User
from common.choices import EDITABLE_STATUSES, PUBLIC_STATUSES, Status
from partners.choices import OrganisationStatus
from partners.models import Membership

M = TypeVar("M", bound=models.Model)


class ListingQuerySet(models.QuerySet[M]):
    def published(self) -> Self:
        """What everybody may see."""
        return self.filter(
            status__in=PUBLIC_STATUSES, organisation__status=OrganisationStatus.APPROVED
        )

    def submitted(self) -> Self:
        """The reviewers' queue, oldest first."""
        return self.filter(status=Status.SUBMITTED).order_by("submitted_at")

    def waiting(self) -> Self:
        """What a reviewer has to decide: new ones, and changes to public ones."""
        return self.filter(Q(status=Status.SUBMITTED) | Q(proposed_at__isnull=False))

    def of(self, user: User | AnonymousUser) -> Self:
        """What belongs to the user's organisations."""
        return self.filter(_mine(user))

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Published ones to everybody, the rest to the organisation's members and to reviewers."""
        if user.has_perm(f"{self.model._meta.app_label}.review_{self.model._meta.model_name}"):
            return self.all()
        public = Q(status__in=PUBLIC_STATUSES, organisation__status=OrganisationStatus.APPROVED)
        return self.filter(public | _mine(user))

    def editable_by(self, user: User | AnonymousUser) -> Self:
        """Drafts to work on, and published ones whose changes go to review first."""
        return self.filter(_mine(user), organisation__status=OrganisationStatus.APPROVED).filter(
            status__in=(*EDITABLE_STATUSES, *PUBLIC_STATUSES, Status.STALE)
        )

    def for_cards(self) -> Self:
        """With what a line in a list needs, in a fixed number of queries."""
        return self.select_related("organisation").prefetch_related("concepts")


def _mine(user: User | AnonymousUser) -> Q:
    if not user.pk:
        return Q(pk__in=[])
    return Q(organisation__in=Membership.objects.filter(user_id=user.pk).values("organisation"))
