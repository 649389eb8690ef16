"""A run over all needs, and its parts."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from matching.choices import Stage
from matching.querysets import ChunkQuerySet


class Run(models.Model):
    """All needs matched anew, in chunks that any worker may take."""

    policy = models.ForeignKey(
        "matching.Policy", models.PROTECT, related_name="+", verbose_name=_("policy")
    )
    day = models.DateField(_("nightly run of"), null=True, blank=True, unique=True)
    stage = models.CharField(
        _("stage"), max_length=10, choices=Stage.choices, default=Stage.PREPARE
    )
    under_way = models.BooleanField(_("under way"), default=True)
    started_at = models.DateTimeField(_("started at"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    needs = models.PositiveIntegerField(_("needs"), default=0)
    suggestions = models.PositiveIntegerField(_("suggestions"), default=0)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("matching run")
        verbose_name_plural = _("matching runs")
        ordering: ClassVar = ["-started_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["under_way"], condition=Q(under_way=True), name="one_run_is_under_way"
            )
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"


class Chunk(models.Model):
    """A part of one stage of a run: claimed, done, tried again, given up."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="chunks", verbose_name=_("run"))
    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices)
    number = models.PositiveIntegerField(_("number"), default=0)
    first = models.BigIntegerField(_("first need"), default=0)
    last = models.BigIntegerField(_("last need"), default=0)
    payload = models.BinaryField(_("what it found"), null=True, blank=True)
    due_at = models.DateTimeField(_("due at"), default=timezone.now)
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    parked_at = models.DateTimeField(_("given up at"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)

    objects = ChunkQuerySet.as_manager()

    class Meta:
        verbose_name = _("part of a run")
        verbose_name_plural = _("parts of a run")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "stage", "number"], name="part_of_a_run_is_one")
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.number}"
