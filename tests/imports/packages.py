"""Small OneRoster packages made for the tests, in the shape of real ones: both versions, folder or zip."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

Table = list[list[str]]

HEADS = {
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
    "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear",
    "courses": "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes",
    "classes": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,"
    "termSourcedIds,subjects,subjectCodes,periods",
    "users": "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,"
    "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password",
    "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate",
    "demographics": "sourcedId,status,dateLastModified,birthDate,sex",
    "lineItems": "sourcedId,status,dateLastModified,title,description,assignDate,dueDate,classSourcedId,categorySourcedId,"
    "gradingPeriodSourcedId,resultValueMin,resultValueMax",
    "results": "sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment",
    "roles": "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId",
}


class SmallSchool:
    """Two forms, one subject each and a mixed group; `tables` may be changed before it is written."""

    def __init__(self, pupils: int = 6) -> None:
        self.tables: dict[str, list[dict[str, str]]] = {name: [] for name in HEADS}
        self.add("orgs", sourcedId="o1", name="School of the tests", type="school")
        self.add("orgs", sourcedId="d1", name="Sciences", type="department", parentSourcedId="o1")
        self.session("y1", "2025-2026", "schoolYear", "2025-09-01", "2026-06-26", "")
        self.session("t1", "Autumn", "term", "2025-09-01", "2025-12-19", "y1")
        self.session("t2", "Spring", "term", "2026-01-05", "2026-06-26", "y1")
        self.add("courses", sourcedId="c-form", title="Forms", courseCode="F", orgSourcedId="o1", schoolYearSourcedId="y1")
        self.add("courses", sourcedId="c-math", title="Mathematics", courseCode="M", orgSourcedId="d1", schoolYearSourcedId="y1")
        for name in ("5A", "5B"):
            self.add_class(f"f{name}", name, "c-form", "homeroom")
            self.add_class(f"m{name}", f"Mathematics {name}", "c-math", "scheduled")
        self.add_class("mix", "Chess", "c-math", "scheduled")
        self.user("u-t", "teacher", "Ortega", "Lucia", "t.ortega")
        for form in ("5A", "5B"):
            self.place(f"t-f{form}", f"f{form}", "u-t", "teacher", primary="true")
            self.place(f"t-m{form}", f"m{form}", "u-t", "teacher", primary="true")
        for number in range(pupils):
            form = ("5A", "5B")[number % 2]
            self.user(f"u-s{number}", "student", "Young", f"Pupil {number}", f"s{number}", grades="05")
            self.place(f"s{number}-f", f"f{form}", f"u-s{number}", "student")
            self.place(f"s{number}-m", f"m{form}", f"u-s{number}", "student")
            self.add("demographics", sourcedId=f"u-s{number}", birthDate=f"2015-03-{number % 28 + 1:02}", sex="female")
        self.place("s0-x", "mix", "u-s0", "student")
        self.place("s1-x", "mix", "u-s1", "student")
        self.user("u-g", "guardian", "Young", "Robin", "g.young", agentSourcedIds="u-s0,u-s1")
        self.row("users", "u-s0")["agentSourcedIds"] = "u-g"

    def add(self, table: str, **cells: str) -> None:
        self.tables[table].append(cells)

    def session(self, pk: str, title: str, kind: str, first: str, last: str, parent: str) -> None:
        self.add(
            "academicSessions", sourcedId=pk, title=title, type=kind, startDate=first, endDate=last, parentSourcedId=parent,
            schoolYear="2026",
        )  # fmt: skip

    def add_class(self, pk: str, title: str, course: str, kind: str) -> None:
        self.add(
            "classes", sourcedId=pk, title=title, grades="05", courseSourcedId=course, classType=kind, schoolSourcedId="o1",
            termSourcedIds="t1,t2",
        )  # fmt: skip

    def user(self, pk: str, role: str, family: str, given: str, login: str, **more: str) -> None:
        self.add(
            "users", sourcedId=pk, enabledUser="true", orgSourcedIds="o1", role=role, username=login, familyName=family,
            givenName=given, email=f"{login}@example.org", **more,
        )  # fmt: skip

    def place(self, pk: str, class_id: str, user: str, role: str, **more: str) -> None:
        self.add(
            "enrollments", sourcedId=pk, classSourcedId=class_id, schoolSourcedId="o1", userSourcedId=user, role=role, **more
        )

    def row(self, table: str, pk: str) -> dict[str, str]:
        return next(row for row in self.tables[table] if row["sourcedId"] == pk)

    def remove(self, table: str, pk: str) -> None:
        self.tables[table].remove(self.row(table, pk))

    def files(self, version: str = "1.1", mode: str = "bulk") -> dict[str, str]:
        """The package's texts by file name."""
        heads = dict(HEADS)
        tables = dict(self.tables)
        if version == "1.2":
            heads["users"] = heads["users"].replace("orgSourcedIds,role,", "")
            tables["roles"] = [
                {"sourcedId": f"r-{u['sourcedId']}", "userSourcedId": u["sourcedId"], "roleType": "primary",
                 "role": u["role"], "orgSourcedId": u["orgSourcedIds"]}
                for u in tables["users"]
            ]  # fmt: skip
        present = [name for name in heads if tables[name]]
        lines = [["propertyName", "value"], ["manifest.version", "1.0"], ["oneroster.version", version]]
        lines += [[f"file.{name}", mode if name in present else "absent"] for name in heads]
        lines += [["source.systemCode", "tests"]]
        return {"manifest.csv": _csv(lines)} | {
            f"{name}.csv": _csv(
                [heads[name].split(","), *([row.get(c, "") for c in heads[name].split(",")] for row in tables[name])]
            )
            for name in present
        }

    def folder(self, path: Path, version: str = "1.1", mode: str = "bulk") -> Path:
        path.mkdir(parents=True, exist_ok=True)
        for name, text in self.files(version, mode).items():
            (path / name).write_text(text, encoding="utf-8")
        return path

    def zip(self, path: Path, version: str = "1.1") -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in self.files(version).items():
                archive.writestr(f"package/{name}", text)
        return path


