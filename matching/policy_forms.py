"""A policy as a person edits it: one number for each criterion, limit and currency."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.templatetags.fit import CRITERIA
from matching import engine
from matching.models import Policy
from matching.policy import DEFAULT_LIMITS, PARTS

ASKS: dict[str, Any] = {
    "purpose": _("Do the texts and topics speak of the same problem?"),
    "performance": _("Do the figures of the technology reach the targets of the need?"),
    "place": _("Is it available in the country, or at work there or nearby?"),
    "cost": _("Does the price fit the budget, in the same unit and currency?"),
    "readiness": _("Is it as ready as the city asks, from level 1 to level 9?"),
    "terms": _("Does the provider offer a way of working together that the city wants?"),
    "timing": _("Can it be delivered by the date of the decision?"),
    "evidence": _("Are the figures claimed, documented or verified?"),
}
LIMITS: dict[str, tuple[Any, Any]] = {
    "min_score": (_("lowest score"), _("A pair below it is not suggested. From 0 to 100.")),
    "per_need": (
        _("suggestions per need"),
        _("The most that are open at a time, if the city does not want fewer."),
    ),
    "per_provider": (
        _("suggestions per provider"),
        _("The most that are open at a time, so that small providers are seen."),
    ),
    "days_to_answer": (_("days to answer"), _("After them a suggestion is closed.")),
}
MOST = 365


def weight_field(criterion: str) -> forms.FloatField:
    return forms.FloatField(
        label=CRITERIA[criterion],
        min_value=0,
        max_value=20,
        help_text=ASKS.get(criterion, ""),
    )


def limit_field(name: str) -> forms.Field:
    label, help_text = LIMITS.get(name, (name, ""))
    if name == "min_score":
        return forms.FloatField(label=label, help_text=help_text, min_value=0, max_value=100)
    return forms.IntegerField(label=label, help_text=help_text, min_value=1, max_value=MOST)


def rate_field(currency: str) -> forms.FloatField:
    return forms.FloatField(label=currency, min_value=1e-9, max_value=1e6)


MAKES = {"weights": weight_field, "limits": limit_field, "rates": rate_field}
NAMES: dict[str, list[str]] = {
    "weights": list(engine.CRITERIA),
    "limits": list(DEFAULT_LIMITS),
    "rates": sorted(engine.DEFAULT.rates),
}


def field_name(part: str, name: str) -> str:
    return f"{part}_{name}"


def number_fields() -> dict[str, forms.Field]:
    return {
        field_name(part, name): MAKES[part](name) for part, names in NAMES.items() for name in names
    }


Numbers = type("Numbers", (forms.Form,), number_fields())


class PolicyForm(forms.ModelForm, Numbers):  # type: ignore[misc, valid-type]
    """Writes the numbers back into the columns of the version."""

    class Meta:
        model = Policy
        fields = ("note", "intercept", "slope", "miss_cost", "rates_as_of")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial = {**initial_of(self.instance), **self.initial}

    def _post_clean(self) -> None:
        for part, names in NAMES.items():
            found = {name: self.cleaned_data.get(field_name(part, name)) for name in names}
            if None not in found.values():
                setattr(self.instance, part, found)
        super()._post_clean()


def initial_of(policy: Policy) -> dict[str, Any]:
    """A new version starts from an older one."""
    values: dict[str, Any] = {name: getattr(policy, name) for name in PARTS if name not in NAMES}
    values["rates_as_of"] = policy.rates_as_of
    for part, names in NAMES.items():
        stored = {**(DEFAULT_LIMITS if part == "limits" else {}), **getattr(policy, part)}
        values |= {field_name(part, name): stored.get(name) for name in names}
    return values


def label_of(part: str, name: str) -> str:
    """The name of a number, as the form has it."""
    return str(number_fields()[field_name(part, name)].label)


GROUPS: tuple[tuple[str, Any], ...] = (
    ("weights", _("Weights: how much a criterion that fits fully brings")),
    ("limits", pgettext_lazy("matching policy", "Limits")),
    ("rates", _("Exchange rates: US dollars for one unit of currency")),
)
