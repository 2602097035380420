"""What phones and staff see of the calendar."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from rest_framework import serializers

from backend.accounts.models import User
from backend.events.models import Event, Occurrence, OccurrenceOverride
from backend.events.models.series import is_stale
from backend.events.recurrence import basic
from backend.events.services import (
    Clash,
    clashes_of,
    public_link,
)
from backend.events.services.derived import subject_of
from backend.notifications.serializers import TextsOut, texts_out
from backend.notifications.services import told


class PlaceOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    address = serializers.CharField(allow_blank=True)
    lat = serializers.FloatField(allow_null=True)
    lon = serializers.FloatField(allow_null=True)


class OccurrenceOut(serializers.Serializer[Any]):
    """One date. Moved and cancelled ones stay in the list, with what they were and why."""

    id = serializers.UUIDField()
    event = serializers.UUIDField()
    recurrence_id = serializers.CharField(help_text="names the date in its series: its first local start")
    kind = serializers.ChoiceField(choices=Event.Kind.choices)
    title = serializers.CharField()
    status = serializers.ChoiceField(choices=Occurrence.Status.choices)
    reason = serializers.CharField(allow_blank=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    original_starts_at = serializers.DateTimeField(allow_null=True, help_text="where the start has moved")
    time_zone = serializers.CharField()
    place = PlaceOut()
    previous_place = PlaceOut(allow_null=True, help_text="where the place has changed")
    join_url = serializers.CharField(allow_blank=True)
    languages = serializers.ListField(child=serializers.CharField())
    takes_registrations = serializers.BooleanField()
    agency = serializers.CharField()
    areas = serializers.ListField(child=serializers.CharField())
    is_stale = serializers.BooleanField(help_text="nobody has confirmed it for long: ask before you go")


class OrganiserOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    rank = serializers.CharField()


class OccurrenceChangeOut(serializers.Serializer[Any]):
    """What is different about one date; `place` is null where it is the series'."""

    recurrence_id = serializers.CharField()
    status = serializers.ChoiceField(choices=OccurrenceOverride.Status.choices)
    reason = serializers.CharField(allow_blank=True)
    original_starts_at = serializers.DateTimeField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    place = PlaceOut(allow_null=True)


class ToldOccurrenceOut(OccurrenceChangeOut):
    """The same, and what followers are told."""

    texts = TextsOut(allow_null=True)


class ConfirmedOut(serializers.Serializer[Any]):
    """Who last said that it is so, and when; `is_stale`: too long ago, ask before you go."""

    by = serializers.CharField()
    at = serializers.DateTimeField()
    is_stale = serializers.BooleanField()


class ClashOut(serializers.Serializer[Any]):
    """Something else at that time, at the same place, by the same officer or on the same beat."""

    kind = serializers.ChoiceField(choices=["place", "organiser", "beat"])
    event = serializers.UUIDField()
    title = serializers.CharField()
    starts_at = serializers.DateTimeField()


