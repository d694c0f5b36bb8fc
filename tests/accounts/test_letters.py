"""Letters are issued by the right people for the right people, printed once, and let one person in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from classbook.accounts.actions import entering, letters
from classbook.accounts.actions.letters import PrintedLetter, issue, print_letters, print_waiting, withdraw
from classbook.accounts.models import Correction, Invitation
from classbook.accounts.queries import board
from classbook.accounts.queries.letters import letter_by_code, letter_by_uid, letter_of_slip
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.models import AuditEvent, OutboxEvent
from classbook.people.models import AccessBan, Account, Guardianship, Person, Session
from classbook.people.rules import sort_key
from classbook.schools.actions.issuers import name_issuer
from classbook.schools.models import ClassPlacement, Position, SchoolClass
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_letters_yet(db: None) -> None:
    """The demo's own letters are not these tests' matter."""
    Invitation.objects.all().delete()


def keep(texts: list[PrintedLetter]) -> list[PrintedLetter]:
    return texts


def family(
    world: World, name: str = "Громова", given: str = "Нина", *, born: date | None = date(2013, 5, 14)
) -> tuple[Person, Person]:
    """A pupil of 7Б with a confirmed mother who has never signed in."""
    pupil = Person.objects.create(family_name=name, given_name=given, birth_date=born, sort_key=sort_key(name, given))
    mother = Person.objects.create(family_name=name, given_name="Ольга", sort_key=sort_key(name, "Ольга"))
    ClassPlacement.objects.create(school=world.school, school_class=world.school_class, student=pupil, starts_on=date(2026, 9, 1))
    Guardianship.objects.create(guardian=mother, student=pupil, relation="mother", confirmed_at=clock.now())
    return pupil, mother


def key(mother: Person, pupil: Person) -> str:
    return f"g:{mother.uid}:{pupil.uid}"


def printed(world: World, keys: list[str], login: str = "classteacher", kind: str = "code") -> list[PrintedLetter]:
    actor = world.actor(login)
    made = issue(actor, world.school, world.school_class, keys=keys, kind=kind)
    return print_letters(actor, world.school, made, keep, school_class=world.school_class)


def line(world: World, wanted: str) -> board.Line:
    return next(one for one in letters.lines_of(world.school, world.school_class) if one.key == wanted)


def test_class_teacher_and_office_issue_and_nobody_else(world: World) -> None:
    pupil, mother = family(world)
    for login in ("classteacher", "office"):
        (letter,) = printed(world, [key(mother, pupil)], login)
        assert (letter.name, letter.pupil, letter.class_name) == ("Ольга Громова", "Нина Громова", "7Б")
    for login in set(world.logins) - {"classteacher", "office"}:
        with pytest.raises(NotFound):
            letters.open_class_for_letters(world.actor(login), world.school_class.uid)
        with pytest.raises(NotFound):
            issue(world.actor(login), world.school, world.school_class)
        with pytest.raises(NotFound):
            issue(world.actor(login), world.school)
    with pytest.raises(NotFound):
        issue(world.actor("classteacher"), world.school)
    with pytest.raises(NotFound):
        issue(world.actor("classteacher"), world.school, world.another_class)


def test_somebody_whom_the_head_appoints_issues_for_the_school(world: World) -> None:
    substitute = world.person("substitute").uid
    with pytest.raises(NotFound):
        issue(world.actor("substitute"), world.school)
    for login in set(world.logins) - {"head"}:
        with pytest.raises(NotFound):
            name_issuer(world.actor(login), world.school, substitute, named=True)
    with pytest.raises(NotFound):
        name_issuer(world.actor("head"), world.school, world.person("parent").uid, named=True)
    for _twice in range(2):
        name_issuer(world.actor("head"), world.school, substitute, named=True)
    assert Position.objects.filter(role="issuer").count() == 1
    assert issue(world.actor("substitute"), world.school)
    assert world.client("substitute").get(f"/school/{world.school.uid}/letters/").status_code == 200
    name_issuer(world.actor("head"), world.school, substitute, named=False)
    with pytest.raises(NotFound):
        issue(world.actor("substitute"), world.school)


def test_a_key_of_another_class_is_not_on_this_board(world: World) -> None:
    other = ClassPlacement.objects.filter(school_class=world.another_class)[0].student
    with pytest.raises(NotFound):
        issue(world.actor("classteacher"), world.school, world.school_class, keys=[f"p:{other.uid}"])


def test_the_code_is_kept_nowhere_once_it_is_printed(world: World) -> None:
    pupil, mother = family(world)
    (letter,) = printed(world, [key(mother, pupil)])
    row = Invitation.objects.get()
    assert row.seed == ""
    stored = " ".join(str(value) for value in Invitation.objects.values_list().get())
    audit = " ".join(str(data) for data in AuditEvent.objects.values_list("data", flat=True))
    for text in (stored, audit):
        assert letter.code not in text
    found = letter_by_code(letter.code)
    assert found is not None
    assert found.person == mother
    assert row.expires_at - clock.now() > timedelta(days=13, hours=23)
    kinds = list(AuditEvent.objects.filter(kind__startswith="letter.").values_list("kind", "subject_id"))
    assert sorted(kinds) == [("letter.issued", mother.pk), ("letter.printed", mother.pk)]


def test_a_letter_is_printed_once_and_a_reprint_ends_it(world: World) -> None:
    pupil, mother = family(world)
    actor, school = world.actor("classteacher"), world.school
    made = issue(actor, school, world.school_class, keys=[key(mother, pupil)])
    (first,) = print_letters(actor, school, made, keep, school_class=world.school_class)
    with pytest.raises(Refusal):
        print_letters(actor, school, made, keep, school_class=world.school_class)
    (second,) = printed(world, [key(mother, pupil)])
    assert letter_by_code(first.code) is None
    assert letter_by_code(second.code) is not None
    assert list(Invitation.objects.order_by("pk").values_list("ended_why", flat=True)) == ["reprinted", ""]


def test_a_failed_print_forgets_nothing(world: World) -> None:
    pupil, mother = family(world)
    actor = world.actor("classteacher")
    made = issue(actor, world.school, world.school_class, keys=[key(mother, pupil)])

    def torn(texts: list[PrintedLetter]) -> None:
        raise OSError("no paper")

    with pytest.raises(OSError, match="no paper"):
        print_letters(actor, world.school, made, torn, school_class=world.school_class)
    assert Invitation.objects.get().printed_at is None
    assert print_letters(actor, world.school, made, keep, school_class=world.school_class)


def test_issuing_for_a_class_twice_makes_no_second_letter(world: World) -> None:
    family(world)
    actor = world.actor("classteacher")
    first = issue(actor, world.school, world.school_class)
    print_letters(actor, world.school, first, keep, school_class=world.school_class)
    assert len(first) > 1
    assert issue(actor, world.school, world.school_class) == []
    again = issue(actor, world.school, world.school_class, again=True)
    assert len(again) == len(first)


def test_a_guardian_of_two_pupils_gets_one_letter(world: World) -> None:
    _pupil, mother = family(world)
    brother, other = family(world, given="Олег")
    Guardianship.objects.create(guardian=mother, student=brother, confirmed_at=clock.now())
    made = issue(world.actor("classteacher"), world.school, world.school_class)
    assert sorted(x.person_id for x in made if x.role == "guardian" and x.person_id in {mother.pk, other.pk}) == [
        mother.pk,
        other.pk,
    ]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda w, p, m: Guardianship.objects.filter(guardian=m).update(confirmed_at=None), "unconfirmed"),
        (lambda w, p, m: Guardianship.objects.filter(guardian=m).update(can_view=False), "ended"),
        (lambda w, p, m: Person.objects.filter(pk=p.pk).update(birth_date=date(2008, 1, 1)), "adult"),
        (lambda w, p, m: AccessBan.objects.create(person=m, student=p, starts_on=date(2026, 9, 1), reason="x"), "limited"),
        (lambda w, p, m: Position.objects.create(person=m, role="head", school=w.school, starts_on=date(2026, 9, 1)), "staff"),
        (lambda w, p, m: Account.objects.create(person=m, login="ended", is_active=False), "inactive"),
    ],
    ids=["unconfirmed", "no-view", "adult", "banned", "staff", "inactive"],
)  # fmt: skip
def test_who_may_not_read_gets_no_letter_and_one_that_is_out_ends(world: World, change: Any, why: str) -> None:
    pupil, mother = family(world)
    (letter,) = printed(world, [key(mother, pupil)])
    live = letter_by_code(letter.code)
    assert live is not None
    change(world, pupil, mother)
    assert line(world, key(mother, pupil)).barred == why
    assert issue(world.actor("classteacher"), world.school, world.school_class, keys=[key(mother, pupil)]) == []
    if why == "staff":
        # The code opens the page, which sends the person to the own sign-in.
        assert entering.holder_of(live, None).way == "staff"
        with pytest.raises(Refusal):
            entering.enter(live.uid, "vier-lange-worte-hier")
    else:
        assert letter_by_code(letter.code) is None
        with pytest.raises(Refusal):
            entering.enter(live.uid, "vier-lange-worte-hier")
    assert not Account.objects.filter(person=mother, first_used_at__isnull=False).exists()
    assert Invitation.objects.get(uid=live.uid).used_at is None


def test_whoever_is_limited_himself_does_not_find_the_pupil_on_the_board(world: World) -> None:
    pupil, mother = family(world)
    teacher = world.person("classteacher")
    AccessBan.objects.create(person=teacher, student=pupil, starts_on=date(2026, 9, 1), reason="x")
    page = world.client("classteacher").get(f"/class/{world.school_class.uid}/letters/").content.decode()
    assert "Громова" not in page
    with pytest.raises(NotFound):
        issue(world.actor("classteacher"), world.school, world.school_class, keys=[key(mother, pupil)])
    assert issue(world.actor("office"), world.school, world.school_class, keys=[key(mother, pupil)])


def test_an_ended_link_is_not_on_the_board(world: World) -> None:
    pupil, mother = family(world)
    Guardianship.objects.filter(guardian=mother).update(ends_on=date(2026, 11, 18))
    assert key(mother, pupil) not in {one.key for one in letters.lines_of(world.school, world.school_class)}


def test_the_school_is_printed_class_by_class_and_can_be_stopped(world: World) -> None:
    actor, school = world.actor("office"), world.school
    made = issue(actor, school)
    assert board.print_state(school)[0] == len(made)
    files: Iterator[tuple[str, list[PrintedLetter]]] = print_waiting(actor, school, lambda label, texts: texts)
    label, texts = next(files)
    files.close()  # type: ignore[attr-defined]
    assert {text.class_name for text in texts} == {label}
    assert board.print_state(school)[0] == len(made) - len(texts)
    rest = dict(print_waiting(actor, school, lambda name, some: some))
    assert label not in rest
    assert sum(map(len, rest.values())) == len(made) - len(texts)
    assert board.print_state(school)[0] == 0
    with pytest.raises(NotFound):
        list(print_waiting(world.actor("classteacher"), school, lambda name, some: some))


def test_who_came_from_another_school_gets_a_letter_here(world: World) -> None:
    """The one from there is still open, and of a guardian and a child one letter is open at a time."""
    pupil, mother = family(world)
    (before,) = printed(world, [key(mother, pupil)])
    today = clock.today(world.school.time_zone)
    ClassPlacement.objects.filter(student=pupil).update(ends_on=today - timedelta(days=1))
    here = SchoolClass.objects.filter(school=world.other_school)[0]
    ClassPlacement.objects.create(school=world.other_school, school_class=here, student=pupil, starts_on=today)
    made = issue(None, world.other_school, here, keys=[key(mother, pupil)])
    (letter,) = print_letters(None, world.other_school, made, keep, school_class=here)
    assert letter_by_code(before.code) is None
    assert letter_by_code(letter.code) is not None


def test_what_waits_is_not_printed_for_somebody_who_was_limited_since(world: World) -> None:
    pupil, mother = family(world)
    office, school = world.actor("office"), world.school
    issue(office, school)
    AccessBan.objects.create(person=mother, student=pupil, scope="all", starts_on=date(2026, 9, 1), reason="x")
    files = dict(print_waiting(office, school, lambda label, texts: texts))
    names = [text.name for texts in files.values() for text in texts]
    assert "Нина Громова" in names
    assert "Ольга Громова" not in names
    assert board.print_state(school)[0] == 0
    assert Invitation.objects.get(person=mother).ended_why == "withdrawn"
    assert AuditEvent.objects.filter(kind="letter.withdrawn", subject_id=mother.pk).count() == 1


def test_two_who_print_the_school_at_once_share_it(world: World) -> None:
    office, school = world.actor("office"), world.school
    made = issue(office, school)
    first = print_waiting(office, school, lambda label, texts: len(texts))
    count = next(first)[1]
    count += sum(number for _, number in print_waiting(office, school, lambda label, texts: len(texts)))
    assert list(first) == []
    assert count == len(made)


def test_letters_for_the_staff_are_for_teachers_who_never_came(world: World) -> None:
    office = world.actor("office")
    teacher = Person.objects.create(family_name="Новый", given_name="Учитель", sort_key="новый")
    Position.objects.create(person=teacher, role="teacher", school=world.school, starts_on=date(2026, 9, 1))
    second = Person.objects.create(family_name="Новая", given_name="Завуч", sort_key="новая")
    Position.objects.create(person=second, role="deputy", school=world.school, starts_on=date(2026, 9, 1))
    states = {one.person.pk: (one.state, one.barred) for one in letters.lines_of(world.school, None, staff=True)}
    assert (states[teacher.pk], states[second.pk]) == (("none", ""), ("barred", "rights"))
    assert states[world.person("head").pk] == ("in", "two")
    keys = [f"s:{teacher.uid}", f"s:{second.uid}", f"s:{world.person('head').uid}"]
    made = issue(office, world.school, keys=keys, staff=True)
    assert [letter.person_id for letter in made] == [teacher.pk]
    (letter,) = print_letters(office, world.school, made, keep)
    live = letter_by_code(letter.code)
    assert live is not None
    assert entering.holder_of(live, None).way == "new"
    assert entering.enter(live.uid, "vier-lange-worte-hier").login == "novyy.u"


def test_a_teachers_letter_opens_no_wider_rights(world: World) -> None:
    """Neither those that the person has at another school nor those that came after the letter was printed."""
    office = world.actor("office")
    elsewhere, later = (
        Person.objects.create(family_name="Власов", given_name=name, sort_key="власов") for name in ("Пётр", "Иван")
    )
    for person in (elsewhere, later):
        Position.objects.create(person=person, role="teacher", school=world.school, starts_on=date(2026, 9, 1))
    Position.objects.create(person=elsewhere, role="head", school=world.other_school, starts_on=date(2026, 9, 1))
    made = issue(office, world.school, keys=[f"s:{person.uid}" for person in (elsewhere, later)], staff=True)
    assert [letter.person for letter in made] == [later]
    (letter,) = print_letters(office, world.school, made, keep)
    live = letter_by_code(letter.code)
    assert live is not None
    Position.objects.create(person=later, role="office", school=world.school, starts_on=date(2026, 9, 1))
    assert letter_by_code(letter.code) is None
    with pytest.raises(Refusal):
        entering.enter(live.uid, "vier-lange-worte-hier")


def test_who_is_named_for_families_issues_no_colleagues_letter(world: World) -> None:
    name_issuer(world.actor("head"), world.school, world.person("substitute").uid, named=True)
    teacher = Person.objects.create(family_name="Новый", given_name="Учитель", sort_key="новый")
    Position.objects.create(person=teacher, role="teacher", school=world.school, starts_on=date(2026, 9, 1))
    with pytest.raises(NotFound):
        issue(world.actor("substitute"), world.school, keys=[f"s:{teacher.uid}"], staff=True)
    client, root = world.client("substitute"), f"/school/{world.school.uid}/letters/"
    assert "letters/staff/" not in client.get(root).content.decode()
    assert client.get(f"{root}staff/").status_code == 404
    assert client.post(f"{root}staff/print/", {"only": f"s:{teacher.uid}"}).status_code == 404
    assert not Invitation.objects.filter(person=teacher).exists()


def test_a_withdrawn_letter_lets_nobody_in(world: World) -> None:
    pupil, mother = family(world)
    (letter,) = printed(world, [key(mother, pupil)])
    with pytest.raises(NotFound):
        withdraw(world.actor("head"), world.school_class, key(mother, pupil))
    assert withdraw(world.actor("classteacher"), world.school_class, key(mother, pupil)) == "Ольга Громова"
    assert letter_by_code(letter.code) is None
    with pytest.raises(NotFound):
        withdraw(world.actor("classteacher"), world.school_class, key(mother, pupil))


def test_a_letter_is_over_after_two_weeks(world: World) -> None:
    pupil, mother = family(world)
    (letter,) = printed(world, [key(mother, pupil)])
    live = letter_by_code(letter.code)
    assert live is not None
    Invitation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert letter_by_code(letter.code) is None
    with pytest.raises(Refusal):
        entering.enter(live.uid, "vier-lange-worte-hier")
    assert line(world, key(mother, pupil)).state == "expired"


def test_a_letter_opens_an_account_once(world: World) -> None:
    pupil, mother = family(world)
    (letter,) = printed(world, [key(mother, pupil)])
    live = letter_by_code(letter.code)
    assert live is not None
    account = entering.enter(live.uid, "vier-lange-worte-hier")
    assert (account.person, account.login, account.check_password("vier-lange-worte-hier")) == (mother, "gromova.o", True)
    row = Invitation.objects.get()
    assert (row.used_by, row.used_at is not None) == (mother, True)
    assert letter_by_code(letter.code) is None
    with pytest.raises(Refusal):
        entering.enter(live.uid, "another-four-words-here")
    assert Account.objects.get(person=mother).check_password("vier-lange-worte-hier")
    assert AuditEvent.objects.filter(kind="letter.used", actor_id=mother.pk).count() == 1
    assert OutboxEvent.objects.filter(kind="letter.used", data__person=mother.pk).count() == 1


def test_a_new_letter_for_somebody_who_is_in_ends_what_was_signed_in(world: World) -> None:
    parent, anna = world.person("parent"), world.anna
    client = world.client("parent")
    assert client.get("/account/devices/").status_code == 200
    (letter,) = printed(world, [key(parent, anna)])
    assert client.get("/account/devices/").status_code == 200
    live = letter_by_code(letter.code)
    assert live is not None
    assert entering.holder_of(live, None).way == "again"
    account = entering.enter(live.uid, "vier-lange-worte-hier")
    assert account.login == "parent"
    assert not account.check_password("demo-parent")
    assert client.get("/account/devices/").status_code == 302
    assert not Session.objects.filter(person=parent).exists()


def test_five_wrong_birth_dates_end_the_letter(world: World) -> None:
    pupil, mother = family(world)
    (letter,) = printed(world, [key(mother, pupil)])
    live = letter_by_code(letter.code)
    assert live is not None
    for left in (4, 3, 2, 1):
        with pytest.raises(Refusal) as refused:
            entering.check_birth_date(live.uid, date(2013, 5, 15))
        assert refused.value.field == "born"
        assert ("once more" if left == 1 else f"{left} more") in refused.value.sentence
    entering.check_birth_date(live.uid, date(2013, 5, 14))
    with pytest.raises(Refusal) as refused:
        entering.check_birth_date(live.uid, date(2013, 5, 15))
    assert refused.value.needs == "letter"
    assert letter_by_code(letter.code) is None
    assert line(world, key(mother, pupil)).state == "dead"
    with pytest.raises(Refusal):
        entering.check_birth_date(live.uid, date(2013, 5, 14))


def test_without_a_birth_date_none_is_asked(world: World) -> None:
    pupil, mother = family(world, born=None)
    (letter,) = printed(world, [key(mother, pupil)])
    live = letter_by_code(letter.code)
    assert live is not None
    assert entering.holder_of(live, None).born is None
    entering.check_birth_date(live.uid, date(2000, 1, 1))
    assert entering.enter(live.uid, "vier-lange-worte-hier").person == mother


def test_the_slip_opens_with_login_and_temporary_password(world: World) -> None:
    pupil, mother = family(world)
    (slip,) = printed(world, [key(mother, pupil)], kind="password")
    assert slip.login == "gromova.o"
    assert letter_by_code(slip.code) is None
    assert letter_of_slip("gromova.o", "wrong") is None
    assert letter_of_slip("parent", slip.code) is None
    found = letter_of_slip(" GROMOVA.O".strip(), slip.code.lower())
    assert found is not None
    assert not Account.objects.get(person=mother).has_usable_password()
    entering.enter(found.uid, "vier-lange-worte-hier")
    assert letter_of_slip("gromova.o", slip.code) is None


def second_school(world: World, *, name: str = "Белова", given: str = "Марина") -> tuple[Person, Person]:
    """Another child in the same class whose mother the school has as another person."""
    pupil, mother = family(world, name, "Вера")
    Person.objects.filter(pk=mother.pk).update(given_name=given, sort_key=sort_key(name, given))
    mother.refresh_from_db()
    return pupil, mother


def test_a_second_child_comes_to_the_account_that_is_signed_in(world: World) -> None:
    pupil, mother = second_school(world)
    (letter,) = printed(world, [key(mother, pupil)])
    live, actor = letter_by_code(letter.code), world.actor("parent")
    assert live is not None
    assert entering.holder_of(live, actor).way == "add"
    assert entering.add_child(actor, live.uid) == pupil
    link = Guardianship.objects.get(guardian_id=actor.person_id, student=pupil)
    assert (link.relation, link.confirmed_at is not None, link.can_view) == ("mother", True, True)
    assert Guardianship.objects.get(guardian=mother, student=pupil).ends_on == date(2026, 11, 18)
    assert world.client("parent").get(f"/diary/{pupil.uid}/").status_code in {200, 302}
    with pytest.raises(Refusal):
        entering.add_child(actor, live.uid)


def test_the_letter_of_another_name_or_of_somebody_limited_adds_nothing(world: World) -> None:
    pupil, mother = second_school(world, given="Мария")
    (letter,) = printed(world, [key(mother, pupil)])
    live = letter_by_code(letter.code)
    assert live is not None
    with pytest.raises(Refusal) as refused:
        entering.add_child(world.actor("parent"), live.uid)
    assert refused.value.needs == "name"
    Person.objects.filter(pk=mother.pk).update(given_name="Марина", sort_key=sort_key("Белова", "Марина"))
    AccessBan.objects.create(
        person=world.person("parent"), student=pupil, scope="contacts", starts_on=date(2026, 9, 1), reason="x"
    )
    with pytest.raises(Refusal) as refused:
        entering.add_child(world.actor("parent"), live.uid)
    assert refused.value.needs == "office"
    assert not Guardianship.objects.filter(guardian=world.person("parent"), student=pupil).exists()
    assert letter_by_uid(live.uid) is not None
    with pytest.raises(NotFound):
        # Whoever has come in with an account of the own is somebody else.
        Account.objects.create(person=mother, login="used", first_used_at=clock.now())
        entering.add_child(world.actor("parent"), live.uid)


@pytest.mark.parametrize(
    ("login", "patronymic", "way"), [("parent", "Ивановна", "name"), ("parent", "", "in"), ("pupil", "", "not there")]
)
def test_equal_names_are_not_enough(world: World, login: str, patronymic: str, way: str) -> None:
    """Another patronymic is another person; and a pupil who bears the parent's name is no guardian."""
    me = world.person(login)
    Person.objects.filter(pk=me.pk).update(middle_name="Сергеевна")
    pupil, mother = second_school(world, name=me.family_name, given=me.given_name)
    Person.objects.filter(pk=mother.pk).update(middle_name=patronymic)
    (letter,) = printed(world, [key(mother, pupil)])
    live, actor = letter_by_code(letter.code), world.actor(login)
    assert live is not None
    if way == "in":
        assert entering.add_child(actor, live.uid) == pupil
        return
    with pytest.raises(Refusal if way == "name" else NotFound):
        entering.add_child(actor, live.uid)
    assert not Guardianship.objects.filter(guardian=me, student=pupil).exists()


