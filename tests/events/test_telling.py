"""What staff see of the texts that their change causes: before, and after; by night; and the button that stops them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.events.models import Event
from backend.events.services import messages
from backend.notifications import services as notifications
from backend.notifications.languages import LANGUAGES
from backend.notifications.models import Message, Notice, Recipient
from backend.notifications.services import Wish, add_followers
from backend.notifications.worker import work_once
from tests.events.factories import at, post
from tests.notifications.fakes import FakeTransport

JSON = "application/json"
DAY = "20261127T073000"
START = at("2026-11-27 07:30")


@pytest.fixture
def event(officer: User) -> Event:
    """A series with three followers."""
    made = post(officer)
    add_followers(topic=f"event:{made.id}", numbers=[f"+1314200000{n}" for n in range(3)], source="demo")
    return made


@pytest.fixture
def cancel(event: Event, officer: User, sign_in: Any) -> Any:
    def act(**body: Any) -> Any:
        return sign_in(officer).post(f"/api/v1/events/{event.id}/occurrences/{DAY}/cancel", body, JSON)

    return act


def test_a_preview_says_what_would_be_told_and_keeps_nothing(cancel: Any, event: Event) -> None:
    before = Event.objects.values().get(pk=event.pk), Message.objects.count()
    texts = cancel(reason="Rain.", preview=True).json()["texts"]
    assert texts["words"]["en"] == (
        "Cancelled: Morning roll call, Fri Nov 27, 7:30 am, Soulard Market. Rain. {link}"
    )
    assert (texts["segments"], texts["copies"], texts["cost"]) == ({"en": 1}, 3, "0.04")
    assert (Event.objects.values().get(pk=event.pk), Message.objects.count()) == before
    assert not event.overrides.exists()
    done = cancel(reason="Rain.").json()
    assert done["texts"] == texts | {"goes_at": done["texts"]["goes_at"]}
    assert Message.objects.count() == 3


def test_a_reschedule_and_a_whole_series_can_be_previewed_too(
    event: Event, officer: User, sign_in: Any
) -> None:
    desk = sign_in(officer)
    to = {"starts_at": "2026-11-27T09:00:00-06:00", "preview": True}
    moved = desk.post(f"/api/v1/events/{event.id}/occurrences/{DAY}/reschedule", to, JSON).json()
    assert "7:30 am -> Fri Nov 27, 9:00 am" in moved["texts"]["words"]["en"]
    off = desk.post(f"/api/v1/events/{event.id}/cancel", {"preview": True}, JSON).json()
    assert (off["status"], off["texts"]["copies"]) == ("cancelled", 3)
    event.refresh_from_db()
    assert event.status == "published"
    assert not Notice.objects.filter(subject_id__startswith=event.id).exists()


def test_late_at_night_staff_choose_and_it_is_said(cancel: Any, now: Any) -> None:
    now.move_to(START - timedelta(hours=13))
    assert cancel(at_night=True, preview=True).status_code == 400
    now.move_to(START - timedelta(hours=9))
    held = cancel(preview=True).json()["texts"]
    assert (held["is_urgent"], held["goes_at"]) == (False, "2026-11-27T08:00:00-06:00")
    chosen = cancel(at_night=True).json()["texts"]
    assert (chosen["is_urgent"], chosen["goes_at"]) == (True, "2026-11-26T22:30:00-06:00")
    transport = FakeTransport()
    while work_once(transport):
        pass
    assert len(transport.texts) == 3


def test_without_the_choice_nobody_is_woken(cancel: Any, now: Any) -> None:
    now.move_to(START - timedelta(hours=9))
    cancel()
    transport = FakeTransport()
    while work_once(transport):
        pass
    assert transport.texts == []
    # It begins before eight: in the morning it would be of no use.
    assert set(Message.objects.values_list("status", "reason")) == {("expired", "quiet_hours")}


def test_figures_add_up_and_the_rest_can_be_stopped(
    cancel: Any, event: Event, officer: User, sign_in: Any
) -> None:
    cancel()
    work_once(FakeTransport())
    desk, path = sign_in(officer), f"/api/v1/events/{event.id}/texts"
    (told,) = desk.get(path).json()
    assert told["by_status"] == {"sent": 1, "queued": 2}
    assert told["copies"] == sum(told["by_status"].values())
    assert desk.post(f"{path}/{told['id']}/halt").json() == {"copies": 2}
    assert desk.post(f"{path}/{told['id']}/halt").status_code == 409
    assert desk.get(path).json()[0]["by_status"] == {"sent": 1, "canceled": 2}
    assert desk.post(f"{path}/{told['id']}/resend").json() == {"copies": 2}
    assert desk.post(f"{path}/{told['id']}/explode").status_code == 404


def test_how_many_follow_is_for_whoever_may_change_it(
    cancel: Any, event: Event, outsider: User, sign_in: Any
) -> None:
    cancel()
    desk, path = sign_in(outsider), f"/api/v1/events/{event.id}/texts"
    notice = Notice.objects.latest("pk")
    assert desk.get(path).status_code == 404
    assert desk.post(f"{path}/{notice.pk}/halt").status_code == 404


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_a_reviewed_language_has_all_of_it(cancel: Any, code: str) -> None:
    notifications.review_language(language=code, reader="Somebody", by=None)
    words = cancel(reason="Rain.", preview=True).json()["texts"]["words"]
    assert set(words) == {"en", code}
    assert "Rain" not in words[code]
    assert "Soulard Market" in words[code]
    assert words[code].count("{link}") == 1
    assert "{reason}" not in words[code]


def test_followers_are_reminded_when_they_chose(event: Event, officer: User, now: Any) -> None:
    person = Recipient.objects.order_by("pk")[0]
    wish = Wish(f"event:{event.id}", reminders=(24, 2))
    notifications.follow(recipient=person, wishes=[wish], source="account")
    now.move_to(START - timedelta(hours=24) + timedelta(minutes=4))
    for _ in range(2):
        messages.remind_followers(timezone.now())
    notice = Notice.objects.get(kind="occurrence_reminder")
    assert notice.body == "Reminder: Morning roll call, Fri Nov 27, 7:30 am, Soulard Market. {link}"
    assert Message.objects.get().recipient == person
    assert messages.takes_place(notice.subject_id, timezone.now())
    event.occurrences.filter(starts_at=START).update(status="cancelled")
    assert not messages.takes_place(notice.subject_id, timezone.now())
