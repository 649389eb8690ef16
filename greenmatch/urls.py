"""Every address: pages under a language prefix, the API and health without."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from common import views as common
from outbox import views as mail

handler400 = "common.views.bad_request"
handler403 = "common.views.forbidden"
handler404 = "common.views.not_found"
handler500 = "common.views.server_error"

urlpatterns = [
    path("healthz", common.healthz, name="healthz"),
    path("theme/", common.theme, name="theme"),
    path("api/", include("greenmatch.api")),
    path("hooks/mail/", mail.events, name="mail_events"),
    path("", RedirectView.as_view(pattern_name="home"), name="root"),
    *i18n_patterns(
        path("accounts/", include("allauth.urls")),
        path("technologies/", include("technologies.urls")),
        path("needs/", include("needs.urls")),
        path("partners/", include("partners.urls")),
        path("programmes/", include("programmes.urls")),
        path("matching/", include("matching.urls")),
        path("introductions/", include("introductions.urls")),
        path("", include("accounts.urls")),
        path("", include("outbox.urls")),
        path("", include("home.urls")),
        path("admin/", admin.site.urls),
    ),
]
if settings.DEMO_MODE:
    urlpatterns += i18n_patterns(path("demo/", include("demo.urls")))
