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
    INTRODUCTION = "introduction", _("Introduction")
