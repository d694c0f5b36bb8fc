from django.urls import path

from classbook.web.linking import own, signin, wizard

urlpatterns = [
    path("account/portal/", signin.start, name="portal-start"),
    path("account/portal/callback/", signin.callback, name="portal-callback"),
    path("account/portal/link/", wizard.prove, name="portal-link"),
    path("account/portal/check/", wizard.check, name="portal-check"),
    path("account/portal/wrong/", wizard.wrong, name="portal-wrong"),
    path("account/portal/mine/", own.mine, name="portal-mine"),
]
