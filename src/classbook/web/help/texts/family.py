"""Help for pupils and their families."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from classbook.web.help.topics import line, topic

FAMILY = (
    topic(
        "marks",
        _("Marks and what they mean"),
        _("Each mark stands where it was given, with the work, its weight and the teacher's words."),
        "family pupil",
        line(
            _("In the week, marks stand beside their lesson. A small figure is the weight: the mark of a test may count twice.")
        ),
        line(
            _("All marks of a term by subject are under “%(marks)s”; press a mark to read what it was for."),
            marks=("diary/marks.html", "Marks"),
        ),
        line(
            _(
                "The average is each mark times its weight, divided by the sum of the weights. It is a help, not the final mark: that one the teacher gives."
            )
        ),
        line(
            _(
                "A mark that looks wrong? Ask the teacher of the subject. A change is never silent: the earlier value, the day and the name are kept."
            )
        ),
        words=_("grade average weight final mark term"),
    ),
    topic(
        "homework",
        _("Homework"),
        _("It stands on the day for which it has to be done."),
        "family pupil",
        line(_("In the week, look at the lesson on the day it is due: below its name stands what has to be done.")),
        line(_("The pupil ticks what is done. Guardians see the tick and cannot set it.")),
        line(_("Nothing there? Then the teacher has entered nothing so far, or has said that there is none.")),
        words=_("tasks exercise done tick"),
    ),
    topic(
        "who-sees",
        _("Who sees what"),
        _("A diary belongs to the pupil and the guardians. You can look up who else sees it."),
        "family pupil",
        line(
            _(
                "Under the week, open “%(who)s”: guardians, trusted persons and the people of the school, and when each has looked."
            ),
            who=("diary/own.html", "Who can see this diary"),
        ),
        line(
            _("To let a grandparent or tutor look in, press %(invite)s there. You choose what is seen and until when."),
            invite=("diary/watching.html", "Invite somebody"),
        ),
        line(
            _(
                "Teachers see the journals of their own lessons; class teacher, head and deputy see the diary; the nurse sees absences. The office sees names and classes, never a mark."
            )
        ),
        line(_("From the eighteenth birthday on the pupil chooses what the guardians see.")),
        words=_("privacy data grandparent tutor guardian father mother divorced"),
    ),
)
