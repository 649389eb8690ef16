"""Addresses of the front page and of the pages about us."""

from django.urls import path

from home import views

urlpatterns = [
    path("", views.front, name="home"),
    path("search/", views.find, name="search"),
    path("dashboard/", views.dashboard, name="dashboard"),
    path("about/", views.about, name="about"),
    path("about/matching/", views.matching, name="about_matching"),
    path("about/accessibility/", views.accessibility, name="accessibility"),
    path("about/privacy/", views.privacy, name="privacy"),
]
