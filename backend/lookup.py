"""My address → who serves me and when I can meet them: roster's people with events' next dates.

What was asked is in the body of a POST, is held in memory while it is answered, and is written
nowhere: no table, no log, no cache, no URL.
"""

import json
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.api import Public, checked, json_of
from backend.errors import NotFound
from backend.events.models import Occurrence
from backend.events.serializers import OccurrenceOut, occurrence_out
from backend.roster import editions
from backend.roster.addresses import Match
from backend.roster.atlas import Served
from backend.roster.index import (
    RosterIndex,
    area_out,
    completions,
    current,
    find_address,
)
from backend.roster.models import Area, Contact
from backend.roster.serializers import AreaOut, ContactOut, PersonOut, StationOut, people_out
from backend.schema import Problem, problems

NEXT_OCCURRENCES = 3
UNINCORPORATED = "UNI"  # the County's own code for what belongs to no town; its police serve there


class Degrees(serializers.FloatField):
    def to_internal_value(self, data: Any) -> float:
        value: float = super().to_internal_value(data)
        if not isfinite(value):  # "nan" is a number to Python, and between no bounds
            self.fail("invalid")
        return value


class AddressIn(serializers.Serializer[Any]):
    """An address, and the day asked about (America/Chicago), today if not given."""

    address = serializers.CharField(max_length=300)
    as_of = serializers.DateField(required=False)


class PointIn(serializers.Serializer[Any]):
    """A position in degrees (WGS84), and the day asked about (America/Chicago), today if not given."""

    lat = Degrees(min_value=-90, max_value=90)
    lon = Degrees(min_value=-180, max_value=180)
    as_of = serializers.DateField(required=False)


LookupIn = PolymorphicProxySerializer(
    component_name="LookupIn", serializers=[AddressIn, PointIn], resource_type_field_name=None
)


def _asked(data: Any) -> dict[str, Any]:
    """What is asked, in the shape of the one or the other. Raises ValidationError."""
    if not isinstance(data, dict) or ("address" in data) == ("lat" in data or "lon" in data):
        raise serializers.ValidationError("Send either an `address` or both `lat` and `lon`.")
    return checked(AddressIn if "address" in data else PointIn, data)


class MatchOut(serializers.Serializer[Any]):
    """What the address was understood as. `confidence` from 0 to 1; a position is certain."""

    address = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(choices=["address", "block", "intersection", "place", "point"])
    lat = serializers.FloatField()
    lon = serializers.FloatField()
    confidence = serializers.FloatField()


class ServedAreaOut(AreaOut):
    people = PersonOut(many=True)
    vacant = serializers.BooleanField()
    next_commander = PersonOut(allow_null=True)

    class Meta(AreaOut.Meta):
        fields = [*AreaOut.Meta.fields, "people", "vacant", "next_commander"]


class ContactsOut(serializers.Serializer[Any]):
    """The number to dial for each need; `details` has all of them with source and date."""

    emergency = serializers.CharField()
    non_emergency = serializers.CharField(allow_null=True)
    details = ContactOut(many=True)


class AlternativeOut(serializers.Serializer[Any]):
    """Another chain of areas whose line is this near."""

    areas = AreaOut(many=True)
    distance_m = serializers.FloatField()


class LookupOut(serializers.Serializer[Any]):
    """Who serves a place. `areas` deepest first; `feeds` are iCalendar addresses by kind of area."""

    match = MatchOut()
    areas = ServedAreaOut(many=True)
    neighborhood = AreaOut(allow_null=True)
    ward = AreaOut(allow_null=True)
    near_boundary = serializers.BooleanField()
    alternatives = AlternativeOut(many=True)
    contacts = ContactsOut()
    stations = StationOut(many=True)
    next_occurrences = OccurrenceOut(many=True)
    feeds = serializers.DictField(child=serializers.URLField())
    as_of = serializers.DateField()
    roster_confirmed_on = serializers.DateField(allow_null=True)


class OutsideContactsOut(serializers.Serializer[Any]):
    emergency = serializers.CharField()
    non_emergency = serializers.CharField(required=False, allow_null=True)
    details = ContactOut(many=True, required=False)


