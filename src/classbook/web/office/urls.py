from django.urls import path

from classbook.web.office import views

urlpatterns = [
    path("office/<uuid:school>/", views.people, name="office"),
    path("office/<uuid:school>/pupils/add/", views.add_pupil, name="pupil-add"),
    path("office/<uuid:school>/pupils/<uuid:pupil>/move/", views.move_pupil, name="pupil-move"),
    path("office/<uuid:school>/pupils/<uuid:pupil>/leave/", views.leave_pupil, name="pupil-leave"),
    path("office/<uuid:school>/teachers/<uuid:group>/replace/", views.replace_teacher, name="teacher-replace"),
]
