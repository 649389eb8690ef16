"""An introduction that opens begins with what both sides drafted; its e-mails stay with them."""

from typing import Any

from django.dispatch import receiver

from introductions import actions
from introductions.permissions import open_to
from matching.models import Introduction
from matching.signals import introduction_opened
from outbox.models import Message
from outbox.signals import Withhold, message_claimed


@receiver(introduction_opened)
def begin(introduction: Introduction, **_: Any) -> None:
    actions.begin(introduction)


@receiver(message_claimed)
def still_theirs(message: Message, **_: Any) -> Withhold | None:
    """Nothing is sent to who has left a side since, nor when a side was suspended."""
    prefix = f"{Introduction._meta.label_lower}:"
    keys = [key.removeprefix(prefix) for key in message.about if key.startswith(prefix)]
    if not keys or message.recipient is None:
        return None
    theirs = open_to(message.recipient).filter(pk__in=keys).exists()
    return None if theirs else Withhold("not theirs any more")
