"""E-mails about the course of a suggestion: declined, taken back, a reminder, out of time."""

from typing import Any

from accounts.models import User
from matching.choices import OTHER, Side
from matching.models import Suggestion
from outbox.actions import write
from outbox.choices import MessageKind
from partners.querysets import members_to_tell


def declined(suggestion: Suggestion, side: Side) -> None:
    """One side said no, why is for us alone. Who never heard of the pair hears nothing now."""
    if has_heard(suggestion, OTHER[side]):
        _tell(suggestion, OTHER[side], "suggestion_declined", f"declined:{suggestion.pk}")


def withdrawn(suggestion: Suggestion, side: Side, *, answer: int) -> None:
    """One side took its yes back before the other answered."""
    _tell(suggestion, OTHER[side], "suggestion_withdrawn", f"withdrawn:{suggestion.pk}:{answer}")


def expired(suggestion: Suggestion, side: Side) -> None:
    """Time ran out while the yes of ``side`` stood: both hear of it."""
    for told in Side:
        key = f"expired:{suggestion.pk}:{suggestion.expires_at:%Y-%m-%d}:{told}"
        _tell(suggestion, told, "suggestion_expired", key, accepted=told == side)


def reminder(suggestion: Suggestion, side: Side, number: int) -> None:
    """The answer of one side is still missing."""
    key = f"reminder:{suggestion.pk}:{suggestion.expires_at:%Y-%m-%d}:{side}:{number}"
    other = suggestion.response_of(OTHER[side])
    for member in members_to_tell(getattr(suggestion, side).organisation):
        _write(
            MessageKind.REMINDER,
            suggestion,
            side,
            "suggestion_reminder",
            f"{key}:{member.pk}",
            to=member,
            other_accepted=other is not None,
        )


def has_heard(suggestion: Suggestion, side: Side) -> bool:
    told = getattr(suggestion, f"told_{side}_at")
    return told is not None or suggestion.response_of(side) is not None


def _tell(suggestion: Suggestion, side: Side, template: str, key: str, **more: Any) -> None:
    for member in members_to_tell(getattr(suggestion, side).organisation):
        own = f"{key}:{member.pk}"
        _write(MessageKind.ANSWER, suggestion, side, template, own, to=member, **more)


def _write(
    kind: MessageKind,
    suggestion: Suggestion,
    side: Side,
    template: str,
    key: str,
    *,
    to: User,
    **more: Any,
) -> None:
    context = {
        "suggestion": suggestion,
        "side": side,
        "other": OTHER[side],
        "mine": getattr(suggestion, side),
        "theirs": getattr(suggestion, OTHER[side]),
        **more,
    }
    write(kind, template, to=to, dedupe_key=key, about=[suggestion], context=context)
