"""What an action answers when it cannot do as asked. Doors turn these into messages, never into a
500.
"""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _


class NotAllowed(PermissionDenied):
    """The actor may not do this."""


class Conflict(Exception):
    """Somebody else changed the record first, or it is not in a state that allows the step."""

    code = "conflict"
    message = _("This was changed in the meantime. Look at it again, then repeat your step.")

    def __init__(self, message: object = None) -> None:
        super().__init__(str(message or self.message))


class Incomplete(Exception):
    """The record lacks what the step needs; ``fields`` maps field names to messages."""

    code = "incomplete"

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields
