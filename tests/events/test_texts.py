"""What followers are told."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.events import notices, services
from backend.events.models import Event
from backend.notifications import links
from backend.notifications.models import Message, Notice
from backend.notifications.registry import KINDS, topic_exists
from backend.notifications.segments import segments as count
from backend.notifications.services import add_followers
from tests.events.factories import at, post

START = at("2026-11-27 07:30")


def follow(topic: str) -> None:
    add_followers(topic=topic, numbers=["+13142000001"], source="demo")


def notice(kind: str, event: Event) -> Notice:
    return Notice.objects.get(kind=kind, key__contains=str(event.id))


def is_still_true(about: Notice) -> bool:
    return KINDS[about.kind].still_true(about.subject_id, timezone.now())


@pytest.mark.parametrize(
    "topic",
    ["event:{id}", "kind:block_roll_call", "area:slmpd-beat-402", "area:slmpd-district-4"],
)
def test_each_follower_gets_one_text_about_a_cancelled_date(officer: User, topic: str) -> None:
    event = post(officer)
    follow(topic.format(id=event.id))
    before = Message.objects.count()
    services.cancel_occurrence(event=event, recurrence_id=START, by=officer, reason="Rain.")
    assert Message.objects.count() == before + 1
    about = Notice.objects.latest("id")
    assert about.body == ("Cancelled: Morning roll call, Fri Nov 27, 7:30 am, Soulard Market. Rain. {link}")
    assert about.path == f"/e/{event.id}"
    assert about.expires_at == START
    assert is_still_true(about)


def test_followers_elsewhere_get_nothing(officer: User) -> None:
    follow("area:slmpd-beat-401")
    before = Message.objects.count()
    services.cancel_occurrence(event=post(officer), recurrence_id=START, by=officer)
    assert Message.objects.count() == before


def test_a_draft_tells_nobody(officer: User) -> None:
    event, before = post(officer, status="draft"), Notice.objects.count()
    services.cancel_occurrence(event=event, recurrence_id=START, by=officer)
    assert Notice.objects.count() == before


def test_a_moved_date_is_told_from_when_to_when(officer: User) -> None:
    event = post(officer)
    follow(f"event:{event.id}")
    later = START + timedelta(hours=2)
    services.reschedule_occurrence(event=event, recurrence_id=START, starts_at=later, by=officer)
    about = notice("occurrence_moved", event)
    assert "Fri Nov 27, 7:30 am -> Fri Nov 27, 9:30 am" in about.body
    assert is_still_true(about)
    services.cancel_occurrence(event=event, recurrence_id=START, by=officer)
    assert not is_still_true(about)


def test_a_cancelled_series_is_told_once_until_its_next_date(officer: User) -> None:
    event = post(officer)
    follow(f"event:{event.id}")
    services.cancel_occurrence(event=event, recurrence_id=START, by=officer)
    services.cancel_event(event=event, by=officer, reason="No officers.")
    about = notice("event_cancelled", event)
    assert "all dates from Sat Nov 28, 7:30 am" in about.body
    assert about.expires_at == START + timedelta(days=1)
    assert is_still_true(about)
    assert not is_still_true(notice("occurrence_cancelled", event))


def test_a_text_about_a_date_under_way_is_of_use_until_its_end(officer: User, now: Any) -> None:
    event = post(officer)
    follow(f"event:{event.id}")
    now.move_to(START + timedelta(minutes=5))
    services.cancel_occurrence(event=event, recurrence_id=START, by=officer)
    assert notice("occurrence_cancelled", event).expires_at == START + timedelta(minutes=30)


@pytest.mark.parametrize(
    ("title", "place", "reason", "segments"),
    [
        ("Roll call", "Park", "y" * 199, 1),
        ("Réunion – “Big” 🚓 " * 5, "Añejo Café, Downtown West End", "Rain.", 1),
        ("Roll call", "Park", "Because of the “storm” – 🚓", 1),
        ("Sastanak četvrti", "Park", "y" * 199, 2),  # č makes it 16-bit, and no reason may add to that
    ],
)
def test_a_text_is_as_short_as_its_alphabet_allows(
    officer: User, title: str, place: str, reason: str, segments: int
) -> None:
    event = post(officer)
    event.title = title
    body = notices.cancelled(event, START, place, reason)["en"]
    assert body.endswith(" {link}")
    assert "🚓" not in body
    assert count(body.replace("{link}", links.longest())) == segments


def test_letters_keep_their_accents(officer: User) -> None:
    event = post(officer)
    assert "Añejo Café" in notices.cancelled(event, START, "Añejo Café", "")["en"]


@pytest.mark.parametrize("rest", ["no-uuid", "00000000-0000-4000-8000-000000000000"])
def test_what_does_not_exist_cannot_be_followed(city: None, rest: str) -> None:
    assert not topic_exists(f"event:{rest}")
    assert not topic_exists("kind:party")


def test_a_published_series_can_be_followed_and_a_draft_cannot(officer: User) -> None:
    assert topic_exists(f"event:{post(officer).id}")
    assert not topic_exists(f"event:{post(officer, status=Event.Status.DRAFT).id}")
    assert topic_exists("kind:block_roll_call")
