"""When a target passes: captain, then Major, each once; nobody of what is behind the wall."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.feedback.concerns.clock import due
from backend.feedback.concerns.models import Concern
from backend.feedback.concerns.services import escalation
from backend.feedback.concerns.triage import hours_of
from backend.notifications.models import Channel, Message
from backend.roster.models import Area
from tests.factories import make_staff


@pytest.fixture
def major(city: None) -> User:
    return make_staff("major@example.org", "slmpd-patrol-area-central", "major")


def late(area: str | None = "slmpd-beat-402", **fields: Any) -> Concern:
    place = Area.objects.get(slug=area) if area else None
    target = timezone.now() - timedelta(minutes=1)
    facts = {
        "category_id": "noise",
        "description": "Loud.",
        "area": place,
        "desk": place,
        "target_at": target,
    }
    return Concern.objects.create(**{**facts, **fields})


def mailed() -> list[str]:
    rows = Message.objects.filter(notice__kind=escalation.ESCALATED).order_by("pk")
    assert {row.channel for row in rows} <= {Channel.EMAIL}
    return [row.recipient.address for row in rows if row.recipient]


def test_captain_then_major_each_once(captain: User, major: User, liaison: User) -> None:
    told, now = late(), timezone.now()
    Concern.objects.exclude(pk=told.pk).delete()
    assert [escalation.escalate_overdue(now), escalation.escalate_overdue(now)] == [1, 0]
    told.refresh_from_db()
    assert told.escalated_to == "district_captain"
    assert captain.email in mailed()
    assert major.email not in mailed()
    again = due(told.target_at, hours_of(told.category, told.priority))
    assert escalation.escalate_overdue(again - timedelta(minutes=1)) == 0
    assert [escalation.escalate_overdue(again + timedelta(minutes=n)) for n in (1, 2)] == [1, 0]
    told.refresh_from_db()
    assert told.escalated_to == "major"
    assert mailed().count(captain.email) == mailed().count(major.email) == 1
    assert [(c.move, c.by) for c in told.changes.all()] == [("escalate", None)] * 2


def test_the_county_has_its_own_ladder(city: None) -> None:
    told = late("slcpd-beat-1101")
    escalation.escalate_overdue(timezone.now())
    told.refresh_from_db()
    assert told.escalated_to in ("watch_commander", "precinct_commander")


@pytest.mark.parametrize(
    "fields",
    [
        {"is_walled": True},
        {"is_walled": True, "cleared_at": timezone.now()},
        {"is_sensitive": True},
        {"status": "closed", "disposition": "resolved", "closed_at": timezone.now()},
        {"area": None},
    ],
)
def test_what_nobody_is_told_of(captain: User, major: User, fields: dict[str, Any]) -> None:
    told = late(**fields)
    escalation.escalate_overdue(timezone.now() + timedelta(minutes=1))
    told.refresh_from_db()
    assert (told.escalated_to, told.changes.count()) == ("", 0)


def test_the_mail_says_nothing_and_is_checked_again(captain: User) -> None:
    told, now = late(), timezone.now()
    escalation.escalate_overdue(now)
    notice = Message.objects.filter(notice__subject_id=str(told.pk)).latest("pk").notice
    for word in ("Loud", "402", "noise", str(told.pk)):
        assert word not in notice.body
    assert escalation.is_late_still(str(told.pk), now)
    Concern.objects.filter(pk=told.pk).update(is_walled=True)
    assert not escalation.is_late_still(str(told.pk), now)


def test_a_lost_race_tells_nobody(captain: User, monkeypatch: Any) -> None:
    """Another worker was faster between the reading and the writing."""
    told, now = late(), timezone.now()
    Concern.objects.exclude(pk=told.pk).delete()
    find, calls = escalation._next_rung, []

    def slow(concern: Concern, at: Any) -> Any:
        rung = find(concern, at)
        calls.append(at)
        if len(calls) == 1:
            return rung  # which only tells what is worth a transaction
        Concern.objects.filter(pk=told.pk).update(escalated_to="district_captain")
        return rung

    monkeypatch.setattr(escalation, "_next_rung", slow)
    assert escalation.escalate_overdue(now) == 0
    assert mailed() == []