def test_what_is_wrong_waits_for_the_office(world: World) -> None:
    pupil, mother = family(world)
    (letter,) = printed(world, [key(mother, pupil)])
    live = letter_by_code(letter.code)
    assert live is not None
    with pytest.raises(Refusal):
        entering.report_wrong(live.uid, is_other=False, text="  ")
    entering.report_wrong(live.uid, is_other=False, text="Громова с буквой ё")
    assert letter_by_uid(live.uid) is not None
    for number in range(entering.MOST_CORRECTIONS - 1):
        entering.report_wrong(live.uid, is_other=False, text=f"{number}")
    with pytest.raises(Refusal) as refused:
        entering.report_wrong(live.uid, is_other=False, text="and again")
    assert refused.value.field == "text"
    entering.report_wrong(live.uid, is_other=True, text="")
    assert letter_by_uid(live.uid) is None
    first = board.open_corrections(world.school)[0]
    with pytest.raises(NotFound):
        letters.deal_with(world.actor("head"), world.school, first.uid)
    with pytest.raises(NotFound):
        letters.deal_with(world.actor("office"), world.other_school, first.uid)
    letters.deal_with(world.actor("office"), world.school, first.uid)
    assert Correction.objects.filter(done_at=None).count() == entering.MOST_CORRECTIONS


