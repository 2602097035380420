"""Random histories of one series: after every step the feed and the stored dates say the same."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import icalendar
import recurring_ical_events
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.accounts.models import User
from backend.errors import DomainError
from backend.events import feeds, services
from backend.events.models import Event
from tests.events.factories import at, post

RULES = [
    "FREQ=WEEKLY;BYDAY=FR,SA,SU;COUNT=15",
    "FREQ=WEEKLY;BYDAY=FR,SA,SU;UNTIL=20270321",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;COUNT=5",
    "FREQ=MONTHLY;BYDAY=-1FR;COUNT=10",
    "",
]
Step = Callable[[Event, User], object]


def cancel_date(n: int) -> Step:
    return lambda event, by: services.cancel_occurrence(event=event, recurrence_id=nth(event, n), by=by)


def move_date(n: int, hours: int, minutes: int) -> Step:
    def step(event: Event, by: User) -> object:
        start = nth(event, n)
        return services.reschedule_occurrence(
            event=event,
            recurrence_id=start,
            starts_at=start + timedelta(hours=hours),
            duration_minutes=minutes,
            by=by,
        )

    return step


def revise(**fields: Any) -> Step:
    return lambda event, by: services.revise_event(event=event, by=by, **fields)


def cancel_series(event: Event, by: User) -> object:
    return services.cancel_event(event=event, by=by)


def nth(event: Event, n: int) -> datetime:
    starts = list(event.occurrences.order_by("recurrence_id").values_list("recurrence_id", flat=True))
    return starts[n % len(starts)]


STEPS = st.lists(
    st.one_of(
        st.builds(cancel_date, st.integers(0, 14)),
        st.builds(move_date, st.integers(0, 14), st.integers(-200, 200), st.sampled_from([30, 45])),
        st.builds(lambda rule: revise(rrule=rule), st.sampled_from(RULES)),
        st.builds(lambda hour: revise(start_time=time(hour, 30)), st.sampled_from([2, 7, 18])),
        st.builds(
            lambda title: revise(title=title), st.sampled_from(["Roll call", "Café, at 7; bring a chair"])
        ),
        st.builds(lambda place: revise(place_name=place), st.sampled_from(["Market", "Library"])),
        st.just(cancel_series),
    ),
    max_size=8,
)


def expanded(body: bytes) -> list[tuple[datetime, datetime, bool]]:
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(body)).between(
        at("2027-01-01 00:00"), at("2029-01-01 00:00")
    )
    return sorted(
        (e["DTSTART"].dt.astimezone(UTC), e["DTEND"].dt.astimezone(UTC), e["STATUS"] == "CANCELLED")
        for e in found
    )


def stored(event: Event) -> list[tuple[datetime, datetime, bool]]:
    return sorted((r.starts_at, r.ends_at, r.status == "cancelled") for r in event.occurrences.all())


def check(before: Event, body: bytes, after: Event) -> bytes:
    """The new bytes, after a step that turned one into the other."""
    feed = feeds.of_event(after.id).body
    assert expanded(feed) == stored(after)
    assert after.uid == before.uid
    assert after.sequence >= before.sequence
    assert (feed == body) is (after.sequence == before.sequence)
    assert (after.revised_at > before.revised_at) is (after.sequence > before.sequence)
    sequences = {e["SEQUENCE"] for e in icalendar.Calendar.from_ical(feed).walk("VEVENT")}
    assert sequences == {after.sequence}
    return feed


@given(steps=STEPS)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_calendar_never_lies(officer: User, steps: list[Step]) -> None:
    with transaction.atomic():
        feeds.forget()
        event = post(officer, first_on=date(2027, 2, 26), rrule=RULES[0])
        body = feeds.of_event(event.id).body
        for step in steps:
            before = Event.objects.get(pk=event.pk)
            with suppress(DomainError), transaction.atomic():
                step(event, officer)
            event = Event.objects.get(pk=event.pk)
            body = check(before, body, event)
        transaction.set_rollback(True)
