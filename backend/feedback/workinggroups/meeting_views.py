"""A group's meetings over HTTP. Anybody reads them where all events are; its coordinators post and change them here."""

from datetime import datetime
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.api import checked
from backend.errors import NotFound
from backend.events import recurrence
from backend.events.meeting_views import MOST_PEOPLE, MeetingOut, meeting_out
from backend.events.models import LONGEST, SHORTEST, Event
from backend.events.serializers import EventOut, Line, PlaceIn, event_out, series_fields
from backend.events.services import LANGUAGES
from backend.events.views import who
from backend.feedback.workinggroups.finding import enter
from backend.feedback.workinggroups.models import WorkingGroup
from backend.feedback.workinggroups.services import access, meetings
from backend.schema import IDEMPOTENCY_KEY, problems


class GroupMeetingIn(serializers.Serializer[Any]):
    """A meeting in local wall time, or a series (`rrule`, RFC 5545).

    It is announced 24 hours before, weekends and holidays not counted (RSMo 610.020), or has an `emergency_reason`,
    which is public. Of a discreet group the title is always its neutral name, and no word tells what it is about.
    """

    title = Line(max_length=120, required=False)
    description = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    agenda = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    first_on = serializers.DateField()
    start_time = serializers.TimeField(format="%H:%M", input_formats=["%H:%M", "%H:%M:00"])
    duration_minutes = serializers.IntegerField(min_value=SHORTEST, max_value=LONGEST, required=False)
    rrule = Line(max_length=200, required=False, allow_blank=True)
    review_on = serializers.DateField(required=False, allow_null=True)
    place = PlaceIn()
    access_notes = Line(max_length=300, required=False, allow_blank=True)
    languages = serializers.ListField(
        child=serializers.ChoiceField(choices=list(LANGUAGES.items())),
        max_length=len(LANGUAGES),
        required=False,
    )
    join_url = serializers.URLField(max_length=200, required=False, allow_blank=True)
    emergency_reason = Line(max_length=300, required=False, allow_blank=True)


class GroupMeetingPatch(GroupMeetingIn):
    """What is left out stays."""


class MeetingCancelIn(serializers.Serializer[Any]):
    """`recurrence_id`: of a series that date alone."""

    reason = Line(max_length=200, required=False, allow_blank=True, default="")
    recurrence_id = serializers.CharField(max_length=20, required=False)


class MinutesIn(serializers.Serializer[Any]):
    """Minutes are public, and so is how many came."""

    minutes = serializers.CharField(max_length=50_000)
    attendance = serializers.IntegerField(min_value=0, max_value=MOST_PEOPLE, required=False, allow_null=True)


class OfCoordinators(APIView):
    """What the addresses under a group's meetings share."""

    permission_classes = (IsAuthenticated,)

    def group(self, request: Request, slug: str) -> WorkingGroup:
        """Raises NotFound and NotAllowed for all but its coordinators."""
        group = enter(request, slug, "meetings")
        access.only_coordinators(group, who(request))
        return group

    def event(self, group: WorkingGroup, event_id: UUID) -> Event:
        found = Event.objects.filter(working_group=group.slug, pk=event_id).select_related("agency").first()
        if found is None:
            raise NotFound()
        return found


class MeetingPost(OfCoordinators):
    @extend_schema(
        operation_id="working_group_meetings_create",
        summary="Announce a meeting of the group",
        parameters=[IDEMPOTENCY_KEY],
        request=GroupMeetingIn,
        responses={201: EventOut, **problems(404, 409, 422)},
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        group = self.group(request, slug)
        data = checked(GroupMeetingIn, request.data)
        event = meetings.post_meeting(group=group, by=who(request), **series_fields(data))
        return Response(event_out(event), status=201, headers={"Location": f"/api/v1/events/{event.id}"})


class MeetingRevise(OfCoordinators):
    @extend_schema(
        operation_id="working_group_meetings_update",
        summary="Change a meeting of the group: its agenda, time or place",
        request=GroupMeetingPatch,
        responses={200: EventOut, **problems(404, 409, 422)},
    )
    def patch(self, request: Request, slug: str, event_id: UUID) -> Response:
        group = self.group(request, slug)
        event, data = self.event(group, event_id), checked(GroupMeetingPatch, request.data, partial=True)
        event = meetings.revise_meeting(group=group, event=event, by=who(request), **series_fields(data))
        return Response(event_out(event))


class MeetingCancel(OfCoordinators):
    @extend_schema(
        operation_id="working_group_meetings_cancel",
        summary="Cancel a meeting of the group and tell its followers",
        parameters=[IDEMPOTENCY_KEY],
        request=MeetingCancelIn,
        responses={200: EventOut, **problems(404, 409, 422)},
    )
    @idempotent
    def post(self, request: Request, slug: str, event_id: UUID) -> Response:
        group = self.group(request, slug)
        event, data = self.event(group, event_id), checked(MeetingCancelIn, request.data)
        named = data.get("recurrence_id")
        event = meetings.cancel_meeting(
            group=group,
            event=event,
            by=who(request),
            reason=data["reason"],
            starts_at=_start(event, named) if named else None,
        )
        return Response(event_out(event))


class MeetingMinutes(OfCoordinators):
    @extend_schema(
        operation_id="working_group_meetings_minutes",
        summary="The minutes of one date of the group's meetings; again takes the place of the former",
        request=MinutesIn,
        responses={200: MeetingOut, **problems(404, 409)},
    )
    def post(self, request: Request, slug: str, event_id: UUID, recurrence_id: str) -> Response:
        group = self.group(request, slug)
        event, data = self.event(group, event_id), checked(MinutesIn, request.data)
        meeting = meetings.record_minutes(
            group=group,
            event=event,
            starts_at=_start(event, recurrence_id),
            by=who(request),
            minutes=data["minutes"],
            attendance=data.get("attendance"),
        )
        return Response(meeting_out(meeting))


def _start(event: Event, recurrence_id: str) -> datetime:
    start = recurrence.from_basic(recurrence_id, event.time_zone)
    if start is None:
        raise NotFound("Name the date by its first local start, such as 20261127T183000.")
    return start