SUBJECTS = (
    "Mathematics", "Language", "Literature", "English", "History", "Geography", "Biology", "Physics", "Chemistry", "Computing",
    "Music", "Art", "Sport", "Technology", "Civics", "Health",
)  # fmt: skip
DAYS, PERIODS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"), 7


class LargeSchool(SmallSchool):
    """A school of `classes` forms with 25 pupils, two guardians for each, every subject, and a timetable of five days."""

    def __init__(self, classes: int = 40) -> None:
        self.tables = {name: [] for name in HEADS}
        self.timetable: list[dict[str, str]] = []
        self.add("orgs", sourcedId="o1", name="Large school of the tests", type="school")
        self.session("y1", "2025-2026", "schoolYear", "2025-09-01", "2026-06-26", "")
        self.session("t1", "Autumn", "term", "2025-09-01", "2025-12-19", "y1")
        self.session("t2", "Spring", "term", "2026-01-05", "2026-06-26", "y1")
        self.add("courses", sourcedId="c-form", title="Forms", courseCode="F", orgSourcedId="o1", schoolYearSourcedId="y1")
        for number, subject in enumerate(SUBJECTS):
            self.add("courses", sourcedId=f"c{number}", title=subject, courseCode=f"C{number}", orgSourcedId="o1")
        for number in range(classes * 2):
            self.user(f"u-t{number}", "teacher", "Teacher", f"Number {number}", f"t{number}")
        for number in range(classes):
            self._form(number, classes * 2)

    def _form(self, number: int, teachers: int) -> None:
        name = f"{number // 4 + 1}{'ABCD'[number % 4]}"
        self.add_class(f"f{number}", name, "c-form", "homeroom")
        self.place(f"t-f{number}", f"f{number}", f"u-t{number}", "teacher", primary="true")
        pupils = [f"u-s{number * 25 + place}" for place in range(25)]
        for place, pupil in enumerate(pupils):
            self._pupil(pupil, number, place)
        for course, subject in enumerate(SUBJECTS):
            group = f"m{number}-{course}"
            self.add_class(group, f"{subject} {name}", f"c{course}", "scheduled")
            self.place(f"t-{group}", group, f"u-t{(number + course * 5) % teachers}", "teacher")
            for pupil in pupils:
                self.place(f"{pupil}-{group}", group, pupil, "student")
        for slot in range(len(DAYS) * PERIODS):
            hour = 8 + slot % PERIODS
            self.timetable.append(
                {"dayName": DAYS[slot // PERIODS], "periodName": f"Period {slot % PERIODS + 1}", "startTime": f"{hour:02}:30",
                 "endTime": f"{hour + 1:02}:15", "classSourcedId": f"m{number}-{slot % len(SUBJECTS)}", "room": f"R{number}"}
            )  # fmt: skip

    def _pupil(self, pupil: str, form: int, place: int) -> None:
        parents = [f"{pupil}-g{one}" for one in (1, 2)]
        agents = ",".join(parents)
        self.user(
            pupil, "student", f"Family {place}", f"Pupil {form}", pupil[2:], grades=f"{form // 4 + 1:02}", agentSourcedIds=agents
        )
        self.place(f"{pupil}-f", f"f{form}", pupil, "student")
        self.add("demographics", sourcedId=pupil, birthDate=f"2012-03-{place % 28 + 1:02}", sex="female")
        for parent in parents:
            self.user(parent, "guardian", f"Family {place}", f"Parent of {form}", parent[2:], agentSourcedIds=pupil)

    def write_timetable(self, path: Path) -> Path:
        """The timetable as the import reads it."""
        columns = ["dayName", "periodName", "startTime", "endTime", "classSourcedId", "room", "teacherSourcedIds"]
        path.write_text(_csv([columns, *([row.get(c, "") for c in columns] for row in self.timetable)]), encoding="utf-8")
        return path


def _csv(rows: Table) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
