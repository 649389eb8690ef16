"""Addresses of a person's own pages; sign-in and security are allauth's."""

from django.urls import path

from accounts import views

urlpatterns = [path("settings/", views.settings, name="settings")]
