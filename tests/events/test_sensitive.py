"""Nobody who looks over a shoulder, at a text, a calendar or a locked screen, learns what it is about."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User
from backend.events import services
from backend.events.models import Event
from backend.notifications.languages import LANGUAGES
from backend.notifications.models import Notice
from backend.notifications.sensitive import TERMS, is_sensitive
from backend.notifications.services import add_followers
from tests.events.factories import at, post

START = at("2026-11-27 07:30")


@pytest.fixture
def event(officer: User) -> Event:
    made = post(
        officer,
        kind="working_group_meeting",
        title="Domestic violence working group",
        description="For survivors of abuse.",
        agenda="Shelters in the district",
    )
    add_followers(topic=f"event:{made.id}", numbers=["+13142000001"], source="demo")
    return made


def test_texts_say_the_kind_of_meeting(event: Event, officer: User) -> None:
    services.cancel_occurrence(event=event, recurrence_id=START, by=officer, reason="A victim is unwell.")
    body = Notice.objects.latest("pk").body
    assert body == "Cancelled: Working group meeting, Fri Nov 27, 7:30 am, Soulard Market. {link}"


def test_a_place_may_hold_such_a_word(officer: User) -> None:
    event = post(officer)
    Event.objects.filter(pk=event.pk).update(place_name="Women's Shelter")
    services.cancel_occurrence(event=event, recurrence_id=START, by=officer)
    assert Notice.objects.latest("pk").body == "Roll Call: there is an update. {link}"


def test_calendars_say_the_kind_of_meeting(event: Event, client: Client) -> None:
    feed = client.get(f"/feeds/events/{event.id}.ics").content.decode().replace("\r\n ", "")
    assert "SUMMARY:Working group meeting" in feed
    assert not is_sensitive(feed)
    assert "Domestic violence" in client.get(f"/e/{event.id}").content.decode()


def test_nothing_that_we_say_ourselves_is_sensitive() -> None:
    assert [m for m, _ in LANGUAGES["es"].pairs if is_sensitive(m)] == []
    assert [label for label in Event.Kind.labels if is_sensitive(label)] == []
    assert TERMS.search("A Domestic-Violence hotline")
    assert not is_sensitive("Soulard Market, traffic on Gravois")


def test_the_preview_shows_what_will_really_be_said(
    event: Event, officer: User, sign_in: Any, now: Any
) -> None:
    path = f"/api/v1/events/{event.id}/occurrences/20261127T073000/cancel"
    told = sign_in(officer).post(path, {"preview": True}, "application/json").json()["texts"]
    assert not is_sensitive(" ".join(told["words"].values()))
    assert timezone.now() < START
