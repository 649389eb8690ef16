"""The Celery application. A message is only a hint: the work itself is a row in the database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "greenmatch.settings")

app = Celery("greenmatch")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
