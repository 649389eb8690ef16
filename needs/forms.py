"""The sections in which a need is written."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from listings.forms import ConceptsForm, RowForm, SectionForm
from listings.sections import Section
from needs.models import Need, Target


class ProblemForm(SectionForm):
    TEXTS = ("title", "summary", "problem")
    HINTS = {
        "source_language": _("The language in which you write. Others are added later."),
        "title": _("What you want to reach, where, in one sentence."),
        "summary": _("Two or three sentences: the problem, for whom, what you want."),
        "problem": _("What is wrong, since when, and what has been tried."),
    }

    class Meta:
        model = Need
        fields = ("source_language",)


class SituationForm(SectionForm):
    TEXTS = ("baseline", "target", "constraints")
    WANTED = ("baseline", "target", "targets")
    HINTS = {
        "baseline": _("The figures of today: consumption, temperatures, losses, costs."),
        "target": _("What has changed when the need is met."),
        "constraints": _(
            "Buildings, utilities, weather, rules, the time in which work is possible."
        ),
    }

    class Meta:
        model = Need
        fields = ()


class PlaceForm(SectionForm):
    WANTED = ("country", "place", "scale_value")
    HINTS = {
        "subdivision": _("ISO 3166-2, such as CN-CQ. Leave it empty if you do not know it."),
        "unlocode": _("Five letters, such as CNCKG. Leave it empty if you do not know it."),
        "scale_value": _("For example 186,000 square metres or 42 buildings."),
    }

    class Meta:
        model = Need
        fields = (
            *("country", "place", "subdivision", "unlocode"),
            *("latitude", "longitude", "scale_value", "scale_unit"),
        )

    def clean_unlocode(self) -> str:
        return str(self.cleaned_data["unlocode"]).upper()

    def clean_subdivision(self) -> str:
        return str(self.cleaned_data["subdivision"]).upper()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if (cleaned.get("latitude") is None) != (cleaned.get("longitude") is None):
            self.add_error("longitude", _("Give both latitude and longitude, or neither."))
        if cleaned.get("scale_value") is not None and not cleaned.get("scale_unit"):
            self.add_error("scale_unit", _("Say what the size is measured in."))
        return cleaned


class BudgetForm(SectionForm):
    WANTED = ("budget_high", "decision_by", "procurement")
    HINTS = {
        "budget_low": _("A range is enough. It is compared with the prices of providers."),
        "decision_by": _("The day on which you will have decided. Suggestions stop then."),
    }

    class Meta:
        model = Need
        fields = (
            *("budget_low", "budget_high", "budget_currency", "budget_unit"),
            *("decision_by", "procurement"),
        )
        widgets = {"decision_by": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.priced("budget")
        return cleaned


class AnswerForm(SectionForm):
    WANTED = ("trl_min", "terms")
    HINTS = {
        "trl_min": _("1 is research, 9 is in normal use."),
        "must": _("An offer that fails one of these is left out. You are told how many were."),
        "team_languages": _("Providers who speak one of them are told so."),
        "capacity": _("How many suggestions you can look at together."),
    }

    class Meta:
        model = Need
        fields = ("trl_min", "evidence_min", "terms", "must", "team_languages", "capacity")


class TargetForm(RowForm):
    class Meta:
        model = Target
        fields = Need.PARTS["targets"]


SECTIONS = (
    Section("problem", _("The problem"), _("What is wrong, where, and for whom"), ProblemForm),
    Section(
        "situation",
        _("Situation and target"),
        _("The figures of today, and the figure an answer must reach"),
        SituationForm,
        part="targets",
        rows=TargetForm,
        rows_title=_("Figures to reach"),
    ),
    Section("topics", _("Topics and goals"), _("What kind of solution you look for"), ConceptsForm),
    Section("place", _("Place and size"), _("City, coordinates, how large the task is"), PlaceForm),
    Section(
        "budget",
        _("Budget and timing"),
        _("Price ceiling, decision date, procurement route"),
        BudgetForm,
    ),
    Section(
        "answer",
        _("What an answer must have"),
        _("Readiness, evidence, terms, and what is a must"),
        AnswerForm,
    ),
)
