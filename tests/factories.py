"""Rows for tests. Listings are published unless ``published=False`` or ``submitted=True``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.choices import Role
from accounts.models import User
from common.choices import Status
from needs.models import Need, Target
from partners.choices import Kind, OrganisationStatus
from partners.models import Membership, Organisation
from technologies.models import Benefit, Right, Site, Technology
from vocabulary.choices import Scheme
from vocabulary.models import Concept


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@people.example")
    name = factory.Sequence(lambda n: f"Person {n}")

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(*args, **kwargs)


class OrganisationFactory(DjangoModelFactory):
    """Approved unless ``status`` says otherwise; ``members`` become its managers."""

    class Meta:
        model = Organisation
        skip_postgeneration_save = True

    kind = Kind.PROVIDER
    name = factory.Sequence(lambda n: f"Organisation {n}")
    description = "Builds and repairs."
    country = "FR"
    place = "Lyon"
    status = OrganisationStatus.APPROVED
    contact_name = "Private Person"
    contact_email = "private@contact.example"
    contact_phone = "+33 555 0100"

    @factory.lazy_attribute
    def decided_at(self) -> Any:
        return None if self.status == OrganisationStatus.APPLIED else timezone.now()

    @factory.lazy_attribute
    def decided_by(self) -> User | None:
        return None if self.decided_at is None else UserFactory()

    @factory.post_generation
    def members(self, create: bool, people: Any, **_: Any) -> None:
        for person in people or ():
            Membership.objects.create(organisation=self, user=person, role=Role.MANAGER)


class ProviderFactory(OrganisationFactory):
    kind = Kind.PROVIDER
    name = factory.Sequence(lambda n: f"Provider {n}")


class CityFactory(OrganisationFactory):
    kind = Kind.CITY
    name = factory.Sequence(lambda n: f"City {n}")
    country = "MA"
    place = "Casablanca"


class ConceptFactory(DjangoModelFactory):
    """A topic unless ``scheme`` says otherwise; the same scheme and code give the same row."""

    class Meta:
        model = Concept
        django_get_or_create = ("scheme", "code")

    scheme = Scheme.TOPIC
    code = "buildings.cooling"
    label = factory.LazyAttribute(
        lambda concept: concept.code.split(".")[-1].replace("-", " ").capitalize()
    )

    @factory.lazy_attribute
    def parent(self) -> Concept | None:
        if self.scheme != Scheme.TOPIC or "." not in self.code:
            return None
        return ConceptFactory(scheme=Scheme.FIELD, code=self.code.split(".")[0])


class ListingFactory(DjangoModelFactory):
    class Meta:
        abstract = True
        skip_postgeneration_save = True

    class Params:
        published = factory.Trait(
            status=Status.PUBLISHED,
            published_at=factory.LazyFunction(timezone.now),
            published_by=factory.SubFactory(UserFactory),
            confirmed_at=factory.LazyFunction(timezone.now),
            confirm_by=factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=180)),
        )
        submitted = factory.Trait(
            published=False,
            status=Status.SUBMITTED,
            submitted_at=factory.LazyFunction(timezone.now),
            submitted_by=factory.SubFactory(UserFactory),
        )

    source_language = "en"
    created_by = factory.SubFactory(UserFactory)

    @factory.post_generation
    def concepts(self, create: bool, rows: Any, **_: Any) -> None:
        self.concepts.set([ConceptFactory()] if rows is None else rows)


class TechnologyFactory(ListingFactory):
    class Meta:
        model = Technology
        skip_postgeneration_save = True

    published = True
    organisation = factory.SubFactory(ProviderFactory)
    title = factory.Sequence(lambda n: f"Cooling panel {n}")
    summary = "Panels that store the cool of the night."
    description = "Ceiling panels freeze a salt hydrate at night and hold rooms cool by day."
    problem_solved = "Rooms are too hot in the afternoon."
    difference = "No refrigerant enters the room."
    economic_case = "Pays back within four years."
    type = "device"
    trl_low = 8
    trl_high = 9
    terms = factory.LazyFunction(lambda: ["sale", "pilot"])
    developed_in = "FR"
    deployed_in = factory.LazyFunction(lambda: ["FR", "MA"])
    available_in = factory.LazyFunction(lambda: ["FR", "MA"])

    @factory.post_generation
    def benefits(self, create: bool, rows: Any, **_: Any) -> None:
        first = {"metric": "energy_saving", "value": 30, "unit": "%", "evidence": "documented"}
        for row in [first] if rows is None else rows:
            Benefit.objects.create(technology=self, **row)


class SiteFactory(DjangoModelFactory):
    class Meta:
        model = Site

    technology = factory.SubFactory(TechnologyFactory)
    place = "Grenoble"
    country = "FR"
    year = 2024


class RightFactory(DjangoModelFactory):
    class Meta:
        model = Right

    technology = factory.SubFactory(TechnologyFactory)
    kind = "patent"
    number = "EP1234567"
    office = "EP"
    status = "granted"


class NeedFactory(ListingFactory):
    class Meta:
        model = Need
        skip_postgeneration_save = True

    published = True
    organisation = factory.SubFactory(CityFactory)
    title = factory.Sequence(lambda n: f"Cool school {n}")
    summary = "Classrooms are too hot in summer."
    problem = "Classrooms pass 30 degrees on summer afternoons and the grid can take no more."
    baseline = "Split units run all at once."
    target = "Thirty per cent less power at the peak."
    country = "MA"
    place = "Casablanca"
    budget_high = 420
    budget_currency = "EUR"
    budget_unit = "m2"
    terms = factory.LazyFunction(lambda: ["sale"])
    trl_min = 7
    decision_by = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=60))
    procurement = "open_tender"

    @factory.post_generation
    def targets(self, create: bool, rows: Any, **_: Any) -> None:
        first = {"metric": "energy_saving", "value": 25, "unit": "%"}
        for row in [first] if rows is None else rows:
            Target.objects.create(need=self, **row)
