"""Random histories of a series and what was split off it: after every step feeds and stored dates say the same."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import icalendar
import recurring_ical_events
import vobject
from django.db import transaction
from django.db.models import Q
from django.test import Client
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
    "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR",
    "FREQ=MONTHLY;BYMONTH=2,3,6;BYDAY=-1FR;COUNT=7",
    "",
]
OPEN_UNTIL = date(2027, 10, 1)
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


def restore_date(n: int) -> Step:
    return lambda event, by: services.restore_occurrence(event=event, recurrence_id=nth(event, n), by=by)


def split(n: int, **fields: Any) -> Step:
    return lambda event, by: services.split_event(event=event, recurrence_id=nth(event, n), by=by, **fields)


def cancel_series(event: Event, by: User) -> object:
    return services.cancel_event(event=event, by=by)


def nth(event: Event, n: int) -> datetime:
    starts = list(event.occurrences.order_by("recurrence_id").values_list("recurrence_id", flat=True))
    return starts[n % len(starts)]


FIRST, HORIZON = at("2027-01-01 00:00"), at("2028-05-01 00:00")

STEPS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.one_of(
            st.builds(cancel_date, st.integers(0, 14)),
            st.builds(move_date, st.integers(0, 14), st.integers(-200, 200), st.sampled_from([30, 45])),
            st.builds(restore_date, st.integers(0, 14)),
            st.builds(lambda n: split(n), st.integers(1, 14)),
            st.builds(
                lambda n, hour: split(n, start_time=time(hour, 30)),
                st.integers(1, 14),
                st.sampled_from([7, 18]),
            ),
            st.builds(lambda rule: revise(rrule=rule, review_on=OPEN_UNTIL), st.sampled_from(RULES)),
            st.builds(lambda hour: revise(start_time=time(hour, 30)), st.sampled_from([2, 7, 18])),
            st.builds(
                lambda title: revise(title=title), st.sampled_from(["Roll call", "Café, at 7; bring a chair"])
            ),
            st.builds(lambda place: revise(place_name=place), st.sampled_from(["Market", "Library"])),
            st.just(cancel_series),
        ),
    ),
    max_size=8,
)


Dates = list[tuple[datetime, datetime, bool]]


def expanded(body: bytes) -> Dates:
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(body)).between(
        at("2027-01-01 00:00"), at("2029-01-01 00:00")
    )
    return sorted(
        (e["DTSTART"].dt.astimezone(UTC), e["DTEND"].dt.astimezone(UTC), e["STATUS"] == "CANCELLED")
        for e in found
        if e["DTSTART"].dt <= HORIZON
    )


def expanded_by_another(body: bytes) -> Dates:
    """By a library that shares no code with the first; it leaves joining overrides to us."""
    master, *changes = vobject.readOne(body.decode()).vevent_list
    length = master.dtend.value - master.dtstart.value
    starts = [(master.dtstart.value, length, master.status.value)]
    if master.rruleset:
        rule = master.rruleset
        starts = [(start, length, master.status.value) for start in rule.between(FIRST, HORIZON, inc=True)]
    moved = {change.recurrence_id.value: change for change in changes}
    kept = [(s, s.astimezone(UTC) + n, status == "CANCELLED") for s, n, status in starts if s not in moved]
    changed = [(c.dtstart.value, c.dtend.value, c.status.value == "CANCELLED") for c in moved.values()]
    return sorted(
        (s.astimezone(UTC), e.astimezone(UTC), off) for s, e, off in [*kept, *changed] if s <= HORIZON
    )


def stored(event: Event) -> Dates:
    rows = event.occurrences.filter(starts_at__lte=HORIZON)
    return sorted((r.starts_at, r.ends_at, r.status == "cancelled") for r in rows)


def check(before: Event, body: bytes, after: Event) -> bytes:
    """The new bytes, after a step that turned one into the other."""
    feed = feeds.of_event(after.id).body
    assert expanded(feed) == expanded_by_another(feed) == stored(after)
    assert after.uid == before.uid
    assert after.sequence >= before.sequence
    assert (feed == body) is (after.sequence == before.sequence)
    assert (after.revised_at > before.revised_at) is (after.sequence > before.sequence)
    sequences = {e["SEQUENCE"] for e in icalendar.Calendar.from_ical(feed).walk("VEVENT")}
    assert sequences == {after.sequence}
    return feed


def not_modified(event: Event, body: bytes) -> bool:
    """Whether a client that has these bytes is told that it has the latest."""
    tag = hashlib.blake2b(body, digest_size=16).hexdigest()
    answer = Client().get(f"/feeds/events/{event.id}.ics", headers={"If-None-Match": f'"{tag}"'})
    return answer.status_code == 304


@given(steps=STEPS)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_calendar_never_lies(officer: User, steps: list[tuple[int, Step]]) -> None:
    """Each step is of one of the series there are; all of them are looked at after it."""
    with transaction.atomic():
        feeds.forget()
        event = post(officer, first_on=date(2027, 2, 26), rrule=RULES[0])
        bodies = {event.pk: feeds.of_event(event.id).body}
        for which, step in steps:
            ours = {e.pk: e for e in Event.objects.filter(Q(pk=event.pk) | Q(pk__in=bodies)).order_by("pk")}
            chosen = list(ours.values())[which % len(ours)]
            with suppress(DomainError), transaction.atomic():
                step(chosen, officer)
            for new in Event.objects.filter(follows__in=ours).exclude(pk__in=ours):
                ours[new.pk], bodies[new.pk] = new, feeds.of_event(new.id).body
            for pk, before in ours.items():
                after = Event.objects.get(pk=pk)
                known = bodies[pk]
                bodies[pk] = check(before, known, after)
                assert not_modified(after, known) is (known == bodies[pk])
        transaction.set_rollback(True)
