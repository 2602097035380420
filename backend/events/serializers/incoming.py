"""What staff send of the calendar, and how it is asked for."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from backend.errors import NotFound
from backend.events import feeds
from backend.events.ical import Place
from backend.events.models import LONGEST, SHORTEST, Event
from backend.events.recurrence import ZONES
from backend.events.services import (
    LANGUAGES,
    SeriesFields,
)
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
