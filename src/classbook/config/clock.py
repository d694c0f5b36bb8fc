"""The demo's clock: every process of the demo stands on the same school day."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings

from classbook.common import clock


def set_clock() -> None:
    """Shift the clock when the settings name a day of the demo; otherwise leave the real one."""
    if settings.DEMO and settings.DEMO_DATE:
        from classbook.demo.build import moment  # noqa: PLC0415 - only the demo pays for it

        since = datetime.fromtimestamp(settings.DEMO_SINCE, UTC) if settings.DEMO_SINCE else None
        clock.stand_on(moment(settings.DEMO_DATE), since=since)
