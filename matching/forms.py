"""What a person says when answering a suggestion."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from matching.choices import DeclineReason, Side


class SideForm(forms.Form):
    """For which side the answer is; a person of both organisations has to say."""

    side = forms.ChoiceField(choices=Side.choices, widget=forms.HiddenInput)


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
