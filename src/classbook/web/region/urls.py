from django.urls import path

from classbook.web.region import applications, bans, portal, terms, views

APPLICATION = "authority/<uuid:region>/applications/<uuid:asked>"

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
    path("authority/<uuid:region>/portal/", portal.policy, name="region-portal"),
    path("authority/<uuid:region>/applications/", applications.waiting, name="region-applications"),
    path(f"{APPLICATION}/", applications.one, name="region-application"),
    path(f"{APPLICATION}/connect/", applications.connect, name="region-connect"),
    path(f"{APPLICATION}/question/", applications.question, name="region-question"),
    path(f"{APPLICATION}/refuse/", applications.refuse, name="region-refuse"),
    path(f"{APPLICATION}/letter/", applications.letter, name="region-letter"),
]
