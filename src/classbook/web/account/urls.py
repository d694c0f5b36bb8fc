from django.urls import include, path

from classbook.web.account import contacts, outbox, recovery, views

urlpatterns = [
    path("", views.home, name="home"),
    path("account/devices/", views.devices, name="devices"),
    path("account/devices/end/", views.end_device, name="device-end"),
    path("account/devices/end-all/", views.end_all, name="devices-end-all"),
    path("account/contacts/", contacts.contacts, name="contacts"),
    path("account/contacts/later/", contacts.later, name="contact-later"),
    path("account/contacts/<slug:kind>/", contacts.contact, name="contact"),
    path("account/contacts/<slug:kind>/code/", contacts.contact_code, name="contact-code"),
    path("account/contacts/<slug:kind>/remove/", contacts.contact_remove, name="contact-remove"),
    path("account/recover/", recovery.recover, name="recover"),
    path("account/recover/<uuid:uid>/", recovery.recover_code, name="recover-code"),
    path("account/recover/new/<str:token>/", recovery.recover_new, name="recover-new"),
    path("account/language/", views.language, name="language"),
    path("account/password/change/", views.change_password, name="account_change_password"),
    path("account/login/", views.sign_in, name="account_login"),
    path("account/logout/", views.sign_out, name="account_logout"),
    path("demo/outbox/", outbox.demo_outbox, name="demo-outbox"),
    path("healthz", views.health, name="healthz"),
    path("readyz", views.ready, name="readyz"),
    # Names that allauth's own code reverses; nothing else of it is open yet.
    path("account/", include("classbook.web.account.closed")),
]
