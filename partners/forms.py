"""Registering an organisation, and keeping its page current."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.countries import country_choices
from common.languages import column
from partners.choices import Kind
from partners.models import Organisation

CONTACT_HINT = _("Shown to nobody until both sides have accepted a suggestion.")


class OrganisationForm(forms.ModelForm):
    """The description is kept in the language that the organisation chose."""

    description = forms.CharField(
        label=_("What you do"),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Two or three sentences that a city official or an engineer will understand."),
    )

    class Meta:
        model = Organisation
        fields: Any = (
            "name",
            "source_language",
            "country",
            "place",
            "founded",
            "size",
            "website",
            "contact_name",
            "contact_email",
            "contact_phone",
            "in_examples",
        )
        help_texts = {
            "contact_name": CONTACT_HINT,
            "contact_email": CONTACT_HINT,
            "contact_phone": CONTACT_HINT,
            "source_language": _("The language in which you describe yourselves."),
        }

    field_order = ("kind", "name", "source_language", "description")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Choose a country")), *country_choices()]
        self.fields["country"] = forms.ChoiceField(label=_("Country"), choices=choices)
        self.fields["contact_name"].required = self.fields["contact_email"].required = True
        if self.instance.pk:
            self.initial["description"] = self.instance.said(
                "description", self.instance.source_language
            )
        self.order_fields([*self.field_order, *self.Meta.fields])

    def clean_founded(self) -> int | None:
        year: int | None = self.cleaned_data["founded"]
        if year is not None and not 1000 <= year <= 2100:
            raise forms.ValidationError(_("Give the year with four digits."))
        return year

    def save(self, commit: bool = True) -> Organisation:
        language = self.cleaned_data["source_language"]
        setattr(self.instance, column("description", language), self.cleaned_data["description"])
        return super().save(commit)


class ApplicationForm(OrganisationForm):
    """The first time: what kind of organisation, and the charter."""

    kind = forms.ChoiceField(
        label=_("What kind of organisation is it?"), choices=Kind.choices, widget=forms.RadioSelect
    )
    charter_accepted = forms.BooleanField(
        label=_(
            "We accept the charter: what we publish is true, we answer suggestions,"
            " and we agree terms directly with the other side."
        ),
    )

    class Meta(OrganisationForm.Meta):
        fields: Any = ("kind", *OrganisationForm.Meta.fields, "charter_accepted")
