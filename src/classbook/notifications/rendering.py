"""The words of messages. Each kind is one file templates/messages/KIND.txt with the blocks subject, text and sms.

The HTML form of a mail is made from its text, so that the two never say different things.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

TEMPLATES = Path(__file__).resolve().parent / "templates"
LINK = re.compile(r"https?://[^\s<>\"]+")
# A paragraph that is nothing but a code stands out.
CODE = re.compile(r"[0-9A-Z][0-9A-Z -]{3,30}")


@dataclass(frozen=True, slots=True)
class Words:
    """A message in one language. `subject` and `text` are for mail, `sms` for the telephone."""

    subject: str
    text: str
    sms: str


@cache
def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html",)),
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_callables(translation.gettext, translation.ngettext, newstyle=True)  # type: ignore[attr-defined]
    return env


def kinds() -> list[str]:
    """All kinds of messages there are."""
    return sorted(path.stem for path in (TEMPLATES / "messages").glob("*.txt"))


def words_of(kind: str, locale: str, values: Mapping[str, str]) -> Words:
    """The message in the recipient's language. Raises Jinja2's errors for an unknown kind or a value that is missing."""
    template = _environment().get_template(f"messages/{kind}.txt")
    with translation.override(locale or settings.LANGUAGE_CODE):
        context = template.new_context({"site": settings.ADDRESS, **values})
        said = {name: "".join(template.blocks[name](context)).strip() for name in ("subject", "text", "sms")}
        text = f"{said['text']}\n\n{_signature()}"
    # A line break in a subject would be a header of its own.
    return Words(_one_line(said["subject"])[:200], re.sub(r"\n{3,}", "\n\n", text), _one_line(said["sms"]))


def _signature() -> str:
    said = _("This message was sent automatically. Nobody reads answers to it.")
    return f"Classbook, {settings.ADDRESS}\n{said}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def html_of(subject: str, text: str, locale: str) -> str:
    """The mail's text as a page: paragraphs, links that can be pressed, codes in large figures."""
    paragraphs = [(split_links(part), bool(CODE.fullmatch(part))) for part in text.split("\n\n")]
    return _environment().get_template("mail.html").render(subject=subject, paragraphs=paragraphs, locale=locale)


def split_links(text: str) -> list[tuple[str, bool]]:
    """A text as pieces of (piece, is it a link)."""
    found, place = [], 0
    for link in LINK.finditer(text):
        end = link.start() + len(link[0].rstrip(".,;:)"))
        found += [(text[place : link.start()], False), (text[link.start() : end], True)]
        place = end
    return [(piece, is_link) for piece, is_link in [*found, (text[place:], False)] if piece]
