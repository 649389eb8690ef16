"""Writing a listing: sections, one page for each, a check of the answers, the owner's steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.permissions import person
from common.errors import Conflict
from common.languages import CODES, active, column
from listings import actions, content
from listings.forms import StartForm, TranslationForm, rows_of
from listings.permissions import may_review
from listings.sections import Section
from listings.views import ListingView
from partners.choices import Kind
from partners.models import Organisation
from partners.permissions import is_member

VERBS: dict[str, tuple[Callable[..., None], Any]] = {
    "submit": (
        actions.submit,
        gettext_lazy("Sent to a reviewer. We write to you as soon as it is decided."),
    ),
    "withdraw": (
        actions.withdraw,
        gettext_lazy("It is a draft again. Nobody but you and your colleagues sees it."),
    ),
    "archive": (actions.archive, gettext_lazy("Archived. It is no longer public.")),
    "confirm": (actions.confirm, gettext_lazy("Confirmed. Thank you for keeping it current.")),
    "discard": (actions.discard_proposal, gettext_lazy("The changes are discarded.")),
}


class WizardView(LoginRequiredMixin, ListingView):
    """What the pages of the wizard share; only members of the organisation come here."""

    sections: ClassVar[tuple[Section, ...]]
    poster: ClassVar[Kind]

    def own(self, request: HttpRequest, pk: int) -> Any:
        return get_object_or_404(self.model.objects.of(request.user).for_page(), pk=pk)

    def written(self, record: Any) -> content.Content:
        """The content as its author sees it: what is stored, with the changes that wait."""
        return {**content.read(record), **(record.proposed or {})}

    def steps(self, record: Any, text: content.Content) -> list[dict[str, Any]]:
        return [
            {
                "section": section,
                "state": section.state(record, text),
                "url": self.url("section", record.pk, section.slug),
            }
            for section in self.sections
        ]


class CreateView(WizardView):
    """The first section; a draft exists as soon as it has a title."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.organisations = Organisation.objects.able_to_post(request.user, self.poster)
        if not self.organisations.exists():
            waiting = Organisation.objects.of(request.user).waiting().filter(kind=self.poster)
            return self.page(
                request, "new", {"waiting": waiting, "poster": self.poster, "denied": True}
            )
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._shown(request, *self._forms(None))

    def post(self, request: HttpRequest) -> HttpResponse:
        form, whose = self._forms(request.POST)
        if not all([form.is_valid(), whose is None or whose.is_valid()]):
            return self._shown(request, form, whose)
        organisation = whose.cleaned_data["organisation"] if whose else self.organisations.get()
        record = self.model(
            organisation=organisation, source_language=form.cleaned_data["source_language"]
        )
        actions.start(record, by=person(request))
        actions.revise(record, by=person(request), changes=form.changes())
        messages.success(request, _("Your draft is saved. Go on now or later."))
        return redirect(self.url("edit", record.pk))

    def _forms(self, data: Any) -> tuple[Any, StartForm | None]:
        blank = self.model(source_language=active())
        form = self.sections[0].form(data, instance=blank, content={})
        several = self.organisations.count() > 1
        return form, StartForm(data, organisations=self.organisations) if several else None

    def _shown(self, request: HttpRequest, form: Any, whose: StartForm | None) -> HttpResponse:
        return self.page(
            request, "new", {"form": form, "whose": whose, "section": self.sections[0]}
        )


