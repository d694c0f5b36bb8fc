"""The web server's door."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "classbook.config.settings")
application = get_wsgi_application()

from classbook.config.clock import set_clock  # noqa: E402 - needs the settings

set_clock()
