"""Addresses of a person's choices about e-mail."""

from django.urls import path

from outbox import views

app_name = "outbox"
urlpatterns = [
    path("settings/mail/", views.preferences, name="preferences"),
    path("mail/choices/<str:token>/", views.choices, name="choices"),
    path("mail/stop/<str:token>/", views.unsubscribe, name="unsubscribe"),
    # links in e-mails sent before; mail is kept for years
    path("matching/unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe_before"),
]
