"""Rows around the policy: its rehearsals, and what needs were told to forget."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from matching.choices import Lesson


class Rehearsal(models.Model):
    """A policy tried on every need before it is switched on; a worker fills it in."""

    policy = models.ForeignKey(
        "matching.Policy", models.CASCADE, related_name="rehearsals", verbose_name=_("policy")
    )
    against = models.ForeignKey(
        "matching.Policy", models.CASCADE, related_name="+", verbose_name=_("compared with")
    )
    parts = models.JSONField(_("weights and limits as rehearsed"))
    asked_at = models.DateTimeField(_("asked for at"), default=timezone.now)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("asked for by"),
    )
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    needs = models.PositiveIntegerField(_("needs to score"), default=0)
    done = models.PositiveIntegerField(_("needs scored"), default=0)
    cursor = models.BigIntegerField(_("last need scored"), default=0)
    counts = models.JSONField(_("counts"), default=dict)
    figures = models.JSONField(_("quality and exposure"), default=dict)

    class Meta:
        verbose_name = _("rehearsal")
        verbose_name_plural = _("rehearsals")
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return _("Rehearsal of policy %(version)s") % {"version": self.policy.version}


class RehearsedNeed(models.Model):
    """What a rehearsed policy would change for one need; needs without a change have no row."""

    rehearsal = models.ForeignKey(
        Rehearsal, models.CASCADE, related_name="rows", verbose_name=_("rehearsal")
    )
    need = models.ForeignKey("needs.Need", models.CASCADE, related_name="+", verbose_name=_("need"))
    appear = models.PositiveSmallIntegerField(_("appear"), default=0)
    vanish = models.PositiveSmallIntegerField(_("vanish"), default=0)
    move = models.PositiveSmallIntegerField(_("move"), default=0)
    changes = models.JSONField(_("changes"), default=list)

    class Meta:
        verbose_name = _("rehearsed need")
        verbose_name_plural = _("rehearsed needs")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rehearsal", "need"], name="need_is_rehearsed_once")
        ]

    def __str__(self) -> str:
        return str(self.need)


class Unlearned(models.Model):
    """Answers up to a moment teach their need nothing of this kind any more."""

    need = models.ForeignKey("needs.Need", models.CASCADE, related_name="+", verbose_name=_("need"))
    lesson = models.CharField(_("lesson"), max_length=20, choices=Lesson.choices)
    at = models.DateTimeField(_("at"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("taken back by"),
    )

    class Meta:
        verbose_name = _("lesson taken back")
        verbose_name_plural = _("lessons taken back")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["need", "lesson"], name="lesson_is_taken_back_once")
        ]

    def __str__(self) -> str:
        return f"{self.need}: {self.get_lesson_display()}"
