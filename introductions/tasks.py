"""Reminders are rows; this looks for those that are due. Safe to run twice."""

import logging

from celery import shared_task

from introductions import milestones
from introductions.models import Reminder

BATCH = 200
log = logging.getLogger(__name__)


@shared_task
def sweep() -> None:
    for pk in list(Reminder.objects.all().due().values_list("pk", flat=True)[:BATCH]):
        try:
            milestones.remind(pk)
        except Exception:
            log.exception("reminder %s failed", pk)
