"""Who manages a programme, and whose introductions that concerns."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import User
from introductions.brokers import Candidate
from matching.models import Introduction
from needs.models import Need
from programmes.models import Programme


def managers_of(introduction: Introduction) -> list[Candidate]:
    """Of the programmes to which the need belongs."""
    need = introduction.suggestion.need_id
    return [
        Candidate(person, str(programme))
        for programme in Programme.objects.filter(needs=need).order_by("pk")
        for person in programme.managers.filter(is_active=True).order_by("pk")
    ]


def needs_of(manager: User) -> QuerySet[Need]:
    """Needs of the programmes that a person manages."""
    return Need.objects.filter(programmes__managers=manager).distinct()


def need_ids_of(manager: User) -> QuerySet[Need, int]:
    return needs_of(manager).values_list("pk", flat=True)
