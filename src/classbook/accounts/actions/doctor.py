"""What proves that the sign-in doctor may speak of a person."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from classbook.accounts import rules
from classbook.accounts.actions.limits import Limit, give_back, take
from classbook.accounts.queries.doctor import is_live, letter_with_hash
from classbook.accounts.queries.letters import letters_key

# As many birth dates as a letter itself takes, and for as long as it holds.
OF_CODE = Limit("doctor.code", rules.MOST_TRIES, timedelta(days=rules.VALID_DAYS))


@transaction.atomic
def prove_by_code(typed: str, born: date) -> UUID | None:
    """The letter, live or ended, whose code and birth date these are; None: nothing is proved.

    Every code is counted, whether there is such a letter or not, and one letter is looked for: the same work for all.
    """
    code = rules.folded(typed)
    hashed = rules.hash_of_code(letters_key(), code or typed[:80])
    is_allowed = take(OF_CODE, hashed)
    letter = letter_with_hash(hashed)
    if letter is None or not is_allowed:
        return None
    asked = (letter.student or letter.person).birth_date
    # Where no birth date is known a live code is enough, as on the letter's own page; an old paper is not.
    if not (is_live(letter) if asked is None else asked == born):
        return None
    give_back(OF_CODE, hashed)
    return letter.uid
