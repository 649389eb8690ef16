"""Decisions in the admin: buttons on a record, a page for the reason, one action behind each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, gettext_lazy

from common.errors import Conflict, Incomplete

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    Base = ModelAdmin[Any]
else:
    Base = object


@dataclass(frozen=True)
class Decision:
    """One button: ``act(subject, by, note)`` calls an action when ``open_to(subject)``."""

    code: str
    label: Any
    act: Callable[[Any, Any, str], None]
    needs_reason: bool = True
    open_to: Callable[[Any], bool] = lambda _subject: True


class DecisionForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("Note to the author"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField"}),
        help_text=gettext_lazy("It is sent by e-mail and kept in the record. A refusal needs one."),
    )


class DecisionAdminMixin(Base):
    """For a ModelAdmin whose records are decided about. Set ``decisions`` and ``may_decide``."""

    decisions: Sequence[Decision] = ()
    change_form_template = "admin/common/decision_change_form.html"
    decide_template = "admin/common/decide.html"
    waiting_query = ""  # the query string under which the list shows only what waits

    def may_decide(self, request: HttpRequest, subject: Any) -> bool:
        """Nobody decides about a record of their own; every action checks it again."""
        raise NotImplementedError

    def waiting(self, request: HttpRequest) -> dict[str, Any] | None:
        """A line of the queue on the admin's first page: how many records wait, and where."""
        if not self.has_view_permission(request):
            return None
        rows = self.get_queryset(request)
        count = rows.waiting().count() if hasattr(rows, "waiting") else 0
        url = f"{self._changelist_url()}?{self.waiting_query}".rstrip("?")
        return {"label": self.model._meta.verbose_name_plural, "count": count, "url": url}

    def differences(self, subject: Any) -> list[dict[str, str]]:
        """``label``, ``old`` and ``new`` of changes that wait."""
        return []

    def offered(self, request: HttpRequest, subject: Any) -> list[Decision]:
        if not self.may_decide(request, subject):
            return []
        return [decision for decision in self.decisions if decision.open_to(subject)]

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        decide = path(
            "<path:object_id>/decide/", site.admin_view(self.decide_view), name=self._route
        )
        return [decide, *super().get_urls()]

    @property
    def _route(self) -> str:
        meta = self.model._meta
        return f"{meta.app_label}_{meta.model_name}_decide"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        subject = kwargs.get("obj")
        if subject is not None:
            context["decisions"] = self.offered(request, subject)
            context["decide_url"] = reverse(f"admin:{self._route}", args=[subject.pk])
        return super().render_change_form(request, context, *args, **kwargs)

    def decide_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        subject = self.get_object(request, object_id)
        if subject is None:
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined]
                request, self.model._meta, object_id
            )
        if not self.may_decide(request, subject):
            raise PermissionDenied
        form = DecisionForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            done = self._decide(request, subject, form)
            if done:
                return HttpResponseRedirect(self._changelist_url())
        return self._decide_page(request, subject, form)

    def _decide(self, request: HttpRequest, subject: models.Model, form: DecisionForm) -> bool:
        chosen = next(
            (d for d in self.offered(request, subject) if d.code == request.POST.get("decision")),
            None,
        )
        note = form.cleaned_data["note"]
        if chosen is None:
            form.add_error(None, str(Conflict.message))
        elif chosen.needs_reason and not note.strip():
            form.add_error("note", gettext("Say why: the author will read it."))
        else:
            try:
                chosen.act(subject, request.user, note)
            except (Conflict, Incomplete) as error:
                texts = [str(error)] if isinstance(error, Conflict) else list(error.fields.values())
                for text in texts:
                    form.add_error(None, text)
            else:
                text = gettext("%(record)s: %(decision)s.") % {
                    "record": subject,
                    "decision": chosen.label,
                }
                messages.success(request, text)
                return True
        return False

    def _decide_page(
        self, request: HttpRequest, subject: models.Model, form: DecisionForm
    ) -> HttpResponse:
        meta = self.model._meta
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Decide: %(record)s") % {"record": subject},
            "opts": meta,
            "original": subject,
            "form": form,
            "decisions": self.offered(request, subject),
            "differences": self.differences(subject),
            "record_url": reverse(
                f"admin:{meta.app_label}_{meta.model_name}_change", args=[subject.pk]
            ),
            "list_url": self._changelist_url(),
        }
        return TemplateResponse(request, self.decide_template, context)

    def _changelist_url(self) -> str:
        meta = self.model._meta
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
