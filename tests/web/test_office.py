"""The office's pages as its people use them: form, what will happen, the deed, the result; mistakes beside their field."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from classbook.events.reading import forget_noted
from classbook.journal.grid import grid_of
from classbook.journal.head import open_journal
from classbook.lessons.models import Lesson
from classbook.people.models import Guardianship, Person
from classbook.schools.actions.guardians import sleeping_links
from classbook.schools.actions.pupils import groups_by_subject
from classbook.schools.models import ClassPlacement, Enrollment, TeachingAssignment, TeachingGroup
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 19)


@pytest.fixture
def office(world: World) -> Any:
    return world.client("office")


def at(world: World, name: str, *more: Any) -> str:
    return reverse(name, args=[world.school.uid, *more])


def text(answer: Any) -> str:
    """What a reader sees of the page, in one line."""
    main = re.search(r"<main.*?</main>", answer.content.decode(), re.DOTALL)
    assert main
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main.group()))


def hidden(answer: Any) -> dict[str, str]:
    """The fields that the second page sends back."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def new_pupil(world: World, **changes: str) -> dict[str, str]:
    return {
        "family": "Новикова", "given": "Ася", "middle": "", "born": "2013-02-03", "target": str(world.school_class.uid),
        "starts_on": "2026-11-20",
    } | changes  # fmt: skip


def test_adding_a_pupil_says_numbers_first_and_the_result_afterwards(world: World, office: Any) -> None:
    before = ClassPlacement.objects.filter(school_class=world.school_class, ends_on=None).count()
    whole = sum(1 for groups in groups_by_subject(world.school_class).values() if len(groups) == 1)
    second = office.post(at(world, "pupil-add"), new_pupil(world))
    said = text(second)
    assert second.status_code == 200
    assert f"Class 7Б: {before} before, then {before + 1} pupils." in said
    assert f"Joins {whole} groups" in said
    assert "Nothing is changed yet." in said
    assert not Person.objects.filter(family_name="Новикова").exists()
    chosen = re.findall(r'<option value="([0-9a-f-]{36})">', second.content.decode())
    done = office.post(at(world, "pupil-add"), hidden(second) | {"sure": "1", "choice": [chosen[0]]}, follow=True)
    assert "Новикова Ася is added to class 7Б, first day 20 November." in text(done)
    student = Person.objects.get(family_name="Новикова")
    assert done.redirect_chain == [(at(world, "pupil", student.uid), 302)]
    assert Enrollment.objects.filter(student=student).count() == whole + 1


def test_double_click_adds_one_pupil(world: World, office: Any) -> None:
    second = office.post(at(world, "pupil-add"), new_pupil(world, born=""))
    answers = [office.post(at(world, "pupil-add"), hidden(second) | {"sure": "1"}) for _ in range(2)]
    assert [one.status_code for one in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Person.objects.filter(family_name="Новикова").count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"family": ""}, "Please fill this in."),
        ({"target": ""}, "Please choose one."),
        ({"starts_on": "20.11.26 or so"}, "This is not a date."),
        ({"starts_on": "2027-08-01"}, "outside the class&#39;s school year (1 September 2026 to 26 May 2027)"),
    ],
)
def test_bad_input_is_told_beside_the_field_and_everything_typed_is_kept(
    world: World, office: Any, change: dict[str, str], sentence: str
) -> None:
    answer = office.post(at(world, "pupil-add"), new_pupil(world, **change))
    body = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in body
    field = next(iter(change))
    assert re.search(rf'id="id_{field}_error"', body)
    assert re.search(
        rf'<(?:input|select)[^>]*id="id_{field}"[^>]*aria-invalid="true"|aria-describedby="[^"]*id_{field}_error', body
    )
    assert 'value="Ася"' in body
    assert not Person.objects.filter(family_name="Новикова").exists()


