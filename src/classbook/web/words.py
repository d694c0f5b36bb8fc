"""Codes of the tables in words, for choices in forms."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

RELATIONS = (
    ("mother", _("mother")), ("father", _("father")), ("parent", _("parent")), ("guardian", _("guardian")),
    ("grandparent", _("grandparent")), ("other", _("relative")),
)  # fmt: skip
BASES = (
    ("parent", _("Parent")),
    ("authority", _("Guardian appointed by the guardianship authority")),
    ("foster", _("Foster parent")),
)
