"""What a person says when answering a suggestion."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _

from common.templatetags.dates import day
from matching.choices import DeclineReason, Lesson, Side
from matching.models import MESSAGE_LENGTH


class SideForm(forms.Form):
    """For which side the answer is; a person of both organisations has to say."""

    side = forms.ChoiceField(choices=Side.choices, widget=forms.HiddenInput)


class AcceptForm(SideForm):
    message = forms.CharField(
        label=_("Your first message"),
        required=False,
        max_length=MESSAGE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_("A draft from what we know. Change it as you like, or leave it empty."),
    )


class LaterForm(SideForm):
    until = forms.DateField(
        label=_("When do you want to look at it again?"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, days: tuple[date, date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first, self.last = days
        field = self.fields["until"]
        field.help_text = self._range()
        field.widget.attrs |= {"min": self.first.isoformat(), "max": self.last.isoformat()}

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if not self.first <= until <= self.last:
            raise forms.ValidationError(self._range())
        return until

    def _range(self) -> str:
        words = {"first": day(self.first), "last": day(self.last)}
        return translated("Choose a day from %(first)s to %(last)s.") % words


class CompareForm(forms.Form):
    """Which suggestions of a need stand side by side."""

    LEAST, MOST = 2, 4
    compare = forms.TypedMultipleChoiceField(coerce=int)

    def __init__(self, *args: Any, choices: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["compare"].choices = [(pk, pk) for pk in choices]  # type: ignore[attr-defined]

    def clean_compare(self) -> list[int]:
        ticked: list[int] = list(dict.fromkeys(self.cleaned_data["compare"]))
        if not self.LEAST <= len(ticked) <= self.MOST:
            raise forms.ValidationError("number")
        return ticked


class DeclineForm(SideForm):
    reason = forms.ChoiceField(
        label=_("Why does it not suit you?"),
        choices=DeclineReason.choices,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Anything to add"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Reason and note help us suggest better. The other side does not see them."),
    )


class LessonForm(forms.Form):
    """Which lesson of a need is taken back, or used again."""

    lesson = forms.ChoiceField(choices=Lesson.choices)
    use = forms.BooleanField(required=False)
