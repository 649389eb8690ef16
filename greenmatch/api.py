"""One router for the API, and its description."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from needs.api import NeedViewSet
from technologies.api import TechnologyViewSet
from vocabulary.api import ConceptViewSet

router = SimpleRouter()
router.register("technologies", TechnologyViewSet, basename="api-technology")
router.register("needs", NeedViewSet, basename="api-need")
router.register("concepts", ConceptViewSet, basename="api-concept")

urlpatterns = [
    path("v1/", include(router.urls)),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(template_name="api/docs.html", url_name="api-schema"),
        name="api-docs",
    ),
]
