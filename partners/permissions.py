"""Who may act for an organisation, and who may decide about it."""

from django.contrib.auth.models import AnonymousUser

from accounts.choices import Role
from accounts.models import User
from common.errors import NotAllowed
from partners.models import Membership, Organisation


def is_member(user: User | AnonymousUser, organisation: Organisation) -> bool:
    return (
        bool(user.pk)
        and Membership.objects.filter(user_id=user.pk or 0, organisation=organisation).exists()
    )


def require_manager(user: User, organisation: Organisation) -> None:
    managers = Membership.objects.filter(user=user, organisation=organisation, role=Role.MANAGER)
    if not managers.exists():
        raise NotAllowed


def require_decider(user: User, organisation: Organisation) -> None:
    """Nobody decides about an organisation of their own."""
    if not user.has_perm("partners.decide_organisation") or is_member(user, organisation):
        raise NotAllowed
