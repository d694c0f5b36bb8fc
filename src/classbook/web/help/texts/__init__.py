"""The texts of the help centre, by who reads them."""

from __future__ import annotations

from classbook.web.help.texts.entering import ENTERING
from classbook.web.help.texts.family import FAMILY
from classbook.web.help.texts.school import SCHOOL
from classbook.web.help.topics import Topic

TOPICS: dict[str, Topic] = {one.slug: one for one in (*ENTERING, *FAMILY, *SCHOOL)}
