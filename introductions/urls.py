"""Addresses of introductions."""

from django.urls import path

from introductions import broker_views, impact_views, meeting_views, views

app_name = "introductions"
urlpatterns = [
    path("", views.introductions, name="list"),
    path("<int:pk>/", views.page, name="page"),
    path("<int:pk>/contacts/", views.contacts, name="contacts"),
    path("<int:pk>/contacts/withdraw/", views.withdraw, name="withdraw"),
    path("<int:pk>/contacts/show/", views.show_again, name="show_again"),
    path("<int:pk>/messages/", views.write, name="write"),
    path("<int:pk>/read/", views.read, name="read"),
    path("<int:pk>/files/<int:row>/", views.file, name="file"),
    path("<int:pk>/meeting/", meeting_views.meet, name="meet"),
    path("<int:pk>/meeting/<int:row>/agree/", meeting_views.agree, name="agree"),
    path("<int:pk>/meeting/<int:row>/cancel/", meeting_views.cancel, name="cancel"),
    path("<int:pk>/meeting/<int:row>/calendar/", meeting_views.calendar, name="calendar"),
    path("<int:pk>/impact/", impact_views.enter, name="impact"),
    path("<int:pk>/impact/<int:row>/", impact_views.correct, name="impact_correct"),
    path("<int:pk>/broker/ask/", broker_views.ask, name="broker_ask"),
    path("<int:pk>/broker/invite/", broker_views.invite, name="broker_invite"),
    path("<int:pk>/broker/<int:row>/admit/", broker_views.admit, name="broker_admit"),
    path("<int:pk>/broker/<int:row>/join/", broker_views.join, name="broker_join"),
    path("<int:pk>/broker/<int:row>/end/", broker_views.end, name="broker_end"),
    path("impact/<int:row>/verify/", impact_views.verify, name="verify"),
    path("<int:pk>/close/", views.close, name="close"),
    path("<int:pk>/milestones/", views.report, name="report"),
    path("<int:pk>/milestones/<int:row>/confirm/", views.confirm, name="confirm"),
    path("<int:pk>/milestones/<int:row>/contest/", views.contest, name="contest"),
    path("<int:pk>/milestones/<int:row>/correct/", views.correct, name="correct"),
]
