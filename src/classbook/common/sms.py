"""Text messages: one function, three ways out. Real gateways are reached by a template of their address (settings)."""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.parse import quote, quote_plus

from django.conf import settings

from classbook.common.messages_file import write_message

SECONDS = 10
# The gateway asks for a later try with these; every other refusal is final.
LATER = frozenset({408, 425, 429})


class SmsRefused(Exception):
    """The gateway will never send this message. The text names no number."""


class SmsFailed(Exception):
    """It did not work this time."""


def send_sms(to: str, text: str) -> None:
    """Hand a message over. Raises SmsRefused or SmsFailed."""
    match settings.SMS:
        case "console":
            sys.stdout.write(f"SMS to {to}: {text}\n")
        case "file":
            write_message("sms", to, text)
        case "http":
            _ask(_request(to, text))
        case _:
            raise SmsFailed("There is no way out for text messages.")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The number and the code go to the address in the settings and nowhere else."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


def _request(to: str, text: str) -> urllib.request.Request:
    """The address with number and text in their places; with a body it is a POST, as JSON or as a form."""
    address = settings.SMS_URL.replace("{to}", quote(to, safe="")).replace("{text}", quote(text, safe=""))
    headers = dict([part.strip() for part in line.split(":", 1)] for line in [settings.SMS_HEADER] if line)
    body, is_json = settings.SMS_BODY, settings.SMS_BODY.lstrip().startswith("{")
    if not body:
        return urllib.request.Request(address, headers=headers)  # noqa: S310 - the settings let only https pass
    inside = (lambda value: json.dumps(value)[1:-1]) if is_json else quote_plus
    # The text last: what somebody wrote may look like a place.
    filled = body.replace("{to}", inside(to)).replace("{text}", inside(text))
    headers["Content-Type"] = "application/json" if is_json else "application/x-www-form-urlencoded"
    return urllib.request.Request(address, filled.encode(), headers)  # noqa: S310


def _ask(request: urllib.request.Request) -> None:
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=SECONDS):
            return
    except urllib.error.HTTPError as error:
        error.close()
        if 400 <= error.code < 500 and error.code not in LATER:
            raise SmsRefused(f"The gateway answers {error.code}.") from None
        raise SmsFailed(f"The gateway answers {error.code}.") from None
    except (OSError, HTTPException) as error:
        raise SmsFailed(type(error).__name__) from None
