"""The journal's statements against the plain tables, and its permission against schools.access.open_group."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

import pytest

from classbook.attendance.models import AttendanceRecord
from classbook.attendance.queries import codes_of
from classbook.common import clock
from classbook.common.errors import NotFound
from classbook.grading.models import Assessment, Mark, TermReopening
from classbook.grading.queries import scale_of_group, work_kinds_of
from classbook.grading.rules import average_of_numbers, shown, weighted_average
from classbook.homework.models import Homework
from classbook.journal.grid import Grid, grid_of
from classbook.journal.head import JournalHead, open_journal
from classbook.lessons.models import Lesson
from classbook.schools.access import groups_taught_by, open_group
from classbook.schools.models import Enrollment, TeachingAssignment, TeachingGroup, Term
from tests.diary.test_week import ordinary, text
from tests.world import World

pytestmark = pytest.mark.django_db


def head_of(world: World, group: TeachingGroup | None = None) -> JournalHead:
    found = group or world.group
    teacher = TeachingAssignment.objects.filter(group=found, ends_on=None)[0].teacher
    login = "teacher" if group is None else "head"
    actor = world.actor(login)
    assert login == "head" or teacher.pk == actor.person_id
    return open_journal(actor, found.uid)


def may(world: World, login: str, group: TeachingGroup) -> list[bool | None]:
    """What the two spellings say: None 404, else whether he may write."""
    found: list[bool | None] = []
    for opens in (open_group, open_journal):
        try:
            found.append(opens(world.actor(login), group.uid).can_write)  # type: ignore[operator]
        except NotFound:
            found.append(None)
    return found


def test_who_may_open_it_is_the_same_in_both_spellings(world: World) -> None:
    other = TeachingGroup.objects.filter(school=world.other_school)[0]
    answers = [may(world, login, group) for login in world.logins for group in (world.group, other)]
    assert all(first == second for first, second in answers)
    assert {first for first, _ in answers} == {None, True, False}
    TeachingAssignment.objects.filter(group=world.group).update(ends_on=clock.today(world.school.time_zone) - timedelta(days=1))
    assert may(world, "teacher", world.group) == [None, None]


def test_head_and_customs_are_those_of_the_tables(world: World) -> None:
    for group in (world.group, *TeachingGroup.objects.filter(school=world.school, school_class__name="1А")[:1]):
        head = head_of(world, None if group == world.group else group)
        assert list(head.customs.kinds) == work_kinds_of(group.school_id)
        assert list(head.customs.codes) == codes_of(group.school_id)
        assert head.customs.scale == scale_of_group(group.pk)
        terms = list(Term.objects.filter(scheme=group.term_scheme).order_by("number"))
        assert [(t.pk, t.starts_on, t.ends_on, t.closes_at) for t in head.terms] == [
            (t.pk, t.starts_on, t.ends_on, t.closes_at) for t in terms
        ]
    mine = list(groups_taught_by(world.actor("teacher")))
    assert head_of(world).mine == tuple((group.uid, group.name) for group in mine)


def test_entries_are_those_of_the_tables(world: World) -> None:
    for group in TeachingGroup.objects.filter(school_class=world.school_class, school=world.school):
        head = head_of(world, group)
        for term in head.terms[:2]:
            assert_same(grid_of(head, term.number), group, Term.objects.get(pk=term.pk))


def averages_of(group: TeachingGroup, term: Term) -> dict[int, Decimal | None]:
    """Each pupil's average of the term out of the plain tables."""
    entries: dict[int, list[tuple[Decimal | None, Decimal]]] = defaultdict(list)
    columns = Assessment.objects.filter(group=group, date__range=(term.starts_on, term.ends_on), kind="work", counts=True)
    marks = Mark.objects.filter(assessment__in=columns, status=Mark.Status.RECORDED, counts=True)
    for student, score, weight in marks.values_list("student_id", "score", "assessment__weight"):
        entries[student].append((score, weight))
    return {student: weighted_average(of_pupil) for student, of_pupil in entries.items()}


