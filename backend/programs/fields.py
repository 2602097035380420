"""What several of the programs' shapes read: names of people, areas and members of staff."""

import unicodedata
from typing import Any
from uuid import UUID

from rest_framework import serializers

from backend.events.serializers import Line
from backend.programs.people import is_name
from backend.roster.models import Area, StaffMember


class Name(Line):
    """One line that people can read as a name: a document that is made with it must show what was typed."""

    def to_internal_value(self, data: Any) -> str:
        name = unicodedata.normalize("NFC", super().to_internal_value(data))
        if not is_name(name):
            raise serializers.ValidationError("Write it with letters, without signs that cannot be seen.")
        return name


def area_named(slug: str) -> Area:
    """Raises ValidationError for one that does not exist."""
    found = Area.objects.select_related("agency").filter(slug=slug).first()
    if found is None:
        raise serializers.ValidationError("There is no such area.", code="unknown")
    return found


def officer_of(staff_id: UUID) -> StaffMember:
    """Raises ValidationError for one who does not exist."""
    found = StaffMember.objects.filter(pk=staff_id).first()
    if found is None:
        raise serializers.ValidationError("There is no such member of staff.", code="unknown")
    return found
