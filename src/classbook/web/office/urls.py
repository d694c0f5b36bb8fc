from django.urls import path

from classbook.web.office import guardians, identity, new_guardians, requests, views

LINK = "office/<uuid:school>/pupils/<uuid:pupil>/guardians/<uuid:guardian>"
REQUEST = "office/<uuid:school>/requests/<uuid:asked>"

urlpatterns = [
    path("office/<uuid:school>/", views.people, name="office"),
    path("office/<uuid:school>/pupils/add/", views.add_pupil, name="pupil-add"),
    path("office/<uuid:school>/pupils/<uuid:pupil>/", views.pupil_page, name="pupil"),
    path("office/<uuid:school>/pupils/<uuid:pupil>/move/", views.move_pupil, name="pupil-move"),
    path("office/<uuid:school>/pupils/<uuid:pupil>/leave/", views.leave_pupil, name="pupil-leave"),
    path("office/<uuid:school>/pupils/<uuid:pupil>/return/", views.readmit_pupil, name="pupil-return"),
    path("office/<uuid:school>/pupils/<uuid:pupil>/day/", views.correct_day, name="pupil-day"),
    path("office/<uuid:school>/pupils/<uuid:pupil>/undo/", views.take_back, name="pupil-undo"),
    path("office/<uuid:school>/pupils/<uuid:pupil>/part/<uuid:group>/", views.change_part, name="pupil-part"),
    path("office/<uuid:school>/pupils/<uuid:pupil>/guardians/find/", new_guardians.find, name="guardian-find"),
    path("office/<uuid:school>/pupils/<uuid:pupil>/guardians/add/", new_guardians.add, name="guardian-add"),
    path("office/<uuid:school>/pupils/<uuid:pupil>/trusted/<uuid:person>/end/", new_guardians.end_trust, name="office-trust-end"),
    path(f"{LINK}/change/", new_guardians.change, name="guardian-change"),
    path(f"{LINK}/confirm/", guardians.confirm, name="guardian-confirm"),
    path(f"{LINK}/end/", guardians.end, name="guardian-end"),
    path(f"{LINK}/undo/", guardians.restore, name="guardian-undo"),
    path("office/<uuid:school>/persons/<uuid:person>/", identity.correct, name="person-data"),
    path("office/<uuid:school>/guardians/", guardians.waiting, name="guardians"),
    path("office/<uuid:school>/guardians/confirm/", guardians.confirm_all, name="guardians-confirm"),
    path("office/<uuid:school>/requests/", requests.waiting, name="access-requests"),
    path(f"{REQUEST}/", requests.one, name="access-request"),
    path(f"{REQUEST}/approve/<uuid:pupil>/", requests.approve, name="access-approve"),
    path(f"{REQUEST}/question/", requests.question, name="access-question"),
    path(f"{REQUEST}/refuse/", requests.refuse, name="access-refuse"),
    path("office/<uuid:school>/teachers/<uuid:group>/replace/", views.replace_teacher, name="teacher-replace"),
]
