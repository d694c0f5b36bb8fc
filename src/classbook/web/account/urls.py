from django.urls import include, path

from classbook.web.account import contacts, outbox, recovery, second, security, views

urlpatterns = [
    path("", views.home, name="home"),
    path("account/devices/", views.devices, name="devices"),
    path("account/devices/end/", views.end_device, name="device-end"),
    path("account/devices/end-all/", views.end_all, name="devices-end-all"),
    path("account/contacts/", contacts.contacts, name="contacts"),
    path("account/contacts/<slug:kind>/", contacts.contact, name="contact"),
    path("account/contacts/<slug:kind>/code/", contacts.contact_code, name="contact-code"),
    path("account/contacts/<slug:kind>/remove/", contacts.contact_remove, name="contact-remove"),
    path("account/prove/", security.prove, name="prove"),
    path("account/security/", security.security, name="security"),
    path("account/security/app/", security.app, name="factor-app"),
    path("account/security/app/remove/", security.app_remove, name="factor-app-remove"),
    path("account/security/codes/", security.codes, name="factor-codes"),
    path("account/security/codes/remove/", security.codes_remove, name="factor-codes-remove"),
    path("account/security/passkeys/add/", security.passkey_add, name="passkey-add"),
    path("account/security/passkeys/<int:pk>/", security.passkey, name="passkey"),
    path("account/security/passkeys/<int:pk>/remove/", security.passkey_remove, name="passkey-remove"),
    path("account/recover/", recovery.recover, name="recover"),
    path("account/recover/<uuid:uid>/", recovery.recover_code, name="recover-code"),
    path("account/recover/new/<str:token>/", recovery.recover_new, name="recover-new"),
    path("account/language/", views.language, name="language"),
    path("account/password/change/", views.change_password, name="account_change_password"),
    path("account/login/", views.sign_in, name="account_login"),
    # The name by which allauth leads to the second step.
    path("account/login/second/", second.second, name="mfa_authenticate"),
    path("account/login/passkey/", second.passkey_in, name="passkey-in"),
    path("account/passkey/options/", second.options, name="passkey-options"),
    path("account/logout/", views.sign_out, name="account_logout"),
    path("demo/outbox/", outbox.demo_outbox, name="demo-outbox"),
    path("healthz", views.health, name="healthz"),
    path("readyz", views.ready, name="readyz"),
    # Names that allauth's own code reverses; nothing else of it is open yet.
    path("account/", include("classbook.web.account.closed")),
]
