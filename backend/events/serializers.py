"""The calendar's shapes, as phones and staff see them. Times carry their local offset (RFC 3339)."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from rest_framework import serializers

from backend.accounts.models import User
from backend.errors import NotFound
from backend.events import feeds
from backend.events.ical import Place
from backend.events.models import LONGEST, SHORTEST, Event, Occurrence, OccurrenceOverride
from backend.events.models.series import is_stale
from backend.events.recurrence import ZONES, basic
from backend.events.services import (
    LANGUAGES,
    Clash,
    SeriesFields,
    clashes_of,
    public_link,
)
from backend.events.services.derived import subject_of
from backend.notifications.serializers import TextsOut, texts_out
from backend.notifications.services import told
from backend.roster.models import Area, StaffMember

FARTHEST = 50_000  # metres
MOST_PLACES = 10_000
MOST_AREAS = 30


class Instant(serializers.DateTimeField):
    """A moment with an offset, such as 2026-11-27T07:30:00-06:00."""

    default_error_messages = {
        "offset": "Add the offset, as in 2026-11-27T07:30:00-06:00.",
        "year": "Years go from 2000 to 2199.",
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            self.fail("offset")
        if not 2000 <= value.year < 2200:
            self.fail("year")
        return value


class Line(serializers.CharField):
    """One line of words: line breaks and runs of spaces become one space."""

    def to_internal_value(self, data: Any) -> str:
        line = " ".join(super().to_internal_value(data).split())
        if line and not any(character.isprintable() and character != " " for character in line):
            raise serializers.ValidationError("There is nothing to read in this.", code="invisible")
        return line


# --- in -----------------------------------------------------------------------------------------------


class PlaceIn(serializers.Serializer[Any]):
    """Replaces the whole place; the point is WGS84."""

    name = Line(max_length=120)
    address = Line(max_length=160, required=False, allow_blank=True)
    lat = serializers.FloatField(required=False, allow_null=True, min_value=-90, max_value=90)
    lon = serializers.FloatField(required=False, allow_null=True, min_value=-180, max_value=180)

    def validate(self, data: dict[str, Any]) -> Place:
        if "name" not in data:  # a partial update is of the event, not of its place
            raise serializers.ValidationError({"name": ["Say where it is."]}, code="required")
        return Place(data["name"], data.get("address", ""), data.get("lat"), data.get("lon"))


class SeriesIn(serializers.Serializer[Any]):
    """A series in local wall time. `rrule` (RFC 5545) is weekly or monthly, with an end or a `review_on`; empty: once.

    Of a ride-along its area and days alone are kept: hours, words and places would tell of the watch, the car or
    the officer. A working group's or a board's meeting is announced 24 hours before (RSMo 610.020), or has an
    `emergency_reason`, which is public.
    """

    kind = serializers.ChoiceField(choices=Event.Kind.choices)
    title = Line(max_length=120)
    description = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    areas = serializers.ListField(
        child=serializers.SlugField(max_length=100), min_length=1, max_length=MOST_AREAS
    )
    time_zone = serializers.ChoiceField(choices=[(name, name) for name in ZONES], required=False)
    first_on = serializers.DateField()
    start_time = serializers.TimeField(format="%H:%M", input_formats=["%H:%M", "%H:%M:00"])
    duration_minutes = serializers.IntegerField(min_value=SHORTEST, max_value=LONGEST, required=False)
    rrule = Line(max_length=200, required=False, allow_blank=True)
    review_on = serializers.DateField(
        required=False,
        allow_null=True,
        help_text="for a rule without an end: until when it is known to go on",
    )
    agenda = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    place = PlaceIn()
    access_notes = Line(max_length=300, required=False, allow_blank=True)
    languages = serializers.ListField(
        child=serializers.ChoiceField(choices=list(LANGUAGES.items())),
        max_length=len(LANGUAGES),
        required=False,
    )
    join_url = serializers.URLField(max_length=200, required=False, allow_blank=True)
    organiser = serializers.UUIDField(required=False, allow_null=True)
    takes_registrations = serializers.BooleanField(required=False)
    capacity = serializers.IntegerField(min_value=1, max_value=MOST_PLACES, required=False, allow_null=True)
    program = serializers.SlugField(max_length=80, required=False, allow_blank=True)
    emergency_reason = Line(max_length=300, required=False, allow_blank=True)

    def validate_areas(self, slugs: list[str]) -> list[Area]:
        found = {a.slug: a for a in Area.objects.select_related("agency").filter(slug__in=slugs)}
        if unknown := [slug for slug in slugs if slug not in found]:
            raise serializers.ValidationError(f"There is no area {', '.join(unknown)}.", code="unknown")
        return [found[slug] for slug in dict.fromkeys(slugs)]

    def validate_organiser(self, staff_id: Any) -> StaffMember | None:
        if staff_id is None:
            return None
        found = StaffMember.objects.filter(pk=staff_id).first()
        if found is None:
            raise serializers.ValidationError("There is no such member of staff.", code="unknown")
        return found


class EventIn(SeriesIn):
    __doc__ = SeriesIn.__doc__

    status = serializers.ChoiceField(choices=["draft", "published"], default="published")


class EventPatch(SeriesIn):
    """What is left out stays. `status: published` makes a draft public; to cancel, use …/cancel."""

    status = serializers.ChoiceField(choices=["published"], required=False)


class SplitIn(SeriesIn):
    """What is different from that date on; what is left out stays."""


def series_fields(data: dict[str, Any]) -> SeriesFields:
    """What `EventIn` took in, in the words of the services."""
    fields = {name: value for name, value in data.items() if name not in ("areas", "status", "place")}
    if place := data.get("place"):
        fields |= {"place_name": place.name, "place_address": place.address}
        fields |= {"lat": place.lat, "lon": place.lon}
    return fields  # type: ignore[return-value]


class CancelIn(serializers.Serializer[Any]):
    reason = Line(max_length=200, required=False, allow_blank=True, default="")
    at_night = serializers.BooleanField(
        default=False,
        help_text="text followers now even outside 8:00 to 21:00, about what begins within 12 hours",
    )
    preview = serializers.BooleanField(default=False, help_text="say what would happen, and keep nothing")


class RescheduleIn(CancelIn):
    """Another start, and where they change too another length and place for this date."""

    starts_at = Instant()
    duration_minutes = serializers.IntegerField(min_value=SHORTEST, max_value=LONGEST, required=False)
    place = PlaceIn(required=False)
    emergency_reason = Line(max_length=300, required=False, allow_blank=True)


class ConfirmIn(serializers.Serializer[Any]):
    """It is still so; of a series without an end, until when."""

    review_on = serializers.DateField(required=False, allow_null=True)


class OccurrenceQuery(serializers.Serializer[Any]):
    """`area` means what its feed shows; `near` is `lat,lon`, goes with `radius_m` and leaves out what is stale."""

    start = Instant(required=False, help_text="now, if not given")
    end = Instant(required=False, help_text="30 days after the start, if not given; at most 366")
    kind = serializers.ChoiceField(choices=Event.Kind.choices, required=False)
    area = serializers.SlugField(max_length=100, required=False)
    near = serializers.RegexField(r"^-?\d{1,2}(\.\d{1,9})?,-?\d{1,3}(\.\d{1,9})?$", required=False)
    radius_m = serializers.IntegerField(min_value=1, max_value=FARTHEST, default=2000)
    q = Line(required=False, max_length=100, help_text="words of the title, the description or the place")

    def validate_area(self, slug: str) -> frozenset[int]:
        try:
            return feeds.area_scope(slug)
        except NotFound:
            raise serializers.ValidationError(
                "There is no such area; see /api/v1/areas.", code="unknown"
            ) from None

    def validate_near(self, text: str) -> tuple[float, float]:
        lat, lon = map(float, text.split(","))
        if abs(lat) >= 90 or abs(lon) > 180:
            raise serializers.ValidationError("Send latitude, then longitude: near=38.63,-90.2.")
        return lat, lon


# --- out ----------------------------------------------------------------------------------------------


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
