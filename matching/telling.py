"""Writing to both sides about suggestions they have not heard of."""

import hashlib

from django.db import transaction
from django.utils import timezone

from matching.choices import Side
from matching.emails import suggestions_found
from matching.models import Suggestion
from partners.models import Organisation
from partners.querysets import members_to_tell

IN_ONE_MAIL = 5


@transaction.atomic
def tell_organisation(organisation_id: int) -> None:
    """One e-mail to each member for each side on which the organisation has something new."""
    organisation = Organisation.objects.select_for_update().filter(pk=organisation_id).first()
    if organisation is None:
        return
    for side in Side:
        _tell(organisation, side)


def _tell(organisation: Organisation, side: Side) -> None:
    mine = Suggestion.objects.filter(**{f"{side}__organisation": organisation}).untold(side)
    rows = list(mine.for_list())
    if not rows:
        return
    key = _key(rows)
    for member in members_to_tell(organisation).filter(wants_suggestions=True):
        suggestions_found(
            rows[:IN_ONE_MAIL], side, to=member, more=max(0, len(rows) - IN_ONE_MAIL), key=key
        )
    told = {f"told_{side}_at": timezone.now()}
    Suggestion.objects.filter(pk__in=[row.pk for row in rows]).update(**told)


def _key(rows: list[Suggestion]) -> str:
    """The same news has the same key; a pair that comes back with a new deadline is new again."""
    news = sorted(f"{row.pk} {row.expires_at:%Y-%m-%d}" for row in rows)
    return hashlib.sha256(",".join(news).encode()).hexdigest()[:24]
