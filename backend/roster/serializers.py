"""The roster's shapes, as the phone sees them."""

from datetime import date
from typing import Any

from rest_framework import serializers

from backend.roster.index import RosterIndex
from backend.roster.models import Agency, Area, Assignment, Station


class AsOf(serializers.Serializer[Any]):
    """`as_of`: the day asked about (America/Chicago); today if not given."""

    as_of = serializers.DateField(required=False)


class AreaQuery(AsOf):
    kind = serializers.ChoiceField(choices=Area.Kind.choices, required=False)
    agency = serializers.SlugField(required=False, max_length=40)

    def validate_agency(self, slug: str) -> str:
        if not Agency.objects.filter(slug=slug).exists():
            raise serializers.ValidationError(
                "There is no such agency; see /api/v1/agencies.", code="unknown"
            )
        return slug


class ContactOut(serializers.Serializer[Any]):
    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    verified_on = serializers.DateField(allow_null=True)
    is_disputed = serializers.BooleanField()


class AgencyOut(serializers.ModelSerializer[Agency]):
    contacts = ContactOut(many=True)

    class Meta:
        model = Agency
        fields = ["slug", "name", "short_name", "city", "contacts"]


class AreaOut(serializers.ModelSerializer[Area]):
    agency = serializers.SlugRelatedField[Agency](slug_field="slug", read_only=True)

    class Meta:
        model = Area
        fields = ["slug", "kind", "code", "name", "agency"]


class PersonOut(serializers.Serializer[Any]):
    """Somebody in a post. `since` is the day the assignment began."""

    name = serializers.CharField()
    rank = serializers.CharField()
    role = serializers.ChoiceField(choices=Assignment.Role.choices)
    watch = serializers.CharField(allow_blank=True)
    contact = serializers.CharField(allow_blank=True)
    since = serializers.DateField()
    is_acting = serializers.BooleanField()


class PeopleOut(serializers.Serializer[Any]):
    """Who serves an area. `vacant`: nobody holds its leading post; then `next_commander` answers for it."""

    slug = serializers.CharField()
    people = PersonOut(many=True)
    vacant = serializers.BooleanField()
    next_commander = PersonOut(allow_null=True)
    as_of = serializers.DateField()


class BoundaryOut(serializers.Serializer[Any]):
    """A GeoJSON Feature, WGS84. `schematic`: drawn by hand, not the agency's own outline."""

    type = serializers.CharField(default="Feature")
    geometry = serializers.JSONField()
    properties = serializers.JSONField()


class StationOut(serializers.ModelSerializer[Station]):
    agency = serializers.SlugRelatedField[Agency](slug_field="slug", read_only=True)

    class Meta:
        model = Station
        fields = ["name", "agency", "address", "phone", "lat", "lon", "source", "verified_on"]


def person(assignment: Assignment) -> dict[str, Any]:
    """PersonOut of an assignment, without a query."""
    member = assignment.staff_member
    return {
        "name": member.name,
        "rank": member.rank,
        "role": assignment.role,
        "watch": assignment.watch,
        "contact": member.contact,
        "since": assignment.starts_on.isoformat(),
        "is_acting": assignment.is_acting,
    }


def people_out(index: RosterIndex, area: Area, on: date) -> dict[str, Any]:
    """Who serves an area that day, and, where its leading post is vacant, the next commander up."""
    vacant = index.is_vacant(area, on)
    commander = index.next_commander(area, on) if vacant else None
    return {
        "people": [person(a) for a in index.people(area, on)],
        "vacant": vacant,
        "next_commander": person(commander) if commander else None,
    }
