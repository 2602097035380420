"""What came of meetings over HTTP: anybody reads; staff record; residents rank and rate."""

from statistics import fmean
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.api import PublicToRead, Staff, checked
from backend.errors import Invalid, NotFound
from backend.events import services
from backend.events.models import Commitment, Event, Meeting, Occurrence, Priority
from backend.events.recurrence import basic
from backend.events.registration_views import Residents
from backend.events.serializers import Line
from backend.events.views import who
from backend.roster import editions
from backend.roster.models import Area
from backend.roster.views import reads
from backend.schema import IDEMPOTENCY_KEY, problems

MOST_PEOPLE = 100_000
MOST_BALLOTS = 500
SHOWN_RATINGS = 5  # fewer would tell who thinks what
CLOSED_SHOWN = 50


def area_named(slug: str) -> Area:
    found = Area.objects.select_related("agency").filter(slug=slug).first()
    if found is None:
        raise NotFound()
    return found


# --- the record of a meeting --------------------------------------------------------------------------


class MeetingIn(serializers.Serializer[Any]):
    """How many came, how many of them for the first time, and the minutes; what is left out stays."""

    attendance = serializers.IntegerField(min_value=0, max_value=MOST_PEOPLE, required=False)
    newcomers = serializers.IntegerField(min_value=0, max_value=MOST_PEOPLE, required=False)
    minutes = serializers.CharField(max_length=50_000, required=False, allow_blank=True)


class MeetingOut(serializers.Serializer[Any]):
    occurrence = serializers.UUIDField()
    event = serializers.UUIDField()
    recurrence_id = serializers.CharField()
    attendance = serializers.IntegerField(allow_null=True)
    newcomers = serializers.IntegerField(allow_null=True)
    minutes = serializers.CharField(allow_blank=True)


def meeting_out(meeting: Meeting) -> dict[str, Any]:
    occurrence = meeting.occurrence
    return {
        "occurrence": str(occurrence.pk),
        "event": str(occurrence.event_id),
        "recurrence_id": basic(occurrence.recurrence_id.astimezone(occurrence.event.tz)),
        "attendance": meeting.attendance,
        "newcomers": meeting.newcomers,
        "minutes": meeting.minutes,
    }


class MeetingDetail(APIView):
    permission_classes = (PublicToRead,)

    @extend_schema(
        operation_id="meetings_retrieve", summary="What came of a meeting", responses={200: MeetingOut}
    )
    def get(self, request: Request, occurrence_id: UUID) -> Response:
        published = Occurrence.objects.published().values("pk")
        rows = Meeting.objects.filter(occurrence__in=published).select_related("occurrence__event")
        found = rows.filter(occurrence=occurrence_id).first()
        if found is None:
            raise NotFound()
        return Response(meeting_out(found))

    @extend_schema(
        operation_id="meetings_record",
        summary="Record who came, and the minutes",
        request=MeetingIn,
        responses={200: MeetingOut, **problems(409)},
    )
    def put(self, request: Request, occurrence_id: UUID) -> Response:
        seen = Event.objects.visible_to(who(request), timezone.localdate()).values("pk")
        dates = Occurrence.objects.published().filter(event__in=seen).select_related("event")
        occurrence = dates.filter(pk=occurrence_id).first()
        if occurrence is None:
            raise NotFound()
        data = checked(MeetingIn, request.data)
        return Response(meeting_out(services.record_meeting(occurrence=occurrence, by=who(request), **data)))


# --- priorities ---------------------------------------------------------------------------------------


class SaidAt(serializers.Serializer[Any]):
    """At which date it was said, if at one."""

    occurrence = serializers.UUIDField(required=False, allow_null=True)

    def validate_occurrence(self, key: UUID | None) -> Occurrence | None:
        found = key and Occurrence.objects.published().select_related("event").filter(pk=key).first()
        if key and found is None:
            raise serializers.ValidationError("There is no such date.", code="unknown")
        return found or None


class PriorityIn(SaidAt):
    title = Line(max_length=120)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    action = Line(max_length=300, required=False, allow_blank=True)
    action_on = serializers.DateField(required=False, allow_null=True)


class PriorityPatch(serializers.Serializer[Any]):
    """What is done and until when; an `outcome` closes it."""

    action = Line(max_length=300, required=False, allow_blank=True)
    action_on = serializers.DateField(required=False)
    outcome = Line(max_length=300, required=False)


class PriorityOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    area = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    action = serializers.CharField(allow_blank=True)
    action_on = serializers.DateField(allow_null=True)
    status = serializers.ChoiceField(choices=Priority.Status.choices)
    outcome = serializers.CharField(allow_blank=True)
    points = serializers.IntegerField(help_text="of the latest quarter's votes")


class PrioritiesOut(serializers.Serializer[Any]):
    """Open ones in the order that residents gave them; `period` is the quarter in which they can vote now."""

    period = serializers.CharField()
    open = PriorityOut(many=True)
    closed = PriorityOut(many=True)


def priority_out(priority: Priority, points: int = 0) -> dict[str, Any]:
    return {
        "id": str(priority.pk),
        "area": priority.area.slug,
        "title": priority.title,
        "description": priority.description,
        "action": priority.action,
        "action_on": priority.action_on and priority.action_on.isoformat(),
        "status": priority.status,
        "outcome": priority.outcome,
        "points": points,
    }


@reads(editions.CALENDAR)
class AreaPriorities(APIView):
    permission_classes = (PublicToRead,)

    @extend_schema(
        operation_id="priorities_list",
        summary="What an area's people want worked on, and what is done about it by when",
        responses={200: PrioritiesOut},
    )
    def get(self, request: Request, slug: str) -> Response:
        area = area_named(slug)
        closed = Priority.objects.filter(area=area, status=Priority.Status.CLOSED).select_related("area")
        return Response(
            {
                "period": services.period(timezone.localdate()),
                "open": [priority_out(priority, points) for priority, points in services.ranked(area)],
                "closed": [priority_out(p) for p in closed.order_by("-closed_at")[:CLOSED_SHOWN]],
            }
        )

    @extend_schema(
        operation_id="priorities_create",
        summary="Note what people want worked on",
        parameters=[IDEMPOTENCY_KEY],
        request=PriorityIn,
        responses={201: PriorityOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        area, data = area_named(slug), checked(PriorityIn, request.data)
        raised_at = data.pop("occurrence", None)
        made = services.add_priority(area=area, by=who(request), raised_at=raised_at, **data)
        return Response(priority_out(made), status=201)


class PriorityDetail(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="priorities_update",
        summary="Say what is done about it, or what came of it",
        request=PriorityPatch,
        responses={200: PriorityOut, **problems(404, 409)},
    )
    def patch(self, request: Request, priority_id: UUID) -> Response:
        found = Priority.objects.select_related("area").filter(pk=priority_id).first()
        if found is None:
            raise NotFound()
        data = checked(PriorityPatch, request.data)
        return Response(priority_out(services.change_priority(priority=found, by=who(request), **data)))


class BallotIn(serializers.Serializer[Any]):
    """Ids of open priorities, the most important first."""

    ranking = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=10)


class PaperBallotsIn(serializers.Serializer[Any]):
    """All papers of one meeting."""

    occurrence = serializers.UUIDField()
    ballots = serializers.ListField(
        child=serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=10),
        min_length=1,
        max_length=MOST_BALLOTS,
    )


class BallotOut(serializers.Serializer[Any]):
    period = serializers.CharField()
    ranking = serializers.ListField(child=serializers.UUIDField())


class PaperBallotsOut(serializers.Serializer[Any]):
    recorded = serializers.IntegerField()


def _priorities(area: Area, ids: list[UUID]) -> list[Priority]:
    """In that order. Raises Invalid."""
    found = {p.pk: p for p in Priority.objects.filter(area=area, pk__in=ids)}
    if any(key not in found for key in ids):
        raise Invalid("Rank open priorities of this area.", field="ranking", code="unknown")
    return [found[key] for key in ids]


class AreaBallot(APIView):
    permission_classes = (Residents,)

    @extend_schema(
        operation_id="ballots_cast",
        summary="Rank an area's priorities: one vote a person and quarter, a later one takes its place",
        request=BallotIn,
        responses={200: BallotOut},
    )
    def put(self, request: Request, slug: str) -> Response:
        area, ids = area_named(slug), checked(BallotIn, request.data)["ranking"]
        ballot = services.cast_ballot(area=area, by=who(request), ranking=_priorities(area, ids))
        return Response({"period": ballot.period, "ranking": [str(key) for key in ids]})