def test_known_child_is_refused_with_a_way_on(world: World, office: Any) -> None:
    anna = world.anna
    data = new_pupil(world, family=anna.family_name, given=anna.given_name.lower(), born=str(anna.birth_date))
    answer = office.post(at(world, "pupil-add"), data)
    assert answer.status_code == 422
    assert "class 7Б" in text(answer)
    assert office.post(at(world, "pupil-add"), data | {"another": "on"}).status_code == 200


def test_entries_can_be_changed_from_the_second_page(world: World, office: Any) -> None:
    second = office.post(at(world, "pupil-add"), new_pupil(world))
    again = office.post(at(world, "pupil-add"), hidden(second) | {"again": "1"})
    assert 'value="Новикова"' in again.content.decode()
    assert "see what will happen" in text(again)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "белова"}, True),
        ({"q": "анна бел"}, True),
        ({"q": "БЕЛОВА Анна Дмитр"}, True),
        ({"q": "елова"}, False),
        ({"q": "белова", "class": "5В"}, False),
        ({"q": "", "class": "7Б"}, True),
    ],
)
def test_pupil_is_found_by_the_beginnings_of_names(world: World, office: Any, query: dict[str, str], found: bool) -> None:
    assert ("Белова Анна" in text(office.get(at(world, "office"), query))) is found


def test_search_finds_those_who_left_and_those_who_come_later(world: World, office: Any) -> None:
    for name in ("pupil-leave",):
        office.post(at(world, name, world.anna.uid), {"last_day": "2026-11-16", "sure": "1"})
    answer = text(office.get(at(world, "office"), {"q": "белова анна"}))
    assert "left" in answer
    office.post(at(world, "pupil-add"), new_pupil(world, starts_on="2026-12-01") | {"sure": "1"})
    assert "Новикова Ася" in text(office.get(at(world, "office"), {"q": "новик"}))
    assert "Новикова Ася" in text(office.get(at(world, "office")))  # came and left


def test_pupil_moves_leaves_returns_and_the_page_says_so(world: World, office: Any) -> None:
    page = at(world, "pupil", world.anna.uid)
    second = office.post(
        at(world, "pupil-move", world.anna.uid), {"target": str(world.another_class.uid), "starts_on": "2026-11-20"}
    )
    assert "Class 7Б" in text(second)
    assert "Class 5В" in text(second)
    office.post(at(world, "pupil-move", world.anna.uid), hidden(second) | {"sure": "1"})
    assert "Moved from class 7Б to 5В, first day 20 November 2026" in text(office.get(page))
    leave = office.post(at(world, "pupil-leave", world.anna.uid), {"last_day": "2026-11-27", "reason": "переезд"})
    assert "From Saturday, 28 November on Белова Анна is in no class of the school." in text(leave)
    done = office.post(at(world, "pupil-leave", world.anna.uid), hidden(leave) | {"sure": "1"}, follow=True)
    assert "leaves, last day 27 November" in text(done)
    assert "Comes back" in text(done)
    office.post(
        at(world, "pupil-return", world.anna.uid),
        {"target": str(world.school_class.uid), "starts_on": "2026-12-01", "sure": "1"},
    )
    assert "Joined class 7Б, first day 1 December 2026" in text(office.get(page))


def test_wrong_day_is_corrected_and_a_mistake_is_taken_back(world: World, office: Any) -> None:
    move = {"target": str(world.another_class.uid), "starts_on": "2026-11-20", "sure": "1"}
    office.post(at(world, "pupil-move", world.anna.uid), move)
    second = office.post(at(world, "pupil-day", world.anna.uid), {"day": "2026-11-23"})
    assert "Moved from class 7Б to 5В, first day 20 November 2026 becomes: 23 November 2026." in text(second)
    office.post(at(world, "pupil-day", world.anna.uid), hidden(second) | {"sure": "1"})
    assert ClassPlacement.objects.get(student=world.anna, ends_on=None).starts_on == date(2026, 11, 23)
    undo = office.get(at(world, "pupil-undo", world.anna.uid))
    assert "Белова Анна stays in class 7Б and in its groups." in text(undo)
    sent = hidden(undo) | {"sure": "1"}
    for _ in range(2):  # a double click takes one change back, not two
        office.post(at(world, "pupil-undo", world.anna.uid), sent)
    assert ClassPlacement.objects.get(student=world.anna).ends_on is None


