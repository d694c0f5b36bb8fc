"""Help for the people of the school."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from classbook.web.help.topics import line, topic

SCHOOL = (
    topic(
        "recording-a-lesson",
        _("Record a lesson by keyboard"),
        _("Topic, homework, attendance and marks of a class in a minute, with the hands on the keys."),
        "teacher class",
        line(_("On your day, the number key of a lesson opens it. Type the topic, press Enter, type the homework.")),
        line(
            _(
                "In the list, type a mark and go on with Enter or the arrow down. The letters for absent and late stand below the list."
            )
        ),
        line(
            _("Press %(rest)s: whoever has no entry was present, and the register is taken."),
            rest=("journal/lesson.html", "Everyone else is here"),
        ),
        line(_("Everything is saved as you type; the line at the top says so. Ctrl and Z takes the last entry back.")),
        line(_("On a phone: tap a pupil, then a mark.")),
        words=_("keys register attendance absent late shortcut quick"),
        walk="lesson",
        go=("today", _("Today")),
    ),
    topic(
        "corrections",
        _("Correct a mark or an absence"),
        _("Correcting is allowed and never silent."),
        "teacher class",
        line(_("Go to the cell in the lesson or in the journal and type the right entry over the old one.")),
        line(
            _("In the first days after the lesson that is all. Later Classbook asks for a reason, and whether it is really you.")
        ),
        line(
            _("The earlier value, the day and your name stay readable: choose the cell and press %(history)s."),
            history=("journal/journal.html", "History"),
        ),
        line(_("When a term is closed, the head can open it again for one group.")),
        words=_("change mistake wrong mark closed term history undo"),
        go=("journals", _("Journals")),
    ),
    topic(
        "offline",
        _("When the network is away"),
        _("Go on working. What you enter waits on your device and is sent by itself."),
        "teacher class",
        line(_("Keep the lesson or the journal open. A line at the top says how many entries wait.")),
        line(
            _(
                "They are kept sealed on this device and sent when the network is back, also after the browser was closed. Sign in with the same account."
            )
        ),
        line(_("On a shared computer nothing is kept: there, keep the page open until everything is sent.")),
        line(
            _(
                "If a colleague has changed the same entry meanwhile, you are asked which one holds. Nothing is overwritten silently."
            )
        ),
        words=_("no internet connection wifi saved queue"),
    ),
    topic(
        "letters",
        _("Letters for families"),
        _("Class teachers print them for their class, the office for the school. Nobody sees a password."),
        "class office",
        line(
            _(
                "Open “%(letters)s” on the page of your class. The board shows who has signed in, who has a letter and who needs one."
            ),
            letters=("classroom/class.html", "Letters"),
        ),
        line(
            _("Press %(all)s, or tick some lines and press %(ticked)s."),
            all=("letters/parts.html", "Print for everybody without a letter"),
            ticked=("letters/parts.html", "Print for the ticked"),
        ),
        line(
            _("Lost letter: press %(again)s beside the name. The earlier one ends at once."),
            again=("letters/parts.html", "Print anew"),
        ),
        line(_("Hand letters over in person or in a closed envelope: whoever holds one and knows the birth date is let in.")),
        line(
            _("When a family still does not get in, “%(ways)s” says why and what to do."), ways=("doctor/class.html", "Ways in")
        ),
        words=_("print code paper parents first sign-in expired reprint"),
    ),
    topic(
        "notices",
        _("A notice to class teachers, staff or families"),
        _("It stays at the top of the first page of each of them until they have read it."),
        "office class",
        line(
            _("Head, deputy and office open “%(notices)s” on their page and press %(write)s."),
            notices=("office/people.html", "Notices"),
            write=("notices/list.html", "Write a notice"),
        ),
        line(_("Choose for whom it is and until when it is shown, then write a title and a short text.")),
        line(_("Everybody sees it above the first page and presses %(read)s."), read=("parts/frame.html", "I have read it")),
        line(_("You see how many have read it, and who has not. You can change or withdraw it at any time.")),
        words=_("announcement message all teachers parents pinned"),
    ),
    topic(
        "office-people",
        _("Find, add and move pupils"),
        _("The office keeps who is in which class; every change has its day and can be taken back."),
        "office",
        line(_("On “%(people)s”, type the beginning of a name, or choose a class."), people=("office/people.html", "People")),
        line(
            _(
                "Open the pupil: there are %(move)s, %(leave)s and the guardians. You see what will happen before anything is written."
            ),
            move=("office/pupil.html", "Move to another class"),
            leave=("office/pupil.html", "Leaves the school"),
        ),
        line(_("A new pupil begins with %(add)s."), add=("office/people.html", "Add a pupil")),
        line(_("A mistake? On the pupil's page, press %(back)s."), back=("office/pupil.html", "Take it back")),
        words=_("new pupil leaves transfer class guardian"),
    ),
)
