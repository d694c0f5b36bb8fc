from django.urls import path

from classbook.web.diary import sharing, subject, views

urlpatterns = [
    path("diary/<uuid:pupil>/", views.diary, name="diary"),
    path("diary/<uuid:pupil>/week/<iso:day>/", views.week, name="week"),
    path("diary/<uuid:pupil>/go/", views.go, name="week-go"),
    path("diary/<uuid:pupil>/marks/", views.marks, name="marks"),
    path("diary/<uuid:pupil>/subject/<uuid:group>/", subject.subject, name="subject"),
    path("diary/<uuid:pupil>/homework/<uuid:homework>/done/", views.done, name="homework-done"),
    path("diary/<uuid:pupil>/access/", sharing.watching, name="watching"),
    path("diary/<uuid:pupil>/access/invite/", sharing.invite, name="trust-invite"),
    path("diary/<uuid:pupil>/access/invitations/<uuid:invitation>/withdraw/", sharing.withdraw, name="trust-withdraw"),
    path("diary/<uuid:pupil>/access/<uuid:person>/end/", sharing.end, name="trust-end"),
    path("diary/<uuid:pupil>/access/<uuid:person>/choose/", sharing.choose, name="adult-choose"),
]
