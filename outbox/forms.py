"""What a person chooses about e-mail."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from outbox import actions
from outbox.choices import OPTIONAL, Frequency
from outbox.models import Preference


def _zones() -> list[tuple[str, Any]]:
    names = sorted(name for name in available_timezones() if "/" in name or name == "UTC")
    known = [(name, name.replace("_", " ")) for name in names if not name.startswith("Etc/")]
    return [("", _("That of my organisation's country")), *known]


class PreferenceForm(forms.ModelForm):
    """Which kinds, how often, when, in which language."""

    kinds = forms.MultipleChoiceField(
        label=_("E-mails you want"),
        choices=[(kind.value, kind.label) for kind in OPTIONAL],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    frequency = forms.ChoiceField(
        label=_("New suggestions"),
        choices=Frequency.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "Once a day or once a week: on working days of your country, at the hour you choose."
        ),
    )
    language = forms.ChoiceField(label=_("Language of e-mails"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones, required=False)

    class Meta:
        model = Preference
        fields = ("frequency", "weekday", "hour")
        labels = {"weekday": _("Day, if once a week")}
        field_order = ("kinds", "frequency", "weekday", "hour", "time_zone", "language")

    field_order = Meta.field_order

    def __init__(self, data: Any, *, person: User) -> None:
        wish = Preference.objects.all().of(person)
        self.person = person
        initial = {
            "kinds": [kind.value for kind in OPTIONAL if kind not in wish.off],
            "frequency": wish.pace,
            "language": person.language,
            "time_zone": person.time_zone,
        }
        super().__init__(data, instance=wish, initial=initial)

    def keep(self) -> None:
        """Store the choices; call it when they are valid."""
        said = self.cleaned_data
        self.instance.off = [kind.value for kind in OPTIONAL if kind not in said["kinds"]]
        self.person.language, self.person.time_zone = said["language"], said["time_zone"]
        actions.choose(self.instance, by=self.person)
