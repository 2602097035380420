"""A process that serves from memory answers by what another process committed, a second later at the latest."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from backend.roster.files import Feature
from backend.roster.services import import_streets
from tests.roster.factories import box, draw, lat, lon

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

# Answers one line of JSON, a lookup's body, by one line: what the service says of it.
ANSWER = """
import sys
import django
django.setup()
from django.test import Client
client = Client()
for body in sys.stdin:
    answer = client.post("/api/v1/lookup", body, content_type="application/json")
    print("answer", answer.content.decode(), flush=True)
"""
WITHIN_SECONDS = 1.0

Ask = Callable[..., dict[str, Any]]


@contextmanager
def another_process() -> Iterator[Ask]:
    """ask(**body) → what another process, on the same database, answers to a lookup."""
    child = subprocess.Popen(
        [sys.executable, "-c", ANSWER],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database_url()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert child.stdin
    assert child.stdout
    questions, answers = child.stdin, child.stdout

    def ask(**body: Any) -> dict[str, Any]:
        print(json.dumps(body), file=questions, flush=True)
        said = next(line for line in answers if line.startswith("answer "))
        answer: dict[str, Any] = json.loads(said.removeprefix("answer "))
        return answer

    try:
        yield ask
    finally:
        child.kill()
        child.communicate()


def database_url() -> str:
    """The database of the tests, as the environment names one."""
    own = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{own['NAME']}"
    user = own["USER"] + (f":{quote(own['PASSWORD'], safe='')}" if own["PASSWORD"] else "")
    return f"postgres://{user}@{own['HOST']}:{own['PORT'] or 5432}/{own['NAME']}"


def answer_a_second_later(
    ask: Ask, done_at: float, is_new: Callable[[dict[str, Any]], bool], **body: Any
) -> None:
    """Asks until the answer is new. How long a new index takes to build is not counted: only a question that was
    put later than a second after the commit must be answered by it."""
    while True:
        asked_at = time.monotonic()
        answer = ask(**body)
        if is_new(answer):
            return
        assert asked_at - done_at <= WITHIN_SECONDS, (
            "a second after the commit, the answer was still the old one"
        )


def test_maps_and_streets_reach_every_process_within_a_second() -> None:
    draw("district", {"1": box(0, 0, 2000, 2000)})
    here = {"lat": lat(1000), "lon": lon(1000)}
    with another_process() as ask:
        assert ask(**here)["areas"][0]["code"] == "1"
        assert ask(address="150 Newly Paved St")["type"] == "address-not-found"

        draw("district", {"1": box(0, 0, 900, 2000), "2": box(900, 0, 2000, 2000)})
        redrawn_at = time.monotonic()
        answer_a_second_later(ask, redrawn_at, lambda answer: answer["areas"][0]["code"] == "2", **here)

        import_streets(features=[street()])
        paved_at = time.monotonic()
        answer_a_second_later(ask, paved_at, lambda answer: "match" in answer, address="150 Newly Paved St")


def street() -> Feature:
    ranges = {"lf": 100, "lt": 198, "rf": 101, "rt": 199}
    return Feature(
        {"id": "1", "pre": "", "street": "NEWLY PAVED", "type": "ST", **ranges},
        {"type": "LineString", "coordinates": [[lon(1000), lat(1000)], [lon(1200), lat(1000)]]},
    )
