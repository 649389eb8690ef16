"""Organisations that stand behind technologies and needs, and who acts for them."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Role
from common.fields import WebAddressField
from common.languages import Translated
from partners.choices import Kind, OrganisationStatus, Size
from partners.querysets import OrganisationQuerySet


class Organisation(Translated):
    """A provider, city, partner or expert; may act in public only once approved by an admin."""

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=160)
    description = models.TextField(_("what you do"), max_length=3000, blank=True)
    source_language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default="en"
    )
    country = models.CharField(_("country"), max_length=2)
    subdivision = models.CharField(_("region code"), max_length=8, blank=True)
    place = models.CharField(_("city or town"), max_length=120, blank=True)
    latitude = models.FloatField(
        _("latitude"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.FloatField(
        _("longitude"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    founded = models.PositiveSmallIntegerField(_("founded in"), null=True, blank=True)
    size = models.CharField(
        pgettext_lazy("organisation", "size"), max_length=10, choices=Size.choices, blank=True
    )
    website = WebAddressField(_("website"), blank=True)
    contact_name = models.CharField(_("contact person"), max_length=120, blank=True)
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    contact_phone = models.CharField(_("contact telephone"), max_length=40, blank=True)
    charter_accepted = models.BooleanField(_("accepts the charter"), default=False)
    in_examples = models.BooleanField(
        _("may be shown in examples"),
        default=False,
        help_text=_(
            "Your best suggestions may appear on the front page, with titles and scores only."
        ),
    )
    imported = models.BooleanField(_("records are imported"), default=False, editable=False)

    status = models.CharField(
        _("status"),
        max_length=10,
        choices=OrganisationStatus.choices,
        default=OrganisationStatus.APPLIED,
    )
    applied_at = models.DateTimeField(_("applied at"), default=timezone.now)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("applied by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    reason = models.TextField(_("reason for the decision"), blank=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering: ClassVar = ["name"]
        permissions: ClassVar = [
            ("decide_organisation", "Can approve, reject and suspend organisations")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="organisation_decision_has_time_and_person",
            ),
            models.CheckConstraint(
                condition=Q(status=OrganisationStatus.APPLIED) | Q(decided_at__isnull=False),
                name="organisation_leaves_the_queue_by_a_decision",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("partners:detail", args=[self.pk])

    @property
    def is_approved(self) -> bool:
        return self.status == OrganisationStatus.APPROVED


class Membership(models.Model):
    """A person's role in an organisation."""

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="memberships", verbose_name=_("organisation")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.MEMBER)
    since = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "user"], name="user_is_member_of_organisation_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.organisation}"
