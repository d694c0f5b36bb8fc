"""A timetable becomes the lessons of the year: holidays, the school's own days, cycles, and what is written stays."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from classbook import profiles
from classbook.cli import cli
from classbook.common import clock
from classbook.imports.oneroster.run import import_package
from classbook.imports.oneroster.write import Options
from classbook.imports.timetable import TimetableImported, import_timetable
from classbook.lessons.models import Lesson
from classbook.schools.models import CalendarDay, School
from tests.imports.packages import SmallSchool

pytestmark = pytest.mark.django_db
HEAD = "dayName,periodName,startTime,endTime,classSourcedId,room,teacherSourcedIds\n"
MONDAYS = (
    HEAD + "Mon,1,08:30,09:15,m5A,R1,u-t\n" + "".join(f"{day},2,09:30,10:15,m5B,R1,u-t\n" for day in ("Tue", "Wed", "Thu", "Fri"))
)


@pytest.fixture
def school(tmp_path: Path) -> School:
    """The small school with the days off of Russia, before its year has begun."""
    clock.stand_on(datetime(2026, 8, 1, 12, tzinfo=ZoneInfo("Europe/Madrid")))
    options = Options(profiles.profile("russia"), 2026, "Europe/Madrid", "")
    import_package(SmallSchool().folder(tmp_path / "p"), options)
    return School.objects.get(origin="oneroster:tests")


def bring(tmp_path: Path, school: School, text: str, dates: str = "") -> TimetableImported:
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    if dates:
        (tmp_path / "d.csv").write_text("date,dayName\n" + dates, encoding="utf-8")
    return import_timetable(tmp_path / "t.csv", school.pk, tmp_path / "d.csv" if dates else None)


def days_of(name: str) -> set[date]:
    return set(Lesson.objects.filter(group__origin="oneroster:tests", group__name=name).values_list("date", flat=True))


def test_lessons_respect_public_holidays_and_the_schools_own_days(tmp_path: Path, school: School) -> None:
    CalendarDay.objects.create(school=school, date=date(2026, 10, 5), kind="off", name="День школы")
    # A Saturday on which Monday is taught.
    CalendarDay.objects.create(school=school, date=date(2026, 10, 10), kind="school", as_cycle_day="Mon")
    bring(tmp_path, school, MONDAYS)
    mondays, others = days_of("Mathematics 5A"), days_of("Mathematics 5B")
    assert {day.weekday() for day in mondays - {date(2026, 10, 10)}} == {0}
    assert date(2026, 10, 10) in mondays
    assert not {date(2026, 10, 5), date(2027, 2, 22)} & mondays
    # 4 November and 23 February are holidays of the country.
    assert not {date(2026, 11, 4), date(2027, 2, 23)} & others
    assert {date(2026, 11, 5), date(2027, 2, 24)} <= others


def test_a_cycle_goes_by_its_dates(tmp_path: Path, school: School) -> None:
    days = {f"{n}": date(2026, 9, n) for n in (1, 2, 3)} | {"4": date(2026, 11, 4)}
    text = HEAD + "A,1,08:30,09:15,m5A,,\nB,1,08:30,09:15,m5B,,\n"
    dates = "".join(f"{day},{'AB'[n % 2]}\n" for n, day in enumerate(days.values()))
    done = bring(tmp_path, school, text, dates)
    assert days_of("Mathematics 5A") == {days["1"], days["3"]}
    assert days_of("Mathematics 5B") == {days["2"]}
    assert done.notes == ("1 dates of the cycle are days off of the school and stay free: 2026-11-04.",)


def test_again_replaces_only_what_is_to_come_and_empty(tmp_path: Path, school: School) -> None:
    first = bring(tmp_path, school, MONDAYS)
    assert bring(tmp_path, school, MONDAYS).published.made == 0
    clock.stand_on(datetime(2026, 11, 19, 12, tzinfo=ZoneInfo("Europe/Madrid")))
    lessons = Lesson.objects.filter(group__origin="oneroster:tests", group__name="Mathematics 5A").order_by("date")
    written = lessons.filter(date__gt=date(2026, 11, 19))[0]
    Lesson.objects.filter(pk=written.pk).update(topic="Fractions")
    past = lessons.filter(date__lt=date(2026, 11, 19)).count()
    done = bring(tmp_path, school, MONDAYS.replace("08:30", "08:00"))
    assert done.published.removed == lessons.count() - past - 1
    assert done.published.made == done.published.removed < first.published.made
    assert Lesson.objects.get(pk=written.pk).topic == "Fractions"


def test_a_dry_run_of_the_command_keeps_nothing(tmp_path: Path, school: School) -> None:
    (tmp_path / "t.csv").write_text(MONDAYS, encoding="utf-8")
    told = CliRunner().invoke(cli, ["import", "timetable", str(tmp_path / "t.csv"), "--school", str(school.pk), "--dry-run"])
    assert told.exit_code == 0
    assert "This was a dry run: nothing is kept." in told.output.splitlines()
    assert not Lesson.objects.filter(group__origin="oneroster:tests").exists()
