"""Noted reads come into the audit, each once, whoever writes and whoever is killed meanwhile."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from classbook.common.clock import now
from classbook.events import reading
from classbook.events.actions import add_to_outbox
from classbook.events.models import AuditEvent, Operation, OutboxEvent
from classbook.events.tasks import OPERATIONS_KEPT, forget_old_operations, run_once
from classbook.people.models import Session
from classbook.people.sessions import SessionStore

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: object) -> Path:
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    return tmp_path


def read(subject: int, actor: int = 7) -> None:
    reading.note_read(actor, "week", school_id=1, subject=("person", subject))


def noted() -> list[int | None]:
    rows = AuditEvent.objects.filter(kind="read.week", actor_id__in=range(1, 100)).order_by("subject_id")
    return list(rows.values_list("subject_id", flat=True))


def test_reads_come_into_the_audit_once(folder: Path) -> None:
    for subject in (1, 2, 2, 3):
        read(subject)
    assert (run_once(), run_once()) == (3, 0)
    assert noted() == [1, 2, 3]
    assert list(folder.glob("reads*")) == []


def test_a_worker_killed_after_the_insert_doubles_nothing(folder: Path) -> None:
    read(1)
    reading._take()
    (taken,) = folder.glob("reads-*.taken")
    shutil.copy(taken, folder / "kept")
    assert run_once() == 1
    # As if the worker had been killed between the commit and the removal of the file.
    shutil.move(folder / "kept", taken)
    assert run_once() == 0
    assert noted() == [1]
    assert list(folder.glob("reads*")) == []


def test_a_worker_killed_before_the_insert_loses_nothing(folder: Path) -> None:
    read(1)
    reading._take()
    read(2)
    assert run_once() == 2
    assert noted() == [1, 2]


def test_who_opened_the_file_before_it_was_taken_writes_to_the_new_one(folder: Path) -> None:
    read(1)
    early = os.open(folder / "reads.log", os.O_WRONLY | os.O_APPEND)
    reading._take()
    assert not reading._is_current(early)
    os.close(early)
    late = reading._open_to_write()
    assert reading._is_current(late)
    os.close(late)


def _write_many(actor: int) -> None:
    for subject in range(300):
        read(subject, actor)
    os._exit(0)


def test_four_writers_and_a_busy_worker_lose_and_double_nothing() -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_many, args=(actor,)) for actor in (1, 2, 3, 4)]
    for writer in writers:
        writer.start()
    rounds = 0
    while any(writer.is_alive() for writer in writers):
        rounds += run_once() > 0
    run_once()
    assert rounds > 1
    rows = AuditEvent.objects.filter(kind="read.week", actor_id__in=(1, 2, 3, 4)).values_list("actor_id", "subject_id")
    assert len(rows) == len(set(rows)) == 1200


def test_a_line_cut_short_spoils_no_other(folder: Path) -> None:
    read(1)
    with (folder / "reads.log").open("a") as file:
        file.write('["2026-11-19T10:00:00+00:00", 7, 1, "read.we')
    read(2)
    assert run_once() == 2
    assert noted() == [1, 2]


def test_nothing_is_written_while_the_site_is_read_only(folder: Path) -> None:
    read(1)
    with override_settings(READ_ONLY=True):
        assert run_once() == 0
    assert noted() == []
    assert run_once() == 1


def test_messages_wait_until_there_is_a_channel() -> None:
    add_to_outbox("test.kept", number=1)
    run_once()
    assert OutboxEvent.objects.get(kind="test.kept").dispatched_at is None


def test_old_operations_and_sessions_are_forgotten() -> None:
    for number, age in enumerate((OPERATIONS_KEPT + timedelta(days=1), OPERATIONS_KEPT - timedelta(days=1))):
        uid = f"00000000-0000-4000-8000-00000000000{number}"
        Operation.objects.create(uid=uid, actor_id=1, digest="", created_at=now() - age)
    assert forget_old_operations() == 1
    assert [str(row.uid)[-1] for row in Operation.objects.filter(actor_id=1, digest="")] == ["1"]
    Operation.objects.filter(actor_id=1, digest="").update(created_at=now() - OPERATIONS_KEPT * 2)
    assert forget_old_operations() == 1, "with no younger one behind them, too"
    for key, left in (("a", -1), ("b", 1)):
        Session.objects.create(key_hash=key, created_at=now(), seen_at=now(), expires_at=now() + timedelta(hours=left))
    SessionStore.clear_expired()
    assert list(Session.objects.values_list("key_hash", flat=True)) == ["b"]


def test_the_folder_of_the_notes_is_the_data_folder(folder: Path) -> None:
    assert reading._file().parent == Path(settings.DATA_DIR) == folder
