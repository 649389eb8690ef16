"""Addresses of the demonstration; in use only in demo mode."""

from django.urls import path

from demo import views

app_name = "demo"
urlpatterns = [
    path("mail/", views.mailbox, name="mailbox"),
    path("mail/<int:pk>/", views.message, name="message"),
    path("mail/<int:pk>/html/", views.message_html, name="message_html"),
]
