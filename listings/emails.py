"""One function for each e-mail that listings send."""

from listings.models import Listing
from outbox.actions import write
from outbox.choices import MessageKind
from partners.querysets import members_to_tell


def decided(listing: Listing, template: str, *, act: int, note: str) -> None:
    """Tell the members what was decided; ``act`` is the audit row of the decision."""
    if listing.organisation.imported:
        return
    for member in members_to_tell(listing.organisation):
        write(
            MessageKind.DECISION,
            template,
            to=member,
            dedupe_key=f"{template}:{act}:{member.pk}",
            context={"listing": listing, "note": note},
        )
