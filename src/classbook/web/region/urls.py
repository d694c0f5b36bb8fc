from django.urls import path

from classbook.web.region import bans, terms, views

urlpatterns = [
    path("school/<uuid:school>/", views.school_today, name="school"),
    path("school/<uuid:school>/bans/", bans.bans, name="bans"),
    path("school/<uuid:school>/bans/<uuid:pupil>/", bans.set_ban, name="ban-set"),
    path("school/<uuid:school>/bans/<uuid:pupil>/<uuid:person>/<slug:scope>/end/", bans.end_ban, name="ban-end"),
    path("school/<uuid:school>/terms/", terms.terms, name="terms"),
    path("school/<uuid:school>/terms/closing/", terms.closing, name="term-closing"),
    path("school/<uuid:school>/terms/reopen/", terms.reopen, name="term-reopen"),
    path("school/<uuid:school>/terms/close/<uuid:group>/", terms.close_again, name="term-close"),
    path("school/<uuid:school>/terms/deputies/<uuid:person>/", terms.deputy, name="term-deputy"),
    path("nurse/<uuid:school>/", views.nurse, name="nurse"),
    path("psychologist/<uuid:school>/", views.psychologist, name="psychologist"),
    path("it/<uuid:school>/", views.it, name="it"),
    path("authority/<uuid:region>/", views.authority, name="authority"),
]
