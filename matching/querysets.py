"""Questions asked of suggestions and of work to do."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from common import clock
from common.choices import PUBLIC_STATUSES
from matching.choices import Side
from partners.choices import OrganisationStatus
from partners.models import Membership

LEASE = timedelta(minutes=3)
SOON = timedelta(minutes=1)
CHUNK_LEASE = timedelta(seconds=30)  # a chunk takes seconds; done twice it does no harm


def _members(user: User | AnonymousUser) -> "models.QuerySet[Membership, int]":
    return Membership.objects.filter(user_id=user.pk or 0).values_list("organisation", flat=True)


def _on(side: Side, user: User | AnonymousUser) -> Q:
    return Q(**{f"{side}__organisation__in": _members(user)})


def _unanswered(side: Side) -> Q:
    from matching.models import Response

    return ~Q(Exists(Response.objects.filter(suggestion=OuterRef("pk"), side=side)))


class SuggestionQuerySet(models.QuerySet[Any]):
    def live(self) -> "SuggestionQuerySet":
        """Both records are public and both organisations in good standing."""
        return self.filter(
            need__status__in=PUBLIC_STATUSES,
            technology__status__in=PUBLIC_STATUSES,
            need__organisation__status=OrganisationStatus.APPROVED,
            technology__organisation__status=OrganisationStatus.APPROVED,
        )

    def visible_to(self, user: User | AnonymousUser) -> "SuggestionQuerySet":
        """To the members of both organisations, and to those who look after matching."""
        if not user.pk:
            return self.none()
        if user.has_perm("matching.view_suggestion"):
            return self.lasting()
        return self.of(user)

    def lasting(self) -> "SuggestionQuerySet":
        """Live ones, and matches that were made: those stay when a record is archived or hidden."""
        public = {f"{side}__status__in": PUBLIC_STATUSES for side in Side.values}
        return self.in_good_standing().filter(Q(**public) | Q(introduction__isnull=False))

    def in_good_standing(self) -> "SuggestionQuerySet":
        """Neither organisation is suspended."""
        good = {
            f"{side}__organisation__status": OrganisationStatus.APPROVED for side in Side.values
        }
        return self.filter(**good)

    def of(self, user: User | AnonymousUser) -> "SuggestionQuerySet":
        """Where the user is a member on either side."""
        if not user.pk:
            return self.none()
        return self.lasting().filter(_on(Side.NEED, user) | _on(Side.TECHNOLOGY, user))

    def waiting_for(self, user: User | AnonymousUser) -> "SuggestionQuerySet":
        """Where a side of the user has not answered yet."""
        need, technology = _unanswered(Side.NEED), _unanswered(Side.TECHNOLOGY)
        ours = (_on(Side.NEED, user) & need) | (_on(Side.TECHNOLOGY, user) & technology)
        return self.of(user).live().open().filter(ours)

    def waiting_for_others(self, user: User | AnonymousUser) -> "SuggestionQuerySet":
        """Where the user's side has said yes and the other side has not answered yet."""
        need, technology = _unanswered(Side.NEED), _unanswered(Side.TECHNOLOGY)
        need_said_yes = _on(Side.NEED, user) & ~need & technology & ~_on(Side.TECHNOLOGY, user)
        technology_said_yes = (
            _on(Side.TECHNOLOGY, user) & ~technology & need & ~_on(Side.NEED, user)
        )
        return self.of(user).live().open().filter(need_said_yes | technology_said_yes)

    def introduced(self) -> "SuggestionQuerySet":
        return self.filter(introduction__isnull=False)

    def over(self) -> "SuggestionQuerySet":
        """Declined, dropped or out of time, without an introduction."""
        ended = Q(closed_at__isnull=False) | Q(expires_at__lte=timezone.now())
        return self.filter(ended, introduction__isnull=True)

    def answerable_by(self, user: User | AnonymousUser, side: Side) -> "SuggestionQuerySet":
        if not user.pk:
            return self.none()
        return self.live().filter(**{f"{side}__organisation__in": _members(user)})

    def untold(self, side: Side) -> "SuggestionQuerySet":
        """Suggestions that one side has not been written to about."""
        return self.live().open().filter(**{f"told_{side}_at__isnull": True})

    def untold_to(self, person: User, side: Side) -> "SuggestionQuerySet":
        """What one person has not been written to about, and their side has not answered."""
        from matching.models import Mention

        told = Mention.objects.filter(
            suggestion=OuterRef("pk"),
            side=side,
            person=person,
            at__gte=OuterRef(f"told_{side}_at"),  # told before it came back counts no more
        )
        return self.live().open().filter(_on(side, person), _unanswered(side), ~Q(Exists(told)))

    def open(self) -> "SuggestionQuerySet":
        return self.filter(closed_at__isnull=True, expires_at__gt=timezone.now())

    def for_rows(self) -> "SuggestionQuerySet":
        """With what a line needs, in the order they have."""
        return self.select_related(
            "need__organisation", "technology__organisation", "introduction", "policy"
        ).prefetch_related("responses", "pauses", "technology__benefits")

    def for_comparing(self) -> "SuggestionQuerySet":
        return self.prefetch_related("technology__sites", "technology__rights")

    def for_list(self) -> "SuggestionQuerySet":
        """Best first."""
        return self.for_rows().order_by("-score", "pk")


