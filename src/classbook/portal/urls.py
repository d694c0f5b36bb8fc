"""Addresses of the portal. allauth's own lists are not included: every open address stands here."""

from allauth.account import views as allauth_account
from allauth.idp.oidc import views as allauth_oidc
from allauth.mfa.base import views as mfa
from allauth.mfa.totp import views as totp
from django.urls import include, path
from django.views.generic import RedirectView

from classbook.portal.views import account, catalogue, centre, oidc, registration

OIDC = (
    [
        path(".well-known/openid-configuration", allauth_oidc.configuration, name="configuration"),
        path(".well-known/jwks.json", allauth_oidc.jwks, name="jwks"),
        path("identity/o/authorize", oidc.authorization, name="authorization"),
        path("identity/o/logout", allauth_oidc.logout, name="logout"),
        path("identity/o/api/token", oidc.token, name="token"),
        path("identity/o/api/revoke", oidc.revoke, name="revoke"),
        path("identity/o/api/userinfo", allauth_oidc.user_info, name="userinfo"),
        path("identity/o/api/device/code", oidc.closed, name="device_code"),
    ],
    "oidc",
)

urlpatterns = [
    path("", catalogue.catalogue, name="catalogue"),
    path("services/<slug:name>/", catalogue.service, name="service"),
    path("help/", catalogue.help_page, name="help"),
    path("demo/outbox/", catalogue.outbox, name="outbox"),
    path("register/", registration.register, name="register"),
    path("register/code/", registration.register_code, name="register-code"),
    path("register/again/", registration.register_again, name="register-again"),
    path("recover/", registration.recover, name="recover"),
    path("recover/code/", registration.recover_code, name="recover-code"),
    path("account/", account.account, name="account"),
    path("account/login/", account.sign_in, name="account_login"),
    path("account/logout/", account.sign_out, name="account_logout"),
    path("account/language/", account.language, name="language"),
    path("account/again/", allauth_account.reauthenticate, name="account_reauthenticate"),
    path("account/identity/", account.identity, name="identity"),
    path("account/check/", account.check, name="check"),
    path("account/proof/", account.proof, name="proof"),
    path("account/contact/", account.contact, name="contact"),
    path("account/contact/code/", account.contact_code, name="contact-code"),
    path("account/password/", account.password, name="account_change_password"),
    path("account/history/", account.history, name="history"),
    path("account/history/end/", account.end_sessions, name="sessions-end"),
    path("account/children/new/", account.child_new, name="child-new"),
    path("account/children/<int:pk>/remove/", account.child_remove, name="child-remove"),
    path("account/children/<int:pk>/account/", account.child_account, name="child-account"),
    path("account/second-factor/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/second-factor/sign-in/", mfa.authenticate, name="mfa_authenticate"),
    path("account/second-factor/again/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/second-factor/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("permissions/", oidc.permissions, name="permissions"),
    path("permissions/<int:pk>/revoke/", oidc.permission_revoke, name="permission-revoke"),
    path("centre/", centre.centre, name="centre"),
    path("centre/<uuid:uid>/", centre.centre_person, name="centre-person"),
    path("support/", centre.support, name="support"),
    path("support/<uuid:uid>/", centre.support_person, name="support-person"),
    path("", include(([path("", include(OIDC))], "idp"))),
    path("healthz", account.health, name="healthz"),
    path("readyz", account.ready, name="readyz"),
    # Names that allauth's code reverses; these answer like an unknown address.
    path("account/mfa/", RedirectView.as_view(pattern_name="account"), name="mfa_index"),
    path("account/signup/", oidc.closed, name="account_signup"),
    path("account/inactive/", oidc.closed, name="account_inactive"),
    path("account/reset/", oidc.closed, name="account_reset_password"),
    path("account/email/", oidc.closed, name="account_email"),
]
handler404 = "classbook.portal.views.errors.not_found"
handler500 = "classbook.portal.views.errors.server_error"
