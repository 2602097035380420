"""Posting, changing and cancelling a series."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any, TypedDict, Unpack

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import Conflict
from backend.events import notices, recurrence
from backend.events.models import Event, Occurrence
from backend.events.services.checks import (
    check,
    check_areas,
    locked,
    refuse_cancelled,
    refuse_markup,
    refuse_rewriting,
)
from backend.events.services.derived import carry_overrides, plan, public_link, settle, stamp, tell, whole
from backend.roster.models import Area, StaffMember


class SeriesFields(TypedDict, total=False):
    """What a person decides about a series, in the words of the Event's columns."""

    kind: str
    title: str
    description: str
    time_zone: str
    first_on: date
    start_time: time
    duration_minutes: int
    rrule: str
    place_name: str
    place_address: str
    lat: float | None
    lon: float | None
    join_url: str
    organiser: StaffMember | None


FIELDS = tuple(SeriesFields.__annotations__)


# --- series -------------------------------------------------------------------------------------------


@transaction.atomic
def post_event(
    *, by: User, areas: Sequence[Area], status: str = Event.Status.PUBLISHED, **fields: Unpack[SeriesFields]
) -> Event:
    """Posts a series, or keeps it as a draft. Its agency is that of the first area.

    Raises Invalid (rule, dates, words) and NotAllowed (an area outside the person's reach).
    """
    now = timezone.now()
    event = Event(status=status, revised_at=whole(now), **fields)
    event.uid = f"{event.id}@{settings.PUBLIC_HOST}"
    check_areas(by, areas)
    _place_in(event, areas)
    check(event)
    starts = plan(event)
    refuse_rewriting((), starts, now)
    event.save()
    event.areas.set(areas)
    settle(event, starts, action="posted", details={"status": status}, by=by)
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
    before, begun = _snapshot(event), () if event.status == Event.Status.DRAFT else plan(event)
    _apply(event, fields)
    if areas is not None:
        check_areas(by, areas)
        _place_in(event, areas)
        event.areas.set(areas)
    if publish:
        event.status = Event.Status.PUBLISHED
    check(event)
    starts = plan(event)
    changed = {
        name: [before[name], value] for name, value in _snapshot(event).items() if value != before[name]
    }
    if not changed:
        return event
    refuse_rewriting(begun, starts, timezone.now())
    stamp(event)
    old_length = timedelta(minutes=before["duration_minutes"])
    if dropped := carry_overrides(event, starts, old_length):
        changed["dropped_changes"] = dropped
    settle(event, starts, action="published" if publish else "revised", details=changed, by=by)
    return event


@transaction.atomic
def cancel_event(*, event: Event, by: User, reason: str = "") -> Event:
    """Cancels all dates that are not over yet, and tells followers. Raises Conflict where done already."""
    now = timezone.now()
    event = locked(event, by)
    refuse_cancelled(event)
    if event.status == Event.Status.DRAFT:
        raise Conflict("A draft was never announced, so there is nothing to cancel.", type="not-published")
    refuse_markup(reason, "reason")
    event.status, event.cancel_reason = Event.Status.CANCELLED, reason
    stamp(event)
    coming = event.occurrences.exclude(status=Occurrence.Status.CANCELLED).filter(starts_at__gt=now).first()
    settle(event, plan(event), action="cancelled", details={"reason": reason}, by=by)
    if coming:
        tell(
            event,
            kind="event_cancelled",
            expires_at=coming.starts_at,
            body=notices.series_cancelled(
                title=event.title,
                start=coming.starts_at.astimezone(event.tz),
                place=event.place_name,
                reason=reason,
                link=public_link(event),
            ),
        )
    return event


def _place_in(event: Event, areas: Sequence[Area]) -> None:
    event.agency = areas[0].agency
    event.area_slugs = [area.slug for area in areas]


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
    known = (str, int, float, type(None))
    shown = {name: value if isinstance(value, known) else str(value) for name, value in values.items()}
    return {**shown, "status": event.status, "areas": event.area_slugs}
