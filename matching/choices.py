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


class Lesson(models.TextChoices):
    """What an answer of the city teaches its need; the codes of reasons are those to decline."""

    ACCEPTED = "accepted", _("Accepted technologies")
    NOT_RELEVANT = DeclineReason.NOT_RELEVANT.value, DeclineReason.NOT_RELEVANT.label
    WRONG_SCALE = DeclineReason.WRONG_SCALE.value, DeclineReason.WRONG_SCALE.label
    PRICE = DeclineReason.PRICE.value, DeclineReason.PRICE.label
    IP_TERMS = DeclineReason.IP_TERMS.value, DeclineReason.IP_TERMS.label
    LOCATION = DeclineReason.LOCATION.value, DeclineReason.LOCATION.label
    TIMING = DeclineReason.TIMING.value, DeclineReason.TIMING.label
    DUPLICATE = DeclineReason.DUPLICATE.value, DeclineReason.DUPLICATE.label
    ALREADY_SOLVED = DeclineReason.ALREADY_SOLVED.value, DeclineReason.ALREADY_SOLVED.label
    NO_CAPACITY = DeclineReason.NO_CAPACITY.value, DeclineReason.NO_CAPACITY.label


class Effect(models.TextChoices):
    """What a piece of work brings about."""

    REFRESH_NEED = "refresh_need", _("Score a need against all technologies")
    REFRESH_TECHNOLOGY = "refresh_technology", _("Score a technology against all needs")
    REHEARSE = "rehearse", _("Rehearse a policy")
    CALIBRATE = "calibrate", _("Refit the level of scores from decisions")
    TELL_ORGANISATION = "tell_organisation", _("Write to an organisation about new suggestions")
    DIGEST = "digest", _("Write to a person about new suggestions")
    REMIND = "remind", _("Ask again for an answer")
    EXPIRE = "expire", _("End the wait for answers")
    REBUILD = "rebuild", _("Building the index")


OTHER = {Side.NEED: Side.TECHNOLOGY, Side.TECHNOLOGY: Side.NEED}


class Stage(models.TextChoices):
    """The steps of a run over all needs, in order."""

    PREPARE = "prepare", _("Building the index")
    SCORE = "score", _("Scoring needs")
    ALLOT = "allot", _("Sharing out places")
    WRITE = "write", _("Writing suggestions")
    SETTLE = "settle", _("Checking limits")
