"""Questions asked of the outbox."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models

from common import clock
from outbox.choices import MessageStatus

LEASE = timedelta(seconds=settings.OUTBOX_LEASE)
ON_ITS_WAY = (MessageStatus.QUEUED, MessageStatus.CLAIMED, MessageStatus.SENDING)


class PreferenceQuerySet(models.QuerySet[Any]):
    def of(self, person: Any) -> Any:
        """The person's row, or the defaults unsaved."""
        return self.filter(person=person).first() or self.model(person=person)


class MessageQuerySet(models.QuerySet[Any]):
    def due(self, now: datetime | None = None) -> "MessageQuerySet":
        return self.filter(
            status=MessageStatus.QUEUED, next_attempt_at__lte=now or clock.now()
        ).order_by("next_attempt_at", "pk")

    def abandoned_before_data(self) -> "MessageQuerySet":
        """Claimed by a worker that died before it handed anything over: safe to queue again."""
        return self.filter(status=MessageStatus.CLAIMED, claimed_at__lt=clock.now() - LEASE)

    def abandoned_in_data(self) -> "MessageQuerySet":
        """The worker died while handing over: nobody can say whether the mail went out."""
        return self.filter(status=MessageStatus.SENDING, claimed_at__lt=clock.now() - LEASE)

    def to_ask_about(self) -> "MessageQuerySet":
        """Unknown ones whose hand-over is surely over: the server may be asked for them."""
        now = clock.now()
        return self.filter(
            status=MessageStatus.UNKNOWN, claimed_at__lt=now - LEASE, next_attempt_at__lte=now
        )

    def waiting(self) -> "MessageQuerySet":
        return self.filter(status__in=ON_ITS_WAY)

    def stuck(self) -> "MessageQuerySet":
        """What an admin should look at: given up, refused, or nobody knows."""
        return self.filter(status__in=[MessageStatus.FAILED, MessageStatus.UNKNOWN])
