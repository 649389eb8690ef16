"""Who may write, and who may review, a listing."""

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from common.errors import NotAllowed
from listings.models import Listing
from partners.permissions import is_member


def require_author(user: User, listing: Listing) -> None:
    """A member of the listing's organisation, once that organisation is approved."""
    if not listing.organisation.is_approved or not is_member(user, listing.organisation):
        raise NotAllowed


def may_review(user: User | AnonymousUser, listing: Listing) -> bool:
    """Reviewers, but nobody in their own cause."""
    permission = f"{listing._meta.app_label}.review_{listing._meta.model_name}"
    return user.has_perm(permission) and not is_member(user, listing.organisation)


def require_reviewer(user: User, listing: Listing) -> None:
    if not may_review(user, listing):
        raise NotAllowed
