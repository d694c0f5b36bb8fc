"""Help with getting in: for everybody, also for whoever is not signed in."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from classbook.web.help.topics import line, topic

ENTERING = (
    topic(
        "first-sign-in",
        _("The first sign-in with a letter"),
        _("The school gives you a printed letter. With it you are in within two minutes, on a phone or a computer."),
        "family pupil",
        line(_("Point the camera of your phone at the square of the letter, or type the address that stands under it.")),
        line(
            _("Without the camera: write the code into “%(code)s” and press %(go)s. Capitals and hyphens do not matter."),
            code=("entry/code.html", "Code of your letter"),
            go=("entry/code.html", "Go on"),
        ),
        line(
            _("Compare what you see, give the birth date and press %(yes)s. If something is not right, press %(wrong)s."),
            yes=("entry/you.html", "Yes, this is me"),
            wrong=("entry/you.html", "Something is wrong"),
        ),
        line(
            _("Choose a password of ten signs or more and note down your login, which stands in “%(login)s”."),
            login=("entry/password.html", "Your login"),
        ),
        line(
            _("Give an e-mail address or a telephone number, so that you can help yourself later, or press %(later)s."),
            later=("entry/reach.html", "Later"),
        ),
        line(_("A letter works once, for two weeks. The class teacher or the office prints a new one in a minute.")),
        words=_("code QR square log in register start"),
        walk="first-sign-in",
        go=("letter", _("I have a letter with a code")),
    ),
    topic(
        "second-child",
        _("A second child"),
        _("One account is enough for all your children, also when they go to different schools."),
        "family",
        line(
            _("Open the letter of the second child like the first one. At the question whether this is you, press %(add)s."),
            add=("entry/you.html", "Sign in and add this child to it"),
        ),
        line(
            _("Sign in as always. If you are signed in already, Classbook shows the child at once: press %(add)s."),
            add=("entry/you.html", "Add the child"),
        ),
        line(_("Above the diary you now choose between the children; each has a name, a class and a school there.")),
        line(
            _(
                "Whose diary opens for you stands under “%(children)s”, behind your name. Without a letter you can ask there: %(ask)s."
            ),
            children=("account/children.html", "Children in this account"),
            ask=("account/children.html", "Ask for a child"),
        ),
        words=_("brother sister siblings two children another school"),
        walk="second-child",
        go=("letter", _("I have a letter with a code")),
    ),
    topic(
        "forgotten",
        _("Login or password forgotten"),
        _("With an address that you have confirmed you get in again by yourself, at any hour."),
        "family pupil teacher class office",
        line(_("On the sign-in page, press %(forgot)s."), forgot=("account/login.html", "I forgot my login or password")),
        line(
            _("Write your e-mail address or telephone number and press %(send)s. A code and a link come there."),
            send=("account/recover.html", "Send me a message"),
        ),
        line(
            _("Type the code, then choose a new password and press %(save)s. Your login stands there too."),
            save=("account/recover_new.html", "Save the password"),
        ),
        line(
            _(
                "Without such an address, the class teacher or the school office gives you a new letter, in person and in a minute. Nothing is lost."
            )
        ),
        words=_("lost password reset login name recover"),
        walk="forgotten",
        go=("recover", _("I forgot my login or password")),
    ),
    topic(
        "cannot-get-in",
        _("I cannot get in"),
        _("Classbook tells you what stands in the way, as soon as you show something that is yours."),
        "family pupil",
        line(
            _("Press %(cannot)s on the sign-in page and choose what you have: a letter, or a login and a password."),
            cannot=("account/login.html", "I cannot get in"),
        ),
        line(
            _(
                "You are told the cause and the one next step. Without a proof everybody gets the same answer, so that strangers learn nothing about you."
            )
        ),
        line(
            _("Whether your school is here at all, and how one gets in there, you see under %(schools)s."),
            schools=("account/login.html", "Is my school here?"),
        ),
        line(_("The class teacher sees the same causes and can print a new letter at once.")),
        words=_("error blocked wrong code expired portal does not work"),
        go=("help-in", _("I cannot get in")),
    ),
    topic(
        "addresses",
        _("Your e-mail address and telephone number"),
        _("They are your own way back in, and nobody else's business."),
        "family pupil teacher class office",
        line(
            _("Open “%(contacts)s” behind your name and press %(add)s."),
            contacts=("account/contacts.html", "E-mail and telephone"),
            add=("account/contacts.html", "Add an e-mail address"),
        ),
        line(_("A code comes to the address; with it the address is confirmed and lets you in again when you forget something.")),
        line(_("You can replace or remove it at any time. Other families never see it.")),
        words=_("mail phone number new number changed SMS"),
        go=("contacts", _("E-mail and telephone")),
    ),
    topic(
        "shared-computer",
        _("On a shared computer"),
        _("In a classroom, a library or with friends: leave nothing behind."),
        "family pupil teacher class office",
        line(
            _("When you sign in, tick “%(shared)s”. Then you are signed out when the browser is closed, or after 45 minutes."),
            shared=("account/login.html", "This is a shared computer"),
        ),
        line(_("Before you go, open the menu with your name and press %(out)s."), out=("base.html", "Sign out")),
        line(
            _("Forgot it? On any other device, open %(security)s and look under “%(devices)s”: there you end it from afar."),
            security=("base.html", "Sign-in and security"),
            devices=("account/security.html", "Devices"),
        ),
        words=_("sign out log out public computer library lost device phone stolen"),
        go=("devices", _("Where you are signed in")),
    ),
)
