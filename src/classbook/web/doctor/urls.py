from django.urls import path

from classbook.web.doctor import directory, family, school

urlpatterns = [
    path("schools/", directory.schools, name="schools"),
    path("in/help/", family.ask, name="help-in"),
    path("in/help/found/", family.found, name="help-found"),
    path("class/<uuid:school_class>/ways/", school.class_ways, name="class-ways"),
    path("class/<uuid:school_class>/ways/unlink/", school.unlink, name="ways-unlink"),
]
