"""What the worker does for the calendar once a day."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.events import services
from backend.events.models import Event
from backend.events.services.derived import AHEAD
from backend.notifications.erasure import erase_old
from backend.notifications.models import Recipient, Subscription
from backend.notifications.registry import topic_exists
from backend.roster.models import Area

pytestmark = pytest.mark.django_db


def post(by: User, days_ahead: int) -> Event:
    return services.post_event(
        by=by,
        areas=[Area.objects.get(slug="slmpd-district-4")],
        kind=Event.Kind.TOWN_HALL,
        title="Town hall",
        first_on=timezone.localdate() + timedelta(days=days_ahead),
        start_time=time(18, 0),
        place_name="Library",
    )


def test_a_series_beyond_the_horizon_waits_for_its_day(city: None, captain: User) -> None:
    far = post(captain, AHEAD.days + 10)
    assert not far.occurrences.exists()
    services.extend_occurrences(timezone.now())
    assert not far.occurrences.exists()
    services.extend_occurrences(timezone.now() + timedelta(days=20))
    assert far.occurrences.count() == 1


def test_what_follows_a_series_long_over_ends(city: None, captain: User) -> None:
    event = post(captain, 3)
    topic = f"event:{event.pk}"
    person = Recipient.objects.create(address="+13145550123", address_index="x", consent="given")
    Subscription.objects.create(recipient=person, topic=topic)
    erase_old(timezone.now())
    assert Subscription.objects.filter(topic=topic).exists()
    Event.objects.filter(pk=event.pk).update(last_ends_at=timezone.now() - timedelta(days=31))
    assert not topic_exists(topic)
    erase_old(timezone.now())
    assert not Subscription.objects.filter(topic=topic).exists()
    erase_old(timezone.now() + timedelta(days=91))
    assert not Recipient.objects.filter(pk=person.pk).exists()


def test_a_date_moved_here_from_beyond_the_horizon_is_listed(city: None, captain: User) -> None:
    first = timezone.localdate() + timedelta(days=7)
    event = services.post_event(
        by=captain,
        areas=[Area.objects.get(slug="slmpd-district-4")],
        kind=Event.Kind.BLOCK_ROLL_CALL,
        title="Roll call",
        first_on=first,
        start_time=time(7, 30),
        rrule="FREQ=WEEKLY;COUNT=120",
        place_name="Library",
    )
    last = timezone.make_aware(datetime.combine(first + timedelta(weeks=119), time(7, 30)))
    soon = timezone.make_aware(datetime.combine(first + timedelta(days=1), time(9, 0)))
    services.reschedule_occurrence(event=event, recurrence_id=last, starts_at=soon, by=captain)
    assert event.occurrences.get(recurrence_id=last).starts_at == soon
    before = event.occurrences.count()
    services.extend_occurrences(timezone.now() + timedelta(days=28))
    assert event.occurrences.count() == before + 4


def test_an_organisers_new_name_reaches_the_feed(city: None, captain: User) -> None:
    event = post(captain, 3)
    event.organiser = captain.staff_member
    event.save()
    services.render_all()
    captain.staff_member.name = "Renamed Specimen"
    captain.staff_member.save()
    assert services.render_all() == 1
    event.refresh_from_db()
    assert b"Renamed Specimen" in bytes(event.ics)
