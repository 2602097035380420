"""The calendar over the API: anybody reads, staff post and change."""

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import condition
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.accounts.models import User
from backend.api import Pages, Public, PublicToRead, Staff, checked
from backend.encryption import blind_index
from backend.errors import NotFound
from backend.events import recurrence, services
from backend.events.models import Event, Occurrence
from backend.events.serializers import (
    CancelIn,
    ConfirmIn,
    EventIn,
    EventOut,
    EventPatch,
    OccurrenceOut,
    OccurrenceQuery,
    PostedOut,
    RescheduleIn,
    SplitIn,
    ToldEventOut,
    ToldOccurrenceOut,
    event_out,
    occurrence_out,
    posted_out,
    series_fields,
    told_out,
)
from backend.events.services.derived import subject_of
from backend.notifications.serializers import texts_out
from backend.notifications.services import told
from backend.roster import editions
from backend.roster.views import edition_etag
from backend.schema import IDEMPOTENCY_KEY, problems

WINDOW, LONGEST_WINDOW = timedelta(days=30), timedelta(days=366)

_state = edition_etag(editions.CALENDAR, editions.ROSTER)


class ByStart(Pages):
    ordering = ("starts_at", "id")


class ByFirstDay(Pages):
    ordering = ("first_on", "start_time", "id")


def who(request: Request) -> User:
    return cast("User", request.user)  # the permission let nobody else in


# --- dates --------------------------------------------------------------------------------------------


def _list_etag(request: HttpRequest, *args: Any, **kwargs: Any) -> str:
    """Without a start, what is over drops out as time passes: the tag is good for a minute."""
    minute = "" if "start" in request.GET else f"{timezone.now():%H:%M}"
    return f'"{blind_index("etag", f"{_state(request)}{minute}")[:32]}"'


