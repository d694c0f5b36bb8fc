"""The text gateway over a real loopback connection: what is asked, and what the answers mean."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import override_settings

from classbook.common.sms import SmsFailed, SmsRefused, send_sms

TEXT = 'Код 1 & "2" {to} ё'


class Gateway(HTTPServer):
    status, asked = 200, []  # type: ignore[var-annotated]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.server.asked.append((self.command, self.path, body, self.headers))  # type: ignore[attr-defined]
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *args: Any) -> None:
        return None


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    server = Gateway(("127.0.0.1", 0), Handler)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/send?to={{to}}"
    with override_settings(SMS="http", SMS_URL=url, SMS_BODY="", SMS_HEADER="Authorization: Bearer a:b"):
        yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_by_address(gateway: Gateway) -> None:
    with override_settings(SMS_URL=f"http://127.0.0.1:{gateway.server_port}/send?to={{to}}&text={{text}}"):
        send_sms("+79000000001", "a & b?")
    ((command, path, _body, headers),) = gateway.asked
    assert (command, parse_qs(urlsplit(path).query)) == ("GET", {"to": ["+79000000001"], "text": ["a & b?"]})
    assert headers["Authorization"] == "Bearer a:b"


def test_by_json(gateway: Gateway) -> None:
    with override_settings(SMS_BODY='{"phone": "{to}", "message": "{text}"}'):
        send_sms("+79000000001", TEXT)
    ((command, _path, body, headers),) = gateway.asked
    assert (command, json.loads(body)) == ("POST", {"phone": "+79000000001", "message": TEXT})
    assert headers["Content-Type"] == "application/json"


def test_by_form(gateway: Gateway) -> None:
    with override_settings(SMS_BODY="phone={to}&message={text}"):
        send_sms("+79000000001", TEXT)
    assert parse_qs(gateway.asked[0][2]) == {"phone": ["+79000000001"], "message": [TEXT]}


@pytest.mark.parametrize(("status", "error"), [(400, SmsRefused), (403, SmsRefused), (429, SmsFailed), (503, SmsFailed)])
def test_a_refusal_is_final_and_a_failure_is_not(gateway: Gateway, status: int, error: type[Exception]) -> None:
    gateway.status = status
    with pytest.raises(error) as told:
        send_sms("+79000000001", "123456")
    assert str(told.value) == f"The gateway answers {status}."


def test_no_redirect_is_followed(gateway: Gateway) -> None:
    gateway.status = 302
    with pytest.raises(SmsFailed):
        send_sms("+79000000001", "123456")
    assert len(gateway.asked) == 1


def test_a_gateway_that_is_away_is_tried_again() -> None:
    url = "http://127.0.0.1:9/{to}"
    with override_settings(SMS="http", SMS_URL=url, SMS_BODY="", SMS_HEADER=""), pytest.raises(SmsFailed) as told:
        send_sms("+79000000001", "123456")
    assert "7900" not in str(told.value)


def test_the_console_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    with override_settings(SMS="console"):
        send_sms("+79000000001", "hello")
    assert capsys.readouterr().out == "SMS to +79000000001: hello\n"


def test_without_a_way_out_nothing_is_said_to_be_sent() -> None:
    with override_settings(SMS="off"), pytest.raises(SmsFailed):
        send_sms("+79000000001", "hello")
