"""The Celery application. A message is only a hint: the work itself is a row in the database."""

import gc
import os

from celery import Celery
from celery.signals import task_postrun, worker_before_create_process, worker_process_init
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


@worker_before_create_process.connect
def share(**_said: object) -> None:
    """Load what every process of a worker needs before they part, and freeze it.

    Memory is shared until it is written to, and the collector of garbage writes to all it looks at.
    """
    from matching import index

    index.load()
    gc.collect()
    gc.freeze()


@worker_process_init.connect
def part(**_said: object) -> None:
    """A process reads by itself whether words have changed since they were loaded for it."""
    from matching import encodings

    encodings.forget()


@task_postrun.connect
def give_back(**_said: object) -> None:
    """Whole chunks of a run pass through the memory of a process: what is free is returned."""
    from matching import engine

    engine.give_back()
