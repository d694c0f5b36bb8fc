"""The people behind the demo's sign-ins, and the small stories that pages should show."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from django.contrib.auth.hashers import make_password

from classbook.accounts.models import Consent, ConsentText, Invitation, SchoolApplication
from classbook.accounts.queries.consents import text_of
from classbook.accounts.queries.letters import letters_key
from classbook.accounts.rules import VALID_DAYS, code_from, hash_of_code
from classbook.attendance.models import AttendanceRecord
from classbook.common import clock
from classbook.common.snils import is_snils
from classbook.demo.names import Name, feminine
from classbook.demo.people import Cast, uid
from classbook.demo.school import Built
from classbook.demo.week import tell_week
from classbook.grading.models import Mark, MarkChange
from classbook.homework.models import Homework, HomeworkDone
from classbook.lessons.models import ClassNotice, Lesson, Remark, Room, Substitution
from classbook.people.models import AccessBan, Account, Contact, Guardianship, Person, TrustedPerson
from classbook.people.rules import sort_key
from classbook.schools.models import ClassPlacement, Enrollment, Position, Region
from classbook.web.demo import DEMO_SEED, FATHER_SEED, LOGINS, YOUNG_SEED

Link = tuple[Person, Person, str]


class Personas:
    """Names the seventeen people of the sign-in table and gives each a story."""

    def __init__(self, region: Region, first: Built, second: Built, cast: Cast, random: Random, now: datetime) -> None:
        self.region, self.first, self.second = region, first, second
        self.cast, self.random, self.now = cast, random, now
        self.today = now.date()
        self.who: dict[str, Person] = {}

    def _class(self, built: Built, name: str) -> int:
        return next(i for i, row in enumerate(built.classes) if row.name == name)

    def name_pupils(self) -> None:
        """Anna and Daria in 7Б, Anna's little brother in the small school, a pupil of eighteen in 11А."""
        anna = self.first.pupils[self._class(self.first, "7Б")][0]
        _rename(anna, Name("Белова", "Анна", "Дмитриевна", female=True))
        leo = self.second.pupils[self._class(self.second, "3年")][0]
        _rename(leo, Name("Белов", "Лев", "Дмитриевич"))
        young = _beside(self.first.pupils[self._class(self.first, "7Б")], sort_key("Воронцова", "Дарья"))
        _rename(young, Name(feminine("Воронцов"), "Дарья", "Олеговна", female=True))
        young.birth_date = date(2014, 5, 17)
        adult = self.first.pupils[self._class(self.first, "11А")][0]
        adult.birth_date = _years_before(self.today, 18)
        self.who |= {"pupil": anna, "leo": leo, "young": young, "adultpupil": adult}

    def name_guardians(self, links: list[Link]) -> list[Link]:
        """The parents of Anna and Leo are one mother and one father who live apart; others find their roles here."""
        anna, leo, adult = (self.who[key] for key in ("pupil", "leo", "adultpupil"))
        kept = self._father_of_young([link for link in links if link[1] not in (anna, leo)])
        gone = {id(link[0]) for link in links if link[1] in (anna, leo)}
        self.cast.persons = [person for person in self.cast.persons if id(person) not in gone]
        mother = self.cast.add(Name(feminine("Белов"), "Марина", "Игоревна", female=True), born=date(1987, 3, 14))
        father = self.cast.add(Name("Белов", "Дмитрий", "Олегович"), born=date(1985, 7, 2))
        mate = self.first.pupils[self._class(self.first, "7Б")][1]
        banned = self.cast.add(Name("Туманов", "Виктор", "Юрьевич"), born=date(1980, 1, 20))
        stranger = next(guardian for guardian, student, _ in kept if student in self.second.pupils[0])
        self.who |= {"parent": mother, "parent2": father, "banned": banned, "stranger": stranger, "mate": mate}
        self.who["adult_parent"] = next((g for g, s, _ in kept if s is adult), mother)
        own = [(mother, anna, "mother"), (father, anna, "father"), (mother, leo, "mother")]
        return [*kept, *own, (banned, mate, "guardian")]

    def _father_of_young(self, links: list[Link]) -> list[Link]:
        """Daria's parents become the Vorontsovs. Nobody comes or goes for it, so that the rest of the world stays as it falls."""
        young = self.who["young"]
        parents = [link for link in links if link[1] is young]
        father = next((link for link in parents if link[2] == "father"), parents[0])
        for guardian, _student, _relation in parents:
            _rename(guardian, Name(feminine("Воронцов"), guardian.given_name, guardian.middle_name, female=True))
        oleg = self.who["oleg"] = father[0]
        _rename(oleg, Name("Воронцов", "Олег", "Андреевич"))
        oleg.birth_date = date(1983, 9, 21)
        return [(link[0], link[1], "father") if link is father else link for link in links]

    def give_positions(self) -> None:
        """Teachers are found among the staff; the others are hired."""
        first = self.first
        index = self._class(first, "7Б")
        leader = first.classes[index].class_teacher
        assert leader is not None
        units = {d.course_code: d for d in _units_of(first, index)}
        self.who["classteacher"] = leader
        leading = {row.class_teacher_id for row in first.classes}
        others = [unit for unit in units.values() if unit.teacher != leader]
        others.sort(key=lambda unit: (unit.course_code != "math", unit.teacher.pk in leading))
        self.who["teacher"] = others[0].teacher
        _rename(self.who["teacher"], Name("Петрова", "Ольга", "Сергеевна", female=True), save=True)
        Person.objects.filter(pk=self.who["teacher"].pk).update(sex=Person.Sex.FEMALE)
        hired = {
            "head": ("Корнилова", "Елена", "Павловна"), "deputy": ("Рощина", "Ирина", "Андреевна"),
            "office": ("Лукина", "Татьяна", "Юрьевна"), "it": ("Жилин", "Антон", "Максимович"),
            "nurse": ("Осипова", "Вера", "Николаевна"), "psychologist": ("Ларина", "Юлия", "Денисовна"),
            "authority": ("Седов", "Михаил", "Викторович"),
        }  # fmt: skip
        for role, (family, given, middle) in hired.items():
            person = self.cast.add(Name(family, given, middle, female=family.endswith("а")))
            self.who[role] = person
        self.cast.write()
        starts = first.year.starts_on
        Position.objects.bulk_create(
            Position(person=self.who[role], role=role, starts_on=starts,
                     **({"region": self.region} if role == "authority" else {"school": first.school}))
            for role in hired
        )  # fmt: skip

    def move_pupils(self) -> None:
        """In 7Б the last pupil left at the end of the first quarter; the one before joined after the holidays."""
        pupils = self.first.pupils[self._class(self.first, "7Б")]
        left, joined = pupils[-1], pupils[-2]
        starts, ends = self.first.year.starts_on, self.first.year.ends_on
        # In the first days of a school year they move within these.
        last = max(starts, min(date(starts.year, 10, 24), self.today - timedelta(days=12)))
        first = min(self.today, last + timedelta(days=10))
        self.first.stays |= {left.pk: (starts, last), joined.pk: (first, ends)}
        for model in (ClassPlacement, Enrollment):
            model.objects.filter(student=left).update(ends_on=last)
            model.objects.filter(student=joined).update(starts_on=first)

    def change_lessons(self) -> set[int]:
        """Today's changes of the plan; answers the lessons that are still to be filled in by the teacher."""
        lessons = Lesson.objects.filter(school=self.first.school, group__school_class__name="7Б", date=self.today)
        plan = list(lessons.exclude(teacher=self.who["teacher"]).order_by("period"))
        busy = set(
            Lesson.objects.filter(school=self.first.school, date=self.today, period=plan[0].period).values_list(
                "teacher_id", flat=True
            )
        )
        staff = {t.pk: t for unit in self.first.teachers.values() for t in unit}
        known = {self.who[key].pk for key in ("teacher", "classteacher")} | busy
        self.who["substitute"] = next(t for pk, t in sorted(staff.items()) if pk not in known)
        head = self.who["head"]
        _change(plan[0], head, teacher=self.who["substitute"], reason="Больничный")
        if len(plan) > 2:
            _change(plan[-1], head, note="Урока не будет: класс идёт домой после предыдущего", cancelled=True)
            hall = Room.objects.create(school=self.first.school, name="актовый зал")
            _change(plan[-2], head, room=hall, note="Урок в актовом зале")
        self._quarantine()
        own = Lesson.objects.filter(teacher=self.who["teacher"], date__lte=self.today).order_by("-date", "-period")
        return {*own.values_list("pk", flat=True)[:3], plan[0].pk}

    def _quarantine(self) -> None:
        monday = self.today - timedelta(days=self.today.weekday())
        row = self.first.classes[self._class(self.first, "5В")]
        ClassNotice.objects.create(
            school=self.first.school, school_class=row, kind=ClassNotice.Kind.QUARANTINE, starts_on=monday,
            ends_on=monday + timedelta(days=6), by=self.who["nurse"],
            text="Карантин по гриппу, приказ школы. Уроки идут из дома; отметки и посещаемость — как обычно.",
        )  # fmt: skip
        Lesson.objects.filter(group__school_class=row, date__range=(monday, monday + timedelta(days=6))).update(is_remote=True)

    def give_numbers(self) -> None:
        """The SNILS of those who are also citizens of the demo's portal (portal/data/demo.toml)."""
        numbers = {
            "parent": "11203450784", "pupil": "17623450872", "leo": "18452036768", "oleg": "13425061825", "young": "17834520993",
        }  # fmt: skip
        for login, number in numbers.items():
            assert is_snils(number)
            Person.objects.filter(pk=self.who[login].pk).update(snils=number)

    def tell_stories(self) -> None:
        """Rights, a ban, one who joined and one who left, a corrected mark, remarks, ticks."""
        anna = self.who["pupil"]
        starts = self.first.year.starts_on
        Guardianship.objects.filter(guardian=self.who["parent2"], student=anna).update(can_excuse=False, can_sign=False)
        for scope in (AccessBan.Scope.CONTACTS, AccessBan.Scope.REASONS):
            AccessBan.objects.create(person=self.who["parent2"], student=anna, scope=scope, starts_on=starts,
                                     reason="Соглашение родителей", set_by=self.who["head"])  # fmt: skip
        AccessBan.objects.create(person=self.who["banned"], student=self.who["mate"], scope=AccessBan.Scope.ALL,
                                 starts_on=starts, reason="Решение суда", set_by=self.who["head"])  # fmt: skip
        birthday = self.who["adultpupil"].birth_date
        Guardianship.objects.filter(student=self.who["adultpupil"]).update(ends_on=self.today - timedelta(days=1), by_hand=True)
        assert birthday is not None
        Contact.objects.bulk_create(
            [Contact(person=self.who["parent"], kind="phone", value="+79000000001", confirmed_at=self.now),
             Contact(person=self.who["parent"], kind="email", value="m.belova@example.org", confirmed_at=self.now),
             Contact(person=self.who["parent2"], kind="phone", value="+7 900 000-00-02")]
        )  # fmt: skip
        tell_week(anna, self.first, self.now)
        self._corrected_mark(anna)
        self._remarks(anna)
        done = Homework.objects.filter(group__enrollments__student=anna, due_on__lte=self.today).order_by("-due_on", "pk")[:12]
        HomeworkDone.objects.bulk_create(HomeworkDone(homework=h, student=anna, done_at=h.given_at) for h in list(done)[4:])

    def trust_grandmother(self) -> None:
        """Anna's mother lets the grandmother see timetable and homework."""
        anna, since = self.who["pupil"], self.now - timedelta(days=20)
        name = Name("Белова", "Нина", "Петровна", female=True)
        grandma = Person.objects.create(
            uid=uid(self.random), family_name=name.family, given_name=name.given, middle_name=name.middle, sex=Person.Sex.FEMALE,
            sort_key=sort_key(name.family, name.given, name.middle), birth_date=date(1958, 5, 9), created_at=since,
        )  # fmt: skip
        self.who["grandma"] = grandma
        TrustedPerson.objects.create(
            person=grandma, student=anna, invited_by=self.who["parent"], starts_on=since.date(),
            ends_on=self.today + timedelta(days=200),
        )  # fmt: skip
        shown = text_of("trusted", "ru")
        values = {"valid_from": shown.valid_from, "text": shown.text}
        text, _ = ConsentText.objects.get_or_create(
            kind=shown.kind, language=shown.language, version=shown.version, defaults=values
        )
        Consent.objects.create(uid=uid(self.random), person=grandma, text=text, about=anna, given_at=since)

    def _corrected_mark(self, anna: Person) -> None:
        mark = Mark.objects.filter(student=anna, code="4").order_by("-assessment__date", "pk").first()
        if mark is None:
            return
        teacher = self.first.teacher_of[mark.assessment.group_id]
        five = self.first.scale.levels.get(code="5")
        Mark.objects.filter(pk=mark.pk).update(version=2, code="5", score=five.score, band=five.band)
        MarkChange.objects.create(mark=mark, version=2, at=self.now - timedelta(hours=3), by_id=teacher.pk, status="recorded",
                                  code="5", score=five.score, comment=mark.comment, reason="Ошибка при переносе из тетради")  # fmt: skip

    def _remarks(self, anna: Person) -> None:
        leader, school = self.who["classteacher"], self.first.school
        sayings = (("praise", "Спасибо за помощь в подготовке праздника."), ("note", "В пятницу классный час, форма парадная."))
        for back, (kind, text) in enumerate(sayings):
            day = self.today - timedelta(days=back)
            Remark.objects.create(uid=uid(self.random), school=school, student=anna, date=day, kind=kind, text=text, author=leader,
                                  created_at=self.now - timedelta(days=back))  # fmt: skip
        for record in AttendanceRecord.objects.filter(school=school, code__kind="late").order_by("pk")[:40:8]:
            Remark.objects.create(uid=uid(self.random), school=school, student_id=record.student_id, date=record.date, kind="remark",
                                  text="Опаздывает на первый урок не в первый раз.", author=leader, created_at=self.now)  # fmt: skip

    def apply_for_a_school(self) -> None:
        """A school of the region waits for the authority's answer."""
        SchoolApplication.objects.create(
            uid=uid(self.random), number=f"{self.random.randrange(10**8):08}", code_hmac="none", region=self.region, school_name="Гимназия № 3",
            town="Заозёрск", address="Садовая улица, 4", head_name="Громова Лидия Петровна", email="gimnazia3@example.org",
            phone="+7 423 200-00-03", pupils=640, note="Сейчас ведём журнал на бумаге; хотим начать со второй четверти.",
            family_name="Соколова", given_name="Инна", middle_name="Львовна", born=date(1990, 2, 3), locale="ru",
            state=SchoolApplication.State.OPEN, created_at=self.now - timedelta(days=2), confirmed_at=self.now - timedelta(days=2),
        )  # fmt: skip

    def open_accounts(self) -> None:
        """Sign-ins of the table have passwords; nobody else can sign in."""
        Account.objects.bulk_create(
            Account(
                person=self.who[login],
                login=login,
                password=make_password(f"demo-{login}"),
                created_at=self.now,
                first_used_at=self.now - timedelta(days=50),
            )
            for login in LOGINS
        )
        # Father and daughter come in by their letters and the portal.
        named = {self.who[login].pk for login in (*LOGINS, "oleg", "young")}
        rest = Person.objects.exclude(pk__in=named).order_by("pk").values_list("pk", flat=True)
        Account.objects.bulk_create(
            (
                Account(person_id=pk, login=f"p{pk:05}", password="!", created_at=self.now,
                        first_used_at=self.now - timedelta(days=pk % 60))
                for pk in rest if pk % 3
            ),
            batch_size=2000,
        )  # fmt: skip
        self._hand_out_letters()

    def _hand_out_letters(self) -> None:
        """In 7Б some families have not signed in: one letter is over, one is out, one can be tried by a visitor."""
        first = self.first
        told = (self.who["mate"], self.who["young"])
        pupils = [p.pk for p in first.pupils[self._class(first, "7Б")] if p not in told]
        links = Guardianship.objects.filter(student_id__in=pupils, guardian__account=None).order_by("student_id", "pk")
        some = list(links)
        mother = next((link for link in some[2:] if link.relation == "mother"), None)
        seeds = (("over", 20), ("out", 4), (DEMO_SEED, 2))
        for link, (seed, days) in zip([*some[:2], *([mother] if mother else [])], seeds, strict=False):
            self._letter(link.guardian_id, link.student_id, seed, days)
        self._letter(self.who["oleg"].pk, self.who["young"].pk, FATHER_SEED, 2)
        self._letter(self.who["young"].pk, None, YOUNG_SEED, 2)
        if mother:
            _spell_otherwise(mother.guardian)

    def _letter(self, person: int, student: int | None, seed: str, days: int) -> None:
        at, key = self.now - timedelta(days=days), letters_key()
        Invitation.objects.create(
            uid=uid(self.random), person_id=person, student_id=student, school=self.first.school,
            role="guardian" if student else "pupil", code_hmac=hash_of_code(key, code_from(key, seed)),
            issued_by=self.who["classteacher"], issued_at=at, printed_at=at, expires_at=at + timedelta(days=VALID_DAYS),
        )  # fmt: skip


