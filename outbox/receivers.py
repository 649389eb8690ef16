"""The outbox listens to itself: a written message is a hint to deliver it."""

from typing import Any

from django.dispatch import receiver

from common.hints import hint
from outbox.models import Message
from outbox.signals import message_written
from outbox.tasks import deliver_message


@receiver(message_written)
def hint_delivery(message: Message, **_: Any) -> None:
    hint(deliver_message, message.pk)
