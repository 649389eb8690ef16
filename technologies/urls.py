"""Addresses of technologies."""

from django.urls import path

from technologies import views

app_name = "technologies"
urlpatterns = [
    path("", views.List.as_view(), name="list"),
    path("new/", views.Create.as_view(), name="create"),
    path("<int:pk>/", views.Detail.as_view(), name="detail"),
    path("<int:pk>/edit/", views.Edit.as_view(), name="edit"),
    path("<int:pk>/edit/<slug:slug>/", views.Section.as_view(), name="section"),
    path("<int:pk>/check/", views.Check.as_view(), name="check"),
    path("<int:pk>/do/<slug:verb>/", views.Act.as_view(), name="act"),
    path("<int:pk>/translate/<slug:language>/", views.Translate.as_view(), name="translate"),
]
