"""The outbox in the admin: what went out, what did not, and sending it again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy, ngettext

from accounts.permissions import person
from common.errors import Conflict
from outbox import actions
from outbox.choices import MessageKind
from outbox.models import Message

BODY = ("text",)


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):
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

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

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
