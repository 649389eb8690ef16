"""Addresses of programmes."""

from django.urls import path

from programmes import views

app_name = "programmes"
urlpatterns = [
    path("", views.programmes, name="list"),
    path("work/", views.work, name="work"),
    path("<int:pk>/", views.detail, name="detail"),
]
