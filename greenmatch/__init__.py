"""GreenMatch: wiring only. Importing the Celery app here lets tasks find it in every process."""

from greenmatch.celery import app as celery_app

__all__ = ["celery_app"]
