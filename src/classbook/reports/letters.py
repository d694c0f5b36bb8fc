"""Invitation letters as a PDF: two to an A4 page, each in its family's language (docs/adr/0017)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import segno
import typst
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from classbook.accounts.actions.letters import PrintedLetter
from classbook.accounts.rules import spaced
from classbook.common.days import in_words

# The compiler refuses a second letter while it sets one, so those who print at the same time wait for each other.
_ONE_AT_A_TIME = Lock()
TEMPLATE = Path(__file__).with_suffix(".typ")
KNOWN = frozenset(code for code, _name in settings.LANGUAGES)


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    """The template with the fonts that come with the product; none of the machine's."""
    import fontpkg_noto_sans  # noqa: PLC0415 - 20 MB of fonts, for those who print
    import noto_cjk_sans_jp_regular  # noqa: PLC0415

    folders: list[Any] = [
        Path(fontpkg_noto_sans.__file__).parent / "files",
        Path(str(noto_cjk_sans_jp_regular.FONT_PATH)).parent,
    ]
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
    return typst.Compiler(TEMPLATE, root=TEMPLATE.parent, font_paths=fonts)


def letters_pdf(letters: Sequence[PrintedLetter], address: str, *, title: str = "") -> bytes:
    """The letters as one PDF. `address` is the site's, such as https://diary.example.org."""
    return _compiled(letters, address, title, "pdf")[0]


def letters_png(letters: Sequence[PrintedLetter], address: str) -> list[bytes]:
    """The pages as pictures, to look at."""
    return _compiled(letters, address, "", "png")


def _compiled(letters: Sequence[PrintedLetter], address: str, title: str, kind: Any) -> list[bytes]:
    data = {"title": title or "Classbook", "letters": [_of(letter, address.rstrip("/")) for letter in letters]}
    with _ONE_AT_A_TIME:
        pages = _compiler().compile(sys_inputs={"data": json.dumps(data)}, format=kind, ppi=100)
    assert pages is not None
    return pages if isinstance(pages, list) else [pages]


def _of(letter: PrintedLetter, address: str) -> dict[str, Any]:
    language = letter.locale if letter.locale in KNOWN else settings.LANGUAGE_CODE
    short = address.split("://", 1)[-1]
    with translation.override(language):
        place = f"{_('Class %(name)s') % {'name': letter.class_name}}" if letter.class_name else ""
        return {
            "lang": language,
            "school": letter.school,
            "place": place,
            "title": _("%(name)s, welcome to Classbook") % {"name": letter.name},
            "lead": _lead(letter),
            "steps": _steps(letter, short),
            "keys": _keys(letter, short),
            "qr": "" if letter.login else _square(f"{address}/in/#{letter.code}"),
            "alt": _("QR code with the address and the code of this letter"),
            "small": _small(letter),
        }


def _lead(letter: PrintedLetter) -> str:
    if letter.role == "guardian":
        words = _("Here you see the timetable, homework, marks and absences of %(pupil)s. It is free of charge.")
        return words % {"pupil": letter.pupil}
    if letter.is_wide:
        return _("Here you look after your school: its pupils, teachers and guardians, and their letters.")
    if letter.role == "staff":
        return _("Here you keep your journals: the register, topics, homework and marks.")
    return _("Here you see your timetable, homework, marks and absences. It is free of charge.")


def _steps(letter: PrintedLetter, short: str) -> list[str]:
    if letter.login:
        first = _("Open the address below and type the login and the temporary password.")
    else:
        first = _("Scan the square with a phone, or open the address below and type the code.")
    if letter.role == "guardian":
        second = _("Check the name and give the pupil's date of birth.")
    else:
        second = _("Check the name and give your date of birth.")
    third = _("Choose a password of your own. Add an e-mail or a telephone number, so that you get in when you forget it.")
    return [first, second, third]


def _keys(letter: PrintedLetter, short: str) -> list[tuple[str, str]]:
    if letter.login:
        return [
            (_("Address"), short),
            (_("Login"), letter.login),
            (_("Temporary password"), spaced(letter.code)),
        ]
    return [(_("Address"), f"{short}/in"), (_("Code"), spaced(letter.code))]


def _small(letter: PrintedLetter) -> str:
    words = {"day": in_words(letter.expires_on), "issuer": letter.issuer}
    if letter.login:
        once = _("The temporary password works once, until %(day)s, for you only.") % words
    else:
        once = _("The code works once, until %(day)s, for you only.") % words
    if letter.is_wide:
        lost = _("Lost or over? %(issuer)s prints a new letter.") % words
    elif letter.issuer:
        lost = _("Lost or over? %(issuer)s or the school office prints a new letter.") % words
    else:
        lost = _("Lost or over? The class teacher or the school office prints a new letter.")
    return " ".join([once, lost, _("Nobody from the school will ever ask for your password.")])


def _square(text: str) -> str:
    """The QR code as SVG; Q: a quarter of it may be spoilt.

    A fixed mask: to weigh all eight takes 50 ms a letter, and codes are mixed enough for any of them to be read well.
    """
    file = BytesIO()
    segno.make(text, error="q", mask=0, boost_error=False, micro=False).save(
        file, kind="svg", xmldecl=False, nl=False, border=0, scale=4
    )
    return file.getvalue().decode()
