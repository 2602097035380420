"""What follows from a series and its changed dates: stored dates, stored bytes, history, texts.

Only the services of this room call it, inside their transactions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Conflict, Invalid
from backend.events import ical, notices, recurrence
from backend.events.models import Event, EventChange, Occurrence, OccurrenceOverride, Registration
from backend.notifications.models import Notice
from backend.notifications.sensitive import unless_sensitive
from backend.notifications.services import queue_notice
from backend.roster import editions
from backend.roster.models import Area, areas_above, areas_within

AHEAD = timedelta(days=548)  # how far ahead dates are stored
# What meetings are offered in, by tag (BCP 47; ISO 639-3 for sign language).
LANGUAGES = {
    "en": "English",
    "es": "Spanish",
    "bs": "Bosnian",
    "vi": "Vietnamese",
    "ar": "Arabic",
    "so": "Somali",
    "sw": "Swahili",
    "prs": "Dari",
    "ps": "Pashto",
    "ase": "American Sign Language",
}


def public_link(event: Event) -> str:
    """The page where anybody can read about the series; texts and calendars carry it."""
    return f"{settings.PUBLIC_URL}/e/{event.id}"


# --- time ---------------------------------------------------------------------------------------------


def whole(moment: datetime) -> datetime:
    """Without the fraction of a second, which iCalendar does not know."""
    return moment.replace(microsecond=0)


def later(event: Event) -> datetime:
    return max(whole(timezone.now()), event.revised_at + timedelta(seconds=1))


def stamp(event: Event) -> None:
    """The next revision (RFC 5545, 3.8.7.2 to 3.8.7.4): neither number ever goes back."""
    event.sequence += 1
    event.revised_at = later(event)


def end(start: datetime, length: timedelta) -> datetime:
    """`length` later by the stopwatch: adding to an aware local time would go by the wall clock."""
    return start.astimezone(UTC) + length


def midnight(event: Event, moment: datetime) -> datetime:
    """The beginning of that local day."""
    return datetime.combine(moment.astimezone(event.tz), time(), event.tz)


def plan(event: Event) -> tuple[datetime, ...]:
    """All starts of the series, 18 months ahead where it is open; puts its rule into the form that is published.

    Raises Invalid.
    """
    schedule = recurrence.schedule(
        rrule=event.rrule,
        first_on=event.first_on,
        start_time=event.start_time,
        time_zone=event.time_zone,
        horizon=timezone.now() + AHEAD,
    )
    event.rrule = schedule.rrule
    return schedule.starts


# --- one change, with all that follows ----------------------------------------------------------------


def settle(
    event: Event, starts: Sequence[datetime], *, action: str, details: dict[str, Any], by: User
) -> None:
    """Saves the series with its dates, its bytes and a line of history, and lets readers know."""
    overrides = list(event.overrides.all())
    event.last_ends_at = _last_end(event, starts, overrides)
    event.ics = b"" if event.status == Event.Status.DRAFT else render(event, overrides)
    event.save()
    store_occurrences(event, starts, overrides, timezone.now())
    # Whoever has a place has the date in a calendar of their own.
    Registration.objects.filter(occurrence__event=event).revise(event.revised_at)
    note(event, action=action, details=details, by=by)


def note(event: Event, *, action: str, details: dict[str, Any], by: User) -> None:
    """A line of history, and word to every process that the calendar is another."""
    EventChange.objects.create(
        event=event, action=action, sequence=event.sequence, details=details, by=by, at=timezone.now()
    )
    # Who of a working group posts is in the group's own record: administrators read this one.
    actor = None if event.working_group else by
    audit.record(action, event, by=actor, fields=details, reason=details.get("reason", ""))
    editions.bump(editions.CALENDAR)


def _last_end(
    event: Event, starts: Sequence[datetime], overrides: Iterable[OccurrenceOverride]
) -> datetime | None:
    """When nothing more comes; of an open series that was cancelled, the moment of that."""
    if event.is_open:
        return event.revised_at if event.status == Event.Status.CANCELLED else None
    changed = {o.recurrence_id: o.ends_at for o in overrides}
    return max(changed.get(start, end(start, event.duration)) for start in starts)


def carry_overrides(event: Event, starts: Iterable[datetime], old_length: timedelta) -> list[str]:
    """Keeps what was changed about a day on that day; returns the starts whose day the series has left."""
    by_day, dropped = {start.date(): start for start in starts}, []
    for override in event.overrides.all():
        start = by_day.get(override.recurrence_id.astimezone(event.tz).date())
        if start is None:
            dropped.append(override.recurrence_id.isoformat())
            override.delete()
            continue
        length = override.ends_at - override.starts_at
        if override.starts_at == override.recurrence_id:
            override.starts_at = start
        override.recurrence_id = start
        override.ends_at = end(override.starts_at, event.duration if length == old_length else length)
        override.save()
    return dropped


def store_occurrences(
    event: Event, starts: Iterable[datetime], overrides: Iterable[OccurrenceOverride], now: datetime
) -> None:
    """Makes the stored dates those of the series, 18 months ahead; a day that stays keeps its row."""
    changed = {override.recurrence_id: override for override in overrides}
    stored = {row.recurrence_id.astimezone(event.tz).date(): row for row in event.occurrences.all()}
    added, altered = [], []
    for start in starts:
        values = _date(event, start, changed.get(start))
        if min(start, values["starts_at"]) > now + AHEAD:
            continue
        row = stored.pop(start.date(), None)
        if row is None:
            added.append(Occurrence(event=event, **values))
        elif any(getattr(row, name) != value for name, value in values.items()):
            altered.append(row)
            for name, value in values.items():
                setattr(row, name, value)
    _drop(event, [row.pk for row in stored.values()])
    Occurrence.objects.bulk_create(added)
    Occurrence.objects.bulk_update(altered, [*DATE_FIELDS])


def _drop(event: Event, ids: Sequence[Any]) -> None:
    """Deletes stored dates, unless somebody counts on one of them."""
    dropped = event.occurrences.filter(pk__in=ids)
    list(dropped.select_for_update().values_list("pk"))  # nobody registers for one in the meantime
    if dropped.filter(registrations__in=Registration.objects.standing()).exists():
        raise Conflict(
            "People are registered for dates that the series would lose; cancel those dates first.",
            type="people-registered",
        )
    dropped.delete()


DATE_FIELDS = ("recurrence_id", "starts_at", "ends_at", "status", "override")


def _date(event: Event, start: datetime, override: OccurrenceOverride | None) -> dict[str, Any]:
    starts_at = override.starts_at if override else start
    ends_at = override.ends_at if override else end(start, event.duration)
    status = override.status if override else Occurrence.Status.SCHEDULED
    # What was over when the series was cancelled did take place.
    if event.status == Event.Status.CANCELLED and ends_at > event.revised_at:
        status = Occurrence.Status.CANCELLED
    return dict(zip(DATE_FIELDS, (start, starts_at, ends_at, status, override), strict=True))


# --- bytes --------------------------------------------------------------------------------------------


def render(event: Event, overrides: Iterable[OccurrenceOverride]) -> bytes:
    """The series' VEVENTs as feeds carry them."""
    follows_uid = event.follows.uid if event.follows else ""
    changes = tuple(map(change_of, overrides))
    return ical.vevents(replace(as_published(event), follows_uid=follows_uid, changes=changes))


