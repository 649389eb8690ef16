"""Addresses of matching."""

from django.urls import path

from matching import views

app_name = "matching"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("suggestions/<int:pk>/", views.suggestion, name="suggestion"),
    path("suggestions/<int:pk>/accept/", views.accept, name="accept"),
    path("suggestions/<int:pk>/decline/", views.decline, name="decline"),
    path("suggestions/<int:pk>/later/", views.later, name="later"),
    path("suggestions/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("exposure/", views.exposure, name="exposure"),
    path("needs/<int:pk>/", views.shortlist, name="shortlist"),
    path("needs/<int:pk>/compare/", views.compare, name="compare"),
    path("needs/<int:pk>/lessons/", views.lesson, name="lesson"),
    path("needs/<int:pk>/csv/", views.shortlist_csv, name="shortlist_csv"),
    path("answer/<str:token>/", views.answer, name="answer"),
]
