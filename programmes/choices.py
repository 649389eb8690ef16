"""Phases and kinds of event of a city acceleration programme."""

from django.db import models
from django.utils.translation import pgettext_lazy


class Phase(models.TextChoices):
    SCOPING = "scoping", pgettext_lazy("programme phase", "Scoping")
    LANDSCAPE = "landscape", pgettext_lazy("programme phase", "Needs landscape")
    SCOUTING = "scouting", pgettext_lazy("programme phase", "Scouting and selection")
    MATCHMAKING = "matchmaking", pgettext_lazy("programme phase", "Matchmaking")
    DEMONSTRATION = "demonstration", pgettext_lazy("programme phase", "Demonstration")
    REPLICATION = "replication", pgettext_lazy("programme phase", "Replication")


class EventKind(models.TextChoices):
    MEETING = "meeting", pgettext_lazy("event", "Meeting")
    VISIT = "visit", pgettext_lazy("event", "Site visit")
    TRAINING = "training", pgettext_lazy("event", "Training")
    DEADLINE = "deadline", pgettext_lazy("event", "Deadline")
