"""Runs over all needs in the admin: looked at, not touched."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy

from matching import runs
from matching.models import Chunk, Run

LOOK_AGAIN = 5  # seconds


class ChunkInline(admin.TabularInline):
    """Parts that are still there: of a run under way, or given up."""

    model = Chunk
    extra = 0
    can_delete = False
    fields = readonly_fields = (
        *("stage", "number", "first", "last"),
        *("claimed_at", "attempts", "done_at", "parked_at", "last_error"),
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RunAdmin(admin.ModelAdmin):
    """How far a run over all needs is; the page looks again by itself while one is under way."""

    list_display = (
        *("started_at", "policy", "stage", "how_far", "needs", "suggestions"),
        *("finished_at", "last_error"),
    )
    list_select_related = ("policy",)
    date_hierarchy = "started_at"
    inlines = (ChunkInline,)
    fields = (*list_display, "day")
    readonly_fields = ("how_far",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("progress"))
    def how_far(self, run: Run) -> str:
        if not run.under_way:
            return gettext("ended early") if run.last_error else gettext("finished")
        done, every = runs.progress(run)
        return gettext("%(done)s of %(every)s parts") % {"done": done, "every": every}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return _live(super().changelist_view(request, extra_context))

    def change_view(self, request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        return _live(super().change_view(request, *args, **more))


def _live(page: HttpResponse) -> HttpResponse:
    if runs.under_way():
        page["Refresh"] = str(LOOK_AGAIN)
    return page
