"""A programme manager beside the two sides of an introduction."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from introductions.entries import by_person, of_introduction, on_side


class Broker(models.Model):
    """One person of neither side: has asked or was invited, takes part, or did once.

    ``since`` is the last message before joining: what was written for two stays with the two.
    """

    introduction = of_introduction("brokers")
    person = by_person(_("programme manager"))
    programme = models.CharField(_("programme"), max_length=200)
    invited_by = on_side(blank=True)
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    joined_at = models.DateTimeField(_("joined at"), null=True, blank=True)
    since = models.BigIntegerField(_("reads from"), default=0)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("programme manager in an introduction")
        verbose_name_plural = _("programme managers in introductions")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["introduction"],
                condition=Q(ended_at__isnull=True),
                name="one_broker_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.introduction_id} {self.person_id}"
