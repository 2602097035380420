""" "This and following": a series ends, and another one goes on from it (ical.md, rule 4)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Unpack
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import Conflict, Invalid, NotFound
from backend.events import notices, recurrence
from backend.events.models import Event
from backend.events.services.checks import check, check_areas, check_kind, locked, refuse_cancelled
from backend.events.services.derived import (
    carry_overrides,
    plan,
    settle,
    stamp,
    tell,
)
from backend.events.services.series import SeriesFields, begin, uid_of
from backend.notifications import services as notifications
from backend.roster.models import Area


@transaction.atomic
def split_event(
    *,
    event: Event,
    recurrence_id: datetime,
    by: User,
    areas: Sequence[Area] | None = None,
    **fields: Unpack[SeriesFields],
) -> Event:
    """Lets a series end before a date, and a new one with these changes go on from there; returns the new one.

    Dates that were moved or cancelled, people's registrations and followers go with the days. Raises
    Invalid, NotAllowed, NotFound (no such date), and Conflict (cancelled, begun, or the very first date).
    """
    event = locked(event, by)
    refuse_cancelled(event)
    starts = plan(event)
    before = _before(starts, recurrence_id)
    new = _rest_of(event, recurrence_id, len(before))
    new_areas = event.areas_as_posted() if areas is None else list(areas)
    if areas is not None:
        check_areas(by, areas)
        new.agency, new.area_slugs = areas[0].agency, [area.slug for area in areas]
    for name, value in fields.items():
        setattr(new, name, value)
    if "rrule" not in fields and new.rrule:
        new.rrule = recurrence.until_day(new.rrule, new.time_zone)
    check_kind(new, event.kind)
    check(new)
    new_starts = plan(new)
    if new_starts[0].date() <= before[-1].date():
        raise Invalid("The new series begins after the last date of the old one.", field="first_on")
    old_length = event.duration
    _end_before(event, before)
    _hand_over(event, new, recurrence_id, new_starts, old_length)
    new = begin(new, new_areas, action="split_off", by=by, known=starts)
    stamp(event)
    settle(event, before, action="split", details={"goes_on_as": str(new.id)}, by=by)
    notifications.copy_followers(topic=f"event:{event.id}", to=f"event:{new.id}")
    _announce(new, new_starts[0])
    return new


def _before(starts: Sequence[datetime], recurrence_id: datetime) -> list[datetime]:
    if recurrence_id not in starts:
        raise NotFound("The series has no date with this start.")
    if recurrence_id <= timezone.now():
        raise Conflict("This date has begun; split the series at a later one.", type="already-begun")
    before = [start for start in starts if start < recurrence_id]
    if not before:
        raise Conflict("From its first date on it is the whole series: change that.", type="whole-series")
    return before


def _rest_of(event: Event, recurrence_id: datetime, passed: int) -> Event:
    """The series from that date on, new, as it is."""
    new = Event.objects.select_related("agency").get(pk=event.pk)
    new.pk, new._state.adding = uuid4(), True
    new.uid = uid_of(new)
    new.follows, new.sequence, new.ics, new.emergency_reason = event, 0, b"", ""
    new.review_on = event.review_on if event.is_open else None
    new.first_on = recurrence_id.astimezone(event.tz).date()
    new.rrule = recurrence.without_first(event.rrule, passed)
    return new


def _end_before(event: Event, before: Sequence[datetime]) -> None:
    rule = recurrence.parse(event.rrule)
    event.rrule = str(replace(rule, count=None, until=before[-1].astimezone(UTC)))


def _hand_over(
    event: Event, new: Event, since: datetime, new_starts: Sequence[datetime], old_length: timedelta
) -> None:
    """Changed dates, and stored ones with who is registered, go on under the new series."""
    new.save()
    event.overrides.filter(recurrence_id__gte=since).update(event=new)
    event.occurrences.filter(recurrence_id__gte=since).update(event=new)
    carry_overrides(new, new_starts, old_length)


def _announce(new: Event, first: datetime) -> None:
    tell(
        new,
        kind="series_split",
        expires_at=first,
        body=notices.series_split(new, first),
    )
