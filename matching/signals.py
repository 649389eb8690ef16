"""What matching announces."""

from django.dispatch import Signal

work_asked = Signal()  # pk: a Work row, after its transaction committed
introduction_opened = Signal()  # introduction
