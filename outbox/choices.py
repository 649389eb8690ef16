"""The life of an e-mail on its way out."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MessageStatus(models.TextChoices):
    QUEUED = "queued", pgettext_lazy("e-mail status", "Queued")
    CLAIMED = "claimed", pgettext_lazy("e-mail status", "Claimed")
    SENDING = "sending", pgettext_lazy("e-mail status", "Sending")
    SENT = "sent", pgettext_lazy("e-mail status", "Sent")
    FAILED = "failed", pgettext_lazy("e-mail status", "Failed")
    UNKNOWN = "unknown", pgettext_lazy("e-mail status", "Unknown")
    WITHHELD = "withheld", pgettext_lazy("e-mail status", "Withheld")


class MessageKind(models.TextChoices):
    ACCOUNT = "account", _("Account and sign-in")
    DECISION = "decision", _("Decision on an application or listing")
    SUGGESTION = "suggestion", _("Suggestions")
    ANSWER = "answer", _("Answer to a suggestion")
    REMINDER = "reminder", _("Reminders")
    INTRODUCTION = "introduction", _("Introduction")
    THREAD = "thread", _("Messages and milestones")
    NEWS = "news", _("News of programmes")


class EventKind(models.TextChoices):
    """What mail servers and mailbox providers tell about an e-mail they took."""

    HARD = "hard", _("Address does not exist")
    SOFT = "soft", _("Could not be delivered this time")
    COMPLAINT = "complaint", _("Reported as spam")
    DELIVERED = "delivered", pgettext_lazy("event of an e-mail", "Delivered")


class EventSource(models.TextChoices):
    WEBHOOK = "webhook", _("Mail service")
    MAILBOX = "mailbox", _("Mailbox for bounces")


MANDATORY = (MessageKind.ACCOUNT, MessageKind.DECISION, MessageKind.INTRODUCTION)
OPTIONAL = tuple(kind for kind in MessageKind if kind not in MANDATORY)
IN_HOURS = (MessageKind.SUGGESTION, MessageKind.REMINDER, MessageKind.NEWS)


class Frequency(models.TextChoices):
    """How often a person reads about new suggestions."""

    AT_ONCE = "at_once", _("At once, at any hour")
    DAILY = "daily", _("Once a day")
    WEEKLY = "weekly", _("Once a week")
