"""Applications over HTTP, by the program's staff, and rides by who offers them. Reads of names are audited."""

import json
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts import audit
from backend.accounts.idempotency import idempotent
from backend.api import Pages, Staff, checked
from backend.errors import NotFound
from backend.events.views import who
from backend.programs.application_views import (
    ChangeOut,
    SignatureOut,
    SignIn,
    signature_out,
    signed,
    timeline_of,
    with_everything,
)
from backend.programs.catalogue_views import NO_STORE, find_cohort, find_program
from backend.programs.fields import area_named, officer_of
from backend.programs.models import LIVE, Application, RideSlot, Screening
from backend.programs.moves import BY_STAFF, REASONS
from backend.programs.services import moving, readiness, rides, waivers
from backend.programs.services.access import check_manages
from backend.programs.shapes import CancelReasonIn
from backend.schema import IDEMPOTENCY_KEY, problems

# What is shown of a person, by the names of the columns.
READ = (
    *("name", "born_on", "guardian_name", "guardian_contact", "applicant", "answers", "screening"),
    *("signatures", "rating", "comment", "changes"),
)


class HandledQuery(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=Application.Status.choices, required=False)
    cohort = serializers.UUIDField(required=False)


class HandledOut(serializers.Serializer[Any]):
    """One line of the list: no names."""

    id = serializers.UUIDField()
    cohort = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Application.Status.choices)
    has_place = serializers.BooleanField()
    turn = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class HandledDetailOut(HandledOut):
    """With who it is. Answers that the form marks as closed are in another read, with a reason."""

    name = serializers.CharField()
    born_on = serializers.CharField()
    is_for_self = serializers.BooleanField()
    guardian_name = serializers.CharField()
    guardian_contact = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()
    declared = serializers.DictField(child=serializers.BooleanField())
    answers = serializers.DictField()
    has_closed_answers = serializers.BooleanField()
    supply = serializers.CharField(allow_null=True)
    missing = serializers.ListField(child=serializers.CharField())
    screening = serializers.ChoiceField(choices=Screening.Outcome.choices, allow_null=True)
    screened_on = serializers.DateField(allow_null=True)
    signatures = SignatureOut(many=True)
    rating = serializers.IntegerField(allow_null=True)
    comment = serializers.CharField()
    timeline = ChangeOut(many=True)


class ClosedIn(serializers.Serializer[Any]):
    """Why they are needed; kept in the audit trail."""

    reason = serializers.CharField(max_length=300)


class HandleIn(serializers.Serializer[Any]):
    """`words` are for the applicant; `code` is given when declining."""

    code = serializers.ChoiceField(choices=list(REASONS.items()), required=False)
    words = serializers.CharField(max_length=1000, default="", allow_blank=True)


class ScreeningIn(serializers.Serializer[Any]):
    """How the records check ended, and nothing of what it found."""

    cleared = serializers.BooleanField()


class ClosedOut(serializers.Serializer[Any]):
    answers = serializers.DictField()


class RideIn(serializers.Serializer[Any]):
    """A seat in a car: a beat or district, the officer (a member of staff), and when, with an offset."""

    area = serializers.SlugField(max_length=100)
    officer = serializers.UUIDField()
    watch = serializers.ChoiceField(choices=("first", "second", "third"))
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()

    def validate_area(self, slug: str) -> Any:
        return area_named(slug)

    def validate_officer(self, staff_id: UUID) -> Any:
        return officer_of(staff_id)


class RidesIn(serializers.Serializer[Any]):
    rides = serializers.ListField(child=RideIn(), min_length=1, max_length=200)


class OwnRideOut(serializers.Serializer[Any]):
    """One of an officer's own seats: who comes along, by name, and when. `rider` null: nobody yet."""

    id = serializers.UUIDField()
    area = serializers.CharField()
    watch = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    rider = serializers.CharField(allow_null=True)


class OfferedOut(serializers.Serializer[Any]):
    ids = serializers.ListField(child=serializers.UUIDField())


def handled_out(application: Application) -> dict[str, Any]:
    names = ("id", "status", "has_place", "turn", "created_at")
    return {**{name: getattr(application, name) for name in names}, "cohort": application.cohort_id}


def handled_detail_out(application: Application) -> dict[str, Any]:
    held = json.loads(application.answers) if application.answers else {"answers": {}, "declared": {}}
    screening = Screening.objects.filter(application=application).first()
    account = application.applicant
    names = (*("name", "born_on", "is_for_self", "guardian_name", "guardian_contact", "rating", "comment"),)
    return {
        **handled_out(application),
        **{name: getattr(application, name) for name in names},
        "phone": account.phone if account else "",
        "email": account.email if account else "",
        "declared": held["declared"],
        "answers": held["answers"],
        "has_closed_answers": bool(application.closed_answers),
        "supply": application.supply and application.supply.name,
        "missing": readiness.missing(application) if application.status in LIVE else [],
        "screening": screening and screening.outcome,
        "screened_on": screening and screening.on,
        "signatures": [signature_out(s) for s in application.signatures.all()],
        "timeline": timeline_of(application),
    }


class ByTurn(Pages):
    ordering = ("created_at", "id")


class Handled(APIView):
    """What the addresses of a program's applications share: only its staff come so far."""

    permission_classes = (Staff,)

    def application(self, program: str, application_id: UUID) -> Application:
        check_manages(find_program(program), who(self.request))
        rows = with_everything(Application.objects.filter(program__slug=program))
        found: Application | None = rows.select_related("applicant").filter(pk=application_id).first()
        if found is None:
            raise NotFound()
        return found

    def answer(self, application: Application) -> Response:
        """The whole of it, which is on record as read."""
        found = self.application(application.program.slug, application.pk)
        with transaction.atomic():
            audit.record("read", found, by=who(self.request), fields=READ)
        return Response(handled_detail_out(found), headers=NO_STORE)