def test_change_that_cannot_be_taken_back_says_why(world: World, office: Any) -> None:
    answer = office.get(at(world, "pupil-undo", world.anna.uid), follow=True)
    assert "marks and absences have been entered since" in text(answer)


def test_journal_and_diary_follow_a_pupil_who_moves(world: World, office: Any) -> None:
    office.post(
        at(world, "pupil-move", world.anna.uid),
        {"target": str(world.another_class.uid), "starts_on": "2026-11-20", "sure": "1"},
    )
    old = world.client("teacher").get(reverse("journal", args=[world.group.uid])).content.decode()
    assert "Белова Анна" in old
    week = world.client("parent").get(reverse("week", args=[world.anna.uid, DAY])).content.decode()
    assert "5В" in world.client("parent").get(reverse("week", args=[world.anna.uid, date(2026, 11, 23)])).content.decode()
    assert "7Б" in week


def test_new_class_shows_the_mover_from_the_first_day_only(world: World, office: Any) -> None:
    group = TeachingGroup.objects.filter(school_class=world.another_class, mark_scale__isnull=False).order_by("pk")[0]
    days = list(Lesson.objects.filter(group=group, date__lte=DAY).order_by("date").values_list("date", flat=True))
    first = days[-2]
    move = {"target": str(world.another_class.uid), "starts_on": str(first), "sure": "1"}
    assert office.post(at(world, "pupil-move", world.anna.uid), move).status_code == 302
    grid = grid_of(open_journal(world.actor("head"), group.uid), None)
    mine = next(one for one in grid.rows if one.who.uid == str(world.anna.uid))
    outside = {column.on: cell.outside for column, cell in zip(grid.columns, mine.cells, strict=True)}
    assert {day for day, out in outside.items() if not out} == {day for day in outside if day >= first}
    assert any(outside.values())


def test_teacher_is_replaced_with_the_number_of_lessons(world: World, office: Any) -> None:
    new = world.person("substitute")
    page = at(world, "teacher-replace", world.group.uid)
    second = office.post(page, {"teacher": str(new.uid), "starts_on": "2026-11-20"})
    said = text(second)
    assert "keeps the name on everything recorded before" in said
    number = re.search(r"(\d+) lessons that nobody has recorded yet", said)
    assert number
    assert not TeachingAssignment.objects.filter(group=world.group, teacher=new).exists()
    done = office.post(page, hidden(second) | {"sure": "1"}, follow=True)
    assert f"{number.group(1)} lessons." in text(done)
    assert TeachingAssignment.objects.filter(group=world.group, teacher=new).exists()


def test_links_of_a_pupil_with_an_ended_link_are_not_confirmed_together(world: World, office: Any) -> None:
    links = Guardianship.objects.filter(student__placements__school_class=world.school_class)
    links.update(confirmed_at=None)
    page = at(world, "guardians")
    together = re.search(r"Confirm these (\d+) links", text(office.get(page, {"class": "7Б"})))
    assert together
    end = at(world, "guardian-end", world.anna.uid, world.person("parent").uid)
    office.post(end, hidden(office.get(end)) | {"last_day": "2026-11-18", "sure": "1"})
    assert Guardianship.objects.get(guardian=world.person("parent"), student=world.anna).by_hand
    listed = text(office.get(page, {"class": "7Б"}))
    others = sleeping_links(world.school.pk, "7Б").filter(student=world.anna).count()
    assert listed.count("one by one: a link was ended") == others == 1
    assert f"Confirm these {int(together[1]) - 2} links" in listed


