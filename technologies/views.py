"""Pages of technologies; what they do is in ``listings.views`` and ``listings.wizard``."""

from __future__ import annotations

from listings import views, wizard
from partners.choices import Kind
from technologies.filters import TechnologyFilterSet
from technologies.forms import SECTIONS
from technologies.models import Technology


class Page(views.ListingView):
    model = Technology
    kind = "t"
    namespace = "technologies"


class Writing(Page, wizard.WizardView):
    sections = SECTIONS
    poster = Kind.PROVIDER


class List(Page, views.ListingList):
    filterset = TechnologyFilterSet


class Detail(Page, views.ListingDetail):
    pass


class Create(Writing, wizard.CreateView):
    pass


class Edit(Writing, wizard.TaskList):
    pass


class Section(Writing, wizard.SectionView):
    pass


class Check(Writing, wizard.CheckView):
    pass


class Act(Writing, wizard.ActView):
    pass


class Translate(Writing, wizard.TranslateView):
    pass
