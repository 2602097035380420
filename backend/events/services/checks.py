"""Who may change a series, and what a series may say; every refusal tells what to do instead."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.utils import timezone

from backend.accounts.models import User
from backend.errors import Conflict, Invalid, NotAllowed, NotFound, Unprocessable
from backend.events import ical, recurrence, sunshine
from backend.events.models import (
    GROUP_WORDS,
    LONGEST,
    PROGRAM_AGENCY,
    PUBLIC_BODIES,
    SHORTEST,
    Event,
    reach,
    staffed_programs,
)
from backend.roster.models import Area, parents


def locked(event: Event, by: User) -> Event:
    """The series, locked until the transaction ends, if the person may change it."""
    found = Event.objects.select_for_update().filter(pk=event.pk).first()
    today = timezone.localdate()
    if found is None or not Event.objects.visible_to(by, today).filter(pk=found.pk).exists():
        raise NotFound()
    if not Event.objects.changeable_by(by, today).filter(pk=found.pk).exists():
        raise NotAllowed("You can change events of the areas you serve, those inside them and the one above.")
    return found


def check_areas(by: User, areas: Sequence[Area]) -> None:
    if not areas:
        raise Invalid("Name at least one area.", field="areas")
    held = reach(by, timezone.localdate())
    if outside := [area.slug for area in areas if area.id not in held]:
        raise NotAllowed(
            f"You can post for the areas you serve, those inside them and the one above; "
            f"not for {', '.join(outside)}."
        )


def public_areas(kind: str, areas: Sequence[Area]) -> list[Area]:
    """The areas, or, for a ride-along, the districts and precincts that they are part of: a beat tells of the officer.

    Raises Invalid where none is known.
    """
    if kind != Event.Kind.RIDE_ALONG:
        return list(areas)
    above, by_id = (
        parents(timezone.localdate()),
        {area.pk: area for area in Area.objects.select_related("agency")},
    )
    lifted = []
    for area in areas:
        while area.kind in (Area.Kind.BEAT, Area.Kind.SECTOR):
            if area.pk not in above:
                raise Invalid("A ride-along is posted for a district or precinct.", field="areas")
            area = by_id[above[area.pk]]
        lifted.append(area)
    return list(dict.fromkeys(lifted))


_TAG = re.compile(r"</?[a-z][a-z0-9]*(\s[^<>]*)?/?>", re.IGNORECASE)


def refuse_markup(words: str, field: str) -> None:
    """Calendar programs show tags as they are."""
    if _TAG.search(words):
        raise Invalid("Write plain text, without HTML tags.", field=field, code="markup")


def check_words(event: Event, said: Mapping[str, str]) -> None:
    """What the room of working groups does not let an event of a group of its say, by field."""
    if event.working_group:
        for refuse in GROUP_WORDS:
            refuse(event.working_group, said)


def check_reason(event: Event, reason: str) -> None:
    refuse_markup(reason, "reason")
    check_words(event, {"reason": reason})


def check_length(length: timedelta) -> None:
    if not timedelta(minutes=SHORTEST) <= length <= timedelta(minutes=LONGEST):
        raise Invalid(f"It lasts from {SHORTEST} to {LONGEST} minutes.", field="duration_minutes")


def check_place(place: ical.Place) -> None:
    refuse_markup(place.name, "place/name")
    refuse_markup(place.address, "place/address")
    if not place.name.strip():
        raise Invalid("Say where it is.", field="place/name")
    if (place.lat is None) != (place.lon is None):
        raise Invalid("Give both lat and lon, or neither.", field="place/lat")


def words_of(place: ical.Place) -> dict[str, str]:
    return {"place/name": place.name, "place/address": place.address}


def check(event: Event) -> None:
    for name in ("title", "description", "agenda", "access_notes", "emergency_reason"):
        refuse_markup(getattr(event, name), name)
    check_place(event.place)
    said = ("title", "description", "agenda", "access_notes", "emergency_reason", "join_url")
    check_words(event, {name: getattr(event, name) for name in said} | words_of(event.place))
    check_length(event.duration)
    if event.organiser and event.organiser.agency_id != event.agency_id:
        raise Invalid("The organiser belongs to another agency than the first area.", field="organiser")
    if event.capacity and not event.takes_registrations:
        raise Invalid(
            "Places are counted where people register: send takes_registrations too.", field="capacity"
        )
    if event.is_whole_day and event.takes_registrations:
        raise Invalid("Places of a ride-along are given by application.", field="takes_registrations")


def check_program(event: Event, before: str, by: User) -> None:
    """A program's staff say which events are its own, in whose feed and under whose hand they then are."""
    if event.program == before:
        return
    staffed = staffed_programs(by, timezone.localdate())
    if {event.program, before} - {"", *staffed} and not by.is_administrator:
        raise NotAllowed("Which events belong to a program, its own staff say.")
    agencies = {agency_of(event.program) for agency_of in PROGRAM_AGENCY} if event.program else set()
    if event.program and event.agency_id not in agencies:
        raise Invalid("The first area's agency has no program of this slug.", field="program", code="unknown")


def check_review(event: Event, today: date) -> None:
    """An open series has a day on which somebody looks whether it still goes on, a year ahead at most."""
    if event.is_open and event.review_on is None:
        raise Invalid(
            "Say when the series ends, with COUNT or UNTIL in the rule; or, for one without an end, give "
            "review_on, the day until which it is known to go on.",
            field="review_on",
            code="open-without-review",
        )
    if event.review_on and not today < event.review_on <= today + timedelta(days=366):
        raise Invalid("review_on lies ahead, by a year at most.", field="review_on")


def check_notice(event: Event, announced: Iterable[datetime], now: datetime, reason: str | None) -> None:
    """A public body announces a meeting 24 hours before, or says why it could not (RSMo 610.020.1, .4).

    `announced`: the starts that the public learns of with this change; `reason`: the emergency given with it, for
    that of an earlier change is none of this one. Raises Unprocessable.
    """
    if event.kind not in PUBLIC_BODIES or event.status == Event.Status.DRAFT or reason:
        return
    first = min((start for start in announced if start > now), default=None)
    if first is None or sunshine.is_enough(now, first):
        return
    raise Unprocessable(
        "A public body announces its meetings at least 24 hours before, weekends and holidays not counted "
        f"(RSMo 610.020): from now, {recurrence.in_words(sunshine.earliest(now))} at the earliest. If it cannot "
        "wait, state the reason in emergency_reason; it is published with the meeting.",
        type="too-short-notice",
    )


def check_kind(event: Event, before: str) -> None:
    """What was posted with its hours and words does not become a ride-along, nor a ride-along anything else."""
    if event.kind != before and Event.Kind.RIDE_ALONG in (event.kind, before):
        raise Invalid("A ride-along keeps its kind; post the other one anew.", field="kind")


def refuse_cancelled(event: Event) -> None:
    if event.status == Event.Status.CANCELLED:
        raise Conflict("The series is cancelled; post a new one.", type="already-cancelled")


def refuse_rewriting(old: Sequence[datetime], new: Sequence[datetime], now: datetime) -> None:
    """What has begun stays as it was announced; nothing begins in the past."""
    begun = [start for start in old if start < now]
    if begun == [start for start in new if start < now]:
        return
    if not begun:
        raise Invalid("The first date may not be in the past.", field="first_on", code="past")
    raise Conflict(
        "The series has begun, and its past dates would change. End it with UNTIL and post the rest anew.",
        type="already-begun",
    )