def test_guardians_are_confirmed_by_class_and_one_by_one(world: World, office: Any) -> None:
    links = Guardianship.objects.filter(student__placements__school_class=world.school_class)
    links.update(confirmed_at=None)
    of_class = sleeping_links(world.school.pk, "7Б").count()
    overview = text(office.get(at(world, "office")))
    number = sleeping_links(world.school.pk).count()
    assert f"{number} guardians&#39; links wait" in overview or f"{number} guardians' links wait" in overview
    listed = office.get(at(world, "guardians"), {"class": "7Б"})
    assert "Марина Игоревна Белова" in text(listed)
    mother = world.person("parent")
    one = at(world, "guardian-confirm", world.anna.uid, mother.uid)
    office.post(one, hidden(office.get(one)) | {"sure": "1"})
    assert Guardianship.objects.get(guardian=mother, student=world.anna).confirmed_at is not None
    everybody = at(world, "guardians-confirm") + "?class=7Б"
    second = office.get(everybody)
    assert f"{of_class - 1} links are confirmed." in text(second)
    assert "limited by the head" in text(second)
    Guardianship.objects.filter(guardian=mother, student=world.anna).update(confirmed_at=None)
    stale = office.post(everybody, hidden(second) | {"sure": "1"}, follow=True)
    assert "changed in the meantime" in text(stale)
    office.post(everybody, hidden(office.get(everybody)) | {"sure": "1"})
    assert sleeping_links(world.school.pk, "7Б").count() == 0
    # The links of the pupil who left are no longer this school's to confirm.
    left = ClassPlacement.objects.filter(school_class=world.school_class, ends_on__lt=DAY).values("student_id")
    assert set(Guardianship.objects.filter(confirmed_at=None).values_list("student_id")) == set(left.values_list("student_id"))
    assert "Every link is confirmed" in text(office.get(at(world, "guardians")))


def test_link_is_ended_and_the_mistake_taken_back(world: World, office: Any) -> None:
    mother = world.person("parent")
    end, undo = (at(world, name, world.anna.uid, mother.uid) for name in ("guardian-end", "guardian-undo"))
    second = office.post(end, {"last_day": str(DAY - timedelta(days=1))})
    assert "no longer sees anything of Белова Анна: at once" in text(second)
    office.post(end, hidden(second) | {"sure": "1"})
    week = reverse("week", args=[world.anna.uid, DAY])
    assert world.client("parent").get(week).status_code == 404
    office.post(undo, hidden(office.get(undo)) | {"sure": "1"})
    assert world.client("parent").get(week).status_code == 200
    assert "no end that could be taken back" in text(office.get(undo, follow=True))


def test_office_learns_that_somebody_is_limited_and_not_why(world: World, office: Any) -> None:
    body = office.get(at(world, "pupil", world.anna.uid)).content.decode()
    assert "limited by the school's head" in body
    assert "Соглашение родителей" not in body
    assert "+7 900" not in body


def test_each_reading_of_a_pupil_is_noted(world: World, office: Any) -> None:
    log = Path(settings.DATA_DIR) / "reads.log"
    log.unlink(missing_ok=True)
    forget_noted()
    office.get(at(world, "pupil", world.anna.uid))
    assert f'"read.office", "person", {world.anna.pk}]' in log.read_text()


def test_class_teachers_page_filters_and_opens_the_diary(world: World) -> None:
    client = world.client("classteacher")
    page = reverse("school-class", args=[world.school_class.uid])
    whole = client.get(page)
    assert reverse("diary", args=[world.anna.uid]) in whole.content.decode()
    assert 'href="tel:+79000000001"' in whole.content.decode()
    assert 'href="mailto:m.belova@example.org"' in whole.content.decode()
    rows = [
        len(re.findall(r'<th scope="row">', client.get(page, {"show": show}).content.decode()))
        for show in ("", "away", "unreached")
    ]
    assert rows[0] == ClassPlacement.objects.filter(school_class=world.school_class, ends_on=None).count()
    assert rows[1] < rows[0] > rows[2]


