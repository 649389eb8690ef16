"""Pages of needs; what they do is in ``listings.views`` and ``listings.wizard``."""

from __future__ import annotations

from listings import views, wizard
from needs.filters import NeedFilterSet
from needs.forms import SECTIONS
from needs.models import Need
from partners.choices import Kind


class Page(views.ListingView):
    model = Need
    kind = "n"
    namespace = "needs"


class Writing(Page, wizard.WizardView):
    sections = SECTIONS
    poster = Kind.CITY


class List(Page, views.ListingList):
    filterset = NeedFilterSet


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
