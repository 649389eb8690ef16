"""Codes that only technologies use."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Type(models.TextChoices):
    DEVICE = "device", pgettext_lazy("technology type", "Device")
    FACILITY = "facility", pgettext_lazy("technology type", "Facility")
    MATERIAL = "material", pgettext_lazy("technology type", "Material")
    PROCESS = "process", pgettext_lazy("technology type", "Process")
    SYSTEM = "system", _("System or software")
    SERVICE = "service", pgettext_lazy("technology type", "Service")
    DESIGN = "design", pgettext_lazy("technology type", "Design")


class Maturity(models.TextChoices):
    HORIZON = "horizon", pgettext_lazy("maturity", "Horizon")
    FRONTIER = "frontier", pgettext_lazy("maturity", "Frontier")
    PROVEN = "proven", pgettext_lazy("maturity", "Proven")


class Complexity(models.TextChoices):
    LOW = "low", pgettext_lazy("complexity", "Low")
    MEDIUM = "medium", pgettext_lazy("complexity", "Medium")
    HIGH = "high", pgettext_lazy("complexity", "High")


class RightKind(models.TextChoices):
    PATENT = "patent", _("Patent")
    UTILITY_MODEL = "utility_model", _("Utility model")
    DESIGN_RIGHT = "design_right", _("Design right")
    TRADEMARK = "trademark", _("Trademark")
    COPYRIGHT = "copyright", _("Copyright")
    TRADE_SECRET = "trade_secret", _("Trade secret")
    PLANT_VARIETY = "plant_variety", _("Plant variety right")


class RightStatus(models.TextChoices):
    APPLIED = "applied", pgettext_lazy("status of an IP right", "Applied for")
    GRANTED = "granted", pgettext_lazy("status of an IP right", "Granted")
    LAPSED = "lapsed", pgettext_lazy("status of an IP right", "Lapsed")
