from django.urls import path

from classbook.web.region import views

urlpatterns = [
    path("school/<uuid:school>/", views.school_today, name="school"),
    path("nurse/<uuid:school>/", views.nurse, name="nurse"),
    path("psychologist/<uuid:school>/", views.psychologist, name="psychologist"),
    path("it/<uuid:school>/", views.it, name="it"),
    path("authority/<uuid:region>/", views.authority, name="authority"),
]
