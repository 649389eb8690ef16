"""The classification schemes that concepts come from."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scheme(models.TextChoices):
    FIELD = "field", _("Field")
    TOPIC = "topic", _("Topic")
    CPC = "cpc", _("CPC class")
    IPC = "ipc", _("IPC Green Inventory topic")
    CTCN = "ctcn", _("CTCN sector")
    SDG = "sdg", _("Sustainable Development Goal")
    TRL = "trl", _("Technology readiness level")