def test_logins_of_equal_names_are_counted_up(world: World) -> None:
    names = []
    for given in ("Анна", "Алла", "Ада"):
        pupil, mother = family(world, given=given)
        (letter,) = printed(world, [key(mother, pupil)])
        live = letter_by_code(letter.code)
        assert live is not None
        names.append(entering.enter(live.uid, "vier-lange-worte-hier").login)
    assert names == ["gromova.o", "gromova.o2", "gromova.o3"]


def test_the_board_asks_as_often_for_one_family_as_for_many(world: World, django_assert_num_queries: Any) -> None:
    school, small = world.school, world.another_class
    with django_assert_num_queries(6):
        few = board.households_of(school, small)
    family(world)
    with django_assert_num_queries(6):
        many = board.households_of(school)
    assert len(many) > len(few)


def test_the_own_letter_in_the_own_account_brings_the_child(world: World) -> None:
    pupil, mother = family(world)
    (letter,) = printed(world, [key(mother, pupil)])
    live = letter_by_code(letter.code)
    assert live is not None
    actor = replace(world.actor("stranger"), person_id=mother.pk, positions=())
    assert entering.holder_of(live, actor).way == "own"
    assert entering.add_child(actor, live.uid) == pupil
    assert Invitation.objects.get().used_by == mother
    assert Guardianship.objects.filter(student=pupil).count() == 1


