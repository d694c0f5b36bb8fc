from django.urls import path

from classbook.web.journal import history, pages, remarks, saving

urlpatterns = [
    path("today/", pages.today, name="today"),
    path("today/<iso:day>/", pages.today, name="today-on"),
    path("lesson/<uuid:lesson>/", pages.lesson, name="lesson"),
    path("lesson/<uuid:lesson>/save/", saving.save_lesson, name="lesson-save"),
    path("lesson/<uuid:lesson>/remarks/", remarks.add, name="remark-add"),
    path("lesson/<uuid:lesson>/remarks/<uuid:remark>/withdraw/", remarks.withdraw, name="remark-withdraw"),
    path("journal/", pages.journals, name="journals"),
    path("journal/<uuid:group>/", pages.journal, name="journal"),
    path("journal/<uuid:group>/save/", saving.save_journal, name="journal-save"),
    path("journal/<uuid:group>/history/", history.cell, name="journal-history"),
]