def _beside(pupils: list[Person], key: str) -> Person:
    """The pupil who can take a name without the order of the class changing, on which other dice hang."""
    # Anna, her classmate of another story, and the two who move.
    free = sorted(pupils[2:-2], key=lambda one: one.sort_key)
    order = sorted(pupils, key=lambda one: one.sort_key)
    at = sum(one.sort_key < key for one in order)
    return next((one for one in (*order[at : at + 1], *order[at - 1 : at]) if one in free), free[0])


def _spell_otherwise(mother: Person) -> None:
    """The mother of the letter that visitors can try is a citizen of the demo's portal, where one letter of her name differs."""
    mother.snils = "12045673125"
    _rename(mother, Name("Семёнова", "Наталья", "Павловна", female=True), save=True)


def _rename(person: Person, name: Name, *, save: bool = False) -> None:
    person.family_name, person.given_name, person.middle_name = name.family, name.given, name.middle
    person.family_reading = person.given_reading = ""
    person.sex = Person.Sex.FEMALE if name.female else Person.Sex.MALE
    person.sort_key = sort_key(name.family, name.given, name.middle)
    if save:
        person.save()


def _years_before(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=min(day.day, 28)) - timedelta(days=20)


class _Unit:
    def __init__(self, course_code: str, teacher: Person) -> None:
        self.course_code, self.teacher = course_code, teacher


def _units_of(built: Built, index: int) -> list[_Unit]:
    row = built.classes[index]
    return [_Unit(built.course_of[g.pk].code, built.teacher_of[g.pk]) for g in built.groups if g.school_class_id == row.pk]


def _change(
    lesson: Lesson, by: Person, *, teacher: Person | None = None, room: Room | None = None, note: str = "",
    reason: str = "", cancelled: bool = False,
) -> None:  # fmt: skip
    Substitution.objects.create(
        lesson=lesson,
        planned_teacher_id=lesson.teacher_id,
        planned_room_id=lesson.room_id,
        note=note,
        reason=reason,
        by=by,
        at=clock.now(),
    )
    if teacher:
        lesson.teacher = teacher
    if room:
        lesson.room = room
    if cancelled:
        lesson.status = Lesson.Status.CANCELLED
    lesson.save(update_fields=["teacher", "room", "status"])