@method_decorator(condition(etag_func=_list_etag), name="get")
class OccurrenceList(ListAPIView[Occurrence]):
    permission_classes = (Public,)
    authentication_classes = ()
    serializer_class = OccurrenceOut
    pagination_class = ByStart

    @extend_schema(
        operation_id="occurrences_list",
        summary="What happens when: one row a date, moved and cancelled ones marked",
        parameters=[OccurrenceQuery],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(_dates(checked(OccurrenceQuery, request.query_params)))
        return self.get_paginated_response([occurrence_out(row) for row in page or ()])


def _dates(query: dict[str, Any]) -> Any:
    (start, end), today = _window(query), timezone.localdate()
    found = Occurrence.objects.published().overlapping(start, end)
    if kind := query.get("kind"):
        found = found.filter(event__kind=kind)
    if "area" in query:
        found = found.filter(event__in=Event.objects.in_areas(query["area"]).values("pk"))
    if "near" in query:
        found = found.near(query["near"], query["radius_m"]).fresh(today)
    if "q" in query:
        found = found.saying(query["q"])
    return found.rows(today)


def _window(query: dict[str, Any]) -> tuple[datetime, datetime]:
    start = query.get("start") or timezone.now().replace(second=0, microsecond=0)
    end = query.get("end") or start + WINDOW
    if not start < end <= start + LONGEST_WINDOW:
        raise ValidationError({"end": ["The end is after the start, by 366 days at most."]})
    return start, end


# --- series -------------------------------------------------------------------------------------------


class EventList(ListAPIView[Event]):
    permission_classes = (PublicToRead,)
    serializer_class = EventOut
    pagination_class = ByFirstDay

    @extend_schema(
        operation_id="events_list",
        summary="Published series",
        responses={200: EventOut(many=True)},
    )
    @method_decorator(condition(etag_func=_state))
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        found = (
            Event.objects.published()
            .select_related("agency", "organiser", "confirmed_by")
            .prefetch_related("overrides")
        )
        page = self.paginate_queryset(found.defer("ics"))
        return self.get_paginated_response([event_out(event) for event in page or ()])

    @extend_schema(
        operation_id="events_create",
        summary="Post a series, or keep it as a draft",
        parameters=[IDEMPOTENCY_KEY],
        request=EventIn,
        responses={201: PostedOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        data = checked(EventIn, request.data)
        event = services.post_event(
            by=who(request), areas=data["areas"], status=data["status"], **series_fields(data)
        )
        return Response(
            posted_out(event, who(request)), status=201, headers={"Location": f"/api/v1/events/{event.id}"}
        )


class OneEvent(APIView):
    """What the addresses under one series share."""

    permission_classes = (Staff,)

    def event(self, event_id: UUID) -> Event:
        """The series, if the person who asks may see it. Raises NotFound."""
        seen = Event.objects.visible_to(self.request.user, timezone.localdate())
        event = seen.select_related("agency", "organiser", "confirmed_by").filter(pk=event_id).first()
        if event is None:
            raise NotFound()
        return event


def _one_etag(request: HttpRequest, event_id: UUID) -> str | None:
    """Runs before the view: a draft, or nothing at all, has no tag that could match."""
    return _state(request) if Event.objects.published().filter(pk=event_id).exists() else None


class EventDetail(OneEvent):
    permission_classes = (PublicToRead,)

    @extend_schema(operation_id="events_retrieve", summary="One series", responses={200: EventOut})
    @method_decorator(condition(etag_func=_one_etag))
    def get(self, request: Request, event_id: UUID) -> Response:
        return Response(event_out(self.event(event_id)))

    @extend_schema(
        operation_id="events_update",
        summary="Change a series, or publish a draft; a repeat changes nothing",
        request=EventPatch,
        responses={200: PostedOut, **problems(409, 422)},
    )
    def patch(self, request: Request, event_id: UUID) -> Response:
        event = self.event(event_id)
        data = checked(EventPatch, request.data, partial=True)
        event = services.revise_event(
            event=event,
            by=who(request),
            areas=data.get("areas"),
            publish="status" in data,
            **series_fields(data),
        )
        return Response(posted_out(event, who(request)))


class EventCancel(OneEvent):
    @extend_schema(
        operation_id="events_cancel",
        summary="Cancel a whole series and tell its followers",
        parameters=[IDEMPOTENCY_KEY],
        request=CancelIn,
        responses={200: ToldEventOut, **problems(409, 422)},
    )
    @idempotent
    @transaction.atomic
    def post(self, request: Request, event_id: UUID) -> Response:
        event = self.event(event_id)
        data = checked(CancelIn, request.data)
        preview = data.pop("preview")
        event = services.cancel_event(event=event, by=who(request), **data)
        answer = {**event_out(event), "texts": texts_out(told(subject_of(event)))}
        transaction.set_rollback(preview)
        return Response(answer)


class EventConfirm(OneEvent):
    @extend_schema(
        operation_id="events_confirm",
        summary="Say that a series is still as published",
        request=ConfirmIn,
        responses={200: EventOut, **problems(409)},
    )
    def post(self, request: Request, event_id: UUID) -> Response:
        event = self.event(event_id)
        data = checked(ConfirmIn, request.data)
        return Response(event_out(services.confirm_event(event=event, by=who(request), **data)))


# --- one date -----------------------------------------------------------------------------------------


class OneDate(OneEvent):
    def date(self, event: Event, recurrence_id: str) -> datetime:
        start = recurrence.from_basic(recurrence_id, event.time_zone)
        if start is None:
            raise NotFound("Name the date by its first local start, such as 20261127T073000.")
        return start


class OccurrenceCancel(OneDate):
    @extend_schema(
        operation_id="occurrences_cancel",
        summary="Cancel one date and tell its followers",
        parameters=[IDEMPOTENCY_KEY],
        request=CancelIn,
        responses={200: ToldOccurrenceOut, **problems(409, 422)},
    )
    @idempotent
    @transaction.atomic
    def post(self, request: Request, event_id: UUID, recurrence_id: str) -> Response:
        event = self.event(event_id)
        start, data = self.date(event, recurrence_id), checked(CancelIn, request.data)
        preview = data.pop("preview")
        override = services.cancel_occurrence(event=event, recurrence_id=start, by=who(request), **data)
        answer = told_out(override)
        transaction.set_rollback(preview)
        return Response(answer)


class OccurrenceReschedule(OneDate):
    @extend_schema(
        operation_id="occurrences_reschedule",
        summary="Move one date to another time or place and tell its followers",
        parameters=[IDEMPOTENCY_KEY],
        request=RescheduleIn,
        responses={200: ToldOccurrenceOut, **problems(409, 422)},
    )
    @idempotent
    @transaction.atomic
    def post(self, request: Request, event_id: UUID, recurrence_id: str) -> Response:
        event = self.event(event_id)
        start, data = self.date(event, recurrence_id), checked(RescheduleIn, request.data)
        preview = data.pop("preview")
        override = services.reschedule_occurrence(event=event, recurrence_id=start, by=who(request), **data)
        answer = told_out(override)
        transaction.set_rollback(preview)
        return Response(answer)


class OccurrenceRestore(OneDate):
    @extend_schema(
        operation_id="occurrences_restore",
        summary="Put a moved or cancelled date back as the series has it and tell its followers",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={200: EventOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request, event_id: UUID, recurrence_id: str) -> Response:
        event = self.event(event_id)
        start = self.date(event, recurrence_id)
        restored = services.restore_occurrence(event=event, recurrence_id=start, by=who(request))
        return Response(event_out(restored))


class OccurrenceSplit(OneDate):
    @extend_schema(
        operation_id="occurrences_split",
        summary="Change this date and all that follow: a new series goes on from here",
        parameters=[IDEMPOTENCY_KEY],
        request=SplitIn,
        responses={201: PostedOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request, event_id: UUID, recurrence_id: str) -> Response:
        event = self.event(event_id)
        start, data = self.date(event, recurrence_id), checked(SplitIn, request.data, partial=True)
        new = services.split_event(
            event=event,
            recurrence_id=start,
            by=who(request),
            areas=data.get("areas"),
            **series_fields(data),
        )
        return Response(
            posted_out(new, who(request)), status=201, headers={"Location": f"/api/v1/events/{new.id}"}
        )
