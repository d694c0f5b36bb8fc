"""From an action to the mailbox: once, soon, in the reader's language, and nothing secret stays behind."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from anymail.exceptions import AnymailRecipientsRefused, AnymailUnsupportedFeature
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import override_settings

from classbook.common import clock
from classbook.common.messages_file import read_messages, write_message
from classbook.events.models import OutboxEvent
from classbook.notifications import actions
from classbook.notifications.actions import EMAIL, SMS, Address, forget_old_messages, send_message
from classbook.notifications.models import Delivery
from classbook.notifications.rules import masked, pause_after
from classbook.notifications.tasks import deliver_waiting

pytestmark = pytest.mark.django_db
MARINA = Address(EMAIL, "m.belova@example.org")
PHONE = Address(SMS, "+79000000001")


def tell(to: Address = MARINA, locale: str = "en", *, code: str = "123456", urgent: bool = True) -> Delivery:
    with transaction.atomic():
        send_message(to=to, template="contact-code", locale=locale, values={"code": code}, person_id=7, urgent=urgent)
    return Delivery.objects.latest("pk")


def later(**parts: float) -> None:
    clock.stand_on(clock.now() + timedelta(**parts))


def test_a_mail_arrives_once_in_the_readers_language_as_text_and_as_a_page() -> None:
    tell(locale="ru")
    assert deliver_waiting() == 1
    assert deliver_waiting() == 0
    (message,) = mail.outbox
    assert (message.subject, message.to) == ("Ваш код: 123456", ["m.belova@example.org"])
    assert "\n\n123456\n\n" in message.body
    html = message.alternatives[0][0]
    assert '<html lang="ru">' in html
    assert "font-size: 28px" in html.split("123456</p>")[0].rsplit("<p", 1)[1]
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_a_text_message_is_short_and_on_one_line() -> None:
    tell(PHONE)
    deliver_waiting()
    (message,) = read_messages()
    assert (message.kind, message.to, message.subject) == ("sms", "+79000000001", "")
    assert message.text == "Classbook: your code is 123456. It holds for 10 minutes. Tell it to nobody."


def test_what_has_left_keeps_kind_time_and_a_hidden_address_only() -> None:
    row = tell()
    assert row.text
    deliver_waiting()
    row.refresh_from_db()
    assert (row.subject, row.text, row.address, row.kind) == ("", "", "m…@example.org", "contact-code")
    assert row.sent_at is not None
    assert "123456" not in json.dumps(list(Delivery.objects.values()), default=str)
    assert OutboxEvent.objects.get(pk=row.event_id).data == {"kind": "contact-code"}
    # Equal addresses stay equal.
    assert tell().recipient == row.recipient != tell(PHONE).recipient


def test_with_the_transaction_or_not_at_all() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        send_message(to=MARINA, template="contact-code", locale="en", values={"code": "1"})
        raise RuntimeError
    assert deliver_waiting() == 0


def test_a_channel_that_is_off_is_not_used() -> None:
    with override_settings(CHANNELS=frozenset({"email"})), transaction.atomic():
        assert not actions.can_send(SMS)
        send_message(to=PHONE, template="contact-code", locale="en", values={"code": "1"})
    assert not Delivery.objects.exists()


def test_a_worker_that_dies_after_taking_a_message_does_not_lose_it() -> None:
    tell()
    (taken,) = actions.claimed_deliveries(10, set())
    assert taken.text
    # Another worker leaves it alone while the lease runs, and takes it up afterwards.
    assert deliver_waiting() == 0
    later(seconds=61)
    assert deliver_waiting() == 1
    assert len(mail.outbox) == 1
    # The first one wakes up again and has nothing to say any more.
    actions.put_back(taken, "late")
    assert Delivery.objects.get().sent_at is not None


def test_two_workers_never_take_the_same_message() -> None:
    for _number in range(3):
        tell()
    first, second = actions.claimed_deliveries(10, set()), actions.claimed_deliveries(10, set())
    taken = [next(first).pk, next(second).pk, next(first).pk]
    assert len(set(taken)) == 3
    assert [*first, *second] == []


class Mailbox:
    """A mail server that answers as it is told."""

    answer: Exception | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        self.fail_silently = False

    def open(self) -> bool:
        return True

    def close(self) -> None:
        return None

    def send_messages(self, messages: list[Any]) -> int:
        for message in messages:
            # A real one wants the bytes.
            message.message()
        if self.answer is not None:
            raise self.answer
        mail.outbox.extend(messages)
        return len(messages)


@pytest.fixture
def mailbox() -> Iterator[type[Mailbox]]:
    with override_settings(EMAIL_BACKEND="tests.notifications.test_delivery.Mailbox"):
        yield Mailbox
    Mailbox.answer = None


def test_a_server_that_is_away_is_tried_again_with_growing_pauses(mailbox: type[Mailbox]) -> None:
    tell(), tell(), tell(PHONE)
    mailbox.answer = ConnectionRefusedError("10.0.0.1")
    # The second mail is not even tried; the text message leaves.
    assert deliver_waiting() == 2
    assert [row.sent_at is not None for row in Delivery.objects.order_by("pk")] == [False, False, True]
    row = Delivery.objects.order_by("pk")[0]
    assert (row.error, row.attempts, row.text != "") == ("ConnectionRefusedError", 1, True)
    later(seconds=6)
    mailbox.answer = None
    assert deliver_waiting() == 2
    assert len(mail.outbox) == 2
    assert [pause_after(n).total_seconds() for n in (1, 2, 3, 20)] == [5, 15, 45, 7200]


@pytest.mark.parametrize(
    ("answer", "closed"),
    [
        (smtplib.SMTPRecipientsRefused({"x": (550, b"no such user m.belova@example.org")}), True),
        (smtplib.SMTPRecipientsRefused({"x": (450, b"greylisted")}), False),
        (smtplib.SMTPDataError(451, b"try later"), False),
        (AnymailRecipientsRefused("m.belova@example.org"), True),
        (AnymailUnsupportedFeature("no such header"), False),
        (KeyError("a provider's own fault, about m.belova@example.org"), False),
    ],
)
def test_a_mailbox_that_does_not_exist_is_given_up(mailbox: type[Mailbox], answer: Exception, closed: bool) -> None:
    mailbox.answer = answer
    row = tell()
    deliver_waiting()
    row.refresh_from_db()
    assert (row.given_up_at is not None, row.text == "") == (closed, closed)
    assert "belova" not in row.error


def test_a_code_of_yesterday_is_not_sent(mailbox: type[Mailbox]) -> None:
    code, notice = tell(), tell(urgent=False)
    later(minutes=31)
    assert deliver_waiting() == 2
    code.refresh_from_db(), notice.refresh_from_db()
    assert (code.given_up_at is not None, code.text, notice.sent_at is not None) == (True, "", True)


def test_codes_go_before_other_messages() -> None:
    slow, code = tell(urgent=False), tell()
    assert [row.pk for row in actions.claimed_deliveries(10, set())] == [code.pk, slow.pk]


def test_what_a_person_typed_cannot_become_a_header(mailbox: type[Mailbox]) -> None:
    tell(code="1\nBcc: all@example.org")
    deliver_waiting()
    assert mail.outbox[0].subject == "Your code is 1 Bcc: all@example.org"
    row = tell(Address(EMAIL, "a@b.example\nBcc: c@d.example"))
    deliver_waiting()
    row.refresh_from_db()
    assert (len(mail.outbox), row.given_up_at is not None, row.error) == (1, True, "BadHeaderError")


def test_a_providers_backend_sends_too() -> None:
    """django-anymail by the setting alone; its own test backend asks no network."""
    tell()
    with override_settings(EMAIL_BACKEND="anymail.backends.test.EmailBackend"):
        deliver_waiting()
    assert (Delivery.objects.get().sent_at is not None, mail.outbox[0].subject) == (True, "Your code is 123456")


def test_old_rows_go() -> None:
    tell()
    other = OutboxEvent.objects.create(kind="mark.recorded", created_at=clock.now())
    deliver_waiting()
    later(days=29)
    assert forget_old_messages() == 0
    later(days=2)
    forget_old_messages()
    assert not Delivery.objects.exists()
    assert OutboxEvent.objects.filter(pk=other.pk, dispatched_at=None).exists()


def test_read_only_sends_nothing() -> None:
    tell()
    with override_settings(READ_ONLY=True):
        assert deliver_waiting() == 0


def test_one_event_reaches_one_address_once() -> None:
    row = tell()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize(
    ("value", "shown"),
    [("m.belova@example.org", "m…@example.org"), ("+79000000001", "+7…01"), ("12", "…"), ("@x", "…@x")],
)
def test_an_address_is_hidden(value: str, shown: str) -> None:
    assert masked(value) == shown


def test_the_outbox_page_shows_the_newest_first_with_links(world: Any) -> None:
    visitor = world.client("nobody")
    assert visitor.get("/demo/outbox/").status_code == 404
    with override_settings(DEMO=True):
        assert "Nothing was sent yet" in visitor.get("/demo/outbox/").content.decode()
        write_message("sms", "+79000000001", "first")
        write_message("email", "a@b.example", "<b>Go to</b> http://localhost/x?a=1&b=2.\n\nBye", subject="Second")
        page = visitor.get("/demo/outbox/").content.decode()
    assert page.index("Second") < page.index("first")
    assert '<a href="http://localhost/x?a=1&amp;b=2">http://localhost/x?a=1&amp;b=2</a>.' in page
    assert "&lt;b&gt;Go to" in page
