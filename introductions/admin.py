"""Introductions in the admin: that something was written, sent or reported, never what."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy

from accounts.permissions import person
from common.admin import Decision, DecisionAdminMixin
from introductions import actions, milestones
from introductions.models import Attachment, ImpactEntry, Meeting, Milestone, ThreadMessage
from introductions.permissions import is_closed, sides_of
from matching.admin import IntroductionAdmin, LookAdmin
from matching.models import Introduction


class OutsideAdmin(LookAdmin):
    """Rows of the confidential part: those columns alone that say nothing of its content."""

    shown: tuple[str, ...] = ()
    list_select_related = ("introduction__suggestion__need", "introduction__suggestion__technology")

    def get_list_display(self, request: HttpRequest) -> Any:
        return self.shown

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.shown


@admin.register(ThreadMessage)
class ThreadMessageAdmin(OutsideAdmin):
    shown = ("introduction", "side", "at")


@admin.register(Attachment)
class AttachmentAdmin(OutsideAdmin):
    shown = ("introduction", "side", "content_type", "size", "at")


@admin.register(Meeting)
class MeetingAdmin(OutsideAdmin):
    shown = ("introduction", "status", "side", "changed_at")


@admin.register(Milestone)
class MilestoneAdmin(OutsideAdmin):
    shown = ("introduction", "step", "day", "reason", "side", "at", "stands")
    list_filter = ("step", "reason")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("answer", "correction")

    @admin.display(description=gettext_lazy("state"))
    def stands(self, milestone: Milestone) -> str:
        if milestone.is_replaced:
            return gettext("Replaced by a correction")
        answer = getattr(milestone, "answer", None)
        return answer.get_word_display() if answer else gettext("Waits for the other side")


@admin.register(ImpactEntry)
class ImpactEntryAdmin(OutsideAdmin):
    """Figures are for those who verify them, too."""

    shown = (
        "introduction",
        "metric",
        "value",
        "unit",
        "starts",
        "ends",
        "evidence",
        "side",
        "at",
        "verification",
    )
    list_filter = ("evidence", "metric")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("replacement")

    @admin.display(description=gettext_lazy("verify"))
    def verification(self, entry: ImpactEntry) -> str:
        if not entry.side or getattr(entry, "replacement", None):
            return "–"
        return format_html(
            '<a href="{}">{}</a>',
            reverse("introductions:verify", args=[entry.pk]),
            gettext("Verify an effect"),
        )


def _open(introduction: Introduction) -> bool:
    return not is_closed(introduction)


admin.site.unregister(Introduction)


@admin.register(Introduction)
class DecidedIntroductionAdmin(DecisionAdminMixin, IntroductionAdmin):
    """Look, and in an emergency end it or close its contact details, with a reason."""

    decisions = (
        Decision(
            "withdraw",
            gettext_lazy("Close the contact details of both sides"),
            lambda row, by, note: actions.withdraw_for_safety(row, by=by, reason=note),
            open_to=lambda row: row.withdrawals.count() < 2,
        ),
        Decision(
            "close",
            gettext_lazy("Close the introduction"),
            lambda row, by, note: milestones.close_for_safety(row, by=by, note=note),
            open_to=_open,
        ),
    )

    def may_decide(self, request: HttpRequest, subject: Introduction) -> bool:
        allowed = request.user.has_perm("matching.change_introduction")
        return allowed and not sides_of(subject, person(request))

    def waiting(self, request: HttpRequest) -> None:
        """Nothing waits for an admin here."""
        return
