"""One function for each e-mail that partners send."""

from accounts.models import User
from outbox.actions import write
from outbox.choices import MessageKind
from partners.models import Organisation
from partners.querysets import members_to_tell


def application_received(organisation: Organisation, *, to: User) -> None:
    write(
        MessageKind.DECISION,
        "application_received",
        to=to,
        dedupe_key=f"application-received:{organisation.pk}:{to.pk}",
        context={"organisation": organisation},
    )


def application_decided(organisation: Organisation, *, act: int) -> None:
    """Tell every member what was decided and why; ``act`` is the audit row of the decision."""
    for member in members_to_tell(organisation):
        write(
            MessageKind.DECISION,
            f"application_{organisation.status}",
            to=member,
            dedupe_key=f"application-decided:{act}:{member.pk}",
            context={"organisation": organisation, "reason": organisation.reason},
        )
