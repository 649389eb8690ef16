"""The people of the demonstration: one for each role, and one to write to in every organisation."""

import secrets
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.models import User
from partners.models import Membership, Organisation

DOMAIN = "demo.greenmatch.example"


@dataclass(frozen=True)
class Account:
    """Somebody a visitor of the demonstration can sign in as."""

    email: str
    name: str
    role: Any
    language: str
    organisation: str = ""


ACCOUNTS = (
    Account(f"admin@{DOMAIN}", "Ada Admin", _("administrator"), "en"),
    Account(f"provider@{DOMAIN}", "Élise Garnier", _("provider, in French"), "fr", "givrine"),
    Account(f"provider.zh@{DOMAIN}", "沈清越", _("provider, in Chinese"), "zh-hans", "qingyue"),
    Account(f"city@{DOMAIN}", "Grace Holloway", _("city official, in English"), "en", "leeds"),
    Account(f"city.zh@{DOMAIN}", "周渝北", _("city official, in Chinese"), "zh-hans", "chongqing"),
    Account(f"city.ar@{DOMAIN}", "ليلى حداد", _("city official, in Arabic"), "ar", "amman"),
)


def password() -> str:
    """One password for all demonstration accounts, made for this installation."""
    path = settings.DATA_DIR / "demo_password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(f"green-{secrets.token_hex(4)}")
    return path.read_text().strip()


def create(organisations: dict[str, Organisation]) -> None:
    """Write the accounts and their memberships; existing ones stay as they are."""
    hashed = make_password(password())
    for account in ACCOUNTS:
        admin = account.email.startswith("admin@")
        user, created = User.objects.get_or_create(
            email=account.email,
            defaults={
                "name": account.name,
                "language": account.language,
                "password": hashed,
                "is_staff": admin,
                "is_superuser": admin,
            },
        )
        if created:
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        if organisation := organisations.get(account.organisation):
            Membership.objects.get_or_create(
                organisation=organisation, user=user, defaults={"role": Role.MANAGER}
            )


def administrator() -> User:
    return User.objects.get(email=ACCOUNTS[0].email)
