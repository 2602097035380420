"""What coordinators and people do over HTTP, for tests that need it done."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from tests.workinggroups.conftest import Group

PART = {"heading": "Purpose", "body": "Force is the last resort."}


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


def begin(client: Client, group: Group, *sections: dict[str, Any], title: str = "Use of force") -> Any:
    answer = post(client, f"{group.at}/drafts", title=title, sections=sections or (PART,))
    assert answer.status_code == 201, answer.content
    return answer.json()


def publish(client: Client, group: Group, number: int) -> Any:
    return client.post(f"{group.at}/drafts/{number}/publish")


def published(client: Client, group: Group, *sections: dict[str, Any]) -> Any:
    number = begin(client, group, *sections)["number"]
    answer = publish(client, group, number)
    assert answer.status_code == 200, answer.content
    return answer.json()


def call(client: Client, group: Group, **body: Any) -> Any:
    """An open call of a week."""
    closes_at = (timezone.now() + timedelta(days=7)).isoformat()
    answer = post(
        client, f"{group.at}/consultations", **{"title": "What do you say?", "closes_at": closes_at, **body}
    )
    assert answer.status_code == 201, answer.content
    return answer.json()


def say(client: Client, group: Group, consultation: str, **body: Any) -> Any:
    return post(client, f"{group.at}/comments", consultation=consultation, **{"body": "Say more.", **body})


def close(client: Client, group: Group, consultation: str) -> Any:
    return client.post(f"{group.at}/consultations/{consultation}/close")


def dispose(client: Client, group: Group, comment: str, **ruling: Any) -> Any:
    body = {"outcome": "declined", "reason": "The law already says so.", **ruling}
    return post(client, f"{group.at}/comments/{comment}/disposition", **body)


def pages(client: Client, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    following: str | None = path
    while following:
        answer = client.get(following)
        assert answer.status_code == 200, answer.content
        rows += answer.json()["results"]
        following = answer.json()["next"]
    return rows
