"""Forms: a field with its label, hint and error, and the summary of errors above a form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext

register = template.Library()
Context = dict[str, Any]

# With more choices than this a list of ticks is set in columns.
MANY = 8


def _kind(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput):
        return "choice"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, forms.MultiWidget | forms.SelectDateWidget):
        return "group"
    return "input"


def _classes(widget: forms.Widget, short: bool) -> str:
    if isinstance(widget, forms.CheckboxInput):
        names = ["tick"]
    elif isinstance(widget, forms.SelectMultiple):
        names = ["select", "select--multiple"]
    elif isinstance(widget, forms.Select):
        names = ["select"]
    elif isinstance(widget, forms.FileInput):
        names = ["input", "input--file"]
    else:
        names = ["input"]
    if short or isinstance(widget, forms.NumberInput):
        names.append("input--short")
    own = widget.attrs.get("class", "")
    return " ".join([*names, own]).strip()


def _described_by(bound: BoundField, hint: str) -> str:
    """Hint first, then error, so that a reader hears them in the order they are seen."""
    ids = []
    if hint:
        ids.append(f"{bound.auto_id}_helptext")
    if bound.errors:
        ids.append(f"{bound.auto_id}_error")
    return " ".join(ids)


def _control(bound: BoundField, hint: str, short: bool) -> SafeString:
    attrs: dict[str, Any] = {"class": _classes(bound.field.widget, short)}
    if described := _described_by(bound, hint):
        attrs["aria-describedby"] = described
    return bound.as_widget(attrs=attrs)


def _choices(bound: BoundField) -> list[Context]:
    # Django derives lists of ticks from lists of radio buttons, so the ticks are asked for first.
    name = "tick" if isinstance(bound.field.widget, forms.CheckboxSelectMultiple) else "radio"
    found = []
    for option in bound.subwidgets:
        option.data["attrs"] = {**option.data["attrs"], "class": name}
        if bound.errors:
            option.data["attrs"]["aria-invalid"] = "true"
        found.append({"control": option.tag(), "label": option.choice_label})
    return found


@register.inclusion_tag("_components/field.html")
def field(
    bound: BoundField,
    label: str = "",
    hint: str = "",
    suffix: str = "",
    short: bool = False,
    compact: bool = False,
) -> Context:
    if bound.is_hidden:
        return {"hidden": bound.as_widget()}
    widget = bound.field.widget
    kind = _kind(widget)
    hint = hint or str(bound.help_text)
    context: Context = {
        "kind": kind,
        "field": bound,
        "label": label or bound.label,
        "hint": hint,
        "suffix": suffix,
        "compact": compact,
        "required": bound.field.required and not compact,
        "described_by": _described_by(bound, hint),
        "hint_id": f"{bound.auto_id}_helptext",
        "error_id": f"{bound.auto_id}_error",
    }
    if kind == "choices":
        context["choices"] = _choices(bound)
        context["many"] = len(context["choices"]) > MANY
    else:
        context["control"] = _control(bound, hint, short)
    return context


@register.inclusion_tag("_components/fields.html")
def fields(form: forms.BaseForm) -> Context:
    return {"form": form}


def _target(bound: BoundField) -> str:
    """Where the link of an error leads: the control, or the first of a group."""
    if _kind(bound.field.widget) in ("choices", "group"):
        return f"{bound.auto_id}_0"
    return bound.id_for_label or bound.auto_id


def _problems(source: Any) -> Iterator[Context]:
    if isinstance(source, forms.BaseFormSet):
        for message in source.non_form_errors():
            yield {"message": message, "target": ""}
        for form in source.forms:
            yield from _problems(form)
        return
    for message in source.non_field_errors():
        yield {"message": message, "target": ""}
    for bound in source:
        for message in bound.errors:
            words = {"field": str(bound.label).rstrip("?:？："), "problem": message}
            text = pgettext("problem with a field", "%(field)s: %(problem)s") % words
            yield {"message": text, "target": "" if bound.is_hidden else _target(bound)}


@register.inclusion_tag("_components/errors.html")
def errors(*sources: Any) -> Context:
    """What has to change before the form can be saved, each with a link to its field."""
    problems = [problem for source in sources if source for problem in _found(source)]
    answers = sum(1 for problem in problems if problem["target"])
    heading = (
        ngettext("%(count)s answer needs a change", "%(count)s answers need a change", answers)
        % {"count": answers}
        if answers
        else gettext("This could not be saved")
    )
    return {"problems": problems, "heading": heading}


def _found(source: Any) -> list[Context]:
    return list(_problems(source)) if getattr(source, "is_bound", False) else []
