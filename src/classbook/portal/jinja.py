"""What a page of the portal may call."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from functools import cache
from typing import Any

from babel.dates import format_date
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static as static_address
from django.urls import reverse
from django.utils import translation
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from classbook.common.clock import zone
from classbook.portal import rules


def environment(**options: Any) -> Environment:
    """Jinja2 with gettext, addresses, icons, dates."""
    options.update(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"])
    env = Environment(**options)  # noqa: S701 - Django switches autoescape on
    env.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext, translation.ngettext, newstyle=True, pgettext=translation.pgettext
    )
    env.globals.update(url=_url, static=static, icon=icon, language=translation.get_language, demo_code=_demo_code)
    env.filters.update(
        day=day, moment=moment, snils=rules.snils_masked, passport=rules.passport_masked, contact=rules.contact_masked
    )
    return env


def _demo_code() -> str:
    from classbook.portal.demo import current_code  # noqa: PLC0415 - the models are not there yet when this module is loaded

    return current_code()


def _url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args, kwargs=kwargs)


@cache
def static(path: str) -> str:
    """Address of a static file with the hash of its content."""
    found = finders.find(path)
    if found is None:
        raise FileNotFoundError(path)
    with open(str(found), "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()[:12]
    return f"{static_address(path)}?v={digest}"


@cache
def icon(name: str, css: str = "icon") -> Markup:
    """A symbol of the sprite; decorative, so hidden from screen readers."""
    sprite = static("classbook/sprite.svg")
    return Markup('<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>').format(css, sprite, name)


def day(value: date | datetime) -> str:
    """19 November 2026 in the reader's language."""
    language = {"en": "en_GB"}.get(translation.get_language() or "en", translation.get_language() or "en")
    here = value.astimezone(zone(settings.TIME_ZONE)) if isinstance(value, datetime) else value
    return format_date(here, "long", locale=language)


def moment(value: datetime) -> str:
    """19 November 2026, 8:12."""
    here = value.astimezone(zone(settings.TIME_ZONE))
    return f"{day(value)}, {here.hour}:{here.minute:02}"
