"""Topics of the help centre: what they are made of, how they are found and shown. Their texts stand in web/help/texts/.

A text names a button or link by its own entry of the catalogue and the template that shows it, so help says it in the words of
the page in every language; tests/web/test_help.py fails when the template no longer has it (docs/help.md).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from markupsafe import Markup, escape

Text = str | Promise
# Template and catalogue entry of a control.
Control = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence or two; `names` are the controls that stand in it as %(name)s."""

    text: Text
    names: tuple[tuple[str, Control], ...] = ()

    def shown(self) -> Markup:
        """With the controls set off, in the reader's language."""
        controls = {name: Markup("<b>{}</b>").format(gettext(entry)) for name, (_template, entry) in self.names}
        return escape(str(self.text)) % controls if controls else escape(str(self.text))

    def plain(self) -> str:
        controls = {name: gettext(entry) for name, (_template, entry) in self.names}
        return str(self.text) % controls if controls else str(self.text)


@dataclass(frozen=True, slots=True)
class Topic:
    """A page of help. `readers` are those whom it is for, `words` what people call the matter besides."""

    slug: str
    title: Text
    lede: Text
    readers: tuple[str, ...]
    lines: tuple[Line, ...]
    words: Text = ""
    # The walkthrough (web.help.walks) that shows it.
    walk: str = ""
    # The page to go to: its URL name, one without arguments, and its words.
    go: tuple[str, Text] | None = None

    @property
    def plain(self) -> str:
        return " ".join([str(self.title), str(self.lede), str(self.words), *(line.plain() for line in self.lines)])


def line(text: Text, **names: Control) -> Line:
    """A sentence with its controls."""
    return Line(text, tuple(names.items()))


def topic(slug: str, title: Text, lede: Text, readers: str, *lines: Line, **more: Any) -> Topic:
    """A topic; `readers` are their codes with spaces between."""
    return Topic(slug, title, lede, tuple(readers.split()), lines, **more)


def find(topics: Iterable[Topic], text: str) -> list[Topic]:
    """Topics that hold every word that was typed, those with the words in the title first. Beginnings and endings of words do."""
    wanted = folded(text).split()
    found = [one for one in topics if wanted and all(fits(word, folded(one.plain)) for word in wanted)]
    return sorted(found, key=lambda one: not all(fits(word, folded(str(one.title))) for word in wanted))


def fits(word: str, text: str) -> bool:
    """Does the text hold the word? Russian endings differ, so a long word may lack its last two letters; ja has no spaces."""
    return word in text or (len(word) > 5 and word[0] > "\u0400" and word[:-2] in text)


def folded(text: str) -> str:
    """As it is compared: no capitals, no wide signs, ё as е, and Japanese words in hiragana or katakana alike."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return "".join(chr(ord(sign) - 0x60) if "ァ" <= sign <= "ヶ" else sign for sign in plain)
