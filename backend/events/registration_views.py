"""Places at dates over HTTP: residents register, staff check people in at the door."""

from io import BytesIO
from typing import Any
from uuid import UUID

import segno
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.api import Staff, checked
from backend.errors import NotFound
from backend.events import services
from backend.events.feed_views import subscribe_links
from backend.events.models import Event, Occurrence, PersonalFeed, Registration
from backend.events.models.registrations import LARGEST_PARTY
from backend.events.recurrence import basic
from backend.events.services.messages import FARTHEST_REMINDER
from backend.events.views import who
from backend.schema import IDEMPOTENCY_KEY, problems

NO_STORE = {"Cache-Control": "no-store"}


class Residents(BasePermission):
    """Residents with an account; staff take part as such, in their own."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user.is_authenticated and not request.user.is_staff)


class RegistrationIn(serializers.Serializer[Any]):
    """How many come, oneself included, and how many hours before to be reminded by text."""

    party_size = serializers.IntegerField(min_value=1, max_value=LARGEST_PARTY, required=False)
    remind_hours = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=FARTHEST_REMINDER), max_length=3, required=False
    )


class RegistrationOut(serializers.Serializer[Any]):
    """`code` is shown at the door; `ahead` is how many wait before you, null with a place."""

    id = serializers.UUIDField()
    event = serializers.UUIDField()
    recurrence_id = serializers.CharField()
    title = serializers.CharField()
    starts_at = serializers.DateTimeField()
    status = serializers.ChoiceField(choices=Registration.Status.choices)
    party_size = serializers.IntegerField()
    remind_hours = serializers.ListField(child=serializers.IntegerField())
    code = serializers.CharField()
    ahead = serializers.IntegerField(allow_null=True)
    checked_in_at = serializers.DateTimeField(allow_null=True)


class CheckInIn(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=20)


class CheckInOut(serializers.Serializer[Any]):
    """So many people may come in on this code."""

    party_size = serializers.IntegerField()
    checked_in_at = serializers.DateTimeField()


class MyFeedOut(serializers.Serializer[Any]):
    """When the address was made; null: there is none."""

    made_at = serializers.DateTimeField(allow_null=True)


class NewFeedOut(MyFeedOut):
    """The address in every form. It is shown this once; whoever has it can read the calendar."""

    url = serializers.URLField()
    webcal = serializers.CharField()
    google = serializers.URLField()


def registration_out(registration: Registration) -> dict[str, Any]:
    occurrence = registration.occurrence
    event = occurrence.event
    waits = registration.status == Registration.Status.WAITLISTED
    line = Registration.objects.filter(occurrence=occurrence).waiting()
    return {
        "id": str(registration.id),
        "event": str(event.id),
        "recurrence_id": basic(occurrence.recurrence_id.astimezone(event.tz)),
        "title": event.title,
        "starts_at": occurrence.starts_at.astimezone(event.tz).isoformat(),
        "status": registration.status,
        "party_size": registration.party_size,
        "remind_hours": registration.remind_hours,
        "code": registration.code,
        "ahead": line.filter(number__lt=registration.number).count() if waits else None,
        "checked_in_at": registration.checked_in_at and registration.checked_in_at.isoformat(),
    }


class OccurrenceRegistration(APIView):
    permission_classes = (Residents,)

    @extend_schema(
        operation_id="registrations_create",
        summary="Register for a date: a place or, when it is full, a turn in the line",
        parameters=[IDEMPOTENCY_KEY],
        request=RegistrationIn,
        responses={201: RegistrationOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request, occurrence_id: UUID) -> Response:
        occurrence = Occurrence.objects.published().filter(pk=occurrence_id).first()
        if occurrence is None:
            raise NotFound()
        data = checked(RegistrationIn, request.data)
        made = services.register(occurrence=occurrence, by=who(request), **data)
        return Response(registration_out(made), status=201, headers=NO_STORE)


class OccurrenceCheckIn(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="occurrences_check_in",
        summary="Check people in at the door by the code that they show",
        request=CheckInIn,
        responses={200: CheckInOut, **problems(404, 409)},
    )
    def post(self, request: Request, occurrence_id: UUID) -> Response:
        seen = Event.objects.visible_to(who(request), timezone.localdate())
        occurrence = Occurrence.objects.filter(event__in=seen.values("pk"), pk=occurrence_id).first()
        if occurrence is None:
            raise NotFound()
        found = services.check_in(occurrence=occurrence, by=who(request), **checked(CheckInIn, request.data))
        return Response(
            {"party_size": found.party_size, "checked_in_at": found.checked_in_at}, headers=NO_STORE
        )


class RegistrationList(APIView):
    permission_classes = (Residents,)

    @extend_schema(
        operation_id="registrations_list",
        summary="My registrations for dates to come, the next one first",
        responses={200: RegistrationOut(many=True)},
    )
    def get(self, request: Request) -> Response:
        coming = (
            Registration.objects.visible_to(who(request))
            .standing()
            .filter(occurrence__ends_at__gt=timezone.now())
        )
        rows = coming.select_related("occurrence__event").order_by("occurrence__starts_at")
        return Response([registration_out(row) for row in rows], headers=NO_STORE)


class OneRegistration(APIView):
    """What the addresses under one registration share."""

    permission_classes = (Residents,)

    def registration(self, registration_id: UUID) -> Registration:
        mine = Registration.objects.visible_to(who(self.request)).select_related("occurrence__event")
        found = mine.filter(pk=registration_id).first()
        if found is None:
            raise NotFound()
        return found


class RegistrationDetail(OneRegistration):
    @extend_schema(
        operation_id="registrations_retrieve",
        summary="One of my registrations",
        responses={200: RegistrationOut},
    )
    def get(self, request: Request, registration_id: UUID) -> Response:
        return Response(registration_out(self.registration(registration_id)), headers=NO_STORE)

    @extend_schema(
        operation_id="registrations_change",
        summary="Come with more or fewer people, or be reminded at other times",
        request=RegistrationIn,
        responses={200: RegistrationOut, **problems(409)},
    )
    def patch(self, request: Request, registration_id: UUID) -> Response:
        found, data = self.registration(registration_id), checked(RegistrationIn, request.data)
        changed = services.change_registration(registration=found, by=who(request), **data)
        return Response(registration_out(changed), headers=NO_STORE)

    @extend_schema(
        operation_id="registrations_cancel",
        summary="Give my place back; whoever waits gets it",
        responses={200: RegistrationOut, **problems(409)},
    )
    def delete(self, request: Request, registration_id: UUID) -> Response:
        given_back = services.cancel_registration(
            registration=self.registration(registration_id), by=who(request)
        )
        return Response(registration_out(given_back), headers=NO_STORE)


class RegistrationQr(OneRegistration):
    @extend_schema(
        operation_id="registrations_qr",
        summary="The code of one of my registrations as a QR code, to show or print for the door",
        responses={(200, "image/svg+xml"): OpenApiTypes.STR},
    )
    def get(self, request: Request, registration_id: UUID) -> HttpResponse:
        picture = BytesIO()
        code = segno.make(self.registration(registration_id).code, error="m", micro=False)
        code.save(picture, kind="svg", scale=8, border=4)
        return HttpResponse(picture.getvalue(), content_type="image/svg+xml", headers=NO_STORE)


class MyFeed(APIView):
    """The calendar of my own places, with their reminders, for a calendar program to subscribe to."""

    permission_classes = (Residents,)

    @extend_schema(
        operation_id="me_feed_retrieve",
        summary="Whether my own calendar has an address, and since when",
        responses={200: MyFeedOut},
    )
    def get(self, request: Request) -> Response:
        feed = PersonalFeed.objects.filter(user=who(request)).first()
        return Response({"made_at": feed and feed.made_at.isoformat()}, headers=NO_STORE)

    @extend_schema(
        operation_id="me_feed_create",
        summary="Give my own calendar a new address; the one before it stops working",
        request=None,
        responses={201: NewFeedOut},
    )
    def post(self, request: Request) -> Response:
        feed, token = services.renew_feed(by=who(request))
        links = subscribe_links(f"personal/{token}")
        return Response({"made_at": feed.made_at.isoformat(), **links}, status=201, headers=NO_STORE)

    @extend_schema(
        operation_id="me_feed_delete",
        summary="Let the address of my own calendar stop working",
        responses={204: None},
    )
    def delete(self, request: Request) -> Response:
        services.end_feed(by=who(request))
        return Response(status=204)