class TaskList(WizardView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.own(request, pk)
        text = self.written(record)
        steps = self.steps(record, text)
        context = {
            "record": record,
            "organisation": record.organisation,
            "steps": steps,
            "done": sum(step["state"] == "done" for step in steps),
            "open": record.is_editable or record.is_public,
            "missing": actions.missing(record),
            "changes": content.compared(record, record.proposed) if record.proposed else [],
            "written": record.languages_of("title"),
            "other_languages": [code for code in CODES if code != record.source_language],
            "mine": True,
        }
        return self.page(request, "edit", context)


class SectionView(WizardView):
    """One form, with its rows; what was typed comes back when something has to change."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.record = self.own(request, kwargs["pk"])
        found = [section for section in self.sections if section.slug == kwargs["slug"]]
        if not found:
            raise Http404
        self.section = found[0]
        if not (self.record.is_editable or self.record.is_public):
            messages.warning(request, _("It cannot be changed in its present state."))
            return redirect(self.url("edit", self.record.pk))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int, slug: str) -> HttpResponse:
        return self._shown(request, *self._forms(None))

    def post(self, request: HttpRequest, pk: int, slug: str) -> HttpResponse:
        form, rows = self._forms(request.POST)
        if not all([form.is_valid(), rows is None or rows.is_valid()]):
            return self._shown(request, form, rows)
        changes = form.changes()
        if rows is not None:
            changes[self.section.part] = rows.rows()
        try:
            actions.revise(self.record, by=person(request), changes=changes)
        except Conflict as conflict:
            form.add_error(None, str(conflict))
            return self._shown(request, form, rows)
        if "more" in request.POST:
            return redirect(self.url("section", pk, slug) + "#rows")
        saved = (
            _("Saved. A reviewer looks at it before it is public.")
            if self.record.is_public
            else _("Saved.")
        )
        messages.success(request, saved)
        return redirect(self.url("edit", pk))

    def _forms(self, data: Any) -> tuple[Any, Any]:
        text = self.written(self.record)
        working = content.overlay(self.record, self.record.proposed)
        form = self.section.form(data, instance=working, content=text)
        if not self.section.rows:
            return form, None
        initial = text[self.section.part]
        return form, rows_of(self.section.rows)(data, initial=initial, prefix=self.section.part)

    def _shown(self, request: HttpRequest, form: Any, rows: Any) -> HttpResponse:
        number = self.sections.index(self.section)
        failed = bool(form.errors) or bool(
            rows is not None and rows.is_bound and not rows.is_valid()
        )
        context = {
            "record": self.record,
            "form": form,
            "rows": rows,
            "failed": failed,
            "section": self.section,
            "number": number + 1,
            "of": len(self.sections),
        }
        return self.page(request, "section", context)


class CheckView(WizardView):
    """Every answer on one page, then the button."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.own(request, pk)
        text = self.written(record)
        context = {
            "record": record,
            "organisation": record.organisation,
            "missing": self._missing(record),
            "sheets": [
                {**step, "answers": self._answers(record, step["section"], text)}
                for step in self.steps(record, text)
            ],
        }
        return self.page(request, "check", context)

    def _answers(
        self, record: Any, section: Section, text: content.Content
    ) -> list[dict[str, str]]:
        return [
            {
                "label": content.label_of(self.model, name),
                "value": content.told(self.model, name, text.get(name)),
            }
            for name in section.names(record)
        ]

    def _missing(self, record: Any) -> list[dict[str, str]]:
        """What a reviewer would miss, each with the section where it is written."""
        found = []
        for name, message in actions.missing(record).items():
            where = column(name, record.source_language) if name in record.TEXT_FIELDS else name
            section = next(s for s in self.sections if where in s.names(record))
            label = content.label_of(self.model, name)
            found.append(
                {
                    "label": label,
                    "message": message,
                    "url": self.url("section", record.pk, section.slug),
                }
            )
        return found


class ActView(WizardView):
    """The owner's steps; each is one POST and one action."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        record = self.own(request, pk)
        if verb not in VERBS:
            raise Http404
        act, words = VERBS[verb]
        act(record, by=person(request))
        messages.success(request, words)
        return redirect(record if record.is_public else self.url("edit", record.pk))


class TranslateView(WizardView):
    """The original beside one field for each text; for the organisation and for reviewers."""

    def get(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        record, form = self._opened(request, pk, language, None)
        return self._shown(request, record, form, language)

    def post(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        record, form = self._opened(request, pk, language, request.POST)
        if not form.is_valid():
            return self._shown(request, record, form, language)
        waits = record.is_public and not may_review(request.user, record)
        try:
            actions.translate(record, by=person(request), changes=form.changes())
        except Conflict as conflict:
            form.add_error(None, str(conflict))
            return self._shown(request, record, form, language)
        messages.success(
            request,
            _("Saved. A reviewer looks at it before it is public.") if waits else _("Saved."),
        )
        return redirect(
            self.url("edit", pk) if is_member(request.user, record.organisation) else record
        )

    def _opened(
        self, request: HttpRequest, pk: int, language: str, data: Any
    ) -> tuple[Any, TranslationForm]:
        record = self.visible(request, pk)
        member = is_member(request.user, record.organisation)
        if not (member or may_review(request.user, record)):
            raise Http404
        if language not in CODES or language == record.source_language:
            raise Http404
        if member:
            content.overlay(record, record.proposed)
        return record, TranslationForm(data, record=record, language=language)

    def _shown(
        self, request: HttpRequest, record: Any, form: TranslationForm, language: str
    ) -> HttpResponse:
        return self.page(
            request, "translate", {"record": record, "form": form, "language": language}
        )
