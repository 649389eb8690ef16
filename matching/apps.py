from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MatchingConfig(AppConfig):
    name = "matching"
    verbose_name = _("Matching")

    def ready(self) -> None:
        from common import search
        from listings import panels as pages
        from matching import checks, index, panels, receivers  # noqa: F401

        search.register("technology", index.search_technologies)
        search.register("need", index.search_needs)
        pages.register("need", panels.on_need)
        pages.register("technology", panels.on_technology)
