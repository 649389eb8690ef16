"""Both kinds of listing in the admin: the queue, the record by language, the decisions."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.permissions import person
from common.admin import Decision, DecisionAdminMixin
from common.choices import Status
from common.countries import country_choices
from common.fields import CodesField
from common.languages import CODES, NAMES, column
from listings import actions, content
from listings.content import COUNTRIES
from listings.permissions import may_review

LIFE = (
    *(
        "status",
        "created_by",
        "created_at",
        "submitted_by",
        "submitted_at",
        "published_by",
        "published_at",
    ),
    *("confirmed_at", "confirm_by", "review_note", "proposed_by", "proposed_at", "updated_at"),
)
SOURCE = ("source", "external_id", "source_url", "source_licence")


def _is_submitted(listing: Any) -> bool:
    return listing.status == Status.SUBMITTED


def _has_proposal(listing: Any) -> bool:
    return listing.proposed_at is not None


DECISIONS = (
    Decision(
        "publish",
        pgettext_lazy("decision", "Publish"),
        lambda listing, by, note: actions.publish(listing, by=by, note=note),
        needs_reason=False,
        open_to=_is_submitted,
    ),
    Decision(
        "ask_changes",
        pgettext_lazy("decision", "Ask for changes"),
        lambda listing, by, note: actions.ask_changes(listing, by=by, note=note),
        open_to=_is_submitted,
    ),
    Decision(
        "reject",
        pgettext_lazy("decision", "Reject"),
        lambda listing, by, note: actions.reject(listing, by=by, note=note),
        open_to=_is_submitted,
    ),
    Decision(
        "apply",
        _("Publish the changes"),
        lambda listing, by, note: actions.apply_proposal(listing, by=by, note=note),
        needs_reason=False,
        open_to=_has_proposal,
    ),
    Decision(
        "decline",
        _("Reject the changes"),
        lambda listing, by, note: actions.decline_proposal(listing, by=by, note=note),
        open_to=_has_proposal,
    ),
)


class WaitingFilter(admin.SimpleListFilter):
    title = _("review")
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("yes", _("Waiting for review")),
            ("new", _("New, waiting for review")),
            ("changes", _("Changes waiting for review")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        new, changed = Q(status=Status.SUBMITTED), Q(proposed_at__isnull=False)
        conditions = {"yes": new | changed, "new": new, "changes": changed}
        asked = conditions.get(self.value() or "")
        return queryset.filter(asked) if asked is not None else queryset


class ListingAdmin(DecisionAdminMixin, admin.ModelAdmin):
    """Status moves only by decisions; the form changes nothing but content."""

    decisions = DECISIONS
    waiting_query = "waiting=yes"
    list_display = (
        "reference",
        "heading",
        "organisation",
        "source_language",
        "status",
        "submitted_at",
        "waits",
    )
    list_display_links = ("reference", "heading")
    list_filter: ClassVar[tuple[Any, ...]] = (WaitingFilter, "status", "source_language")
    list_select_related = ("organisation",)
    list_per_page = 50
    show_full_result_count = False
    search_fields: ClassVar[tuple[str, ...]] = (
        *(column("title", code) for code in CODES),
        "organisation__name",
    )
    search_help_text = _("Title in any language, or organisation")
    raw_id_fields = ("organisation",)
    readonly_fields = LIFE
    date_hierarchy = None
    save_on_top = True

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Facts first, then one folding group of texts for each language, the original open."""
        model = self.model
        source = obj.source_language if obj else "en"
        texts = [
            (
                NAMES[code],
                {
                    "fields": [column(name, code) for name in model.TEXT_FIELDS],
                    "classes": [] if code == source else ["collapse"],
                },
            )
            for code in sorted(CODES, key=lambda code: code != source)
        ]
        return [
            (None, {"fields": ("organisation", "source_language")}),
            *texts,
            (_("Facts"), {"fields": (*model.FACT_FIELDS, "concepts")}),
            (_("Source"), {"fields": SOURCE, "classes": ["collapse"]}),
            (_("Life of the record"), {"fields": LIFE}),
        ]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, CodesField) and not db_field.code_choices:
            choices = [("*", _("Worldwide")), *country_choices()]
            return forms.MultipleChoiceField(
                choices=choices,
                required=False,
                label=db_field.verbose_name,
                widget=forms.SelectMultiple,
            )
        if db_field.name in COUNTRIES:
            choices = [("", "---------"), *country_choices()]
            return forms.ChoiceField(choices=choices, required=False, label=db_field.verbose_name)
        if isinstance(db_field, models.URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("organisation")

    def may_decide(self, request: HttpRequest, subject: Any) -> bool:
        return may_review(request.user, subject)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Listings are written by members of organisations, or imported."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody edits a record of their own past the review."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_review(request.user, obj))

    def differences(self, subject: Any) -> list[dict[str, str]]:
        return content.compared(subject, subject.proposed) if subject.proposed else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write what the form holds and nothing else: status belongs to the actions."""
        names = [
            field.name for field in obj._meta.concrete_fields if field.name in form.cleaned_data
        ]
        obj.save(update_fields=[name for name in names if name not in LIFE] + ["updated_at"])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        actions.corrected(form.instance, by=person(request), fields=form.changed_data)

    @admin.display(description=pgettext_lazy("record", "Reference"), ordering="pk")
    def reference(self, listing: Any) -> str:
        return str(listing.reference)

    @admin.display(description=_("Title"))
    def heading(self, listing: Any) -> str:
        return str(listing)

    @admin.display(description=_("Waits"), boolean=True)
    def waits(self, listing: Any) -> bool:
        return bool(listing.awaits_review)


class RowInline(admin.StackedInline):
    """Rows belong to their record: who may change it may change them."""

    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        meta = self.parent_model._meta
        return request.user.has_perm(
            f"{meta.app_label}.view_{meta.model_name}"
        ) or self._may_change(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj)

    def _may_change(self, request: HttpRequest, obj: Any) -> bool:
        meta = self.parent_model._meta
        return request.user.has_perm(f"{meta.app_label}.change_{meta.model_name}") and (
            obj is None or may_review(request.user, obj)
        )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "country":
            return forms.ChoiceField(choices=country_choices(), label=db_field.verbose_name)
        return super().formfield_for_dbfield(db_field, request, **kwargs)
