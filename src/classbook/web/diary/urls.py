from django.urls import path

from classbook.web.diary import views

urlpatterns = [
    path("diary/<uuid:pupil>/", views.diary, name="diary"),
    path("diary/<uuid:pupil>/week/<iso:day>/", views.week, name="week"),
    path("diary/<uuid:pupil>/go/", views.go, name="week-go"),
    path("diary/<uuid:pupil>/marks/", views.marks, name="marks"),
    path("diary/<uuid:pupil>/homework/<uuid:homework>/done/", views.done, name="homework-done"),
]
