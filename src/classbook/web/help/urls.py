from django.urls import path

from classbook.web.help import instructions, views

urlpatterns = [
    path("about/", views.about, name="about"),
    path("help/", views.centre, name="help"),
    path("help/tour/<slug:code>/", views.tour_page, name="tour"),
    path("help/<slug:slug>/", views.topic_page, name="help-topic"),
    path("school/<uuid:school>/instructions/", instructions.instructions, name="instructions"),
]
