"""Posting, changing and cancelling a series."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypedDict, Unpack

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import Conflict
from backend.events import notices, recurrence
from backend.events.models import LONGEST, Event, Occurrence
from backend.events.services.checks import (
    check,
    check_areas,
    check_kind,
    check_notice,
    check_program,
    check_reason,
    check_review,
    locked,
    public_areas,
    refuse_cancelled,
    refuse_rewriting,
)
from backend.events.services.derived import (
    carry_overrides,
    note,
    plan,
    settle,
    stamp,
    tell,
    whole,
)
from backend.events.services.registrations import promote_waiting
from backend.roster.models import Area, StaffMember


class SeriesFields(TypedDict, total=False):
    """What a person decides about a series, in the words of the Event's columns."""

    kind: str
    title: str
    description: str
    agenda: str
    time_zone: str
    first_on: date
    start_time: time
    duration_minutes: int
    rrule: str
    place_name: str
    place_address: str
    lat: float | None
    lon: float | None
    access_notes: str
    languages: list[str]
    join_url: str
    organiser: StaffMember | None
    takes_registrations: bool
    capacity: int | None
    program: str
    review_on: date | None
    emergency_reason: str


FIELDS = tuple(SeriesFields.__annotations__)


# --- series -------------------------------------------------------------------------------------------


@transaction.atomic
def post_event(
    *,
    by: User,
    areas: Sequence[Area],
    status: str = Event.Status.PUBLISHED,
    **fields: Unpack[SeriesFields],
) -> Event:
    """Posts a series, or keeps it as a draft. Its agency is that of the first area.

    Raises Invalid (rule, dates, words), NotAllowed (an area outside the person's reach) and Unprocessable (a
    public body's short notice).
    """
    check_areas(by, areas)
    return begin(Event(status=status, **fields), areas, action="posted", by=by)


def uid_of(event: Event) -> str:
    return f"{event.id}@{settings.PUBLIC_HOST}"


def begin(
    event: Event, areas: Sequence[Area], *, action: str, by: User, known: Collection[datetime] = ()
) -> Event:
    """Stores a series that is new, with all that follows; of its starts the public knows those in `known`."""
    now = timezone.now()
    areas = public_areas(event.kind, areas)
    if event.is_whole_day:
        check_areas(by, areas)  # who posts it must be able to change it
    _place_in(event, areas)
    event.uid = uid_of(event)
    event.revised_at = whole(now)
    _keep_day_only(event, areas)
    _confirm(event, by, now)
    check(event)
    check_program(event, "", by)
    check_review(event, timezone.localdate(now))
    starts = plan(event)
    refuse_rewriting((), starts, now)
    check_notice(event, set(starts) - set(known), now, event.emergency_reason)
    event.save()
    event.areas.set(areas)
    settle(event, starts, action=action, details={"status": event.status}, by=by)
    return event


@transaction.atomic
def revise_event(
    *,
    event: Event,
    by: User,
    areas: Sequence[Area] | None = None,
    publish: bool = False,
    **fields: Unpack[SeriesFields],
) -> Event:
    """Changes what is given; `publish` makes a draft public. A change to the same is none at all.

    A date that was moved or cancelled stays so as long as the series still has a date on that day.
    Raises Invalid, NotAllowed, NotFound, and Conflict where the series is cancelled or a date that has
    begun would change.
    """
    event = locked(event, by)
    refuse_cancelled(event)
    now = timezone.now()
    before, known = _snapshot(event), () if event.status == Event.Status.DRAFT else plan(event)
    _apply(event, fields)
    if areas is not None:
        check_areas(by, areas)
    elif event.is_whole_day:
        areas = event.areas_as_posted()
    if areas is not None:
        areas = public_areas(event.kind, areas)
        _place_in(event, areas)
        event.areas.set(areas)
    if publish:
        event.status = Event.Status.PUBLISHED
    _keep_day_only(event, list(event.areas.all()))
    check_kind(event, before["kind"])
    check_program(event, before["program"], by)
    check(event)
    starts = plan(event)
    changed = {
        name: [before[name], value] for name, value in _snapshot(event).items() if value != before[name]
    }
    if not changed:
        return event
    if {"rrule", "review_on"} & changed.keys():
        check_review(event, timezone.localdate(now))
    refuse_rewriting(known, starts, now)
    elsewhere = {"place_name", "place_address", "join_url"} & changed.keys()
    announced = starts if elsewhere else set(starts) - set(known)
    check_notice(event, announced, now, fields.get("emergency_reason"))
    _confirm(event, by, now)
    stamp(event)
    old_length = timedelta(minutes=before["duration_minutes"])
    if dropped := carry_overrides(event, starts, old_length):
        changed["dropped_changes"] = dropped
    settle(event, starts, action="published" if publish else "revised", details=changed, by=by)
    promote_waiting(event, now)
    return event


