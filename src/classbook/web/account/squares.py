"""QR squares on pages."""

from __future__ import annotations

import segno


def square(text: str) -> str:
    """The address of a picture that the page carries itself: dark on white, in every appearance of the page."""
    made = segno.make(text, error="m", boost_error=False, micro=False)
    return str(made.svg_data_uri(border=3, scale=4, dark="#000", light="#fff"))
