"""Cancelling and moving single dates of a series."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import Conflict, Invalid, NotFound
from backend.events import ical, notices, recurrence
from backend.events.models import Event, OccurrenceOverride
from backend.events.services.checks import (
    check_length,
    check_notice,
    check_place,
    check_reason,
    check_words,
    locked,
    refuse_cancelled,
    refuse_markup,
    words_of,
)
from backend.events.services.derived import (
    check_at_night,
    end,
    midnight,
    plan,
    settle,
    stamp,
    tell,
)


@transaction.atomic
def cancel_occurrence(
    *, event: Event, recurrence_id: datetime, by: User, reason: str = "", at_night: bool = False
) -> OccurrenceOverride:
    """Cancels the date whose start by the rule is `recurrence_id`; it keeps its times and its place.

    With `at_night` followers are texted at once, whatever the hour (47 CFR 64.1200(c)(1) is about
    solicitations; what begins within 12 hours is of no use later). Raises NotFound (no such date),
    Conflict (cancelled already, or over), and Invalid (`at_night` for a later date).
    """
    now = timezone.now()
    event = locked(event, by)
    starts = plan(event)
    override = _open_date(event, recurrence_id, starts, now)
    check_reason(event, reason)
    check_at_night(at_night, override.starts_at, now)
    stamp(event)
    override.status = OccurrenceOverride.Status.CANCELLED
    _keep(override, event, starts, action="date_cancelled", reason=reason, by=by)
    tell(
        event,
        kind="occurrence_cancelled",
        recurrence_id=override.recurrence_id,
        expires_at=override.starts_at if override.starts_at > now else override.ends_at,
        at_night=at_night,
        body=notices.cancelled(
            event, override.starts_at, (override.place or event.place).name, override.reason
        ),
    )
    return override


def cancel_next_occurrence(*, event: Event, by: User, reason: str = "") -> OccurrenceOverride:
    """Cancels the date that is next or under way. Raises Conflict where none is left."""
    coming = event.next_occurrence(timezone.now())
    if coming is None:
        raise Conflict("There is no date left to cancel.", type="already-over")
    return cancel_occurrence(event=event, recurrence_id=coming.recurrence_id, by=by, reason=reason)


@transaction.atomic
def reschedule_occurrence(
    *,
    event: Event,
    recurrence_id: datetime,
    by: User,
    starts_at: datetime,
    duration_minutes: int | None = None,
    place: ical.Place | None = None,
    reason: str = "",
    emergency_reason: str = "",
    at_night: bool = False,
) -> OccurrenceOverride:
    """Gives one date another start (aware), length or place; None leaves length and place as they are.

    Raises Invalid (a start in the past or in the skipped or repeated hour, or no change at all),
    NotFound (no such date), Conflict (cancelled, or over), and Unprocessable (a public body's short notice).
    """
    now = timezone.now()
    event = locked(event, by)
    starts = plan(event)
    override = _open_date(event, recurrence_id, starts, now)
    old = override.starts_at
    check_at_night(at_night, old, now)
    if event.is_whole_day:
        starts_at, duration_minutes, place = midnight(event, starts_at), None, None
    _move(override, event, starts_at, duration_minutes, place, now)
    check_reason(event, reason)
    if emergency_reason:
        refuse_markup(emergency_reason, "emergency_reason")
        check_words(event, {"emergency_reason": emergency_reason})
        event.emergency_reason = emergency_reason
    check_notice(event, [override.starts_at], now, emergency_reason)
    stamp(event)
    override.status = OccurrenceOverride.Status.MOVED
    _keep(override, event, starts, action="date_moved", reason=reason, by=by)
    tell(
        event,
        kind="occurrence_moved",
        recurrence_id=override.recurrence_id,
        expires_at=override.starts_at,
        matters_by=min(old, override.starts_at),
        at_night=at_night,
        body=notices.moved(
            event, old, override.starts_at, (override.place or event.place).name, override.reason
        ),
    )
    return override


@transaction.atomic
def restore_occurrence(*, event: Event, recurrence_id: datetime, by: User) -> Event:
    """Puts a moved or cancelled date back as the series has it, and tells followers.

    Raises NotFound (no such date, or nothing is different about it), Conflict (over), and Unprocessable.
    """
    now = timezone.now()
    event = locked(event, by)
    refuse_cancelled(event)
    starts = plan(event)
    override = event.overrides.filter(recurrence_id=recurrence_id).first()
    if override is None:
        raise NotFound("Nothing is different about a date with this start.")
    if recurrence_id <= now or override.starts_at <= now:
        raise Conflict("This date has begun or is over; it can no longer be changed.", type="already-over")
    check_notice(event, [recurrence_id], now, None)
    override.delete()
    stamp(event)
    details = {"recurrence_id": recurrence_id.isoformat()}
    settle(event, starts, action="date_restored", details=details, by=by)
    tell(
        event,
        kind="occurrence_restored",
        recurrence_id=recurrence_id,
        expires_at=recurrence_id,
        body=notices.restored(event, recurrence_id),
    )
    return event


def _open_date(
    event: Event, recurrence_id: datetime, starts: Sequence[datetime], now: datetime
) -> OccurrenceOverride:
    """What stands for that date, new or stored, if it can still be changed."""
    refuse_cancelled(event)
    if recurrence_id not in starts:
        raise NotFound("The series has no date with this start.")
    override = event.overrides.filter(recurrence_id=recurrence_id).first() or OccurrenceOverride(
        event=event,
        recurrence_id=recurrence_id,
        starts_at=recurrence_id,
        ends_at=end(recurrence_id, event.duration),
    )
    if override.status == OccurrenceOverride.Status.CANCELLED:
        raise Conflict("This date is cancelled already.", type="already-cancelled")
    if override.ends_at <= now:
        raise Conflict("This date is over; it can no longer be changed.", type="already-over")
    return override


def _move(
    override: OccurrenceOverride,
    event: Event,
    starts_at: datetime,
    duration_minutes: int | None,
    place: ical.Place | None,
    now: datetime,
) -> None:
    start = starts_at.astimezone(event.tz).replace(second=0, microsecond=0)
    recurrence.check_clock(start, "starts_at")
    length = override.ends_at - override.starts_at
    if duration_minutes is not None:
        length = timedelta(minutes=duration_minutes)
    check_length(length)
    same_place = place is None or place == (override.place or event.place)
    if start == override.starts_at and length == override.ends_at - override.starts_at and same_place:
        raise Invalid("It is then and there already; give another time or place.", field="starts_at")
    if start != override.starts_at and start < now:
        raise Invalid("A date cannot be moved into the past.", field="starts_at", code="past")
    override.starts_at, override.ends_at = start, end(start, length)
    if place is not None:
        check_place(place)
        check_words(event, words_of(place))
        override.place_name, override.place_address = place.name, place.address
        override.lat, override.lon = place.lat, place.lon


def _keep(
    override: OccurrenceOverride,
    event: Event,
    starts: Sequence[datetime],
    *,
    action: str,
    reason: str,
    by: User,
) -> None:
    # Why a ride-along is off would tell of the officer; history alone keeps it.
    override.reason = "" if event.is_whole_day else reason
    override.sequence = event.sequence
    override.save()
    details = {
        "recurrence_id": override.recurrence_id.isoformat(),
        "starts_at": override.starts_at.isoformat(),
        "ends_at": override.ends_at.isoformat(),
        "place": str(override.place or ""),
        "reason": reason,
    }
    settle(event, starts, action=action, details=details, by=by)
