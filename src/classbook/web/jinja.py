"""The template environment: what a page may call. Pages get finished values, so this list stays short."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, time
from decimal import Decimal
from functools import cache
from typing import Any

from django.contrib.staticfiles import finders
from django.templatetags.static import static as static_address
from django.urls import reverse
from django.utils import translation
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from classbook.grading.rules import AttendanceKey
from classbook.web import dates
from classbook.web.skeletons import slot


def environment(**options: Any) -> Environment:
    """Jinja2 with gettext, addresses, icons, and dates in words."""
    options.update(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"])
    env = Environment(**options)  # noqa: S701 - Django switches autoescape on
    env.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext, translation.ngettext, newstyle=True, pgettext=translation.pgettext
    )
    env.globals.update(
        url=_url,
        static=static,
        icon=icon,
        language=translation.get_language,
        dates=dates,
        attendance_list=_attendance_list,
        slot=slot,
    )
    env.filters.update(number=number, clock=clock)
    return env


def _url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args, kwargs=kwargs)


@cache
def static(path: str) -> str:
    """Address of a static file with the hash of its content, so that browsers may keep it for a year."""
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


def _attendance_list(keys: Iterable[AttendanceKey]) -> list[dict[str, Any]]:
    return [asdict(key) for key in keys]


def number(value: Decimal | float | int, digits: int = 0) -> str:
    """A number in the reader's format."""
    return dates.number(value, digits)


def clock(value: time | datetime) -> str:
    """8:30, in 24 hours everywhere."""
    return f"{value.hour}:{value.minute:02}"
