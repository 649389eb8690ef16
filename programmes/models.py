"""City acceleration programmes: needs gathered and followed as one funnel."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.languages import Translated
from programmes.choices import EventKind, Phase


class ProgrammeQuerySet(models.QuerySet[Any]):
    def published(self) -> "ProgrammeQuerySet":
        return self.filter(public=True).select_related("organisation")


class Programme(Translated):
    """A city acceleration project: one theme, many needs, six phases, results in public."""

    organisation = models.ForeignKey(
        "partners.Organisation", models.PROTECT, related_name="programmes", verbose_name=_("city")
    )
    source_language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default="en"
    )
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("summary"), max_length=600, blank=True)
    description = models.TextField(_("description"), max_length=20000, blank=True)
    phase = models.CharField(
        _("phase"), max_length=15, choices=Phase.choices, default=Phase.SCOPING
    )
    starts = models.DateField(_("starts"))
    ends = models.DateField(_("ends"))
    needs = models.ManyToManyField(
        "needs.Need", blank=True, related_name="programmes", verbose_name=_("needs")
    )
    managers: Any = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="managed_programmes",
        verbose_name=_("programme managers"),
        help_text=_("They may ask to join introductions of its needs."),
    )
    public = models.BooleanField(_("shown to everybody"), default=False)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering: ClassVar = ["-starts", "pk"]

    def __str__(self) -> str:
        return self.shown("title")[0]

    def get_absolute_url(self) -> str:
        return reverse("programmes:detail", args=[self.pk])


class Event(Translated):
    """A date of a programme: a meeting, visit, training or deadline."""

    programme = models.ForeignKey(
        Programme, models.CASCADE, related_name="events", verbose_name=_("programme")
    )
    source_language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default="en"
    )
    date = models.DateField(_("date"))
    title = models.CharField(_("title"), max_length=200)
    place = models.CharField(_("place"), max_length=120, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=EventKind.choices)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering: ClassVar = ["date", "pk"]

    def __str__(self) -> str:
        return self.shown("title")[0]
