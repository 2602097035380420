"""Series from another program's calendar; a later import of it changes here what has changed there.

What the file said is kept beside the series: what somebody changed here since stays, unless the file changes it too.
Rule, first day, hour and length are one thing in this: where the file changes one of them, all are the file's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal

from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import Conflict, DomainError, Invalid, NotFound, Unprocessable
from backend.events import ics_file, recurrence
from backend.events.ical import Place
from backend.events.ics_file import FoundSeries, NotRead
from backend.events.models import Event, ImportedSeries, Occurrence, OccurrenceOverride
from backend.events.services.checks import check_notice, locked
from backend.events.services.clashes import Clash, clashes_of
from backend.events.services.dates import cancel_occurrence, reschedule_occurrence, restore_occurrence
from backend.events.services.derived import AHEAD, plan
from backend.events.services.series import cancel_event, post_event, revise_event
from backend.events.services.splitting import split_event
from backend.roster.index import find_address, geography
from backend.roster.models import Area

SURE = 0.9  # of an address: its number is on a street that was spelt right
SHOWN_DAYS = 6
MOST_CHANGED = 60  # dates of a series: each is a change with its history, its bytes and its texts
Fields = dict[str, Any]  # those of SeriesFields
Outcome = Literal["new", "changed", "unchanged", "left_out", "refused"]


@dataclass(frozen=True)
class Imported:
    """What became of one entry. `changed` names what the file changed; `event` and what follows from it are of the
    moment within the import, also where that was only tried."""

    source_uid: str
    title: str
    outcome: Outcome
    reason: str = ""
    notes: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    event: Event | None = None
    days: tuple[date, ...] = ()
    warnings: tuple[Clash, ...] = ()


@dataclass(frozen=True)
class _Request:
    """What whoever imports says of all series that are new."""

    by: User
    areas: Sequence[Area]
    kind: str
    review_on: date | None
    now: datetime


def import_calendar(
    *,
    by: User,
    calendar: str,
    areas: Sequence[Area] = (),
    kind: str = Event.Kind.OTHER,
    review_on: date | None = None,
    preview: bool = False,
) -> list[Imported]:
    """Posts the series of an iCalendar file and changes those that an earlier import posted; each by itself.

    Without `areas` a series goes to the area in which its location lies. `kind`: of what names no kind as its
    category; `review_on`: of series without an end. `preview` tries all and keeps nothing. Raises Invalid for what is
    no calendar.
    """
    request = _Request(by, areas, kind, review_on, timezone.now())
    return [_one(item, request, preview) for item in ics_file.read(calendar)]


def _one(item: FoundSeries | NotRead, request: _Request, preview: bool) -> Imported:
    if isinstance(item, NotRead):
        return Imported(item.source_uid, item.title, "refused", item.reason)
    try:
        with transaction.atomic():
            imported = _bring_in(item, request)
            if preview:
                transaction.set_rollback(True)
    except DomainError as refusal:
        return Imported(item.source_uid, item.title, "refused", refusal.detail, item.notes)
    except IntegrityError:  # two imports of one file at once
        reason = "Somebody else is importing it just now; import the file again."
        return Imported(item.source_uid, item.title, "refused", reason)
    return imported


def _bring_in(found: FoundSeries, request: _Request) -> Imported:
    if Event.objects.filter(uid=found.source_uid).exists():
        raise Conflict("It is a series of this calendar itself; change it here.")
    locking = ImportedSeries.objects.select_for_update(of=("self",)).select_related("event")
    known = locking.filter(source_uid=found.source_uid).first()
    if known is None:
        return _new(found, request)
    changed = {name for name, value in _facts(found).items() if known.facts.get(name) != value}
    if not changed:
        return Imported(found.source_uid, found.title, "unchanged", event=known.event)
    return _again(found, known, changed, request)


def _facts(found: FoundSeries) -> dict[str, Any]:
    """What the file says, in JSON."""
    dates = {
        day.isoformat(): {**asdict(one), "starts_at": one.starts_at.isoformat()}
        for day, one in sorted(found.dates.items())
    }
    return {
        "title": found.title,
        "description": found.description,
        "place": [found.place_name, found.place_address, *(found.point or ())],
        "join_url": found.join_url,
        "first_on": found.first_on.isoformat(),
        "start_time": found.start_time.isoformat(),
        "duration_minutes": found.duration_minutes,
        "rrule": found.rrule,
        "cancelled": found.cancelled,
        "dates": dates,
    }


# --- new ----------------------------------------------------------------------------------------------


def _new(found: FoundSeries, request: _Request) -> Imported:
    if found.cancelled:
        return Imported(found.source_uid, found.title, "left_out", "It is cancelled there.")
    when = _since(found, request.now, request)
    if when is None:
        return Imported(found.source_uid, found.title, "left_out", "All its dates are over.")
    event = _post(found, when, request)
    known = ImportedSeries(event=event, source_uid=found.source_uid, facts={"dates": {}})
    notes = _change_dates(event, known, found, request)
    if event.status == Event.Status.DRAFT:
        event = revise_event(event=event, by=request.by, publish=True)
        check_notice(event, event.overrides.values_list("starts_at", flat=True), request.now, None)
    return _outcome("new", event, found, request, notes=notes)


def _post(found: FoundSeries, when: Fields, request: _Request) -> Event:
    """As a draft first where single dates differ, so that nobody is told of a change of what was never announced."""
    kind = _kind(found, request.kind)
    if kind == Event.Kind.RIDE_ALONG:
        raise Invalid("Post ride-alongs here: a file tells their hours, and with them the officer.")
    return post_event(
        by=request.by,
        areas=request.areas or [_area_of(found, request.now)],
        status=Event.Status.DRAFT if found.dates else Event.Status.PUBLISHED,
        kind=kind,
        **_words(found, request.now),
        **when,
    )


def _kind(found: FoundSeries, otherwise: str) -> str:
    by_label = {kind.label.casefold(): kind.value for kind in Event.Kind}
    named = (by_label.get(name.casefold()) for name in found.categories)
    return next(filter(None, named), otherwise)


def _since(found: FoundSeries, since: datetime, request: _Request) -> Fields | None:
    """When the series is from its first date at or after `since` on; None where there is none."""
    schedule = recurrence.schedule(
        rrule=found.rrule,
        first_on=found.first_on,
        start_time=found.start_time,
        time_zone=ics_file.CHICAGO.key,
        horizon=since + AHEAD,
    )
    passed = sum(start < since for start in schedule.starts)
    if passed == len(schedule.starts):
        if schedule.is_open:
            raise Invalid("Its next date is more than 18 months away.")
        return None
    fields: Fields = {
        "first_on": schedule.starts[passed].date(),
        "start_time": found.start_time,
        "duration_minutes": found.duration_minutes,
        "rrule": recurrence.without_first(schedule.rrule, passed),
    }
    if schedule.is_open and request.review_on:
        fields["review_on"] = request.review_on
    return fields


def _words(found: FoundSeries, now: datetime) -> Fields:
    lat, lon = _point(found, now) or (None, None)
    return {
        "title": found.title,
        "description": found.description,
        "place_name": found.place_name,
        "place_address": found.place_address,
        "lat": lat,
        "lon": lon,
        "join_url": found.join_url,
    }


def _point(found: FoundSeries, now: datetime) -> tuple[float, float] | None:
    """Where it is: by the file, or by its address where that is certain."""
    return found.point or _point_of(found.place_name, found.place_address, now)


def _point_of(name: str, address: str, now: datetime) -> tuple[float, float] | None:
    # "730 Carroll St, St. Louis" came as a name and the rest of an address.
    for text in (address, f"{name}, {address}", name):
        if not any(map(str.isdigit, text)):
            continue
        try:
            match = find_address(text, timezone.localdate(now))
        except (NotFound, Unprocessable):
            continue
        if match.confidence >= SURE:
            return match.lat, match.lon
    return None


def _area_of(found: FoundSeries, now: datetime) -> Area:
    point = _point(found, now)
    area = geography().deepest(*point, timezone.localdate(now)) if point else None
    if area is None:
        raise Invalid("Its location is no address that we know; name the areas that it is for.")
    return Area.objects.select_related("agency").get(pk=area.pk)


# --- again --------------------------------------------------------------------------------------------

WHEN = {"first_on", "start_time", "rrule", "duration_minutes"}
WORDS = {
    "title": ("title",),
    "description": ("description",),
    "place": ("place_name", "place_address", "lat", "lon"),
    "join_url": ("join_url",),
}


def _again(found: FoundSeries, known: ImportedSeries, changed: set[str], request: _Request) -> Imported:
    event = locked(known.event, request.by)
    if event.followed_by.exists():
        raise Conflict("The series was split here; change it here.")
    if found.cancelled:
        if event.status != Event.Status.CANCELLED:
            event = cancel_event(event=event, by=request.by)
        known.facts = {**known.facts, "cancelled": True}
        known.save()
        return _outcome("changed", event, found, request, changed=changed)
    known.event = event = _revise(event, found, changed, request)
    notes = _change_dates(event, known, found, request)
    return _outcome("changed", event, found, request, notes=notes, changed=changed)


def _revise(event: Event, found: FoundSeries, changed: set[str], request: _Request) -> Event:
    """Changes what the file has changed; where dates that are over would change, a new series goes on from now."""
    ours = _words(found, request.now)
    words = {column: ours[column] for name in WORDS.keys() & changed for column in WORDS[name]}
    if not WHEN & changed:
        return revise_event(event=event, by=request.by, **words)
    starts = plan(event)
    when = _since(found, min(starts[0], request.now), request)
    if when is None:
        raise Conflict("All its dates are over there; cancel it here.")
    try:
        with transaction.atomic():
            return revise_event(event=event, by=request.by, **words, **when)
    except Conflict as refusal:
        rest = _since(found, request.now, request)
        if refusal.type != "already-begun" or rest is None:
            raise
    # Those before the first day of the rest, today's perhaps, stay as they were announced.
    since = next((s for s in starts if s > request.now and s.date() >= rest["first_on"]), None)
    if since is None:
        raise Conflict("It is over here; give it another UID there, and import it as a new one.")
    return split_event(event=event, recurrence_id=since, by=request.by, **words, **rest)


def _change_dates(event: Event, known: ImportedSeries, found: FoundSeries, request: _Request) -> list[str]:
    """Moves, cancels and restores the dates of which the file says something else than it did; notes on the others.

    Keeps what the file says now; of a date that could not be changed what it said before, so that the next import
    tries again.
    """
    facts, before = _facts(found), known.facts["dates"]
    after: dict[str, Any] = facts["dates"]
    starts = {start.date().isoformat(): start for start in plan(event)}
    ends = {o.recurrence_id.astimezone(event.tz).date().isoformat(): o.ends_at for o in event.overrides.all()}
    days = [day for day in sorted(before.keys() | after.keys()) if before.get(day) != after.get(day)]
    coming = [d for d in days if d in starts and max(starts[d], ends.get(d, starts[d])) > request.now]
    if len(coming) > MOST_CHANGED:
        raise Conflict(
            f"More than {MOST_CHANGED} of its dates differ; give it a rule that fits more of them."
        )
    notes, kept = [], dict(after)
    for day in days:
        if day not in coming:
            if _is_to_come(after.get(day), request.now):
                notes.append(f"What was {day} and is still to come is no date of the series here; post it.")
            continue
        try:
            with transaction.atomic():
                _change_date(event, starts[day], after.get(day), request)
        except DomainError as refusal:
            notes.append(f"{day} stays as it is: {refusal.detail}")
            kept = {name: value for name, value in kept.items() if name != day}
            kept |= {day: before[day]} if day in before else {}
    known.facts, known.imported_at = {**facts, "dates": kept}, request.now
    known.save()
    return notes


def _is_to_come(wanted: Mapping[str, Any] | None, now: datetime) -> bool:
    return (
        wanted is not None and not wanted["cancelled"] and datetime.fromisoformat(wanted["starts_at"]) > now
    )


def _change_date(event: Event, start: datetime, wanted: Mapping[str, Any] | None, request: _Request) -> None:
    date: Any = {"event": event, "recurrence_id": start, "by": request.by}
    override = event.overrides.filter(recurrence_id=start).first()
    is_off = override is not None and override.status == OccurrenceOverride.Status.CANCELLED
    moved_away = wanted is not None and datetime.fromisoformat(wanted["starts_at"]) <= request.now
    if wanted and (wanted["cancelled"] or moved_away):
        # One that was moved to a day that is over does not take place on its own day either.
        if not is_off:
            cancel_occurrence(**date)
        return
    if override and (wanted is None or is_off or (override.place and not wanted["place"])):
        restore_occurrence(**date)
        override = None
    if wanted is None:
        return
    starts_at, minutes = datetime.fromisoformat(wanted["starts_at"]), wanted["duration_minutes"]
    place = _elsewhere(wanted["place"], request.now)
    if (starts_at, minutes, place or event.place) != _as_it_is(event, start, override):
        reschedule_occurrence(**date, starts_at=starts_at, duration_minutes=minutes, place=place)


def _as_it_is(
    event: Event, start: datetime, override: OccurrenceOverride | None
) -> tuple[datetime, int, Place]:
    if override is None:
        return start, event.duration_minutes, event.place
    minutes = int((override.ends_at - override.starts_at).total_seconds() // 60)
    return override.starts_at, minutes, override.place or event.place


def _elsewhere(place: Sequence[str] | None, now: datetime) -> Place | None:
    if place is None:
        return None
    name, address = place
    return Place(name, address, *(_point_of(name, address, now) or ()))


def _outcome(
    outcome: Outcome,
    event: Event,
    found: FoundSeries,
    request: _Request,
    *,
    notes: Sequence[str] = (),
    changed: Iterable[str] = (),
) -> Imported:
    coming = event.occurrences.filter(starts_at__gt=request.now).exclude(status=Occurrence.Status.CANCELLED)
    starts = coming.values_list("starts_at", flat=True)[:SHOWN_DAYS]
    return Imported(
        source_uid=found.source_uid,
        title=event.title,
        outcome=outcome,
        notes=(*found.notes, *notes),
        changed=tuple(sorted(changed)),
        event=event,
        days=tuple(start.astimezone(event.tz).date() for start in starts),
        warnings=tuple(clashes_of(event, request.by, request.now)),
    )
