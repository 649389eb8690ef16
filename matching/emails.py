"""One function for each e-mail that matching sends."""

from accounts.models import User
from matching.choices import Side
from matching.models import Introduction, Suggestion
from outbox.actions import write
from outbox.choices import MessageKind
from partners.querysets import members_to_tell


def suggestions_found(rows: list[Suggestion], side: Side, *, to: User, more: int, key: str) -> None:
    """The best new suggestions for one side, with scores and reasons; nobody's contact details."""
    write(
        MessageKind.SUGGESTION,
        f"suggestions_{side}",
        to=to,
        dedupe_key=f"suggestions:{to.pk}:{side}:{key}",
        context={
            "suggestions": rows,
            "side": side,
            "other": _other(side),
            "more": more,
            "total": len(rows) + more,
            "organisation": getattr(rows[0], side).organisation,
        },
    )


def introduction_opened(introduction: Introduction) -> None:
    """Both sides said yes: tell every member of both where to find the other."""
    suggestion = introduction.suggestion
    for side in Side:
        organisation = getattr(suggestion, side).organisation
        for member in members_to_tell(organisation):
            write(
                MessageKind.INTRODUCTION,
                "introduction_opened",
                to=member,
                dedupe_key=f"introduction:{introduction.pk}:{member.pk}",
                context={"introduction": introduction, "suggestion": suggestion, "side": side},
            )


def answered(suggestion: Suggestion, side: Side) -> None:
    """The other side has accepted: a reason to answer too."""
    other = _other(side)
    for member in members_to_tell(getattr(suggestion, other).organisation):
        write(
            MessageKind.ANSWER,
            "suggestion_accepted",
            to=member,
            dedupe_key=f"accepted:{suggestion.pk}:{side}:{member.pk}",
            context={"suggestion": suggestion, "side": other, "other": side},
        )


def _other(side: Side) -> Side:
    return Side.TECHNOLOGY if side == Side.NEED else Side.NEED
