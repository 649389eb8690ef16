"""Codes that only needs use."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Procurement(models.TextChoices):
    OPEN_TENDER = "open_tender", _("Open tender")
    RESTRICTED_TENDER = "restricted_tender", _("Restricted tender")
    INNOVATION_PARTNERSHIP = "innovation_partnership", _("Innovation partnership")
    FRAMEWORK = "framework", _("Framework contract")
    DIRECT_AWARD = "direct_award", _("Direct award")
    PPP = "ppp", _("Public–private partnership")
    UNDECIDED = "undecided", pgettext_lazy("procurement", "Not decided yet")


class Must(models.TextChoices):
    """Criteria that a city can make a hard condition: what fails one is left out, and counted."""

    READINESS = "readiness", pgettext_lazy("criterion", "Readiness")
    PERFORMANCE = "performance", pgettext_lazy("criterion", "Performance")
    PLACE = "place", pgettext_lazy("criterion", "Place")
    COST = "cost", pgettext_lazy("criterion", "Cost")
    TERMS = "terms", pgettext_lazy("criterion", "Terms")
    TIMING = "timing", pgettext_lazy("criterion", "Timing")
    EVIDENCE = "evidence", pgettext_lazy("criterion", "Evidence")
