"""The sections in which a technology is written."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from listings.forms import ConceptsForm, RowForm, SectionForm
from listings.sections import Section
from technologies.models import Benefit, Right, Site, Technology


class WhatForm(SectionForm):
    TEXTS = ("title", "summary", "description")
    WANTED = ("title", "summary", "description", "type")
    HINTS = {
        "source_language": _("The language in which you write. Others are added later."),
        "title": _(
            "What it is, in a few words that a city official understands. No brand name alone."
        ),
        "summary": _("Two or three sentences: what it does, for whom, with what result."),
        "description": _("How it works, what it needs on site, where its limits are."),
    }

    class Meta:
        model = Technology
        fields = ("source_language", "type")


class WhyForm(SectionForm):
    TEXTS = ("problem_solved", "difference", "economic_case")
    HINTS = {
        "problem_solved": _("What is wrong before, and for whom."),
        "difference": _("What people buy today instead, and what is better or worse about yours."),
        "economic_case": _(
            "What it costs, what it saves, after how many years it has paid for itself."
        ),
    }

    class Meta:
        model = Technology
        fields = ()


class ReadinessForm(SectionForm):
    WANTED = ("trl_low", "trl_high", "benefits")
    HINTS = {
        "trl_low": _("1 is research, 9 is in normal use. Give a range if versions differ."),
        "maturity": _(
            "Horizon: not yet on the market. Frontier: on the market, rare. Proven: in wide use."
        ),
        "complexity": _("How much skill it takes to install and run."),
    }

    class Meta:
        model = Technology
        fields = ("trl_low", "trl_high", "maturity", "complexity")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.rising("trl_low", "trl_high", _("The highest level must not be below the lowest."))
        return cleaned


class WhereForm(SectionForm):
    WANTED = ("developed_in", "available_in")
    HINTS = {
        "deployed_in": _("Countries where it is at work today."),
        "available_in": _("Countries where you can deliver. Tick Worldwide if it is all of them."),
    }

    class Meta:
        model = Technology
        fields = ("developed_in", "deployed_in", "available_in")


class TermsForm(SectionForm):
    WANTED = ("terms", "cost_currency", "lead_time_weeks")
    HINTS = {
        "terms": _("Every way in which you would work with a city."),
        "cost_low": _("A range is enough. It is compared with the budgets of cities."),
        "lead_time_weeks": _("From the order to the start of normal use."),
    }

    class Meta:
        model = Technology
        fields = ("terms", "cost_low", "cost_high", "cost_currency", "cost_unit", "lead_time_weeks")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.priced("cost")
        return cleaned


class SitesForm(SectionForm):
    WANTED = ("sites",)

    class Meta:
        model = Technology
        fields = ()


class BenefitForm(RowForm):
    class Meta:
        model = Benefit
        fields = Technology.PARTS["benefits"]


class SiteForm(RowForm):
    class Meta:
        model = Site
        fields = Technology.PARTS["sites"]

    def clean_year(self) -> int | None:
        year: int | None = self.cleaned_data["year"]
        if year is not None and not 1900 <= year <= 2100:
            raise forms.ValidationError(_("Give the year with four digits."))
        return year


class RightForm(RowForm):
    class Meta:
        model = Right
        fields = Technology.PARTS["rights"]
        widgets = {"checked_at": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}


SECTIONS = (
    Section("what", _("What it is"), _("Title, summary, description, type and language"), WhatForm),
    Section(
        "why",
        _("Why it is better"),
        _("The problem it solves, the difference, the economic case"),
        WhyForm,
    ),
    Section("topics", _("Topics and goals"), _("Where people will look for it"), ConceptsForm),
    Section(
        "readiness",
        _("Readiness and evidence"),
        _("How far it is, and what has been measured"),
        ReadinessForm,
        part="benefits",
        rows=BenefitForm,
        rows_title=_("Measured benefits"),
    ),
    Section(
        "where", pgettext_lazy("section", "Where"), _("Developed, at work, available"), WhereForm
    ),
    Section(
        "terms",
        _("Terms, cost and time"),
        _("How you work with a city, the price band, the lead time, IP rights"),
        TermsForm,
        part="rights",
        rows=RightForm,
        rows_title=_("IP rights"),
    ),
    Section(
        "sites",
        _("Reference sites"),
        _("Places where it can be seen"),
        SitesForm,
        part="sites",
        rows=SiteForm,
        rows_title=_("Places where it is at work"),
    ),
)
