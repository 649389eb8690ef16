"""The people of the tests, and the browsers they sit at."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from partners.models import Organisation
from tests.factories import CityFactory, ProviderFactory, UserFactory

REVIEW = ("review_technology", "review_need", "decide_organisation")
LOOK = (
    "view_technology",
    "change_technology",
    "view_need",
    "change_need",
    "view_organisation",
    "change_organisation",
)


@pytest.fixture
def author(db: None) -> User:
    """Writes for an approved provider."""
    return UserFactory(name="Ada Author", email="author@provider.example")


@pytest.fixture
def colleague(db: None) -> User:
    """Works for the same provider as the author."""
    return UserFactory(name="Cleo Colleague", email="colleague@provider.example")


@pytest.fixture
def stranger(db: None) -> User:
    """Is signed in and belongs to another provider."""
    person = UserFactory(name="Stan Stranger", email="stranger@elsewhere.example")
    ProviderFactory(name="Elsewhere", members=[person])
    return person


@pytest.fixture
def official(db: None) -> User:
    """Writes for an approved city."""
    return UserFactory(name="Olga Official", email="official@city.example")


@pytest.fixture
def curator(db: None) -> User:
    """Reviews listings and decides about organisations in the admin; is no superuser."""
    person = UserFactory(name="Kim Curator", email="curator@greenmatch.example", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=REVIEW + LOOK))
    return person


@pytest.fixture
def provider(author: User, colleague: User) -> Organisation:
    return ProviderFactory(name="Givrine", members=[author, colleague])


@pytest.fixture
def city(official: User) -> Organisation:
    return CityFactory(name="Schools Office", members=[official])


@pytest.fixture
def visitor(db: None) -> Client:
    """A browser in which nobody has signed in."""
    return Client()


def _browser(person: User) -> Client:
    browser = Client()
    browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return browser


@pytest.fixture
def as_author(author: User, provider: Organisation) -> Client:
    return _browser(author)


@pytest.fixture
def as_colleague(colleague: User, provider: Organisation) -> Client:
    return _browser(colleague)


@pytest.fixture
def as_stranger(stranger: User) -> Client:
    return _browser(stranger)


@pytest.fixture
def as_official(official: User, city: Organisation) -> Client:
    return _browser(official)


@pytest.fixture
def as_curator(curator: User) -> Client:
    return _browser(curator)
