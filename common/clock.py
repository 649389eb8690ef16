"""One clock for all hosts: leases and due times are compared with the database's time."""

from datetime import datetime

from django.conf import settings
from django.db import connection
from django.utils import timezone


def now() -> datetime:
    """``clock_timestamp()``, for PostgreSQL's ``now()`` stands still inside a transaction.

    SQLite lives on this host, and so does its clock.
    """
    if connection.vendor != "postgresql" or not settings.DATABASE_CLOCK:
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found
