from django.urls import path

from classbook.web.doctor import family

urlpatterns = [
    path("in/help/", family.ask, name="help-in"),
    path("in/help/found/", family.found, name="help-found"),
]
