"""A tiny world: two cities, two providers, three needs, three technologies, and who acts there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from accounts.models import User
from matching.choices import Side
from matching.policy import in_force
from needs.models import Need
from outbox.choices import Frequency
from outbox.models import Preference
from partners.choices import OrganisationStatus
from partners.models import Membership, Organisation
from technologies.models import Technology

START = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
LIMITS = {"min_score": 1, "per_need": 2, "per_provider": 3, "days_to_answer": 14}
CURATOR = "curator@greenmatch.example"
PACES = (Frequency.AT_ONCE, Frequency.DAILY, Frequency.AT_ONCE, Frequency.WEEKLY)


def build() -> None:
    """Write the rows; the clock should stand at ``START``."""
    make = import_module("tests.factories")
    make.UserFactory(email=CURATOR, is_staff=True, is_superuser=True)
    policy = in_force()
    policy.limits = {**policy.limits, **LIMITS}
    policy.save()
    owners = []
    for number, factory in enumerate(
        [make.CityFactory, make.CityFactory] + [make.ProviderFactory] * 2
    ):
        people = [
            make.UserFactory(name=f"Zed{number}{n} Hidden", email=f"zed{number}{n}@hidden.example")
            for n in range(2)
        ]
        for n, person in enumerate(people):
            Preference.objects.create(person=person, frequency=PACES[(number + n) % len(PACES)])
        owners.append(
            factory(
                members=people,
                contact_name=f"Canary{number} Contact",
                contact_email=f"canary{number}@hidden.example",
                contact_phone=f"+00 555 77{number}{number}",
            )
        )
    for owner in (owners[0], owners[0], owners[1]):
        make.NeedFactory(organisation=owner)
    for owner in (owners[2], owners[2], owners[3]):
        make.TechnologyFactory(organisation=owner)


@dataclass
class Town:
    """The rows as they stand at the beginning of one life, and what has happened to them since."""

    people: list[User] = field(default_factory=list)
    organisations: dict[int, Organisation] = field(default_factory=dict)
    listings: dict[str, dict[int, Any]] = field(default_factory=dict)
    member_of: dict[int, int] = field(default_factory=dict)
    secrets: dict[str, int] = field(default_factory=dict)  # canary: whose it is
    owners: list[int] = field(default_factory=list)  # of the records, with or without members

    def __post_init__(self) -> None:
        self.member_of = dict(Membership.objects.values_list("user", "organisation"))
        self.owners = sorted(set(self.member_of.values()))
        known = User.objects.filter(pk__in=[*self.member_of]).order_by("pk")
        self.people = list(known)
        self.curator = User.objects.get(email=CURATOR)
        self.organisations = {row.pk: row for row in Organisation.objects.order_by("pk")}
        self.listings = {
            Side.NEED: {row.pk: row for row in Need.objects.order_by("pk")},
            Side.TECHNOLOGY: {row.pk: row for row in Technology.objects.order_by("pk")},
        }
        for person in self.people:
            for word in (person.name, person.email):
                self.secrets[word] = self.member_of[person.pk]
        for owner in self.organisations.values():
            if owner.pk in self.member_of.values():
                for word in (owner.contact_name, owner.contact_email, owner.contact_phone):
                    self.secrets[word] = owner.pk
        self.canaries = re.compile("|".join(map(re.escape, self.secrets)))
        self.wanted = {pk: need.capacity for pk, need in self.listings[Side.NEED].items()}

    def owner(self, side: str, listing: int) -> int:
        pk: int = self.listings[side][listing].organisation_id
        return pk

    def is_member(self, person: User, organisation: int) -> bool:
        """Of those who can still sign in."""
        return bool(person.is_active and self.member_of.get(person.pk) == organisation)

    def in_good_standing(self, need: int, technology: int) -> bool:
        owners = (self.owner(Side.NEED, need), self.owner(Side.TECHNOLOGY, technology))
        return all(self.organisations[pk].status == OrganisationStatus.APPROVED for pk in owners)

    def is_live(self, need: int, technology: int) -> bool:
        """Both records public, both organisations in good standing."""
        public = (
            self.listings[Side.NEED][need].is_public,
            self.listings[Side.TECHNOLOGY][technology].is_public,
        )
        return all(public) and self.in_good_standing(need, technology)

    def forget(self, person: User) -> None:
        """An account was deleted: the person is a member of nothing any more."""
        self.member_of.pop(person.pk, None)

    def leaked(self, text: str, organisation: int | None) -> list[str]:
        """Contact details of others in what members of an organisation are shown."""
        found = self.canaries.findall(text)
        return [word for word in found if self.secrets[word] != organisation]
