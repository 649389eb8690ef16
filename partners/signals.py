"""What partners announce to the apps above."""

from django.dispatch import Signal

organisation_approved = Signal()  # organisation
organisation_suspended = Signal()  # organisation
