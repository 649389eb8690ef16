"""What matching announces."""

from django.dispatch import Signal

work_asked = Signal()  # pk: a Work row, after its transaction committed
run_moved = Signal()  # pk: a Run that began or reached its next stage, after the commit
introduction_opened = Signal()  # introduction
