"""Finding an organisation in the directory."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from common.countries import country_choices
from partners.choices import Kind
from partners.models import Organisation


class OrganisationFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains", label=_("Name"))
    kind = django_filters.ChoiceFilter(
        choices=Kind.choices, label=_("Kind"), empty_label=_("All kinds")
    )
    country = django_filters.ChoiceFilter(
        choices=country_choices, label=_("Country"), empty_label=_("All countries")
    )

    class Meta:
        model = Organisation
        fields: list[Any] = []
