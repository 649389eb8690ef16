"""What `manage.py check` says about the settings of matching."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from matching.encoder import problem_with


@register
def encoder_can_be_used(**_given: Any) -> list[CheckMessage]:
    """A model that was asked for and is not there would be missed by nobody."""
    path = settings.ENCODER_PATH
    problem = problem_with(Path(path)) if path else ""
    hint = "Correct ENCODER_PATH or leave it empty: matching works without an encoder."
    return [Error(f"ENCODER_PATH: {problem}", hint=hint, id="matching.E001")] if problem else []
