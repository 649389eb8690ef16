"""The directory of organisations, and registering one's own."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import person
from common.choices import PUBLIC_STATUSES
from partners import actions
from partners.choices import Kind, OrganisationStatus
from partners.filters import OrganisationFilter
from partners.forms import ApplicationForm, OrganisationForm
from partners.models import Organisation
from partners.permissions import is_member

PAGE = 30


@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    found = OrganisationFilter(request.GET, Organisation.objects.in_directory())
    page = Paginator(found.qs, PAGE).get_page(request.GET.get("page"))
    return render(
        request, "partners/list.html", {"filter": found, "page_obj": page, "nav": "partners"}
    )


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    organisation = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    context = {
        "organisation": organisation,
        "mine": is_member(request.user, organisation),
        "technologies": organisation.technologies.filter(status__in=PUBLIC_STATUSES).for_cards()[
            :20
        ],
        "needs": organisation.needs.filter(status__in=PUBLIC_STATUSES).for_cards()[:20],
        "nav": "partners",
    }
    return render(request, "partners/detail.html", context)


@login_required
def apply(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("kind", "")
    initial = {"kind": asked if asked in Kind.values else "", "source_language": get_language()}
    form = ApplicationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        form.save(commit=False)
        actions.apply(form.instance, by=person(request))
        messages.success(
            request,
            _("Your organisation is registered. We will write to you as soon as it is approved."),
        )
        return redirect("dashboard")
    return render(request, "partners/apply.html", {"form": form})


@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    organisation = get_object_or_404(Organisation.objects.editable_by(request.user), pk=pk)
    form = OrganisationForm(request.POST or None, instance=organisation)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect(organisation)
    rejected = organisation.status == OrganisationStatus.REJECTED
    return render(
        request,
        "partners/edit.html",
        {"form": form, "organisation": organisation, "rejected": rejected},
    )


@login_required
@require_POST
def apply_again(request: HttpRequest, pk: int) -> HttpResponse:
    organisation = get_object_or_404(Organisation.objects.editable_by(request.user), pk=pk)
    actions.apply_again(organisation, by=person(request))
    messages.success(request, _("Your application is back in the queue."))
    return redirect("dashboard")
