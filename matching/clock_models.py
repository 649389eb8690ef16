"""What keeps the time of a suggestion: pauses of one side, and reminders it was sent."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from matching.choices import Side


class Pause(models.Model):
    """One side will answer later: it is not reminded before that day."""

    suggestion = models.ForeignKey(
        "matching.Suggestion", models.CASCADE, related_name="pauses", verbose_name=_("suggestion")
    )
    side = models.CharField(_("side"), max_length=10, choices=Side.choices)
    until = models.DateField(_("until"))
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["suggestion", "side"], name="side_has_one_pause")
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()}: {self.until}"


class Reminder(models.Model):
    """One side was asked again for its answer."""

    suggestion = models.ForeignKey(
        "matching.Suggestion",
        models.CASCADE,
        related_name="reminders",
        verbose_name=_("suggestion"),
    )
    side = models.CharField(_("side"), max_length=10, choices=Side.choices)
    number = models.PositiveSmallIntegerField(_("number"))
    sent_on = models.DateField(_("sent on"))

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["suggestion", "side", "number"], name="reminder_is_sent_once"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=2), name="side_is_reminded_twice_at_most"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()} {self.number}"
