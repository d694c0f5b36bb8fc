from django.urls import path

from classbook.web.notices import views

urlpatterns = [
    path("school/<uuid:school>/notices/", views.notices, name="notices"),
    path("school/<uuid:school>/notices/write/", views.write, name="notice-write"),
    path("school/<uuid:school>/notices/<uuid:notice>/", views.one, name="notice"),
    path("school/<uuid:school>/notices/<uuid:notice>/change/", views.change, name="notice-change"),
    path("school/<uuid:school>/notices/<uuid:notice>/withdraw/", views.withdraw, name="notice-withdraw"),
    path("notices/<uuid:notice>/read/", views.read, name="notice-read"),
]
