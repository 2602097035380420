"""Many dates at once, for somebody in a patrol car: a quarter's roll calls, last quarter's again, today's off."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import Conflict, Invalid
from backend.events import recurrence
from backend.events.ical import Place
from backend.events.models import Event, Occurrence, OccurrenceOverride
from backend.events.services.checks import check_areas
from backend.events.services.clashes import Wanted, beats, find_clashes
from backend.events.services.dates import cancel_occurrence
from backend.events.services.series import FIELDS, SeriesFields, begin, post_event
from backend.roster.models import Area, Assignment, StaffMember, areas_within

LONGEST_QUARTER = timedelta(days=100)
MOST_SLOTS, MOST_PLACES = 14, 8


@dataclass(frozen=True)
class Slot:
    """A weekday ("FR") and a local start in every week."""

    day: str
    start_time: time
    duration_minutes: int = 30


# Every weekend, mornings and afternoons (seed 000: the Block Roll Calls).
WEEKEND = tuple(Slot(day, start) for day in ("FR", "SA", "SU") for start in (time(7, 30), time(15, 0)))


def next_quarter(today: date) -> tuple[date, date]:
    """Its first and last day."""
    first_month = (today.month - 1) // 3 * 3 + 4
    first = date(today.year + (first_month > 12), (first_month - 1) % 12 + 1, 1)
    after = first.replace(day=28) + timedelta(days=68)
    return first, after.replace(day=1) - timedelta(days=1)


@transaction.atomic
def post_quarter(
    *,
    by: User,
    area: Area,
    kind: str,
    slots: Sequence[Slot],
    places: Sequence[Place],
    first_on: date,
    last_on: date,
    organiser: StaffMember | None = None,
    title: str = "",
    status: str = Event.Status.PUBLISHED,
) -> list[Event]:
    """Posts what `plan_quarter` plans, all of it or nothing. Raises Invalid and NotAllowed."""
    planned = plan_quarter(
        area=area, kind=kind, slots=slots, places=places, first_on=first_on, last_on=last_on, title=title
    )
    for fields in planned:
        fields["organiser"] = organiser
    return [post_event(by=by, areas=[area], status=status, **fields) for fields in planned]


def plan_quarter(
    *,
    area: Area,
    kind: str,
    slots: Sequence[Slot],
    places: Sequence[Place],
    first_on: date,
    last_on: date,
    title: str = "",
) -> list[SeriesFields]:
    """The series of each slot at each place. Places take turns by the week, and the slots begin with different ones.

    A series stays at its place, every so many weeks, so that nothing in the calendar counts as moved.
    Raises Invalid.
    """
    _check_span(first_on, last_on)
    planned = []
    for n, slot in enumerate(slots):
        first = _first(slot.day, first_on)
        for turn in range(len(places)):
            starts_on = first + timedelta(weeks=turn)
            if starts_on <= last_on:
                place = places[(turn + n) % len(places)]
                planned.append(_series(area, kind, slot, place, starts_on, last_on, len(places), title))
    return planned


def _check_span(first_on: date, last_on: date) -> None:
    if not timedelta() < last_on - first_on <= LONGEST_QUARTER:
        raise Invalid(
            f"The last day is after the first, by {LONGEST_QUARTER.days} days at most.", field="last_on"
        )


def _first(day: str, on: date) -> date:
    """The first such weekday, from that day on."""
    return on + timedelta(days=(recurrence.DAYS.index(day) - on.weekday()) % 7)


def _series(
    area: Area, kind: str, slot: Slot, place: Place, starts_on: date, last_on: date, weeks: int, title: str
) -> SeriesFields:
    every = f";INTERVAL={weeks}" if weeks > 1 else ""
    label = Event.Kind(kind).label
    part = (
        "Morning" if slot.start_time < time(12) else "Afternoon" if slot.start_time < time(17) else "Evening"
    )
    return {
        "kind": kind,
        "title": title or f"{part} {label.lower()}, {area.name}",
        "first_on": starts_on,
        "start_time": slot.start_time,
        "duration_minutes": slot.duration_minutes,
        "rrule": f"FREQ=WEEKLY{every};BYDAY={slot.day};UNTIL={last_on:%Y%m%d}",
        "place_name": place.name,
        "place_address": place.address,
        "lat": place.lat,
        "lon": place.lon,
    }


# --- last quarter's again -----------------------------------------------------------------------------


@transaction.atomic
def copy_quarter(*, by: User, area: Area, kind: str, first_on: date, last_on: date) -> list[Event]:
    """Lets the area's series that end about then go on until `last_on`, in step: places keep taking turns.

    One that goes on already is not copied again. Raises NotAllowed, Invalid, and Conflict where there is none.
    """
    check_areas(by, [area])
    _check_span(first_on, last_on)
    copies = [
        begin(copy, [area], action="copied", by=by)
        for event in _ending(area, kind, first_on)
        if (copy := _go_on(event, first_on, last_on))
    ]
    if not copies:
        raise Conflict("No series of the quarter before could go on; post them anew.", type="nothing-to-copy")
    return copies


def _ending(area: Area, kind: str, first_on: date) -> Iterator[Event]:
    """Published series of the area whose last date lies within a quarter before that day."""
    day = timezone.make_aware(datetime.combine(first_on, time()))
    found = Event.objects.in_areas([area.pk]).filter(
        kind=kind,
        status=Event.Status.PUBLISHED,
        last_ends_at__gt=day - LONGEST_QUARTER,
        last_ends_at__lte=day,
    )
    gone_on = Event.objects.exclude(status=Event.Status.CANCELLED).filter(follows__isnull=False)
    found = found.exclude(rrule="").exclude(pk__in=gone_on.values("follows"))
    return found.select_related("agency", "organiser").iterator()


def _go_on(event: Event, first_on: date, last_on: date) -> Event | None:
    """The same series from the first of its days in the new quarter, if there is one."""
    rule = replace(recurrence.parse(event.rrule), count=None, until=None)
    beyond = timezone.make_aware(datetime.combine(last_on, time.max))
    starts = recurrence.schedule(
        rrule=str(rule),
        first_on=event.first_on,
        start_time=event.start_time,
        time_zone=event.time_zone,
        horizon=beyond,
    ).starts
    coming = [start for start in starts if start.date() >= first_on]
    if not coming:
        return None
    copy = Event(**{name: getattr(event, name) for name in FIELDS})
    copy.agency, copy.area_slugs = event.agency, event.area_slugs
    copy.status, copy.follows = Event.Status.PUBLISHED, event
    copy.review_on, copy.emergency_reason = None, ""
    copy.first_on = coming[0].date()
    copy.rrule = str(replace(rule, until=coming[-1].astimezone(UTC)))
    return copy


# --- today's off --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MakeUp:
    """When and where a cancelled date could be made up for."""

    starts_at: datetime
    place: Place


def todays(by: User, now: datetime) -> list[Occurrence]:
    """Today's dates of the person's own areas that take place and are not over; only their own where they have some."""
    taking_place = _of_today(by, now).exclude(status=Occurrence.Status.CANCELLED)
    dates = list(taking_place)
    mine = [found for found in dates if found.event.organiser and found.event.organiser.user_id == by.pk]
    return mine or dates


def cancelled_today(by: User, now: datetime) -> list[Occurrence]:
    """Today's dates of the person's own areas that were to come and are off."""
    return list(_of_today(by, now).filter(status=Occurrence.Status.CANCELLED))


def _of_today(by: User, now: datetime) -> QuerySet[Occurrence]:
    today = timezone.localdate(now)
    posts = Assignment.objects.in_force(today).filter(staff_member__user=by)
    held = areas_within(posts.values_list("area_id", flat=True), today)
    midnight = timezone.make_aware(datetime.combine(today + timedelta(days=1), time()))
    found = Occurrence.objects.published().filter(ends_at__gt=now, starts_at__lt=midnight)
    found = found.filter(event__in=Event.objects.in_areas(held).values("pk"))
    return found.select_related("event__agency", "event__organiser", "override")


def cancel_today(*, by: User, reason: str, at_night: bool = False) -> tuple[OccurrenceOverride, list[MakeUp]]:
    """Cancels the one roll call of today, and proposes when to make up for it. `at_night` as for any date.

    Raises Conflict where there is none today, and where there are several, which it names.
    """
    now = timezone.now()
    roll_calls = [one for one in todays(by, now) if one.event.kind == Event.Kind.BLOCK_ROLL_CALL]
    if not roll_calls:
        raise Conflict("No roll call of yours is left today.", type="none-today")
    if len(roll_calls) > 1:
        raise Conflict(
            "There are several today; cancel the one you mean.",
            type="several-today",
            occurrences=[
                {
                    "event": str(one.event_id),
                    "recurrence_id": recurrence.basic(one.recurrence_id.astimezone(one.event.tz)),
                    "title": one.event.title,
                }
                for one in roll_calls
            ],
        )
    occurrence = roll_calls[0]
    override = cancel_occurrence(
        event=occurrence.event,
        recurrence_id=occurrence.recurrence_id,
        by=by,
        reason=reason,
        at_night=at_night,
    )
    return override, make_ups(occurrence, by, now)


def make_ups(occurrence: Occurrence, by: User, now: datetime) -> list[MakeUp]:
    """Up to three days of the coming week at the same time and place, on which nothing is in the way."""
    event = occurrence.event
    place = (occurrence.override and occurrence.override.place) or event.place
    found = []
    for days in range(1, 8):
        start = occurrence.starts_at.astimezone(event.tz) + timedelta(days=days)
        wanted = Wanted([start], event.duration, place, event.organiser_id, beats(event.areas.all()))
        taken = Q(starts_at__lt=start + event.duration, ends_at__gt=start)
        if start > now and not event.occurrences.filter(taken).exists() and not find_clashes(wanted, by):
            found.append(MakeUp(start, place))
    return found[:3]


def post_make_up(*, by: User, occurrence: Occurrence, starts_at: datetime) -> Event:
    """Posts one date in place of a cancelled one, as its series is otherwise.

    Raises Invalid, NotAllowed, and Conflict where that date takes place.
    """
    if occurrence.status != Occurrence.Status.CANCELLED:
        raise Conflict("This date takes place; nothing needs to be made up for.", type="not-cancelled")
    event, local = occurrence.event, starts_at.astimezone(occurrence.event.tz)
    fields: dict[str, Any] = {name: getattr(event, name) for name in FIELDS}
    fields |= {"first_on": local.date(), "start_time": local.time().replace(second=0, microsecond=0)}
    fields |= {"rrule": "", "review_on": None, "emergency_reason": ""}
    return post_event(by=by, areas=event.areas_as_posted(), **fields)
