"""Servers that lose or double on purpose: the harness has to catch them, or its silence proves nothing."""

from __future__ import annotations

import io
import itertools
import json
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from classbook.config.wsgi import application

_saves = itertools.count(1)


def losing(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Acknowledges each fourth save without doing it."""
    if environ["PATH_INFO"].endswith("/save/") and next(_saves) % 4 == 0:
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b"{}"]
    return application(environ, start_response)


def doubling(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Does each fourth save twice, as a server without operation ids does when an answer is lost."""
    if not environ["PATH_INFO"].endswith("/save/") or next(_saves) % 4:
        return application(environ, start_response)
    body = environ["wsgi.input"].read()
    answer = _do(environ, body, start_response)
    again = json.loads(body)
    again["op"] = f"{again['op'][:-1]}{'0' if again['op'][-1] != '0' else '1'}"
    for mark in again.get("marks", ()):
        mark |= {"seen": mark["seen"] + 1, "code": "2"}
    again.pop("columns", None)
    _do(environ, json.dumps(again).encode(), lambda *_: None)
    return answer


def overwriting(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Where another entry stands in the way it writes over it, as a server without versions does."""
    if not environ["PATH_INFO"].endswith("/save/"):
        return application(environ, start_response)
    body = json.loads(environ["wsgi.input"].read())
    while True:
        said: list[Any] = []
        answer = _do(environ, json.dumps(body).encode(), lambda *head, said=said: said.extend(head))
        if not said[0].startswith("409"):
            start_response(*said)
            return answer
        body["op"] = str(uuid.uuid4())
        for mark, conflict in zip(body["marks"], json.loads(b"".join(answer))["conflicts"], strict=True):
            mark["seen"] = conflict["version"]


def _do(environ: dict[str, Any], body: bytes, start_response: Callable[..., Any]) -> list[bytes]:
    given = environ | {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    return list(application(given, start_response))
