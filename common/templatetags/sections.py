"""The sections of the site that every page links to; a name that no app answers to is left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True, slots=True)
class Link:
    label: Any
    name: str
    args: tuple[str, ...] = ()
    namespace: str = ""
    marker: str = ""

    @property
    def url(self) -> str:
        try:
            return reverse(self.name, args=self.args)
        except NoReverseMatch:
            return ""


@dataclass(frozen=True, slots=True)
class Column:
    title: Any
    links: tuple[Link, ...] = field(default=())
    is_name: bool = False  # a proper name stays in Latin letters


MAIN = (
    Link(_("Technologies"), "technologies:list", (), "technologies", "mainnav__t"),
    Link(_("Needs"), "needs:list", (), "needs", "mainnav__n"),
    Link(_("Programmes"), "programmes:list", (), "programmes"),
    Link(_("Partners"), "partners:list", (), "partners", "mainnav__more"),
    Link(pgettext_lazy("page", "About"), "about", (), "about", "mainnav__more"),
)

ACCOUNT = (
    Link(_("My work"), "dashboard"),
    Link(_("Suggestions to answer"), "matching:inbox"),
    Link(_("Introductions"), "introductions:list"),
    Link(_("Settings"), "settings"),
)

FOOTER = (
    Column(
        _("For providers"),
        (
            Link(_("Post a technology"), "technologies:create"),
            Link(_("Technologies"), "technologies:list"),
            Link(_("Suggestions to answer"), "matching:inbox"),
        ),
    ),
    Column(
        _("For cities"),
        (
            Link(_("File a need"), "needs:create"),
            Link(_("Needs"), "needs:list"),
            Link(_("How scoring works"), "about_matching"),
        ),
    ),
    Column(
        pgettext_lazy("footer", "Together"),
        (
            Link(_("City acceleration programmes"), "programmes:list"),
            Link(_("Partners"), "partners:list"),
            Link(_("Register an organisation"), "partners:apply"),
        ),
    ),
    Column(
        pgettext_lazy("footer", "Data and trust"),
        (
            Link(_("Open API"), "api-docs"),
            Link(_("Accessibility"), "accessibility"),
            Link(_("Privacy"), "privacy"),
        ),
    ),
    Column(
        "GreenMatch",
        (
            Link(_("About GreenMatch"), "about"),
            Link(pgettext_lazy("page", "Search"), "search"),
            Link(_("Create an account"), "account_signup"),
        ),
        is_name=True,
    ),
)
