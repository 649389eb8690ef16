"""What accounts write: the audit trail."""

from typing import Any

from django.db import models

from accounts.models import AuditEntry, User


def record(
    verb: str, subject: models.Model, *, by: User | None, reason: str = "", **details: Any
) -> AuditEntry:
    """One audit row, in the caller's transaction."""
    return AuditEntry.objects.create(
        verb=verb,
        by=by,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        reason=reason,
        details=details,
    )
