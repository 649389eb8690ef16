"""The Celery application. A message is only a hint: the work itself is a row in the database."""

import os

from celery import Celery
from kombu.transport import redis

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "greenmatch.settings")

app = Celery("greenmatch")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


class QoS(redis.QoS):
    """A message whose acknowledgement is lost with the line frees its place all the same.

    kombu logs the error and goes on counting the message: a worker with room for one then takes
    nothing any more. The message comes back after the visibility timeout; tasks may run twice.
    """

    def ack(self, delivery_tag: str) -> None:
        try:
            super().ack(delivery_tag)
        except BaseException:
            self._quick_ack(delivery_tag)
            raise

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        try:
            super().reject(delivery_tag, requeue)
        except BaseException:
            self._quick_ack(delivery_tag)
            raise


redis.Channel.QoS = QoS
