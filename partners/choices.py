"""Kinds and states of organisations."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(models.TextChoices):
    PROVIDER = "provider", _("Technology provider")
    CITY = "city", _("City")
    PARTNER = "partner", _("Partner")
    EXPERT = "expert", _("Expert")


class Size(models.TextChoices):
    MICRO = "micro", _("Micro: fewer than 10 people")
    SMALL = "small", _("Small: 10 to 49 people")
    MEDIUM = "medium", _("Medium: 50 to 249 people")
    LARGE = "large", _("Large: 250 people or more")
    PUBLIC = "public", _("Public body")


class OrganisationStatus(models.TextChoices):
    APPLIED = "applied", pgettext_lazy("organisation status", "Waiting for approval")
    APPROVED = "approved", pgettext_lazy("organisation status", "Approved")
    REJECTED = "rejected", pgettext_lazy("organisation status", "Rejected")
    SUSPENDED = "suspended", pgettext_lazy("organisation status", "Suspended")


NEXT_ORGANISATION_STATUS: dict[str, tuple[str, ...]] = {
    OrganisationStatus.APPLIED: (OrganisationStatus.APPROVED, OrganisationStatus.REJECTED),
    OrganisationStatus.APPROVED: (OrganisationStatus.SUSPENDED,),
    OrganisationStatus.REJECTED: (OrganisationStatus.APPLIED, OrganisationStatus.APPROVED),
    OrganisationStatus.SUSPENDED: (OrganisationStatus.APPROVED,),
}