class EventOut(serializers.Serializer[Any]):
    """A series and what was changed about single dates of it. `feed` is its calendar."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Event.Kind.choices)
    status = serializers.ChoiceField(choices=Event.Status.choices)
    title = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    agency = serializers.CharField()
    areas = serializers.ListField(child=serializers.CharField())
    time_zone = serializers.CharField()
    first_on = serializers.DateField()
    start_time = serializers.CharField(help_text="local wall time, HH:MM")
    duration_minutes = serializers.IntegerField()
    rrule = serializers.CharField(allow_blank=True)
    review_on = serializers.DateField(allow_null=True)
    agenda = serializers.CharField(allow_blank=True)
    place = PlaceOut()
    access_notes = serializers.CharField(allow_blank=True)
    languages = serializers.ListField(child=serializers.CharField())
    join_url = serializers.CharField(allow_blank=True)
    organiser = OrganiserOut(allow_null=True)
    takes_registrations = serializers.BooleanField()
    capacity = serializers.IntegerField(allow_null=True)
    program = serializers.CharField(allow_blank=True)
    working_group = serializers.CharField(allow_blank=True)
    emergency_reason = serializers.CharField(allow_blank=True)
    confirmed = ConfirmedOut()
    follows = serializers.UUIDField(allow_null=True, help_text="the series that this one goes on from")
    cancel_reason = serializers.CharField(allow_blank=True)
    sequence = serializers.IntegerField()
    revised_at = serializers.DateTimeField()
    changes = OccurrenceChangeOut(many=True)
    url = serializers.URLField()
    feed = serializers.URLField()


class ToldEventOut(EventOut):
    """The same, and what followers are told."""

    texts = TextsOut(allow_null=True)


class PostedOut(EventOut):
    """A series as it is now; `warnings` are what it is in the way of."""

    warnings = ClashOut(many=True)


def _place(row: dict[str, Any], prefix: str) -> dict[str, Any]:
    return {
        "name": row[f"{prefix}place_name"],
        "address": row[f"{prefix}place_address"],
        "lat": row[f"{prefix}lat"],
        "lon": row[f"{prefix}lon"],
    }


def occurrence_out(row: dict[str, Any]) -> dict[str, Any]:
    """`OccurrenceOut` of one of `OccurrenceQuerySet.rows`; by hand, because lists of dates are long."""
    tz = ZoneInfo(row["event__time_zone"])
    original, starts_at = row["recurrence_id"].astimezone(tz), row["starts_at"].astimezone(tz)
    place, elsewhere = _place(row, "event__"), bool(row["override__place_name"])
    cancelled = row["status"] == "cancelled"
    return {
        "id": str(row["id"]),
        "event": str(row["event_id"]),
        "recurrence_id": basic(original),
        "kind": row["event__kind"],
        "title": row["event__title"],
        "status": row["status"],
        "reason": row["override__reason"] or (row["event__cancel_reason"] if cancelled else ""),
        "starts_at": starts_at.isoformat(),
        "ends_at": row["ends_at"].astimezone(tz).isoformat(),
        "original_starts_at": original.isoformat() if original != starts_at else None,
        "time_zone": row["event__time_zone"],
        "place": _place(row, "override__") if elsewhere else place,
        "previous_place": place if elsewhere else None,
        "join_url": row["event__join_url"],
        "languages": row["event__languages"],
        "takes_registrations": row["event__takes_registrations"],
        "agency": row["event__agency__slug"],
        "areas": row["event__area_slugs"],
        "is_stale": not row["is_fresh"],
    }


def change_out(override: OccurrenceOverride, tz: ZoneInfo) -> dict[str, Any]:
    """`OccurrenceChangeOut` of one override."""
    original = override.recurrence_id.astimezone(tz)
    return {
        "recurrence_id": basic(original),
        "status": override.status,
        "reason": override.reason,
        "original_starts_at": original.isoformat(),
        "starts_at": override.starts_at.astimezone(tz).isoformat(),
        "ends_at": override.ends_at.astimezone(tz).isoformat(),
        "place": _place(vars(override), "") if override.place else None,
    }


def told_out(override: OccurrenceOverride) -> dict[str, Any]:
    """`ToldOccurrenceOut` of an override that was just made."""
    event = override.event
    texts = texts_out(told(subject_of(event, override.recurrence_id)))
    return {**change_out(override, event.tz), "texts": texts}


def event_out(event: Event) -> dict[str, Any]:
    """`EventOut` of a series."""
    who, link = event.shown_organiser, public_link(event)
    changes = sorted(event.overrides.all(), key=lambda override: override.recurrence_id)
    return {
        "id": str(event.id),
        "kind": event.kind,
        "status": event.status,
        "title": event.title,
        "description": event.description,
        "agency": event.agency.slug,
        "areas": event.area_slugs,
        "time_zone": event.time_zone,
        "first_on": event.first_on.isoformat(),
        "start_time": event.start_time.strftime("%H:%M"),
        "duration_minutes": event.duration_minutes,
        "rrule": event.rrule,
        "review_on": event.review_on and event.review_on.isoformat(),
        "agenda": event.agenda,
        "place": _place(vars(event), ""),
        "access_notes": event.access_notes,
        "languages": event.languages,
        "join_url": event.join_url,
        "takes_registrations": event.takes_registrations,
        "capacity": event.capacity,
        "program": event.program,
        "working_group": event.working_group,
        "emergency_reason": event.emergency_reason,
        "confirmed": {
            "by": event.confirmed_in_name_of,
            "at": event.confirmed_at.astimezone(event.tz).isoformat(),
            "is_stale": is_stale(event.confirmed_at, event.review_on, timezone.localdate()),
        },
        "follows": event.follows_id and str(event.follows_id),
        "organiser": who and {"id": str(who.id), "name": who.name, "rank": who.rank},
        "cancel_reason": event.cancel_reason,
        "sequence": event.sequence,
        "revised_at": event.revised_at.astimezone(event.tz).isoformat(),
        "changes": [change_out(override, event.tz) for override in changes],
        "url": link,
        "feed": f"{settings.PUBLIC_URL}/feeds/events/{event.id}.ics",
    }


def posted_out(event: Event, by: User) -> dict[str, Any]:
    """`PostedOut` of a series that the person has just posted or changed."""
    clashes = clashes_of(event, by, timezone.now())
    return {**event_out(event), "warnings": [clash_out(clash) for clash in clashes]}


def clash_out(clash: Clash) -> dict[str, Any]:
    event = clash.event
    return {
        "kind": clash.kind,
        "event": str(event.id),
        "title": event.title,
        "starts_at": clash.starts_at.astimezone(event.tz).isoformat(),
    }
