"""What the outbox announces, and what those above may answer."""

from dataclasses import dataclass
from datetime import datetime

from django.dispatch import Signal

message_written = Signal()  # message: the row, after its transaction committed
message_claimed = Signal()  # message: about to be sent; answer None, Withhold or Wait
preferences_changed = Signal()  # person: whose wishes about e-mail have changed
machinery_checked = Signal()  # answer a list of sentences about what stands still


@dataclass(frozen=True)
class Withhold:
    """The world has changed since the e-mail was written: never send it."""

    reason: str


@dataclass(frozen=True)
class Wait:
    """Not now: outside the person's hours, or enough for today."""

    until: datetime
    reason: str = ""
