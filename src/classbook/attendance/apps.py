from django.apps import AppConfig


class AttendanceConfig(AppConfig):
    name = "classbook.attendance"
    default_auto_field = "django.db.models.BigAutoField"
