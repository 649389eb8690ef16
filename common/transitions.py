"""Status changes as compare-and-swap: of two people who act at once, one wins and the other is
told.
"""

from collections.abc import Mapping
from typing import Any

from django.db import models

from common.errors import Conflict


def move(
    subject: models.Model,
    to: str,
    *,
    allowed: Mapping[str, tuple[str, ...]],
    **columns: Any,
) -> None:
    """Move ``subject`` to status ``to`` and write ``columns`` in the same statement.

    Raises Conflict when the step is not allowed from the present status, or when the stored row
    has left that status.
    """
    current = subject.status  # type: ignore[attr-defined]
    if to not in allowed.get(current, ()):
        raise Conflict
    rows = type(subject)._default_manager.filter(pk=subject.pk, status=current)
    if not rows.update(status=to, **columns):
        raise Conflict
    subject.status = to  # type: ignore[attr-defined]
    for name, value in columns.items():
        setattr(subject, name, value)
