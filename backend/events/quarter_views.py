"""For somebody in a patrol car: a quarter in one call, last quarter's again, words read, today's roll call off."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.api import Staff, checked
from backend.errors import NotFound
from backend.events import phrases, services
from backend.events.models import LONGEST, SHORTEST, Event
from backend.events.phrases import MOST_LETTERS, Reading
from backend.events.recurrence import DAYS, coming_days
from backend.events.serializers import (
    CancelIn,
    Instant,
    Line,
    PlaceIn,
    PlaceOut,
    PostedOut,
    SeriesIn,
    ToldOccurrenceOut,
    posted_out,
    told_out,
)
from backend.events.services import WEEKEND, MakeUp, Slot, next_quarter
from backend.events.services.quarters import MOST_PLACES, MOST_SLOTS
from backend.events.views import OneDate, who
from backend.roster.models import Area
from backend.schema import IDEMPOTENCY_KEY, problems

SHOWN_DAYS = 6


class SlotIn(serializers.Serializer[Any]):
    """A weekday and a local start, every week."""

    day = serializers.ChoiceField(choices=DAYS)
    start_time = serializers.TimeField(format="%H:%M", input_formats=["%H:%M", "%H:%M:00"])
    duration_minutes = serializers.IntegerField(min_value=SHORTEST, max_value=LONGEST, default=30)

    def validate(self, data: dict[str, Any]) -> Slot:
        return Slot(**data)


class CopyIn(serializers.Serializer[Any]):
    """A quarter: next quarter if no days are given."""

    area = serializers.SlugField(max_length=100)
    kind = serializers.ChoiceField(choices=Event.Kind.choices, default=Event.Kind.BLOCK_ROLL_CALL)
    first_on = serializers.DateField(required=False)
    last_on = serializers.DateField(required=False)

    def validate_area(self, slug: str) -> Area:
        found = Area.objects.select_related("agency").filter(slug=slug).first()
        if found is None:
            raise serializers.ValidationError("There is no such area; see /api/v1/areas.", code="unknown")
        return found

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if ("first_on" in data) != ("last_on" in data):
            raise serializers.ValidationError({"last_on": ["Give both first_on and last_on, or neither."]})
        first, last = next_quarter(timezone.localdate())
        return {"first_on": first, "last_on": last, **data}


class QuarterIn(CopyIn):
    """Slots of every week, each at one of the places in turn; without `slots`: weekend mornings and afternoons."""

    title = Line(max_length=120, required=False, allow_blank=True, default="")
    status = serializers.ChoiceField(choices=["draft", "published"], default="published")
    slots = serializers.ListField(child=SlotIn(), min_length=1, max_length=MOST_SLOTS, required=False)
    places = serializers.ListField(child=PlaceIn(), min_length=1, max_length=MOST_PLACES)
    organiser = serializers.UUIDField(required=False, allow_null=True)

    validate_organiser = SeriesIn.validate_organiser

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"slots": list(WEEKEND), **super().validate(data)}


class ProposeIn(serializers.Serializer[Any]):
    """A schedule as people write it: "4th Tues. of the month at 7:15pm"."""

    text = Line(max_length=MOST_LETTERS)


class ProposalOut(serializers.Serializer[Any]):
    """A rule to confirm, with the days that it would have; times are null where the text names none."""

    rrule = serializers.CharField()
    start_time = serializers.CharField(allow_null=True)
    end_time = serializers.CharField(allow_null=True)
    days = serializers.ListField(child=serializers.DateField())


class ReadingOut(serializers.Serializer[Any]):
    """`doubts` are sentences for whoever confirms it."""

    proposals = ProposalOut(many=True)
    doubts = serializers.ListField(child=serializers.CharField())


class MakeUpIn(serializers.Serializer[Any]):
    starts_at = Instant()


class QuarterOut(serializers.Serializer[Any]):
    events = PostedOut(many=True)


class MakeUpOut(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField()
    place = PlaceOut()


class TodayOut(serializers.Serializer[Any]):
    """The date that was cancelled, and when it could be made up for: post one of these with …/make-up."""

    event = serializers.UUIDField()
    cancelled = ToldOccurrenceOut()
    make_ups = MakeUpOut(many=True)


def reading_out(reading: Reading) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "proposals": [
            {
                "rrule": proposal.rrule,
                "start_time": proposal.start_time and f"{proposal.start_time:%H:%M}",
                "end_time": proposal.end_time and f"{proposal.end_time:%H:%M}",
                "days": [day.isoformat() for day in coming_days(proposal.rrule, today, SHOWN_DAYS)],
            }
            for proposal in reading.proposals
        ],
        "doubts": list(reading.doubts),
    }


def make_up_out(make_up: MakeUp) -> dict[str, Any]:
    return {"starts_at": make_up.starts_at.isoformat(), "place": asdict(make_up.place)}


class Quarter(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="events_quarter",
        summary="Post a quarter's dates of an area, with places in turn",
        parameters=[IDEMPOTENCY_KEY],
        request=QuarterIn,
        responses={201: QuarterOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        posted = services.post_quarter(by=who(request), **checked(QuarterIn, request.data))
        return Response({"events": [posted_out(event, who(request)) for event in posted]}, status=201)


class QuarterCopy(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="events_copy",
        summary="Let the series of the quarter before go on for another",
        parameters=[IDEMPOTENCY_KEY],
        request=CopyIn,
        responses={201: QuarterOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        copies = services.copy_quarter(by=who(request), **checked(CopyIn, request.data))
        return Response({"events": [posted_out(event, who(request)) for event in copies]}, status=201)


class Propose(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="events_propose",
        summary="Read a schedule in words; nothing is posted",
        request=ProposeIn,
        responses={200: ReadingOut, **problems(422)},
    )
    def post(self, request: Request) -> Response:
        return Response(reading_out(phrases.read(checked(ProposeIn, request.data)["text"])))


class TodayCancel(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="events_cancel_today",
        summary="Cancel today's roll call and hear when it could be made up for",
        parameters=[IDEMPOTENCY_KEY],
        request=CancelIn,
        responses={200: TodayOut, **problems(409, 422)},
    )
    @idempotent
    @transaction.atomic
    def post(self, request: Request) -> Response:
        data = checked(CancelIn, request.data)
        preview = data.pop("preview")
        override, make_ups = services.cancel_today(by=who(request), **data)
        answer = {
            "event": str(override.event_id),
            "cancelled": told_out(override),
            "make_ups": [make_up_out(make_up) for make_up in make_ups],
        }
        transaction.set_rollback(preview)
        return Response(answer)


class OccurrenceMakeUp(OneDate):
    @extend_schema(
        operation_id="occurrences_make_up",
        summary="Post one date in place of a cancelled one",
        parameters=[IDEMPOTENCY_KEY],
        request=MakeUpIn,
        responses={201: PostedOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request, event_id: UUID, recurrence_id: str) -> Response:
        event = self.event(event_id)
        start, data = self.date(event, recurrence_id), checked(MakeUpIn, request.data)
        occurrence = event.occurrences.filter(recurrence_id=start).first()
        if occurrence is None:
            raise NotFound("The series has no date with this start.")
        made_up = services.post_make_up(by=who(request), occurrence=occurrence, **data)
        return Response(
            posted_out(made_up, who(request)),
            status=201,
            headers={"Location": f"/api/v1/events/{made_up.id}"},
        )