class ResponseQuerySet(models.QuerySet[Any]):
    def of_organisations(self, organisations: Iterable[int]) -> "ResponseQuerySet":
        ids = list(organisations)
        return self.filter(
            Q(side=Side.NEED, suggestion__need__organisation__in=ids)
            | Q(side=Side.TECHNOLOGY, suggestion__technology__organisation__in=ids)
        )

    def days_taken(self) -> dict[int, list[int]]:
        """By organisation: the days from when a side was told to its answer."""
        found: dict[int, list[int]] = {}
        for side in Side:
            told = f"suggestion__told_{side}_at"
            names = f"suggestion__{side}__organisation", "answered_at", told
            rows = self.filter(side=side, **{f"{told}__isnull": False}).values_list(*names)
            for organisation, answered_at, told_at in rows:
                days = (answered_at.date() - told_at.date()).days
                found.setdefault(organisation, []).append(max(0, days))
        return found


class IntroductionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> "IntroductionQuerySet":
        """Contacts open to the two organisations alone; admins see them in the audit, not here."""
        if not user.pk:
            return self.none()
        mine = Q(suggestion__need__organisation__in=_members(user)) | Q(
            suggestion__technology__organisation__in=_members(user)
        )
        return self.in_good_standing().filter(mine)

    def in_good_standing(self) -> "IntroductionQuerySet":
        """Neither organisation is suspended."""
        return self.filter(
            suggestion__need__organisation__status=OrganisationStatus.APPROVED,
            suggestion__technology__organisation__status=OrganisationStatus.APPROVED,
        )


class WorkQuerySet(models.QuerySet[Any]):
    def due(self, now: datetime | None = None) -> "WorkQuerySet":
        now = now or clock.now()
        free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - LEASE)
        return self.filter(free, due_at__lte=now, parked_at__isnull=True).order_by("due_at", "pk")

    def waiting(self) -> "WorkQuerySet":
        return self.filter(parked_at__isnull=True)

    def pressing(self) -> "WorkQuerySet":
        """To be done now, or tried again in a moment; digests of tomorrow are not."""
        return self.waiting().filter(due_at__lte=timezone.now() + SOON)


class ChunkQuerySet(models.QuerySet[Any]):
    def open(self) -> "ChunkQuerySet":
        """Neither done nor given up."""
        return self.filter(done_at__isnull=True, parked_at__isnull=True)

    def due(self) -> "ChunkQuerySet":
        """Of the run under way and its stage, free to be claimed."""
        now = timezone.now()
        free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - CHUNK_LEASE)
        ours = self.open().filter(run__under_way=True, stage=models.F("run__stage"))
        return ours.filter(free, due_at__lte=now).order_by("number")
