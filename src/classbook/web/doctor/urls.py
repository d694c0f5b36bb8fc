from django.urls import path

from classbook.web.doctor import apply, directory, family, school

urlpatterns = [
    path("schools/", directory.schools, name="schools"),
    path("schools/apply/", apply.apply, name="application-make"),
    path("schools/apply/state/", apply.find, name="application-find"),
    path("schools/apply/<str:token>/", apply.one, name="application"),
    path("schools/apply/<str:token>/confirm/", apply.confirm, name="application-confirm"),
    path("schools/apply/<str:token>/reply/", apply.reply, name="application-reply"),
    path("schools/apply/<str:token>/withdraw/", apply.withdraw, name="application-withdraw"),
    path("in/help/", family.ask, name="help-in"),
    path("in/help/found/", family.found, name="help-found"),
    path("class/<uuid:school_class>/ways/", school.class_ways, name="class-ways"),
    path("class/<uuid:school_class>/ways/unlink/", school.unlink, name="ways-unlink"),
]