class HandledList(Handled):
    pagination_class = ByTurn

    @extend_schema(
        operation_id="programs_applications_list",
        summary="A program's applications in the order of coming, without names (its staff)",
        parameters=[HandledQuery],
        responses={200: HandledOut(many=True), **problems(404)},
    )
    def get(self, request: Request, program: str) -> Response:
        check_manages(find_program(program), who(request))
        query = checked(HandledQuery, request.query_params)
        rows = Application.objects.filter(program__slug=program, **query)
        pages = self.pagination_class()
        page = pages.paginate_queryset(rows, request, self) or []
        answer = pages.get_paginated_response([handled_out(row) for row in page])
        answer["Cache-Control"] = "no-store"
        return answer


class HandledDetail(Handled):
    @extend_schema(
        operation_id="programs_applications_retrieve",
        summary="One application with who it is; audited (its program's staff)",
        responses={200: HandledDetailOut, **problems(404)},
    )
    def get(self, request: Request, program: str, application_id: UUID) -> Response:
        return self.answer(self.application(program, application_id))


class HandledMove(Handled):
    @extend_schema(
        operation_id="programs_applications_move",
        summary="Move an application on (its program's staff)",
        parameters=[OpenApiParameter("move", str, "path", enum=BY_STAFF)],
        request=HandleIn,
        responses={200: HandledDetailOut, **problems(404, 409)},
    )
    def post(self, request: Request, program: str, application_id: UUID, move: str) -> Response:
        found = self.application(program, application_id)
        if move not in BY_STAFF:
            raise NotFound()
        data = checked(HandleIn, request.data)
        moved = moving.move_application(application=found, move=move, by=who(request), **data)
        return self.answer(moved)


class HandledScreening(Handled):
    @extend_schema(
        operation_id="programs_applications_screen",
        summary="Note how a records check ended (its program's staff)",
        request=ScreeningIn,
        responses={200: HandledDetailOut, **problems(404, 409)},
    )
    def put(self, request: Request, program: str, application_id: UUID) -> Response:
        found, data = self.application(program, application_id), checked(ScreeningIn, request.data)
        return self.answer(moving.screen_application(application=found, by=who(request), **data))


class HandledSignature(Handled):
    @extend_schema(
        operation_id="programs_applications_witness",
        summary="Enter a waiver signed on paper before me (its program's staff)",
        parameters=[IDEMPOTENCY_KEY],
        request=SignIn,
        responses={201: SignatureOut, **problems(404, 409, 422)},
    )
    @idempotent
    def post(self, request: Request, program: str, application_id: UUID) -> Response:
        found, data = self.application(program, application_id), checked(SignIn, request.data)
        signature = waivers.witness_signature(application=found, by=who(request), **signed(data))
        return Response(signature_out(signature), status=201, headers=NO_STORE)


class HandledClosed(Handled):
    @extend_schema(
        operation_id="programs_applications_closed",
        summary="Read answers that the form marks as closed, such as allergies, with a reason; audited (its staff)",
        request=ClosedIn,
        responses={200: ClosedOut, **problems(404)},
    )
    def post(self, request: Request, program: str, application_id: UUID) -> Response:
        found, data = self.application(program, application_id), checked(ClosedIn, request.data)
        answers = moving.read_closed_answers(application=found, by=who(request), reason=data["reason"])
        return Response({"answers": answers}, headers=NO_STORE)


# --- rides --------------------------------------------------------------------------------------------


class CohortRides(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="programs_cohorts_rides_offer",
        summary="Offer seats in cars; officers their own, a program's staff all",
        parameters=[IDEMPOTENCY_KEY],
        request=RidesIn,
        responses={201: OfferedOut, **problems(404, 409, 422)},
    )
    @idempotent
    def post(self, request: Request, program: str, cohort_id: UUID) -> Response:
        cohort, data = find_cohort(program, cohort_id), checked(RidesIn, request.data)
        offered = rides.offer_rides(
            cohort=cohort, rides=[rides.Ride(**ride) for ride in data["rides"]], by=who(request)
        )
        return Response({"ids": [slot.pk for slot in offered]}, status=201, headers=NO_STORE)


class RideList(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="rides_list",
        summary="The seats that I offer, and who comes along: a name and a time; audited",
        responses={200: OwnRideOut(many=True)},
    )
    def get(self, request: Request) -> Response:
        slots = list(rides.rides_of(who(request), timezone.now()))
        riders = {a.slot_id: a for slot in slots for a in slot.applications.all()}
        shown = {key: a for key, a in riders.items() if a.status == Application.Status.ACCEPTED}
        rides.note_read_riders(list(shown.values()), by=who(request))
        return Response(
            [
                {
                    "id": slot.pk,
                    "area": slot.area.slug,
                    "watch": slot.watch,
                    "starts_at": timezone.localtime(slot.starts_at),
                    "ends_at": timezone.localtime(slot.ends_at),
                    "rider": (shown[slot.pk].name or None) if slot.pk in shown else None,
                }
                for slot in slots
            ],
            headers=NO_STORE,
        )


class RideCancel(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="rides_cancel",
        summary="Take a seat back; its rider gets the next that fits, or is first in the line",
        request=CancelReasonIn,
        responses={204: None, **problems(404, 409)},
    )
    def post(self, request: Request, slot_id: UUID) -> Response:
        data = checked(CancelReasonIn, request.data)
        slot = RideSlot.objects.select_related("cohort__program").filter(pk=slot_id).first()
        if slot is None or not rides.may_cancel(slot, who(request)):
            raise NotFound()
        rides.cancel_ride(slot=slot, reason=data["reason"], by=who(request))
        return Response(status=204)
