"""Addresses of the directory."""

from django.urls import path

from partners import views

app_name = "partners"
urlpatterns = [
    path("", views.directory, name="list"),
    path("register/", views.apply, name="apply"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/apply-again/", views.apply_again, name="apply_again"),
]
