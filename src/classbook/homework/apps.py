from django.apps import AppConfig


class HomeworkConfig(AppConfig):
    name = "classbook.homework"
    default_auto_field = "django.db.models.BigAutoField"