class AreaPaperBallots(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="ballots_record",
        summary="Record what people ranked on paper at a meeting",
        request=PaperBallotsIn,
        responses={200: PaperBallotsOut, **problems(409)},
    )
    def put(self, request: Request, slug: str) -> Response:
        area, data = area_named(slug), checked(PaperBallotsIn, request.data)
        recorded = services.record_paper_ballots(
            area=area,
            occurrence=services.occurrence_of(data["occurrence"]),
            by=who(request),
            rankings=[_priorities(area, ids) for ids in data["ballots"]],
        )
        return Response({"recorded": recorded})


# --- commitments --------------------------------------------------------------------------------------


class CommitmentIn(SaidAt):
    """ "We will …": what, who answers for it, until when."""

    promise = Line(max_length=300)
    promised_by = Line(max_length=120)
    due_on = serializers.DateField()


class CommitmentCloseIn(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=["kept", "partly_kept", "not_kept"])
    outcome = Line(max_length=300)


class RatingIn(serializers.Serializer[Any]):
    rating = serializers.IntegerField(min_value=1, max_value=5, help_text="5: as promised")


class CommitmentOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    area = serializers.CharField()
    promise = serializers.CharField()
    promised_by = serializers.CharField()
    due_on = serializers.DateField()
    is_overdue = serializers.BooleanField()
    status = serializers.ChoiceField(choices=Commitment.Status.choices)
    outcome = serializers.CharField(allow_blank=True)
    rating = serializers.FloatField(allow_null=True, help_text="mean, from five ratings on")


def commitment_out(commitment: Commitment) -> dict[str, Any]:
    marks = [rating.rating for rating in commitment.ratings.all()]
    is_open = commitment.status == Commitment.Status.OPEN
    return {
        "id": str(commitment.pk),
        "area": commitment.area.slug,
        "promise": commitment.promise,
        "promised_by": commitment.promised_by,
        "due_on": commitment.due_on.isoformat(),
        "is_overdue": is_open and commitment.due_on < timezone.localdate(),
        "status": commitment.status,
        "outcome": commitment.outcome,
        "rating": round(fmean(marks), 1) if len(marks) >= SHOWN_RATINGS else None,
    }


@reads(editions.CALENDAR)
class AreaCommitments(APIView):
    permission_classes = (PublicToRead,)

    @extend_schema(
        operation_id="commitments_list",
        summary="What was promised in an area: open ones first, then what came of the others",
        responses={200: CommitmentOut(many=True)},
    )
    def get(self, request: Request, slug: str) -> Response:
        rows = (
            Commitment.objects.filter(area=area_named(slug))
            .select_related("area")
            .prefetch_related("ratings")
        )
        is_open = rows.filter(status=Commitment.Status.OPEN)
        closed = rows.exclude(status=Commitment.Status.OPEN).order_by("-closed_at")[:CLOSED_SHOWN]
        return Response([commitment_out(commitment) for commitment in (*is_open, *closed)])

    @extend_schema(
        operation_id="commitments_create",
        summary="Note what was promised",
        parameters=[IDEMPOTENCY_KEY],
        request=CommitmentIn,
        responses={201: CommitmentOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        area, data = area_named(slug), checked(CommitmentIn, request.data)
        said_at = data.pop("occurrence", None)
        made = services.make_commitment(area=area, by=who(request), said_at=said_at, **data)
        return Response(commitment_out(made), status=201)


def commitment_of(commitment_id: UUID) -> Commitment:
    found = Commitment.objects.select_related("area").filter(pk=commitment_id).first()
    if found is None:
        raise NotFound()
    return found


class CommitmentClose(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="commitments_close",
        summary="Say what came of a commitment",
        request=CommitmentCloseIn,
        responses={200: CommitmentOut, **problems(409)},
    )
    def post(self, request: Request, commitment_id: UUID) -> Response:
        found, data = commitment_of(commitment_id), checked(CommitmentCloseIn, request.data)
        return Response(commitment_out(services.close_commitment(commitment=found, by=who(request), **data)))


class CommitmentRate(APIView):
    permission_classes = (Residents,)

    @extend_schema(
        operation_id="commitments_rate",
        summary="Rate what came of a commitment",
        request=RatingIn,
        responses={200: CommitmentOut, **problems(409)},
    )
    def put(self, request: Request, commitment_id: UUID) -> Response:
        found, data = commitment_of(commitment_id), checked(RatingIn, request.data)
        services.rate_commitment(commitment=found, by=who(request), **data)
        return Response(commitment_out(found))