@transaction.atomic
def confirm_event(*, event: Event, by: User, review_on: date | None = None) -> Event:
    """Says that the series is still as published; of an open one also until when that is known.

    Raises Invalid, NotAllowed, NotFound, and Conflict where it is cancelled or not published.
    """
    now = timezone.now()
    event = locked(event, by)
    refuse_cancelled(event)
    if event.status == Event.Status.DRAFT:
        raise Conflict("A draft is not published yet; publish it.", type="not-published")
    event.review_on = review_on or event.review_on
    check_review(event, timezone.localdate(now))
    _confirm(event, by, now)
    event.save(update_fields=["confirmed_at", "confirmed_by", "review_on"])
    note(event, action="confirmed", details={"review_on": str(event.review_on or "")}, by=by)
    return event


@transaction.atomic
def cancel_event(*, event: Event, by: User, reason: str = "", at_night: bool = False) -> Event:
    """Cancels all dates that are not over yet, and tells followers; `at_night` as for one date.

    Raises Conflict where done already, Invalid (`at_night`).
    """
    now = timezone.now()
    event = locked(event, by)
    refuse_cancelled(event)
    if event.status == Event.Status.DRAFT:
        raise Conflict("A draft was never announced, so there is nothing to cancel.", type="not-published")
    check_reason(event, reason)
    event.status = Event.Status.CANCELLED
    event.cancel_reason = "" if event.is_whole_day else reason
    stamp(event)
    coming = event.occurrences.exclude(status=Occurrence.Status.CANCELLED).filter(starts_at__gt=now).first()
    settle(event, plan(event), action="cancelled", details={"reason": reason}, by=by)
    if coming:
        tell(
            event,
            kind="event_cancelled",
            expires_at=coming.starts_at,
            body=notices.series_cancelled(event, coming.starts_at, event.cancel_reason),
            at_night=at_night,
        )
    return event


def _place_in(event: Event, areas: Sequence[Area]) -> None:
    event.agency = areas[0].agency
    event.area_slugs = [area.slug for area in areas]


def _keep_day_only(event: Event, areas: Sequence[Area]) -> None:
    """Of a ride-along the calendar keeps district and day: hours, words and places tell of watch, car and officer.

    Who rides with whom and when is in the application.
    """
    if not event.is_whole_day:
        return
    event.title = f"Ride-along: {areas[0].name}"
    event.place_name, event.place_address = areas[0].name, ""
    event.lat = event.lon = None
    event.description = event.agenda = event.access_notes = event.join_url = event.emergency_reason = ""
    event.start_time, event.duration_minutes = time(), LONGEST


def _confirm(event: Event, by: User, now: datetime) -> None:
    event.confirmed_at = now
    event.confirmed_by = StaffMember.objects.filter(user=by).first()


def _apply(event: Event, fields: SeriesFields) -> None:
    same_rule = fields.get("rrule", event.rrule) == event.rrule
    for name, value in fields.items():
        setattr(event, name, value)
    if same_rule and event.rrule:
        # UNTIL is the old last start; at another time of day the series still ends on that day.
        event.rrule = recurrence.until_day(event.rrule, event.time_zone)


def _snapshot(event: Event) -> dict[str, Any]:
    """What history compares, in JSON."""
    values = {name: getattr(event, name) for name in FIELDS}
    known = (str, int, float, list, type(None))
    shown = {name: value if isinstance(value, known) else str(value) for name, value in values.items()}
    return {**shown, "status": event.status, "areas": event.area_slugs}
