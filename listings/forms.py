"""Forms of the wizard: one for each section, and rows below it; they give plain content."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.db import models
from django.forms.boundfield import BoundField
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from common.countries import countries_by_region, country_choices, currency_choices
from common.languages import column
from common.templatetags.places import lang_dir, lang_tag
from listings.content import COUNTRIES, Content, plain
from vocabulary.choices import Scheme
from vocabulary.models import Concept

EMPTY = [("", _("Choose"))]
MAX_ROWS = 40
EXTRA_ROWS = 3


class Grouped:
    """Long lists of ticks are shown in groups that fold; the template asks for ``shapes``."""

    fields: dict[str, forms.Field]

    def groups(self) -> dict[str, list[tuple[str, list[tuple[str, str]]]]]:
        return {}

    def shapes(self) -> Iterator[dict[str, Any]]:
        """Every visible field; one with groups brings them along."""
        groups = self.groups()
        for bound in self.visible_fields():  # type: ignore[attr-defined]
            yield {
                "bound": bound,
                "groups": _ticks(bound, groups[bound.name]) if bound.name in groups else [],
            }


def _ticks(
    bound: BoundField, groups: list[tuple[str, list[tuple[str, str]]]]
) -> list[dict[str, Any]]:
    """The controls of a list of ticks, sorted into their groups."""
    options = {str(option.data["value"]): option for option in bound.subwidgets}
    found = []
    for label, choices in groups:
        ticks = []
        for code, words in choices:
            option = options[code]
            option.data["attrs"] = {**option.data["attrs"], "class": "tick"}
            ticks.append(
                {"control": option.tag(), "label": words, "ticked": option.data["selected"]}
            )
        if ticks:
            chosen = sum(tick["ticked"] for tick in ticks)
            found.append({"label": label, "ticks": ticks, "chosen": chosen})
    return found


class SectionForm(Grouped, forms.ModelForm):
    """Texts are those of the language the record is written in; the rest are its own columns.

    The instance is a copy in memory: nothing is saved by the form, ``changes()`` goes to an action.
    """

    TEXTS: ClassVar[tuple[str, ...]] = ()
    FIRST: ClassVar[tuple[str, ...]] = ()
    WANTED: ClassVar[tuple[str, ...]] = ()  # what the section asks for before it counts as done
    HINTS: ClassVar[dict[str, Any]] = {}

    def __init__(self, *args: Any, content: Content | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.content = content or {}
        for name in self.TEXTS:
            self.fields[name] = _text_field(self.instance, name, self.HINTS.get(name, ""))
            self.initial[name] = self.instance.said(name, self.instance.source_language)
        for name, field in self.fields.items():
            self._dress(name, field)
        self.order_fields([*self.FIRST, *self.TEXTS])

    def _dress(self, name: str, field: forms.Field) -> None:
        """Choices that depend on the reader's language, and the hints."""
        if name in self.HINTS:
            field.help_text = self.HINTS[name]
        if name in COUNTRIES:
            self.fields[name] = _select(field, country_choices())
        elif name.endswith("_currency"):
            kept = getattr(self.instance, name)
            known = currency_choices()
            strange = [(kept, kept)] if kept and kept not in dict(known) else []
            self.fields[name] = _select(field, [*known, *strange])
        elif name == "source_language":
            field.disabled = len(self.instance.languages_of("title")) > 1
        elif name == "available_in":
            field.choices = [("*", _("Worldwide")), *country_choices()]  # type: ignore[attr-defined]
        elif name == "deployed_in":
            field.choices = country_choices()  # type: ignore[attr-defined]

    def groups(self) -> dict[str, list[tuple[str, list[tuple[str, str]]]]]:
        regions = countries_by_region()
        everywhere = ("", [("*", str(_("Worldwide")))])
        found = {"deployed_in": regions, "available_in": [everywhere, *regions]}
        return {name: groups for name, groups in found.items() if name in self.fields}

    def changes(self) -> Content:
        before = self.initial.get("source_language") or self.instance.source_language
        language = self.cleaned_data.get("source_language") or before
        moved = {} if language == before else _moved(self.instance, before, language)
        return moved | {
            column(name, language) if name in self.TEXTS else name: plain(value)
            for name, value in self.cleaned_data.items()
        }

    def rising(self, low: str, high: str, message: Any) -> None:
        """Says beside the upper end that the ends are the wrong way round."""
        first, last = self.cleaned_data.get(low), self.cleaned_data.get(high)
        if first is not None and last is not None and first > last:
            self.add_error(high, message)

    def priced(self, prefix: str) -> None:
        """An amount needs its currency and what it is for."""
        low, high = self.cleaned_data.get(f"{prefix}_low"), self.cleaned_data.get(f"{prefix}_high")
        self.rising(
            f"{prefix}_low", f"{prefix}_high", _("The upper end must not be below the lower end.")
        )
        if low is None and high is None:
            return
        if not self.cleaned_data.get(f"{prefix}_currency"):
            self.add_error(f"{prefix}_currency", _("Choose the currency of the amount."))
        if not self.cleaned_data.get(f"{prefix}_unit"):
            self.add_error(f"{prefix}_unit", _("Say what the amount is for."))

    def validate_constraints(self) -> None:
        """Nothing is saved here; each rule has its own message in ``clean``."""


