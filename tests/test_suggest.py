"""Completions of an address as somebody types it."""

import logging
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.test_lookup import look_up

pytestmark = pytest.mark.django_db


def suggest(client: Client, q: Any) -> Any:
    return client.post("/api/v1/lookup/suggest", {"q": q}, content_type="application/json")


def suggestions(client: Client, q: str) -> list[str]:
    found: list[str] = suggest(client, q).json()["suggestions"]
    return found


def test_the_street_first_then_its_numbers(client: Client, city: None) -> None:
    assert suggestions(client, "oli")[0] == "OLIVE ST"
    assert suggestions(client, "Olive St 19") == ["1900 OLIVE ST"]
    assert suggestions(client, "olive st 1915") == ["1915 OLIVE ST"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1915 oli", "1915 OLIVE ST"),
        ("1915 Olive Stre", "1915 OLIVE ST"),
        ("1915 Olvie", "1915 OLIVE ST"),
        ("south gra", "S GRAND BLVD"),
        ("s gra", "S GRAND BLVD"),
        ("grand", "S GRAND BLVD"),
        ("police h", "Police headquarters"),
    ],
)
def test_as_people_type(client: Client, city: None, typed: str, expected: str) -> None:
    assert expected in suggestions(client, typed)


@pytest.mark.parametrize("typed", ["1915 ol", "olive st 1", "police", "1 gra", "gra", "s", "o"])
def test_each_completion_is_understood(client: Client, city: None, typed: str) -> None:
    completions = suggestions(client, typed)
    assert completions
    for text in completions:
        assert look_up(client, address=text).status_code in (200, 422), text


@pytest.mark.parametrize(
    "typed", ["", " ", "?", ",,,,", "\u0301", "1 1 1 1", "x" * 300, "and and and", "1e9"]
)
def test_nothing_to_complete_is_an_empty_list(client: Client, city: None, typed: str) -> None:
    answer = suggest(client, typed)
    assert answer.status_code == 200
    assert answer.json()["suggestions"] == []


@pytest.mark.parametrize("q", [None, 7, ["a"], {}, "x" * 301])
def test_what_is_no_text_is_refused(client: Client, city: None, q: Any) -> None:
    if q == 7:
        assert suggest(client, q).status_code == 200, "a number is typed text too"
    else:
        assert suggest(client, q).status_code == 400


def test_nothing_is_kept(client: Client, city: None, caplog: pytest.LogCaptureFixture) -> None:
    suggest(client, "warm")
    caplog.set_level(logging.DEBUG)
    with CaptureQueriesContext(connection) as queries:
        answer = suggest(client, "1915 qwertz")
    assert answer["Cache-Control"] == "no-store"
    assert "qwertz" not in caplog.text + str(queries.captured_queries)
    assert len(queries) <= 1
