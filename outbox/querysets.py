"""Questions asked of the outbox."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from outbox.choices import MessageStatus

LEASE = timedelta(minutes=3)


class MessageQuerySet(models.QuerySet[Any]):
    def due(self) -> "MessageQuerySet":
        return self.filter(status=MessageStatus.QUEUED, next_attempt_at__lte=timezone.now())

    def abandoned_before_data(self) -> "MessageQuerySet":
        """Claimed by a worker that died before it handed anything over: safe to queue again."""
        return self.filter(status=MessageStatus.CLAIMED, claimed_at__lt=timezone.now() - LEASE)

    def abandoned_in_data(self) -> "MessageQuerySet":
        """The worker died while handing over: nobody can say whether the mail went out."""
        return self.filter(status=MessageStatus.SENDING, claimed_at__lt=timezone.now() - LEASE)

    def waiting(self) -> "MessageQuerySet":
        return self.filter(
            status__in=[MessageStatus.QUEUED, MessageStatus.CLAIMED, MessageStatus.SENDING]
        )
