"""Sides, answers and effects."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Side(models.TextChoices):
    NEED = "need", pgettext_lazy("side of a suggestion", "City")
    TECHNOLOGY = "technology", pgettext_lazy("side of a suggestion", "Provider")


class Decision(models.TextChoices):
    ACCEPT = "accept", pgettext_lazy("answer to a suggestion", "Accept")
    DECLINE = "decline", pgettext_lazy("answer to a suggestion", "Decline")


class DeclineReason(models.TextChoices):
    NOT_RELEVANT = "not_relevant", _("Not relevant")
    WRONG_SCALE = "wrong_scale", _("Wrong scale")
    PRICE = "price", pgettext_lazy("reason to decline", "Price")
    IP_TERMS = "ip_terms", _("IP terms")
    LOCATION = "location", pgettext_lazy("reason to decline", "Location")
    TIMING = "timing", pgettext_lazy("reason to decline", "Timing")
    ALREADY_SOLVED = "already_solved", _("Already solved")
    NO_CAPACITY = "no_capacity", _("No capacity")
    DUPLICATE = "duplicate", _("Duplicate")
    OTHER = "other", pgettext_lazy("reason to decline", "Other")


class Effect(models.TextChoices):
    """What a piece of work brings about."""

    REFRESH_NEED = "refresh_need", _("Score a need against all technologies")
    REFRESH_TECHNOLOGY = "refresh_technology", _("Score a technology against all needs")
    TELL_ORGANISATION = "tell_organisation", _("Write to an organisation about new suggestions")
