"""``manage.py demo_answers``: some organisations of the demonstration answer their suggestions."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from accounts.models import User
from demo.accounts import ACCOUNTS
from matching import actions
from matching.choices import DeclineReason, Side
from matching.models import Response, Suggestion

BOTH, ONE, NONE = 9, 6, 3  # pairs where both say yes, where one does, and where one says no


class Command(BaseCommand):
    help = "Let some organisations answer, so that every stage of a match can be seen."

    def handle(self, *args: Any, **options: Any) -> None:
        if Response.objects.exists():
            return
        rows = list(self._pairs()[: BOTH + ONE + NONE])
        for number, row in enumerate(rows):
            city, provider = (_member(row, side) for side in (Side.NEED, Side.TECHNOLOGY))
            if number < BOTH + ONE:
                actions.accept(row, by=city, side=Side.NEED)
            if number < BOTH:
                actions.accept(row, by=provider, side=Side.TECHNOLOGY)
            if number >= BOTH + ONE:
                reason = DeclineReason.WRONG_SCALE
                actions.decline(row, by=provider, side=Side.TECHNOLOGY, reason=reason)
        self.stdout.write(f"answers: {len(rows)} pairs")
        call_command("demo_introductions", stdout=self.stdout)

    def _pairs(self) -> Any:
        """Open pairs, best first, that a visitor with a demonstration account does not act for."""
        mine = [account.email for account in ACCOUNTS]
        return (
            Suggestion.objects.live()
            .open()
            .exclude(need__organisation__memberships__user__email__in=mine)
            .exclude(technology__organisation__memberships__user__email__in=mine)
            .order_by("-score", "pk")
        )


def _member(row: Suggestion, side: Side) -> User:
    return getattr(row, side).organisation.memberships.select_related("user").earliest("pk").user
