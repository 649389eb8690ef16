"""Matching in the admin: the policy and its versions, and a look at what the machinery does."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy, ngettext

from accounts.actions import record
from accounts.permissions import person
from common.errors import Conflict
from matching import engine
from matching.choices import Effect
from matching.models import Introduction, Policy, Response, Shortlist, Suggestion, Work
from matching.policy import DEFAULT_LIMITS, problems_of, put_in_force
from matching.work import ask


class LookAdmin(admin.ModelAdmin):
    """Rows that only the machinery writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PolicyForm(forms.ModelForm):
    class Meta:
        model = Policy
        fields = ("note", "weights", "limits")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            for text in problems_of(cleaned["weights"], cleaned["limits"]):
                self.add_error(None, text)
        return cleaned


@admin.register(Policy)
class PolicyAdmin(admin.ModelAdmin):
    """A version that has been in force is history: a change is a new version."""

    form = PolicyForm
    list_display = ("version", "note", "in_force", "created_at", "created_by")
    list_select_related = ("created_by",)
    actions = ("put_in_force",)
    fields = ("version", "note", "weights", "limits", "in_force", "created_at", "created_by")
    readonly_fields = ("version", "in_force", "created_at", "created_by")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        latest = Policy.objects.filter(in_force=True).first()
        if latest is not None:
            return {"weights": latest.weights, "limits": latest.limits}
        return {"weights": dict(engine.DEFAULT.weights), "limits": DEFAULT_LIMITS}

    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:
        if not change:
            last = Policy.objects.aggregate(last=Max("version"))["last"] or 0
            obj.version, obj.created_by = last + 1, person(request)
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not is_history(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and obj is not None and not is_history(obj)

    @admin.action(description=gettext_lazy("Put in force"), permissions=["change"])
    def put_in_force(self, request: HttpRequest, queryset: QuerySet[Policy]) -> None:
        if queryset.count() != 1:
            messages.error(request, gettext("Choose one policy."))
            return
        try:
            put_in_force(queryset[0], by=person(request))
        except Conflict:
            messages.error(request, gettext("This policy is in force already."))
            return
        messages.success(
            request, gettext("The policy is in force. All needs are being scored anew.")
        )


def is_history(policy: Policy) -> bool:
    """In force now, or once: suggestions were scored with it."""
    scored = Suggestion.objects.filter(policy=policy).exists()
    return policy.in_force or scored or Shortlist.objects.filter(policy=policy).exists()


class ResponseInline(admin.StackedInline):
    model = Response
    extra = 0
    can_delete = False
    fields = readonly_fields = (
        "side",
        "decision",
        "decline_reason",
        "note",
        "answered_at",
        "answered_by",
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Suggestion)
class SuggestionAdmin(LookAdmin):
    list_display = ("need", "technology", "score", "created_at", "expires_at", "closed_at")
    list_select_related = ("need", "technology")
    list_filter = ("policy", "responses__decline_reason")
    search_fields = ("need__title", "technology__title")
    date_hierarchy = "created_at"
    inlines = (ResponseInline,)


@admin.register(Introduction)
class IntroductionAdmin(LookAdmin):
    list_display = ("suggestion", "opened_at")
    list_select_related = ("suggestion__need", "suggestion__technology")
    date_hierarchy = "opened_at"


@admin.register(Work)
class WorkAdmin(LookAdmin):
    list_display = (
        "effect",
        "subject_id",
        "due_at",
        "claimed_at",
        "attempts",
        "parked_at",
        "last_error",
    )
    list_filter = ("effect", ("parked_at", admin.EmptyFieldListFilter))
    actions = ("try_again",)

    def has_try_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("matching.change_work"))

    @admin.action(description=gettext_lazy("Try again"), permissions=["try"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Work]) -> None:
        for row in queryset:
            ask(Effect(row.effect), row.subject_id)
            record("try again", row, by=person(request))
        text = ngettext(
            "%(count)s piece of work will be tried again.",
            "%(count)s pieces of work will be tried again.",
            len(queryset),
        )
        messages.success(request, text % {"count": len(queryset)})
