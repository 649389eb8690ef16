"""What the outbox announces."""

from django.dispatch import Signal

message_written = Signal()  # message: the row, after its transaction committed