def as_published(event: Event) -> ical.Series:
    """The series without what was changed about single dates."""
    start = datetime.combine(event.first_on, event.start_time, event.tz)
    return ical.Series(
        uid=event.uid,
        sequence=event.sequence,
        revised_at=event.revised_at,
        # A calendar shows itself on locked screens; the page behind its link has all the words.
        title=unless_sensitive(event.title, Event.Kind(event.kind).label.capitalize()),
        category=Event.Kind(event.kind).label,
        starts_at=start,
        ends_at=end(start, event.duration),
        time_zone=event.time_zone,
        place=event.place,
        url=public_link(event),
        rrule=event.rrule,
        description=unless_sensitive(event.description),
        agenda=unless_sensitive(event.agenda),
        access_notes=event.access_notes,
        languages=tuple(LANGUAGES[tag] for tag in event.languages),
        emergency_reason=unless_sensitive(event.emergency_reason),
        takes_registrations=event.takes_registrations,
        is_whole_day=event.is_whole_day,
        join_url=event.join_url,
        organiser=str(event.shown_organiser or ""),
        cancelled=event.status == Event.Status.CANCELLED,
        reason=unless_sensitive(event.cancel_reason),
    )


def change_of(override: OccurrenceOverride) -> ical.Change:
    return ical.Change(
        recurrence_id=override.recurrence_id,
        starts_at=override.starts_at,
        ends_at=override.ends_at,
        cancelled=override.status == OccurrenceOverride.Status.CANCELLED,
        reason=unless_sensitive(override.reason),
        place=override.place,
    )