class NotServed(Problem):
    """404: `address-not-found` with spellings worth trying, or `outside-service-area` with whom to call."""

    suggestions = serializers.ListField(child=serializers.CharField(), required=False)
    place = serializers.CharField(required=False, help_text="the town it lies in")
    agency = serializers.CharField(required=False, allow_null=True, help_text="who serves there, where known")
    contacts = OutsideContactsOut(required=False)


class Ambiguous(Problem):
    """422 `ambiguous-address`: places that lie in different areas; send one of them.

    `area` is the deepest that has the place, null outside every map.
    """

    candidates = inline_serializer(
        "Candidate",
        {
            "address": serializers.CharField(),
            "lat": serializers.FloatField(),
            "lon": serializers.FloatField(),
            "area": AreaOut(allow_null=True),
        },
        many=True,
        required=False,
    )


# For answers that cost less than what DRF does before each: public, JSON in and out, nothing to negotiate.
class Unprepared(APIView):
    permission_classes = (Public,)
    authentication_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Nobody to let in, no version or format to find out."""


class Lookup(Unprepared):
    @extend_schema(
        operation_id="lookup",
        summary="Who serves this address or position",
        request=LookupIn,
        responses={200: LookupOut, **problems(404, shape=NotServed), **problems(422, shape=Ambiguous)},
    )
    def post(self, request: Request) -> HttpResponse:
        asked = _asked(json_of(request))
        on = asked.get("as_of") or timezone.localdate()
        index = current()
        match = _found(index, asked["address"], on) if "address" in asked else _point(asked)
        served = index.geography.serving(match.lat, match.lon, on)
        if served is None:
            raise _nobody(index, match, on)
        answer = _answer(index, match, served, on)
        return HttpResponse(answer, content_type="application/json", headers={"Cache-Control": "no-store"})


def _found(index: RosterIndex, address: str, on: date) -> Match:
    """The place an address means; an address of another town is outside, whatever its street is called."""
    try:
        return find_address(address, on)
    except NotFound:
        if town := index.geography.town_named(address, on):
            raise _outside(index, town) from None
        raise


def _point(asked: dict[str, Any]) -> Match:
    return Match(address="", kind="point", lat=asked["lat"], lon=asked["lon"], confidence=1.0)


def _nobody(index: RosterIndex, match: Match, on: date) -> NotFound:
    """Why no area has the place that day."""
    if index.geography.maps(on).is_blank:
        first = min((atlas.effective_on for atlas in index.geography.atlases), default=None)
        detail = "This app has no map yet." if first is None else f"This app's first map is of {first}."
        return NotFound(
            f"{detail} In an emergency call 911.",
            type="outside-service-area",
            title="No map of that day",
            contacts={"emergency": "911"},
        )
    return _outside(index, index.geography.municipality(match.lat, match.lon, on))


def _outside(index: RosterIndex, town: Area | None) -> NotFound:
    """What to do instead: the town by name, the County's police where it serves, whom to call."""
    type, title = "outside-service-area", "Outside the service area"
    if town is None:
        detail = "This place is outside the area of the departments in this app. In an emergency call 911."
        return NotFound(detail, type=type, title=title, contacts={"emergency": "911"})
    agency, contacts = town.agency, contacts_of(index.contacts[town.agency_id])
    number = contacts["non_emergency"] or contacts["emergency"]
    if town.code == UNINCORPORATED:
        said = f"{agency.name} serves this place: call {number}, in an emergency {contacts['emergency']}."
    else:
        said = (
            f"This place is in {town.name}, which has its own police or an agreement with another department. In "
            f"an emergency call {contacts['emergency']}; {agency.name} can say who serves it: {number}."
        )
    return NotFound(
        f"{said} This app does not yet know the officers there.",
        type=type,
        title=title,
        place=town.name,
        agency=agency.slug if town.code == UNINCORPORATED else None,
        contacts=contacts,
    )


def _answer(index: RosterIndex, match: Match, served: Served, on: date) -> str:
    """LookupOut as JSON. What is the same for a whole beat is encoded once, for that is most of it."""
    areas = *served.chain, served.neighborhood, served.ward
    key = "who", on, tuple(area and area.id for area in areas)
    who = index.remember(key, lambda: _members(_who(index, served, on)))
    return f"{{{_members(_where(match, served))}, {who}, {_next_occurrences(served.chain)}}}"


_encode = json.JSONEncoder(ensure_ascii=False).encode


