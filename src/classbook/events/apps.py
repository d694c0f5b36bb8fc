from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "classbook.events"
    default_auto_field = "django.db.models.BigAutoField"