def paper(**changes: str) -> dict[str, str]:
    return {
        "relation": "guardian", "can_view": "on", "can_sign": "on", "basis": "authority", "document": "Приказ", "number": "7",
        "issued_on": "2026-11-02", "ends_on": "2027-06-30",
    } | changes  # fmt: skip


def test_guardian_by_hand_from_the_search_to_the_pupils_page(world: World, office: Any) -> None:
    find = at(world, "guardian-find", world.classmate.uid)
    found = office.get(find, {"q": "белова мар"})
    assert "Белова Анна" in text(found)  # whose guardian she is
    chosen = re.search(r'href="([^"]+\?person=[^"]+)"', found.content.decode())
    assert chosen
    second = office.post(chosen[1], paper())
    assert "is a guardian of" in text(second)
    assert "at once, until 30 June 2027" in text(second)
    assert not Guardianship.objects.filter(guardian=world.person("parent"), student=world.classmate).exists()
    done = text(office.post(chosen[1], hidden(second) | {"sure": "1"}, follow=True))
    assert "Guardian appointed by the guardianship authority: Приказ, 7, 2 November 2026, until 30 June 2027" in done
    assert "does not excuse" in done
    assert "Nobody of this name" in text(office.get(find, {"q": "Незнакомова"}))


def test_new_guardian_is_entered_and_faults_stand_beside_their_fields(world: World, office: Any) -> None:
    page = at(world, "guardian-add", world.anna.uid)
    names = {"family": "Орлова", "given": "Нина", "email": "nina@example.org"}
    wrong = office.post(page, paper(document="", **names) | {"can_view": ""})
    body = wrong.content.decode()
    assert wrong.status_code == 422
    assert 'id="id_document_error"' in body and 'id="id_can_view_error"' in body
    assert 'value="nina@example.org"' in body
    assert "Nothing is seen before the link is confirmed" in text(
        office.post(page, {**names, "relation": "other", "can_view": "on"})
    )
    office.post(page, {**names, **paper(), "sure": "1"})
    link = Guardianship.objects.get(guardian__family_name="Орлова")
    change = at(world, "guardian-change", world.anna.uid, link.guardian.uid)
    second = office.post(change, {"relation": "guardian", "can_view": "on"})
    assert "May sign the week." not in text(second)
    assert "are changed" in text(office.post(change, hidden(second) | {"sure": "1"}, follow=True))
    link.refresh_from_db()
    assert (link.can_sign, link.by_hand) == (False, True)


def test_person_of_another_school_cannot_be_chosen(world: World, office: Any) -> None:
    page = at(world, "guardian-add", world.anna.uid)
    for asked in (str(world.person("stranger").uid), "nonsense"):
        assert office.get(page, {"person": asked}).status_code == 404


def test_other_part_of_a_divided_subject(world: World, office: Any) -> None:
    here = text(office.get(at(world, "pupil", world.anna.uid)))
    assert "Another group" in here
    for groups in groups_by_subject(world.school_class).values():
        mine = Enrollment.objects.filter(student=world.anna, group__in=groups).first()
        if len(groups) > 1 and mine:
            break
    other = next(group for group in groups if group != mine.group)
    page = at(world, "pupil-part", world.anna.uid, mine.group.uid)
    second = office.post(page, {"target": str(other.uid), "starts_on": "2026-11-23"})
    said = text(second)
    assert f"Joins 1 group: {other.name}." in said
    assert f"Leaves 1 group: {mine.group.name}." in said
    done = text(office.post(page, hidden(second) | {"sure": "1"}, follow=True))
    assert f"is in {other.name} from Monday, 23 November" in done
    assert office.get(at(world, "pupil-part", world.anna.uid, world.group.uid)).status_code == 404  # not divided
