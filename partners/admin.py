"""Organisations in the admin: the queue of applications, and the decision about each."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.actions import record
from accounts.models import User
from accounts.permissions import person
from common.admin import Decision, DecisionAdminMixin
from common.languages import CODES, NAMES, column
from partners import actions
from partners.choices import NEXT_ORGANISATION_STATUS, OrganisationStatus
from partners.models import Membership, Organisation
from partners.permissions import is_member


def _can_become(status: OrganisationStatus) -> Callable[[Organisation], bool]:
    return lambda organisation: status in NEXT_ORGANISATION_STATUS[organisation.status]


def _approve(organisation: Organisation, by: User, note: str) -> None:
    actions.approve(organisation, by=by, reason=note)


def _reject(organisation: Organisation, by: User, note: str) -> None:
    actions.reject(organisation, by=by, reason=note)


def _suspend(organisation: Organisation, by: User, note: str) -> None:
    actions.suspend(organisation, by=by, reason=note)


DESCRIPTIONS: Any = tuple(
    (NAMES[code], {"classes": ("collapse",), "fields": (column("description", code),)})
    for code in CODES
)


class MembershipInline(admin.StackedInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)
    readonly_fields = ("since",)


@admin.register(Organisation)
class OrganisationAdmin(DecisionAdminMixin, admin.ModelAdmin):
    list_display = ("name", "kind", "country", "status", "applied_at", "decided_by")
    list_filter = ("status", "kind")
    list_select_related = ("decided_by",)
    search_fields = ("name", "place", "contact_email")
    ordering = ("-applied_at",)
    inlines = (MembershipInline,)
    readonly_fields = (
        "status",
        "applied_at",
        "applied_by",
        "decided_at",
        "decided_by",
        "reason",
        "charter_accepted",
        "imported",
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "name",
                    "kind",
                    "source_language",
                    "country",
                    "subdivision",
                    "place",
                    "website",
                )
            },
        ),
        (_("Decision"), {"fields": readonly_fields}),
        (
            _("Contact, closed until an introduction"),
            {"fields": ("contact_name", "contact_email", "contact_phone")},
        ),
        (
            _("On the map"),
            {"classes": ("collapse",), "fields": ("latitude", "longitude", "founded", "size")},
        ),
        *DESCRIPTIONS,
    )
    decisions = (
        Decision(
            "approve",
            pgettext_lazy("decision", "Approve"),
            _approve,
            needs_reason=False,
            open_to=_can_become(OrganisationStatus.APPROVED),
        ),
        Decision(
            "reject",
            pgettext_lazy("decision", "Reject"),
            _reject,
            open_to=_can_become(OrganisationStatus.REJECTED),
        ),
        Decision(
            "suspend",
            pgettext_lazy("decision", "Suspend"),
            _suspend,
            open_to=_can_become(OrganisationStatus.SUSPENDED),
        ),
    )

    def may_decide(self, request: HttpRequest, subject: Any) -> bool:
        may = request.user.has_perm("partners.decide_organisation")
        return may and not is_member(request.user, subject)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Who joins or leaves may see contacts and answer: that is written down."""
        super().save_formset(request, form, formset, change)
        people = [*formset.new_objects, *(row for row, _fields in formset.changed_objects)]
        for membership in people:
            record("set member", form.instance, by=person(request), user=membership.user_id)
        for membership in formset.deleted_objects:
            record("remove member", form.instance, by=person(request), user=membership.user_id)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Organisations apply themselves, so that somebody has accepted the charter for them."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Suspended, never deleted: what they published and answered stays traceable."""
        return False
