"""Steps of an introduction, and what the other side says to them."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Step(models.TextChoices):
    """Milestones in the order in which they are reached; any of them may be skipped."""

    MEETING = "meeting", pgettext_lazy("milestone", "Meeting")
    MOU = "mou", pgettext_lazy("milestone", "Memorandum of understanding")
    DEMONSTRATION = "demonstration", pgettext_lazy("milestone", "Demonstration")
    DEPLOYMENT = "deployment", pgettext_lazy("milestone", "Deployment")
    CLOSED = "closed", pgettext_lazy("milestone", "Closed")


class CloseReason(models.TextChoices):
    DEPLOYED = "deployed", _("It was built or put to use")
    OTHER_SOLUTION = "other_solution", _("Another solution was chosen")
    TERMS = "terms", _("No agreement on price or terms")
    FUNDING = "funding", _("No money for it")
    TIMING = "timing", pgettext_lazy("reason to close", "Timing")
    NOT_SUITABLE = "not_suitable", _("It does not suit the place")
    SILENCE = "silence", _("The other side does not answer")
    MISUSE = "misuse", _("Contact details were used for something else")
    OTHER = "other", pgettext_lazy("reason to close", "Other")


class Word(models.TextChoices):
    """What the other side says to a milestone."""

    CONFIRMED = "confirmed", pgettext_lazy("milestone", "Confirmed")
    CONTESTED = "contested", pgettext_lazy("milestone", "Contested")


class MeetingStatus(models.TextChoices):
    PROPOSED = "proposed", pgettext_lazy("meeting", "Proposed")
    AGREED = "agreed", pgettext_lazy("meeting", "Agreed")
    CANCELLED = "cancelled", pgettext_lazy("meeting", "Cancelled")


class Minutes(models.IntegerChoices):
    """How long a meeting lasts."""

    HALF = 30, _("30 minutes")
    HOUR = 60, _("1 hour")
    LONG = 90, _("1½ hours")
    TWO = 120, _("2 hours")
