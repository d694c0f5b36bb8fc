"""The pages of things that went wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory

from classbook.web.errors import server_error
from tests.world import World


def unreachable(execute: Callable[..., Any], *args: Any) -> Any:
    raise OperationalError("the server closed the connection unexpectedly")


def page_without_database(client: Client, path: str) -> HttpResponse:
    client.raise_request_exception = False
    with connection.execute_wrapper(unreachable):
        return client.get(path)  # type: ignore[return-value]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "said"), [("en", "away for a moment"), ("ru", "ненадолго недоступен"), ("ja", "接続できません")]
)
def test_a_database_that_does_not_answer_gets_a_page_that_asks_it_nothing(world: World, language: str, said: str) -> None:
    client = world.client("teacher")
    client.cookies["classbook-language"] = language
    answer = page_without_database(client, "/today/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "15")
    assert said in answer.content.decode()
    assert "Петрова" not in answer.content.decode()


def test_a_mistake_of_ours_is_no_outage() -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        answer = server_error(RequestFactory().get("/today/"))
    assert answer.status_code == 500
    assert "Retry-After" not in answer.headers
    assert 'href="/today/"' in answer.content.decode()


@pytest.mark.django_db
def test_a_stranger_and_a_wrong_address_read_the_same(world: World) -> None:
    client = world.client("stranger")
    texts = set()
    for path in (f"/diary/{world.anna.uid}/", "/diary/00000000-0000-4000-8000-000000000000/", "/nothing/"):
        answer = client.get(path)
        assert answer.status_code == 404
        texts.add(answer.content.decode().replace(path, ""))
    assert len({text[text.index("<main") : text.index("</main")] for text in texts}) == 1
