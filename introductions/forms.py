"""What a person writes or reports in an introduction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.choices import Evidence, Metric, Unit
from common.errors import Incomplete
from introductions import uploads
from introductions.choices import CloseReason, Minutes, Step


class FileForm(forms.Form):
    """A form to which one file may be added; the name and the content decide, not the browser."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_(
            "Up to 10 MB: PDF, JPEG, PNG, office document or plain text. Place and camera data "
            "are taken out of pictures. Only those who can read this page can open it."
        ),
    )

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.too_large = too_large

    def clean_file(self) -> uploads.Checked | None:
        if self.too_large:
            raise ValidationError(uploads.too_large())
        sent = self.cleaned_data.get("file")
        if sent is None:
            return None
        try:
            return uploads.check(sent.name or "", sent.read())
        except Incomplete as incomplete:
            raise ValidationError(incomplete.fields["file"]) from incomplete


class MessageForm(FileForm):
    text = forms.CharField(
        label=pgettext_lazy("in a conversation", "Your message"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        help_text=_("Only the members of both sides can read it."),
        error_messages={"required": _("Write a message.")},
    )
    field_order = ("text", "file")


class DayWidget(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class CorrectionForm(FileForm):
    day = forms.DateField(label=_("When was it?"), widget=DayWidget())
    note = forms.CharField(
        label=pgettext_lazy("of a milestone", "What happened"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("Both sides read it. In public only the number of milestones is shown."),
    )
    field_order: Sequence[str] = ("day", "note", "file")


class MilestoneForm(CorrectionForm):
    step = forms.ChoiceField(label=_("Which milestone?"), widget=forms.RadioSelect)
    field_order = ("step", "day", "note", "file")

    def __init__(self, *args: Any, steps: list[Step], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["step"].choices = [(step.value, step.label) for step in steps]  # type: ignore[attr-defined]
        self.initial.setdefault("day", timezone.localdate())


class ContestForm(forms.Form):
    reason = forms.CharField(
        label=_("What is not right?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("The other side reads it and can correct the entry."),
    )


class CloseForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why does it end?"), choices=CloseReason.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("Anything to add"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("The other side reads the reason and the note."),
    )


class TimeWidget(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class MeetingForm(forms.Form):
    """Times are those of the person's own time zone."""

    first = forms.DateTimeField(label=_("First time"), widget=TimeWidget())
    second = forms.DateTimeField(label=_("Second time"), required=False, widget=TimeWidget())
    third = forms.DateTimeField(label=_("Third time"), required=False, widget=TimeWidget())
    minutes = forms.TypedChoiceField(
        label=_("How long?"), choices=Minutes.choices, coerce=int, initial=Minutes.HOUR
    )
    place = forms.CharField(
        label=_("Where, or how?"),
        required=False,
        max_length=200,
        help_text=_("An address, or who calls whom. It is shown on the page and in calendars."),
    )

    def starts(self) -> list[datetime]:
        times = (self.cleaned_data.get(name) for name in ("first", "second", "third"))
        return [time for time in times if time]


class ImpactForm(forms.Form):
    metric = forms.ChoiceField(label=_("What was measured?"), choices=Metric.choices)
    value = forms.DecimalField(label=_("Value"), max_digits=14, decimal_places=2)
    unit = forms.ChoiceField(label=_("Unit"), choices=Unit.choices)
    starts = forms.DateField(label=_("From"), widget=DayWidget())
    ends = forms.DateField(label=pgettext_lazy("end of a period", "To"), widget=DayWidget())
    evidence = forms.ChoiceField(
        label=_("How well is it backed?"),
        choices=[choice for choice in Evidence.choices if choice[0] != Evidence.VERIFIED],
        widget=forms.RadioSelect,
        initial=Evidence.CLAIMED,
        help_text=_("Verified is said by somebody of neither side only."),
    )
    method = forms.CharField(
        label=_("How is it known?"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("Meters, bills, a report; compared with what."),
    )


class VerifyForm(forms.Form):
    method = forms.CharField(
        label=_("What have you checked, and how?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
