from django.urls import path

from classbook.web.classroom import views

urlpatterns = [
    path("class/", views.my_class, name="my-class"),
    path("class/<uuid:school_class>/", views.school_class, name="school-class"),
]
