"""The versions of the policy in the admin: edited, rehearsed, put in force, then history."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from accounts.permissions import person
from common.errors import Conflict
from matching.exposure import PERIODS, days_asked, report
from matching.models import Policy, Rehearsal, Shortlist, Suggestion
from matching.policy import in_force, put_in_force
from matching.policy_forms import GROUPS, NAMES, PolicyForm, field_name, initial_of, label_of
from matching.rehearsal import ask_rehearsal, is_current, last_of
from matching.templatetags.rehearsals import precise, proposal_words
from technologies.models import Technology

PAGE = 10
KINDS = ("appear", "vanish", "move")
SCORE: tuple[Any, dict[str, Any]] = (
    gettext_lazy("From points to a score"),
    {
        "fields": ("intercept", "slope", "miss_cost"),
        "description": gettext_lazy(
            "The score is 100 times the chance that the pair fits. Starting point and steepness "
            "are refitted from local decisions: a proposal appears as a new version."
        ),
    },
)


class PolicyAdmin(admin.ModelAdmin):
    """A version that has been in force is history: a change is a new version."""

    form = PolicyForm
    change_form_template = "admin/matching/policy_change_form.html"
    change_list_template = "admin/matching/policy_change_list.html"
    list_display = ("version", "what_changed", "in_force", "created_at", "created_by")
    list_select_related = ("created_by",)
    actions = ("switch",)
    readonly_fields = (
        *("version", "in_force", "created_at", "created_by"),
        *("shown_weights", "shown_limits", "shown_rates", "shown_figures"),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Policy | None = None) -> Any:
        about: tuple[str, ...] = ("version", "note", "in_force", "created_at", "created_by")
        if obj is not None and obj.figures:
            about = (*about, "shown_figures")
        if obj is not None and not self.has_change_permission(request, obj):
            numbers = ("shown_weights", "shown_limits", *SCORE[1]["fields"])
            return [(None, {"fields": (*about, *numbers, "shown_rates", "rates_as_of")})]
        groups = []
        for part, title in GROUPS:
            names: list[str] = [field_name(part, name) for name in NAMES[part]]
            if part == "rates":
                names.insert(0, "rates_as_of")
            classes = ("collapse",) if part == "rates" else ()
            groups.append((title, {"fields": names, "classes": classes}))
        return [(None, {"fields": about if obj else ("note",)}), *groups[:2], SCORE, groups[2]]

    def get_form(
        self, request: HttpRequest, obj: Policy | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            kwargs["form"] = forms.ModelForm
        return super().get_form(request, obj, change, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {**initial_of(in_force()), **super().get_changeform_initial_data(request)}

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

    def has_switch_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("matching.change_policy"))

    @admin.action(description=gettext_lazy("Put in force"), permissions=["switch"])
    def switch(self, request: HttpRequest, queryset: QuerySet[Policy]) -> HttpResponse | None:
        if queryset.count() != 1:
            messages.error(request, gettext("Choose one policy."))
            return None
        url = reverse("admin:matching_policy_switch", args=[queryset[0].pk])
        return HttpResponseRedirect(url)

    @admin.display(description=gettext_lazy("what changed"), ordering="note")
    def what_changed(self, policy: Policy) -> str:
        if policy.note or not policy.figures.get("proposed"):
            return policy.note
        return gettext("Proposed: level of scores refitted from decisions")

    @admin.display(description=gettext_lazy("what speaks for it"))
    def shown_figures(self, policy: Policy) -> str:
        return proposal_words(policy.figures)

    @admin.display(description=gettext_lazy("weights by criterion"))
    def shown_weights(self, policy: Policy) -> SafeString:
        return listed(policy, "weights")

    @admin.display(description=pgettext_lazy("matching policy", "Limits"))
    def shown_limits(self, policy: Policy) -> SafeString:
        return listed(policy, "limits")

    @admin.display(description=gettext_lazy("US dollars for one unit of currency"))
    def shown_rates(self, policy: Policy) -> SafeString:
        return listed(policy, "rates")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path(
                "<int:pk>/rehearsal/", wrap(self.rehearsal_view), name="matching_policy_rehearsal"
            ),
            path("<int:pk>/switch/", wrap(self.switch_view), name="matching_policy_switch"),
        ]
        seen = path("exposure/", wrap(self.exposure_view), name="matching_policy_exposure")
        return [*own, seen, *super().get_urls()]

    def exposure_view(self, request: HttpRequest) -> HttpResponse:
        """Who is seen, fresh from the database."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": Policy._meta,
            "title": gettext("Who is seen"),
            "report": report(days_asked(request.GET.get("days", ""))),
            "periods": PERIODS,
        }
        return TemplateResponse(request, "admin/matching/exposure.html", context)

    def rehearsal_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The last rehearsal with its progress; a POST asks for a new one."""
        policy = self._policy(request, pk)
        here = reverse("admin:matching_policy_rehearsal", args=[pk])
        if request.method == "POST":
            if policy.in_force:
                messages.error(request, gettext("This policy is in force already."))
            else:
                ask_rehearsal(policy, by=person(request))
            return HttpResponseRedirect(here)
        row = last_of(policy)
        context = {**self._context(request, policy), **_rows(request, row), "here": here}
        context["title"] = gettext("Rehearsal of policy %(version)s") % {"version": policy.version}
        bare = request.headers.get("X-Fragment")
        name = "_rehearsal" if bare else "rehearsal"
        return TemplateResponse(request, f"admin/matching/{name}.html", context)

    def switch_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask before a version is put in force, with what its rehearsal found."""
        policy = self._policy(request, pk)
        if request.method == "POST":
            return self._switch(request, policy)
        context = self._context(request, policy)
        context["title"] = gettext("Put policy %(version)s in force") % {"version": policy.version}
        return TemplateResponse(request, "admin/matching/switch.html", context)

    def _switch(self, request: HttpRequest, policy: Policy) -> HttpResponse:
        try:
            put_in_force(policy, by=person(request))
        except Conflict:
            messages.error(request, gettext("This policy is in force already."))
        else:
            messages.success(
                request, gettext("The policy is in force. All needs are being scored anew.")
            )
        return HttpResponseRedirect(reverse("admin:matching_policy_changelist"))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["may_switch"] = self.has_switch_permission(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def _policy(self, request: HttpRequest, pk: int) -> Policy:
        if not self.has_switch_permission(request):
            raise PermissionDenied
        return get_object_or_404(Policy, pk=pk)

    def _context(self, request: HttpRequest, policy: Policy) -> dict[str, Any]:
        row = last_of(policy)
        return {
            **self.admin_site.each_context(request),
            "opts": Policy._meta,
            "policy": policy,
            "present": in_force(),
            "rehearsal": row,
            "is_current": row is not None and is_current(row),
        }


def _rows(request: HttpRequest, row: Rehearsal | None) -> dict[str, Any]:
    """One page of the needs that change, perhaps of one kind, with the titles they speak of."""
    if row is None:
        return {}
    kind = request.GET.get("kind", "")
    rows = row.rows.select_related("need__organisation").order_by("pk")
    if kind in KINDS:
        rows = rows.filter(**{f"{kind}__gt": 0})
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    changes = [change for found in page for change in found.changes]
    ids = {change["technology"] for change in changes}
    held = Technology.objects.select_related("organisation").in_bulk(ids)
    for change in changes:
        change["record"] = held.get(change["technology"])
    return {"page_obj": page, "kind": kind, "kinds": KINDS}


def is_history(policy: Policy) -> bool:
    """In force now, or once: suggestions were scored with it."""
    scored = Suggestion.objects.filter(policy=policy).exists()
    return policy.in_force or scored or Shortlist.objects.filter(policy=policy).exists()


def listed(policy: Policy, part: str) -> SafeString:
    """The numbers of a version that can only be read."""
    rows = getattr(policy, part).items()
    named = ((label_of(part, name), precise(value, 9)) for name, value in rows)
    lines = format_html_join("", "<li>{}: {}</li>", named)
    return format_html("<ul>{}</ul>", lines)
