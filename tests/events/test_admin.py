"""The staff page of the calendar."""

from typing import Any

import pytest

from backend.accounts.models import User
from backend.events.models import Event
from tests.events.factories import post

PAGE = "/admin/events/event/"


def act(client: Any, action: str, event: Event) -> Any:
    return client.post(PAGE, {"action": action, "_selected_action": [str(event.pk)]}, follow=True)


def test_staff_see_the_series_of_their_areas(officer: User, outsider: User, sign_in: Any) -> None:
    event = post(officer, title="Ours alone")
    assert b"Ours alone" in sign_in(officer).get(PAGE).content
    assert sign_in(officer).get(f"{PAGE}{event.pk}/change/").status_code == 200
    assert b"Ours alone" not in sign_in(outsider).get(PAGE).content
    assert sign_in(outsider).get(f"{PAGE}{event.pk}/change/").status_code == 302


@pytest.mark.parametrize(
    ("status", "action", "after"),
    [
        ("draft", "publish", ("published", "scheduled")),
        ("published", "cancel_next_date", ("published", "cancelled")),
        ("published", "cancel_series", ("cancelled", "cancelled")),
    ],
)
def test_one_tap(officer: User, sign_in: Any, status: str, action: str, after: tuple[str, str]) -> None:
    event = post(officer, status=status)
    assert b"done" in act(sign_in(officer), action, event).content
    event.refresh_from_db()
    assert (event.status, event.occurrences.earliest("starts_at").status) == after


def test_a_refusal_is_said(officer: User, sign_in: Any) -> None:
    event = post(officer, status="draft")
    assert b"nothing to cancel" in act(sign_in(officer), "cancel_series", event).content


def test_others_reach_nothing(officer: User, outsider: User, sign_in: Any) -> None:
    event = post(officer)
    act(sign_in(outsider), "cancel_series", event)
    event.refresh_from_db()
    assert event.status == "published"


def test_nobody_edits_behind_the_services(officer: User, sign_in: Any) -> None:
    event, client = post(officer), sign_in(officer)
    assert client.get(f"{PAGE}add/").status_code == 403
    assert client.post(f"{PAGE}{event.pk}/change/", {"title": "Other"}).status_code == 403
    assert client.post(f"{PAGE}{event.pk}/delete/", {"post": "yes"}).status_code == 403
