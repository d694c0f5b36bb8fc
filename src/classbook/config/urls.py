from django.urls import include, path

from classbook.web import converters  # noqa: F401 - registers the "iso" part

urlpatterns = [
    path("", include("classbook.web.account.urls")),
    path("", include("classbook.web.journal.urls")),
    path("", include("classbook.web.diary.urls")),
    path("", include("classbook.web.classroom.urls")),
    path("", include("classbook.web.office.urls")),
    path("", include("classbook.web.region.urls")),
    path("", include("classbook.web.letters.urls")),
    path("", include("classbook.web.entry.urls")),
    path("", include("classbook.web.linking.urls")),
    path("", include("classbook.web.doctor.urls")),
    path("", include("classbook.web.help.urls")),
    path("", include("classbook.web.notices.urls")),
]
handler404 = "classbook.web.errors.not_found"
handler500 = "classbook.web.errors.server_error"