# --- texts --------------------------------------------------------------------------------------------


NIGHT_NOTICE = timedelta(hours=12)


def check_at_night(at_night: bool, starts_at: datetime, now: datetime) -> None:
    """Waking people is for what begins within 12 hours. Raises Invalid."""
    if at_night and starts_at - now > NIGHT_NOTICE:
        raise Invalid(
            "Only what begins within 12 hours may be texted outside 8:00 to 21:00; it goes in the morning.",
            field="at_night",
        )


def tell(
    event: Event,
    *,
    kind: str,
    body: dict[str, str],
    expires_at: datetime,
    recurrence_id: datetime | None = None,
    matters_by: datetime | None = None,
    at_night: bool = False,
) -> None:
    """Queues a text for those who follow the series, its kind or an area whose feed shows it.

    `at_night`: staff chose that it does not wait for the morning.
    """
    if event.status == Event.Status.DRAFT:
        return
    subject_id = subject_of(event, recurrence_id)
    dates = event.occurrences.filter(ends_at__gt=timezone.now(), registrations__isnull=False).distinct()
    if recurrence_id:
        dates = dates.filter(recurrence_id=recurrence_id)
    queue_notice(
        kind=kind,
        key=f"{kind}:{subject_id}",
        topics=[*topics_of(event), *(f"date:{pk}" for pk in dates.values_list("pk", flat=True))],
        subject_id=subject_id,
        body=body,
        expires_at=expires_at,
        urgency=Notice.Urgency.URGENT if at_night else Notice.Urgency.CHANGE,
        path=f"/e/{event.id}",
        matters_by=matters_by,
    )


def subject_of(event: Event, recurrence_id: datetime | None = None) -> str:
    """What its last change is known by in the outbox (notifications.services.told)."""
    return notices.subject(
        event, recurrence.basic(recurrence_id.astimezone(event.tz)) if recurrence_id else ""
    )


def topics_of(event: Event) -> list[str]:
    """What somebody may follow to hear of the series: itself, its kind, its group, an area whose feed shows it."""
    areas = (f"area:{slug}" for slug in _shown_in(event))
    groups = [f"group:{event.working_group}"] if event.working_group else []
    return [f"event:{event.id}", f"kind:{event.kind}", *groups, *areas]


def _shown_in(event: Event) -> list[str]:
    own, today = list(event.areas.values_list("id", flat=True)), timezone.localdate()
    around = areas_within(own, today) | areas_above(own, today)
    return list(Area.objects.filter(pk__in=around).values_list("slug", flat=True))


# --- upkeep -------------------------------------------------------------------------------------------


def extend_occurrences(now: datetime) -> None:
    """Stores the dates that have come within 18 months since the last time. Periodic, repeatable."""
    to_come = Q(last_ends_at=None) | Q(last_ends_at__gt=now)
    running = Event.objects.exclude(status=Event.Status.CANCELLED).filter(to_come)
    by_rule = Max("occurrences__recurrence_id", filter=Q(occurrences__override=None))
    for event in running.annotate(stored=by_rule).iterator():
        # A series that begins beyond the horizon has no stored date yet.
        stored = event.stored or now
        if any(stored < start <= now + AHEAD for start in plan(event)):
            _extend(event.pk, now)


@transaction.atomic
def _extend(event_id: Any, now: datetime) -> None:
    event = Event.objects.select_for_update().get(pk=event_id)
    store_occurrences(event, plan(event), list(event.overrides.all()), now)
    editions.bump(editions.CALENDAR)


def render_all() -> int:
    """Renders stored bytes anew where they would differ (another PUBLIC_URL, a new release); how many."""
    ids = Event.objects.published().values_list("pk", flat=True)
    return sum(_render_again(event_id) for event_id in list(ids))


@transaction.atomic
def _render_again(event_id: Any) -> bool:
    event = Event.objects.select_for_update().get(pk=event_id)
    overrides = list(event.overrides.all())
    if bytes(event.ics) == render(event, overrides):
        return False
    event.revised_at = later(event)
    event.ics = render(event, overrides)
    event.save(update_fields=["revised_at", "ics"])
    Registration.objects.filter(occurrence__event=event).revise(event.revised_at)
    editions.bump(editions.CALENDAR)
    return True