def _members(answer: dict[str, Any]) -> str:
    """A JSON object without its braces, to be joined with others."""
    return _encode(answer)[1:-1]


def _where(match: Match, served: Served) -> dict[str, Any]:
    """What is this address's own."""
    return {
        "match": {
            "address": match.address,
            "kind": match.kind,
            "lat": round(match.lat, 6),
            "lon": round(match.lon, 6),
            "confidence": match.confidence,
        },
        "near_boundary": bool(served.alternatives),
        "alternatives": [
            {"areas": [area_out(area) for area in chain], "distance_m": round(metres, 1)}
            for metres, chain in served.alternatives
        ],
    }


def _who(index: RosterIndex, served: Served, on: date) -> dict[str, Any]:
    """What is the same for everybody in these areas that day."""
    chain = served.chain
    agency = chain[0].agency
    confirmed = [a.confirmed_on for area in chain for a in index.people(area, on)]
    return {
        "areas": [{**area_out(area), **people_out(index, area, on)} for area in chain],
        "neighborhood": served.neighborhood and area_out(served.neighborhood),
        "ward": served.ward and area_out(served.ward),
        "contacts": contacts_of(index.contacts[agency.pk]),
        "stations": [dict(StationOut(station).data) for station in index.stations[agency.pk]],
        "feeds": _feeds(chain),
        "as_of": on.isoformat(),
        "roster_confirmed_on": min(confirmed).isoformat() if confirmed else None,
    }


def contacts_of(contacts: list[Contact]) -> dict[str, Any]:
    """The first number of a kind is the one to dial; of numbers that sources dispute, the later-verified first."""
    ordered = sorted(
        contacts, key=lambda c: (c.verified_on or date.min, not c.is_disputed, -c.pk), reverse=True
    )
    first = {contact.kind: contact.value for contact in reversed(ordered)}
    return {
        "emergency": first.get(Contact.Kind.EMERGENCY, "911"),
        "non_emergency": first.get(Contact.Kind.NON_EMERGENCY),
        "details": [dict(ContactOut(contact).data) for contact in ordered],
    }


# By the areas of a chain: the calendar's version, the times between which the answer holds, the answer.
_upcoming: dict[tuple[int, ...], tuple[int, datetime, datetime, str]] = {}


def _next_occurrences(chain: tuple[Area, ...]) -> str:
    """The next dates of the areas, cancelled ones left out, as a member of a JSON object.

    Asked for anew when the calendar changes (roster.editions) or one of them is over.
    """
    key, version, now = tuple(area.id for area in chain), editions.version(editions.CALENDAR), timezone.now()
    held = _upcoming.get(key)
    if held and held[0] == version and held[1] <= now < held[2]:
        return held[3]
    rows = list(Occurrence.objects.published().upcoming(now, key)[:NEXT_OCCURRENCES])
    # What is stale tomorrow is none of the next dates then.
    tomorrow = timezone.make_aware(datetime.combine(timezone.localdate(now) + timedelta(days=1), time()))
    ends_at = min([tomorrow, *(row["ends_at"] for row in rows)])
    answer = _members({"next_occurrences": [occurrence_out(row) for row in rows]})
    _upcoming[key] = version, now, ends_at, answer
    return answer


def _feeds(chain: tuple[Area, ...]) -> dict[str, str]:
    feeds = {area.kind: f"{settings.PUBLIC_URL}/feeds/areas/{area.slug}.ics" for area in chain}
    return {**feeds, "all": f"{settings.PUBLIC_URL}/feeds/all.ics"}


class SuggestIn(serializers.Serializer[Any]):
    """What has been typed so far: a street, a number and a street, or a place by name."""

    q = serializers.CharField(max_length=300, allow_blank=True)


class SuggestOut(serializers.Serializer[Any]):
    """Up to 8 completions, each of which the lookup understands."""

    suggestions = serializers.ListField(child=serializers.CharField())


class Suggest(Unprepared):
    @extend_schema(
        operation_id="lookup_suggest",
        summary="Completions of an address as it is typed",
        request=SuggestIn,
        responses={200: SuggestOut, **problems()},
    )
    def post(self, request: Request) -> Response:
        suggestions = completions(checked(SuggestIn, json_of(request))["q"])
        return Response({"suggestions": suggestions}, headers={"Cache-Control": "no-store"})
