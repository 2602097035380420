"""A calendar kept in Outlook or Google, posted here, and again when it has changed there."""

from typing import Any, get_args

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.api import Staff, checked
from backend.events import services
from backend.events.models import Event
from backend.events.serializers import MOST_AREAS, ClashOut, SeriesIn, clash_out
from backend.events.services import Imported, Outcome
from backend.events.views import who
from backend.schema import IDEMPOTENCY_KEY, problems

LONGEST_FILE = 900_000  # characters


class ImportIn(serializers.Serializer[Any]):
    """The text of an `.ics` file. Without `areas` each series goes to the area in which its location lies.

    `kind` is for entries of which no category names one. What was imported before keeps its areas and its kind; what is
    no longer in the file stays: cancel it here.
    """

    calendar = serializers.CharField(max_length=LONGEST_FILE, trim_whitespace=False)
    areas = serializers.ListField(
        child=serializers.SlugField(max_length=100), max_length=MOST_AREAS, required=False
    )
    kind = serializers.ChoiceField(choices=Event.Kind.choices, required=False)
    review_on = serializers.DateField(
        required=False,
        allow_null=True,
        help_text="for series without an end: until when they are known to go on",
    )
    preview = serializers.BooleanField(default=False, help_text="say what would happen, and keep nothing")

    validate_areas = SeriesIn.validate_areas


class ImportedOut(serializers.Serializer[Any]):
    """What became of one entry. `reason`: why it was refused or left out; `changed`: what the file has changed."""

    source_uid = serializers.CharField()
    title = serializers.CharField(allow_blank=True)
    outcome = serializers.ChoiceField(choices=get_args(Outcome))
    reason = serializers.CharField(allow_blank=True)
    notes = serializers.ListField(child=serializers.CharField())
    changed = serializers.ListField(child=serializers.CharField())
    event = serializers.UUIDField(allow_null=True, help_text="null in a preview of something new")
    kind = serializers.ChoiceField(choices=Event.Kind.choices, allow_null=True)
    areas = serializers.ListField(child=serializers.CharField())
    days = serializers.ListField(child=serializers.DateField(), help_text="the first six to come")
    warnings = ClashOut(many=True)


class ImportOut(serializers.Serializer[Any]):
    items = ImportedOut(many=True)


def imported_out(item: Imported, *, is_kept: bool) -> dict[str, Any]:
    event = item.event
    return {
        "source_uid": item.source_uid,
        "title": item.title,
        "outcome": item.outcome,
        "reason": item.reason,
        "notes": list(item.notes),
        "changed": list(item.changed),
        "event": str(event.id) if event and (is_kept or item.outcome != "new") else None,
        "kind": event and event.kind,
        "areas": event.area_slugs if event else [],
        "days": [day.isoformat() for day in item.days],
        "warnings": [clash_out(clash) for clash in item.warnings],
    }


class CalendarImport(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="events_import",
        summary="Post an .ics file exported from Outlook or Google, or what has changed in it since",
        parameters=[IDEMPOTENCY_KEY],
        request=ImportIn,
        responses={200: ImportOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        data = checked(ImportIn, request.data)
        items = services.import_calendar(by=who(request), **data)
        return Response({"items": [imported_out(item, is_kept=not data["preview"]) for item in items]})