def _moved(record: Any, before: str, language: str) -> Content:
    """Every text under the other language: the author had named the wrong one."""
    texts = {name: record.said(name, before) for name in record.TEXT_FIELDS}
    left = {column(name, before): "" for name in texts}
    return left | {column(name, language): text for name, text in texts.items() if text}


def _text_field(record: Any, name: str, hint: Any) -> forms.CharField:
    """A field for one text, marked with the language it is written in."""
    found = record._meta.get_field(name)
    attrs = {"lang": lang_tag(record.source_language), "dir": lang_dir(record.source_language)}
    short = not isinstance(found, models.TextField)
    widget = forms.TextInput(attrs=attrs) if short else forms.Textarea(attrs={**attrs, "rows": 5})
    return forms.CharField(
        label=capfirst(str(found.verbose_name)),
        max_length=found.max_length,
        required=name == "title",
        widget=widget,
        help_text=hint,
    )


def _select(field: forms.Field, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=field.label, required=False, choices=[*EMPTY, *choices], help_text=field.help_text
    )


class ConceptsForm(Grouped, forms.Form):
    """Topics under their fields, and goals; concepts of other schemes stay as they are."""

    WANTED: ClassVar[tuple[str, ...]] = ("concepts",)

    topics = forms.MultipleChoiceField(
        label=_("Topics"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose the few that fit best. At least one is needed before you submit."),
    )
    goals = forms.MultipleChoiceField(
        label=_("Sustainable Development Goals"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, content: Content, instance: Any = None, **kwargs: Any) -> None:
        self.kept = content["concepts"]
        rows = list(
            Concept.objects.filter(scheme__in=(Scheme.FIELD, Scheme.TOPIC, Scheme.SDG)).in_order()
        )
        self.rows = {scheme: [row for row in rows if row.scheme == scheme] for scheme in Scheme}
        keys = {"topics": self._keys(Scheme.TOPIC), "goals": self._keys(Scheme.SDG)}
        initial = {name: [key for key in self.kept if key in known] for name, known in keys.items()}
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        for name, known in keys.items():
            self.fields[name].choices = list(known.items())  # type: ignore[attr-defined]

    def _keys(self, scheme: Scheme) -> dict[str, str]:
        return {row.key: str(row) for row in self.rows[scheme]}

    def groups(self) -> dict[str, list[tuple[str, list[tuple[str, str]]]]]:
        groups = [
            (
                str(field),
                [
                    (row.key, str(row))
                    for row in self.rows[Scheme.TOPIC]
                    if row.parent_id == field.pk
                ],
            )
            for field in self.rows[Scheme.FIELD]
        ]
        placed = {key for _label, choices in groups for key, _words in choices}
        others = [
            (key, words) for key, words in self._keys(Scheme.TOPIC).items() if key not in placed
        ]
        return {"topics": [*groups, (str(_("Other topics")), others)]}

    def changes(self) -> Content:
        shown = {*self._keys(Scheme.TOPIC), *self._keys(Scheme.SDG)}
        kept = [key for key in self.kept if key not in shown]
        return {
            "concepts": sorted([*kept, *self.cleaned_data["topics"], *self.cleaned_data["goals"]])
        }


class RowForm(forms.ModelForm):
    """One row below a section: a benefit, a site, a right, a target."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "country" in self.fields:
            self.fields["country"] = _select(self.fields["country"], country_choices())
            self.fields["country"].required = True

    def validate_constraints(self) -> None:
        """The row has no owner yet."""


class BaseRows(forms.BaseFormSet):
    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Remove this row")
        if not self.is_bound and index is not None and index >= self.initial_form_count():
            for field in form.fields.values():
                field.required = False  # an empty row asks for nothing; a filled one is checked

    def rows(self) -> list[Content]:
        """What the section holds now: removed and empty rows are gone."""
        kept = [
            form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        return [
            {name: plain(value) for name, value in form.cleaned_data.items() if name != "DELETE"}
            for form in kept
        ]


def rows_of(form: type[RowForm]) -> Any:
    """A formset that works without a script: some empty rows, and a button for more."""
    return forms.formset_factory(
        form,
        formset=BaseRows,
        extra=EXTRA_ROWS,
        can_delete=True,
        max_num=MAX_ROWS,
        validate_max=True,
    )


class StartForm(forms.Form):
    """In whose name, when the person may post for several organisations."""

    organisation: Any = forms.ModelChoiceField(
        queryset=None, label=_("In whose name?"), widget=forms.RadioSelect, empty_label=None
    )

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]


class TranslationForm(forms.Form):
    """One field for each text that the record has in its own language."""

    def __init__(self, *args: Any, record: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record, self.language = record, language
        for name in record.TEXT_FIELDS:
            source = record.said(name, record.source_language)
            if source:
                field = _text_field(record, name, "")
                field.required = False
                field.widget.attrs |= {"lang": lang_tag(language), "dir": lang_dir(language)}
                self.fields[name] = field
                self.initial[name] = record.said(name, language)

    def pairs(self) -> Iterator[dict[str, Any]]:
        for bound in self:
            yield {
                "bound": bound,
                "source": self.record.said(bound.name, self.record.source_language),
            }

    def changes(self) -> Content:
        checked = [code for code in self.record.machine_languages if code != self.language]
        texts = {column(name, self.language): text for name, text in self.cleaned_data.items()}
        return {**texts, "machine_languages": checked}