def assert_same(grid: Grid, group: TeachingGroup, term: Term) -> None:
    span = (term.starts_on, term.ends_on)
    marks = {
        (str(mark.student.uid), str(mark.assessment.uid)): (mark.code, mark.version, mark.comment)
        for mark in Mark.objects.filter(assessment__group=group, assessment__date__range=span, assessment__lesson__isnull=False)
        .select_related("student", "assessment")
    }  # fmt: skip
    records = AttendanceRecord.objects.filter(lesson__group=group, date__range=span).select_related("student", "lesson", "code")
    absences = {(str(r.student.uid), str(r.lesson.uid)): (r.code.code if r.code else "", r.version) for r in records}
    found_marks, found_absences = {}, {}
    for row in grid.rows:
        for column, cell in zip(grid.columns, row.cells, strict=True):
            if cell.version:
                found_marks[row.who.uid, column.uid] = (cell.code, cell.version, cell.comment)
            if cell.attendance_version:
                found_absences[row.who.uid, column.lesson] = (cell.attendance, cell.attendance_version)
    pupils = {row.who.uid for row in grid.rows}
    assert found_marks == {key: value for key, value in marks.items() if key[0] in pupils}
    shown_lessons = {column.lesson for column in grid.columns}
    assert found_absences == {key: v for key, v in absences.items() if key[0] in pupils and key[1] in shown_lessons}
    students = list(Enrollment.objects.filter(group=group).values_list("student_id", "student__uid"))
    averages = averages_of(group, term)
    expected = {str(uid): shown(averages.get(pk)) for pk, uid in students if str(uid) in pupils}
    assert {row.who.uid: row.average for row in grid.rows} == expected
    lessons = {str(lesson.uid): lesson for lesson in Lesson.objects.filter(group=group, date__range=span)}
    tasks = Homework.objects.filter(lesson__in=lessons.values()).values_list("lesson__uid", "text")
    texts = {str(uid): text for uid, text in tasks}
    for topic in grid.topics:
        assert (topic.topic, topic.homework) == (lessons[topic.uid].topic, texts.get(topic.uid, ""))


def test_days_outside_the_group_are_closed_cells(world: World) -> None:
    place = Enrollment.objects.get(group=world.group, student=world.anna)
    place.starts_on = world.lesson.date
    place.save(update_fields=["starts_on"])
    grid = grid_of(head_of(world), None)
    row = next(row for row in grid.rows if row.who.uid == str(world.anna.uid))
    outside = {column.on: cell.outside for column, cell in zip(grid.columns, row.cells, strict=True)}
    assert all(outside[on] == (on < world.lesson.date) for on in outside)
    assert any(outside.values())


def test_a_closed_term_is_locked_until_it_is_opened_again(world: World) -> None:
    term = Term.objects.get(scheme=world.group.term_scheme, number=1)
    assert grid_of(head_of(world), 1).about.can_write
    Term.objects.filter(pk=term.pk).update(closes_at=clock.now() - timedelta(hours=1))
    assert not grid_of(head_of(world), 1).about.can_write
    TermReopening.objects.create(
        term=term,
        group=world.group,
        open_until=clock.now() + timedelta(hours=1),
        at=clock.now(),
        by_id=world.person("head").pk,
        reason="Ошибка",
    )
    assert grid_of(head_of(world), 1).about.can_write
    assert grid_of(head_of(world), None).about.can_write


def test_sums_in_plain_numbers_are_exact() -> None:
    """Scores of three places and weights of two, as JSON brings them."""
    entries = [(4.005, 0.07), (3.333, 1.11), (5, 0.01), (2.675, 2.5), (0.1, 0.2)] * 40
    assert average_of_numbers(entries) == weighted_average((Decimal(str(a)), Decimal(str(b))) for a, b in entries)
    assert average_of_numbers([]) is None
    halves: dict[str, list[tuple[float, float]]] = defaultdict(list)
    halves["up"] = [(4.52, 1), (4.53, 1)]
    assert shown(average_of_numbers(halves["up"])) == "4.53"


def test_number_of_queries_is_fixed(world: World, django_assert_num_queries: object) -> None:
    client = world.client("teacher")
    client.get(f"/journal/{world.group.uid}/")
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert client.get(f"/journal/{world.group.uid}/").status_code == 200
    assert Assessment.objects.filter(group=world.group).exists()


@pytest.mark.parametrize("login", ["teacher", "head", "classteacher", "parent", "stranger"])
def test_the_short_way_and_the_ordinary_one_are_one_page(world: World, login: str) -> None:
    client = world.client(login)
    client.get("/account/devices/")
    for term in ("", "?term=1", "?term=9"):
        url = f"/journal/{world.group.uid}/{term}"
        quick, plain = client.get(url), ordinary(client, url)
        assert (quick.status_code, text(quick)) == (plain.status_code, text(plain))
        assert quick.headers.get("Content-Language") == plain.headers.get("Content-Language")
