"""Pieces of pages, rendered once for each value and kept: hundreds of marks, cells and dates on a page are alike.

A piece is a macro of a template and depends on nothing but the language and its value, so nothing has to be forgotten.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache, partial
from typing import Any

from django.template import engines
from django.utils import translation
from markupsafe import Markup

MOST_KEPT = 20_000


def fragments(template: str, macro: str) -> partial[Markup]:
    """A function from a value to the macro's text for it, in the language that is on now."""
    return partial(_rendered, translation.get_language() or "en", template, macro)


@lru_cache(maxsize=MOST_KEPT)
def _rendered(language: str, template: str, macro: str, *values: Hashable) -> Markup:
    found: Markup = getattr(_module(template, language), macro)(*values)
    return found


@lru_cache(maxsize=100)
def _module(template: str, language: str) -> Any:
    # One for each language: words that a template says outside its macros are said when it is loaded.
    engine: Any = engines["jinja2"]
    return engine.env.get_template(template).make_module()
