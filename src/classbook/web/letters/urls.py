from django.urls import path

from classbook.web.letters import boards, codes, issuers, school

urlpatterns = [
    path("class/<uuid:school_class>/letters/", boards.class_board, name="class-letters"),
    path("class/<uuid:school_class>/letters/print/", boards.print_class, name="class-letters-print"),
    path("class/<uuid:school_class>/letters/withdraw/", boards.withdraw, name="letter-withdraw"),
    path("school/<uuid:school>/letters/", school.school_board, name="letters"),
    path("school/<uuid:school>/letters/issue/", school.issue_all, name="letters-issue"),
    path("school/<uuid:school>/letters/print/", school.print_all, name="letters-print"),
    path("school/<uuid:school>/letters/staff/", school.staff_board, name="staff-letters"),
    path("school/<uuid:school>/letters/staff/print/", school.print_staff, name="staff-letters-print"),
    path("school/<uuid:school>/codes/", codes.staff_codes, name="staff-codes"),
    path("school/<uuid:school>/codes/<uuid:person>/", codes.print_staff_codes, name="staff-codes-print"),
    path("school/<uuid:school>/letters/issuers/", issuers.issuers, name="issuers"),
    path("school/<uuid:school>/letters/issuers/set/", issuers.set_issuer, name="issuer-set"),
    path("school/<uuid:school>/letters/wrong/<uuid:correction>/", school.deal_with, name="correction-done"),
]
