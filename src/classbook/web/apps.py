from django.apps import AppConfig


class WebConfig(AppConfig):
    """Here only for its static files and templates."""

    name = "classbook.web"
