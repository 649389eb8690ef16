"""Matching in the admin: the policy and its versions, and a look at what the machinery does."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, ngettext

from accounts.actions import record
from accounts.permissions import person
from matching import policy_admin, run_admin
from matching.choices import Effect
from matching.models import Introduction, Policy, Response, Run, Suggestion, Work
from matching.work import ask

admin.site.register(Policy, policy_admin.PolicyAdmin)
admin.site.register(Run, run_admin.RunAdmin)


class LookAdmin(admin.ModelAdmin):
    """Rows that only the machinery writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


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