@pytest.mark.parametrize(
    ("changes", "is_added"), [({}, True), ({"ends_on": date(2026, 12, 31)}, False), ({"can_view": False}, False),
                              ({"confirmed_at": None}, False)],
)  # fmt: skip
def test_a_link_that_is_there_already_decides(world: World, changes: dict[str, Any], is_added: bool) -> None:
    """One in force takes the letter's in; one that has an end, no sight or no confirmation is the office's to decide."""
    pupil, mother = second_school(world)
    values = {"relation": "mother", "confirmed_at": clock.now()} | changes
    Guardianship.objects.create(guardian=world.person("parent"), student=pupil, **values)
    (letter,) = printed(world, [key(mother, pupil)])
    live = letter_by_code(letter.code)
    assert live is not None
    if is_added:
        assert entering.add_child(world.actor("parent"), live.uid) == pupil
        assert Guardianship.objects.get(guardian=mother, student=pupil).ends_on is not None
        return
    with pytest.raises(Refusal) as refused:
        entering.add_child(world.actor("parent"), live.uid)
    assert refused.value.needs == "office"
    assert Guardianship.objects.get(guardian=mother, student=pupil).ends_on is None


def test_a_correction_is_dealt_with_once(world: World) -> None:
    with pytest.raises(NotFound):
        letters.deal_with(world.actor("office"), world.school, uuid4(), "x")
