from django.urls import path

from classbook.web.entry import invited, own, reach, views

urlpatterns = [
    path("in/", views.letter, name="letter"),
    # As people type the address of the paper.
    path("in", views.letter_without_slash, name="letter-bare"),
    path("in/you/", views.you, name="letter-you"),
    path("in/wrong/", views.wrong, name="letter-wrong"),
    path("in/password/", views.password, name="letter-password"),
    path("in/portal/", views.through_portal, name="letter-portal"),
    path("in/reach/", reach.reach, name="letter-reach"),
    path("in/reach/<slug:kind>/", reach.reach_code, name="letter-reach-code"),
    path("in/own/", own.own, name="letter-own"),
    path("in/own/<uuid:uid>/", own.sent, name="letter-own-sent"),
    path("in/own/link/<str:token>/", own.link, name="letter-own-link"),
    path("in/done/", views.done, name="letter-done"),
    path("in/family/", invited.invited, name="invited"),
]
