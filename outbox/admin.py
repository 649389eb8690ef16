"""The outbox in the admin: what went out, what did not, and sending it again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, ngettext

from accounts.permissions import person
from common.errors import Conflict
from outbox import actions, suppression
from outbox.choices import MessageKind
from outbox.models import MailEvent, Message, Part, Run, Suppression

BODY = ("text",)
STUCK = "status__in=failed,unknown"


class ReadOnlyAdmin(admin.ModelAdmin):
    """For rows that are written by the machinery alone."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [field.name for field in self.model._meta.fields if field.name != "id"]


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = (
        "subject",
        "address",
        "kind",
        "status",
        "attempts",
        "created_at",
        "sent_at",
        "last_error",
    )
    list_filter = ("status", "kind", "language")
    search_fields = ("address", "recipient__name", "subject")
    date_hierarchy = "created_at"
    list_select_related = ("recipient",)
    actions = ("send_again",)

    def get_fields(self, request: HttpRequest, obj: Message | None = None) -> Any:
        """Everything but the HTML; sign-in codes are for their reader alone."""
        names = [
            field.name for field in Message._meta.fields if field.name not in ("html", "id", *BODY)
        ]
        secret = obj is None or obj.kind == MessageKind.ACCOUNT
        return names if secret else [*names, *BODY]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    def waiting(self, request: HttpRequest) -> dict[str, Any] | None:
        """A line on the admin's first page: what was refused, given up, or nobody knows about."""
        if not self.has_view_permission(request):
            return None
        url = f"{reverse('admin:outbox_message_changelist')}?{STUCK}"
        count = Message.objects.all().stuck().count()
        return {"label": gettext("e-mails that did not arrive"), "count": count, "url": url}

    @admin.action(
        description=gettext_lazy("Send again what failed or is unknown"), permissions=["change"]
    )
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> HttpResponse | None:
        if "confirmed" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "title": gettext("Send again?"),
                "opts": self.model._meta,
                "messages_to_send": queryset,
                "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
            }
            return TemplateResponse(request, "admin/outbox/send_again.html", context)
        done = sum(self._queued(request, message) for message in queryset)
        left = len(queryset) - done
        if done:
            text = ngettext("%(count)s e-mail was queued.", "%(count)s e-mails were queued.", done)
            messages.success(request, text % {"count": done})
        if left:
            text = ngettext(
                "%(count)s e-mail was left: on its way, sent, or with an expired code.",
                "%(count)s e-mails were left: on their way, sent, or with an expired code.",
                left,
            )
            messages.warning(request, text % {"count": left})
        return None

    def _queued(self, request: HttpRequest, message: Message) -> bool:
        try:
            actions.send_again(message, by=person(request))
        except Conflict:
            return False
        return True


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    """The address is not kept; searching for it finds its row."""

    list_display = ("__str__", "reason", "suppressed_at", "soft_bounces", "lifted_at", "lifted_by")
    list_filter = ("reason",)
    search_fields = ("address_key",)
    search_help_text = gettext_lazy("A whole e-mail address")
    list_select_related = ("lifted_by",)
    actions = ("lift",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Suppression], search_term: str
    ) -> tuple[QuerySet[Suppression], bool]:
        if "@" in search_term:
            return queryset.filter(address_key=suppression.key_of(search_term)), False
        return super().get_search_results(request, queryset, search_term)

    @admin.action(description=gettext_lazy("Send to these addresses again"), permissions=["change"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> HttpResponse | None:
        reason = request.POST.get("reason", "").strip()
        if not reason:
            context = {
                **self.admin_site.each_context(request),
                "title": gettext("Send to these addresses again?"),
                "opts": self.model._meta,
                "suppressions": queryset,
                "asked": "reason" in request.POST,
                "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
            }
            return TemplateResponse(request, "admin/outbox/lift.html", context)
        done = sum(self._lifted(request, row, reason) for row in queryset)
        text = ngettext("%(count)s address is free.", "%(count)s addresses are free.", done)
        messages.success(request, text % {"count": done})
        return None

    def _lifted(self, request: HttpRequest, row: Suppression, reason: str) -> bool:
        try:
            suppression.lift(row, by=person(request), reason=reason)
        except Conflict:
            return False
        return True


@admin.register(MailEvent)
class MailEventAdmin(ReadOnlyAdmin):
    list_display = ("kind", "message_id", "source", "received_at", "processed_at", "outcome")
    list_filter = ("kind", "source", "outcome")
    search_fields = ("message_id", "event_id")
    date_hierarchy = "received_at"


@admin.register(Part)
class PartAdmin(ReadOnlyAdmin):
    list_display = ("name", "seen_at", "failures", "rests_until", "last_error")


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ("job", "due_at", "claimed_at", "done_at")
    list_filter = ("job",)
