"""What tests of concerns share: how one is told over HTTP, and what comes of it."""

import re
from typing import Any

import pytest
from django.core.cache import cache

from backend.roster import editions
from tests.concerns.reporters import JSON, NUMBER
from tests.notifications.conftest import from_twilio, text_in, twilio  # noqa: F401

TEXT = "Cars run the light here."


def tell(client: Any, headers: Any = None, **body: Any) -> Any:
    """The answer to somebody who tells of traffic, if `body` says nothing else."""
    told = {"category": "traffic", "description": TEXT, **body}
    return client.post("/api/v1/concerns", told, JSON, headers=headers)


def taken(client: Any, **body: Any) -> dict[str, Any]:
    """The same in District 4, and taken: what the answer holds."""
    answer = tell(client, **{"area": "slmpd-district-4", **body})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def categories(client: Any, **query: str) -> Any:
    """What is said before anything is typed."""
    return client.get("/api/v1/concern-categories", query)


def category(client: Any, slug: str) -> dict[str, Any]:
    found: dict[str, Any] = next(c for c in categories(client).json()["categories"] if c["slug"] == slug)
    return found


def listed(client: Any) -> set[str]:
    """The ids of what staff find in their queue."""
    answer = client.get("/api/v1/triage/concerns?page_size=200")
    assert answer.status_code == 200
    return {row["id"] for row in answer.json()["results"]}


def pointers(answer: Any) -> set[tuple[str, str]]:
    """What a refused answer points at, as (pointer, code)."""
    assert answer.status_code == 400
    return {(e["pointer"], e["code"]) for e in answer.json()["errors"]}


def roster_changed() -> None:
    editions.bump(editions.ROSTER)
    editions.forget()  # as a commit does


@pytest.fixture
def ask(city: None, text_in: Any) -> Any:  # noqa: F811
    """Sends a text; the words of the answer, "" for none."""

    def send(body: str, number: str = NUMBER, **form: str) -> str:
        found = re.search(r"<Message>(.*)</Message>", text_in(body, number, **form), re.DOTALL)
        return found[1] if found else ""

    return send


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Any:
    """committed() as a context: what is put off until the commit happens at its end."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def forty_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """To a throttle each request after the first is forty: of 120 a minute, four are one too many."""
    count = cache.incr
    monkeypatch.setattr(cache, "incr", lambda key: count(key, 40))
