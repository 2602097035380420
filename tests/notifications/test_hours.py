"""When texts go: by the reader's clock, DST included; what waits, what does not, and what is then of no use."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from backend.notifications import outbox, quiet
from backend.notifications.models import Message, Notice, Recipient, Sender
from backend.notifications.worker import work_once
from tests.notifications.conftest import statuses, tell

pytestmark = pytest.mark.django_db
CHICAGO = "America/Chicago"


@pytest.mark.parametrize(
    ("now", "zone", "opens"),
    [
        ("2026-11-23T07:59:59-06:00", CHICAGO, "2026-11-23T08:00:00-06:00"),
        ("2026-11-23T08:00:00-06:00", CHICAGO, "2026-11-23T08:00:00-06:00"),
        ("2026-11-23T20:59:59-06:00", CHICAGO, "2026-11-23T20:59:59-06:00"),
        ("2026-11-23T21:00:00-06:00", CHICAGO, "2026-11-24T08:00:00-06:00"),
        ("2026-03-07T22:00:00-06:00", CHICAGO, "2026-03-08T08:00:00-05:00"),  # the clocks go forward
        ("2026-10-31T22:00:00-05:00", CHICAGO, "2026-11-01T08:00:00-06:00"),  # and back
        ("2026-11-23T07:30:00-06:00", "America/New_York", "2026-11-23T08:30:00-05:00"),
        ("2026-11-23T09:30:00-06:00", "America/Los_Angeles", "2026-11-23T08:00:00-08:00"),
    ],
)
def test_the_hours_are_the_readers(now: str, zone: str, opens: str) -> None:
    assert quiet.next_open(datetime.fromisoformat(now), zone, 8, 21) == datetime.fromisoformat(opens)


@pytest.fixture
def night() -> Any:
    with time_machine.travel("2026-11-23T22:00:00-06:00", tick=False) as clock:
        yield clock


def test_by_night_it_waits_for_the_morning(followers: Any, transport: Any, night: Any) -> None:
    followers(3)
    tell(expires_at=timezone.now() + timedelta(days=1))
    assert work_once(transport)  # the first one finds out, and holds the others too
    assert statuses() == [("held", "quiet_hours")] * 3
    assert not work_once(transport)
    night.move_to("2026-11-24T07:59:00-06:00")
    assert outbox.release(timezone.now()) == 0
    night.move_to("2026-11-24T08:00:30-06:00")
    assert outbox.release(timezone.now()) == 3
    while work_once(transport):
        pass
    assert len(transport.texts) == 3
    assert set(Message.objects.values_list("attempts_made", flat=True)) == {1}


def test_what_is_of_no_use_in_the_morning_ends(followers: Any, transport: Any, night: Any) -> None:
    followers(1)
    tell(expires_at=timezone.now() + timedelta(hours=9))
    work_once(transport)
    assert statuses() == [("expired", "quiet_hours")]


@pytest.mark.parametrize("urgency", [Notice.Urgency.PROMPT, Notice.Urgency.URGENT])
def test_what_somebody_waits_for_or_staff_chose_goes_at_once(
    followers: Any, transport: Any, night: Any, urgency: Notice.Urgency
) -> None:
    followers(1)
    tell(urgency=urgency)
    work_once(transport)
    assert len(transport.texts) == 1


def test_people_keep_hours_of_their_own(followers: Any, transport: Any) -> None:
    early, late = followers(2)
    Recipient.objects.filter(pk=late.pk).update(hours_from=12)
    tell(expires_at=timezone.now() + timedelta(days=1))
    while work_once(transport):
        pass
    assert [text.to for text in transport.texts] == [early.address]
    assert timezone.localtime(Message.objects.get(status="held").due_at).hour == 12


def test_the_provider_gives_up_before_the_night(followers: Any, transport: Any, monkeypatch: Any) -> None:
    seen = []
    monkeypatch.setattr(
        type(transport), "send", lambda self, **words: seen.append(words["expires_at"]) or "SM1"
    )
    followers(1)
    tell(expires_at=timezone.now() + timedelta(days=3))
    work_once(transport)
    assert [timezone.localtime(at).hour for at in seen] == [21]


def test_so_many_a_day_and_the_rest_tomorrow(followers: Any, transport: Any, settings: Any) -> None:
    settings.TEXTS_A_DAY = 2
    followers(1)
    for n in range(3):
        tell(str(n), body=f"Change {n}.", expires_at=timezone.now() + timedelta(days=2))
    tell("wanted", body="Your code.", urgency=Notice.Urgency.PROMPT)
    while work_once(transport):
        pass
    assert len(transport.texts) == 3
    held = Message.objects.get(status="held")
    assert (held.reason, timezone.localtime(held.due_at).hour) == ("daily_cap", 8)
    assert timezone.localtime(held.due_at).date() == timezone.localdate() + timedelta(days=1)


def test_a_spent_month_leaves_what_somebody_waits_for(followers: Any, transport: Any, settings: Any) -> None:
    settings.TEXT_SEGMENTS_A_MONTH = 2
    followers(1)
    for n in range(3):
        tell(str(n), body=f"Change {n}.")
    while work_once(transport):
        pass
    assert statuses() == [("sent", ""), ("sent", ""), ("suppressed", "budget")]
    tell("code", body="Your code.", urgency=Notice.Urgency.PROMPT)
    work_once(transport)
    assert transport.texts[-1].body == "Your code."


def test_what_does_not_go_is_not_counted(followers: Any, transport: Any, night: Any) -> None:
    followers(2)
    tell("one")
    tell("two", subject_id="untrue", urgency=Notice.Urgency.URGENT)
    while work_once(transport):
        pass
    assert not Sender.objects.exists()
    assert set(Message.objects.values_list("segments", "attempts_made")) == {(0, 0)}


def test_the_agreed_rate_holds_back_all_but_what_somebody_waits_for(
    followers: Any, transport: Any, settings: Any
) -> None:
    settings.TEXT_SEGMENTS_PER_SECOND = 0.5
    with time_machine.travel(timezone.now(), tick=False) as clock:
        followers(3)
        tell()
        while work_once(transport):
            pass
        assert len(transport.texts) == 1
        tell("code", body="Your code.", urgency=Notice.Urgency.PROMPT)
        work_once(transport)
        assert transport.texts[-1].body == "Your code."
        for _ in range(20):
            clock.shift(timedelta(seconds=1))
            work_once(transport)
        assert len(transport.texts) == 6
