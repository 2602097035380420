"""Applications over HTTP, by who applies."""

import json
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.api import Pages, checked
from backend.errors import Invalid, NotFound
from backend.events.registration_views import Residents
from backend.events.serializers import Line
from backend.events.views import who
from backend.programs.catalogue_views import NO_STORE, find_cohort
from backend.programs.fields import Name, area_named
from backend.programs.models import (
    LIVE,
    PLACED,
    Application,
    ApplicationChange,
    Cohort,
    Program,
    Signature,
    Supply,
)
from backend.programs.services import applying, moving, readiness, rides, waivers
from backend.programs.shapes import PersonIn
from backend.schema import IDEMPOTENCY_KEY, problems
from backend.throttles import throttle


class ParticipantIn(PersonIn):
    """Who takes part; of an organisation, who speaks for it."""

    name = Name(max_length=120)


class ApplicationGuardianIn(serializers.Serializer[Any]):
    """A parent or guardian and their own number or address."""

    name = Name(max_length=120)
    contact = Line(max_length=120)


class ApplicationIn(serializers.Serializer[Any]):
    """`form_version` is that of the form which the app showed; without it, the current one.

    `is_for_self` false: the account is the guardian's. `district`: rides in this one only. `supply`: the item.
    """

    program = serializers.SlugField(max_length=80)
    cohort = serializers.UUIDField()
    participant = ParticipantIn()
    is_for_self = serializers.BooleanField(default=True)
    guardian = ApplicationGuardianIn(required=False)
    form_version = serializers.IntegerField(min_value=1, max_value=30_000, required=False)
    answers = serializers.DictField(default=dict)
    district = serializers.SlugField(max_length=100, required=False)
    supply = serializers.UUIDField(required=False)

    def validate_district(self, slug: str) -> Any:
        return area_named(slug)


class AnswerIn(serializers.Serializer[Any]):
    """What staff asked for: words, or answers of the form that replace the former ones."""

    answers = serializers.DictField(default=dict)
    words = serializers.CharField(max_length=1000, default="", allow_blank=True)


class SignIn(serializers.Serializer[Any]):
    """`sha256` of the text that was shown; `signed_at` by the phone's own clock, with its offset."""

    sha256 = serializers.RegexField(r"^[0-9a-fA-F]{64}$")
    role = serializers.ChoiceField(choices=Signature.Role.choices)
    name = Name(max_length=120)
    signed_at = serializers.DateTimeField()


def signed(data: dict[str, Any]) -> dict[str, Any]:
    """What was sent in the words of the services that take a signature."""
    return {
        "text_hash": data["sha256"],
        "role": data["role"],
        "name": data["name"],
        "device_at": data["signed_at"],
    }


class RebookIn(serializers.Serializer[Any]):
    """Another day; without it, the next that is free."""

    on = serializers.DateField(required=False)


class FeedbackIn(serializers.Serializer[Any]):
    rating = serializers.IntegerField(min_value=1, max_value=5)
    comment = serializers.CharField(max_length=500, default="", allow_blank=True)


class ChangeOut(serializers.Serializer[Any]):
    """One line of the timeline; `code` and `words` say why, where staff said so."""

    move = serializers.CharField()
    status = serializers.ChoiceField(choices=Application.Status.choices)
    code = serializers.CharField()
    words = serializers.CharField()
    at = serializers.DateTimeField()


class RideOut(serializers.Serializer[Any]):
    """The ride that is theirs; with whom, they learn when they come."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    district = serializers.CharField()
    bring = serializers.CharField()


class SignatureOut(serializers.Serializer[Any]):
    waiver = serializers.IntegerField()
    role = serializers.ChoiceField(choices=Signature.Role.choices)
    method = serializers.ChoiceField(choices=Signature.Method.choices)
    signed_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    document_sha256 = serializers.CharField()


class ApplicationOut(serializers.Serializer[Any]):
    """`missing` is what stands between this application and its place; `ahead` is how many wait before it.

    `officer`: of the team that they are in; with whom they ride, nobody is told.
    """

    id = serializers.UUIDField()
    program = serializers.CharField()
    cohort = serializers.UUIDField()
    cohort_name = serializers.CharField()
    participant = serializers.CharField()
    status = serializers.ChoiceField(choices=Application.Status.choices)
    has_place = serializers.BooleanField()
    ahead = serializers.IntegerField(allow_null=True)
    missing = serializers.ListField(child=serializers.CharField())
    form_version = serializers.IntegerField(allow_null=True)
    answers = serializers.DictField()
    supply = serializers.CharField(allow_null=True)
    ride = RideOut(allow_null=True)
    officer = serializers.CharField(allow_null=True)
    signatures = SignatureOut(many=True)
    rating = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    timeline = ChangeOut(many=True)


def signature_out(signature: Signature) -> dict[str, Any]:
    return {
        "waiver": signature.waiver.number,
        "role": signature.role,
        "method": signature.method,
        "signed_at": signature.device_at,
        "received_at": signature.at,
        "document_sha256": signature.document_hash,
    }


def timeline_of(application: Application) -> list[dict[str, Any]]:
    names = ("move", "status", "code", "words", "at")
    return [{name: getattr(change, name) for name in names} for change in application.changes.all()]


def application_out(application: Application, missing: list[str] | None = None) -> dict[str, Any]:
    """`missing`, where it is known already, as `readiness.missing` gives it."""
    slot, is_live = application.slot, application.status in LIVE
    held = json.loads(application.answers) if application.answers else {"answers": {}}
    closed = json.loads(application.closed_answers) if application.closed_answers else {}
    waits = application.status == Application.Status.WAITLISTED
    # A place that is kept during the review is not theirs yet: when and where is told with it.
    is_theirs = application.status in PLACED
    officer, is_ride = application.cohort.officer, application.program.kind == Program.Kind.RIDE_ALONG
    return {
        "id": application.pk,
        "program": application.program.slug,
        "cohort": application.cohort_id,
        "cohort_name": application.cohort.name,
        "participant": application.name,
        "status": application.status,
        "has_place": application.has_place,
        "ahead": getattr(application, "ahead", 0) if waits else None,
        "missing": (readiness.missing(application) if missing is None else missing) if is_live else [],
        "form_version": application.form and application.form.number,
        "answers": {**held["answers"], **closed},
        "supply": application.supply and application.supply.name,
        "ride": {
            "starts_at": timezone.localtime(slot.starts_at),
            "ends_at": timezone.localtime(slot.ends_at),
            "district": slot.district.slug,
            "bring": application.program.bring,
        }
        if slot and is_theirs
        else None,
        "officer": str(officer) if officer and is_theirs and not is_ride else None,
        "signatures": [signature_out(s) for s in application.signatures.all()],
        "rating": application.rating,
        "created_at": application.created_at,
        "timeline": timeline_of(application),
    }


def with_everything(applications: Any) -> Any:
    """Applications with all that `application_out` shows."""
    waiting = Application.objects.filter(cohort=OuterRef("cohort"), status=Application.Status.WAITLISTED)
    before = waiting.filter(
        Q(turn__lt=OuterRef("turn")) | Q(turn=OuterRef("turn"), created_at__lt=OuterRef("created_at"))
    )
    ahead = before.order_by().values("cohort").annotate(count=Count("pk")).values("count")
    applications = applications.annotate(ahead=Coalesce(Subquery(ahead), 0))
    return applications.select_related(
        "program", "cohort__officer", "form", "supply", "slot__district"
    ).prefetch_related(
        Prefetch("changes", ApplicationChange.objects.order_by("pk")),
        Prefetch("signatures", Signature.objects.select_related("waiver").defer("document", "name")),
    )


class Newest(Pages):
    ordering = ("-created_at", "id")


class ApplicationList(APIView):
    pagination_class = Newest
    permission_classes = (Residents,)
    throttle_classes = (throttle("applications", per_minute=1000),)

    @extend_schema(
        operation_id="applications_list",
        summary="My applications, the newest first",
        responses={200: ApplicationOut(many=True)},
    )
    def get(self, request: Request) -> Response:
        pages = self.pagination_class()
        mine = with_everything(Application.objects.visible_to(who(request)))
        page: list[Application] = pages.paginate_queryset(mine, request, self) or []
        lacks = readiness.missing_of(page)
        answer = pages.get_paginated_response([application_out(row, lacks[row.pk]) for row in page])
        answer["Cache-Control"] = "no-store"
        return answer

    @extend_schema(
        operation_id="applications_create",
        summary="Apply for a place",
        parameters=[IDEMPOTENCY_KEY],
        request=ApplicationIn,
        responses={201: ApplicationOut, **problems(404, 409, 422)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        data = checked(ApplicationIn, request.data)
        cohort = find_cohort(data["program"], data["cohort"])
        asked = applying.Asked(
            cohort=cohort,
            name=data["participant"]["name"],
            person=applying.person_who(cohort.program, data["participant"], of=None),
            is_for_self=data["is_for_self"],
            guardian=applying.Guardian(**data["guardian"]) if "guardian" in data else None,
            form_version=data.get("form_version"),
            answers=data["answers"],
            district=data.get("district"),
            supply=_supply(cohort, data.get("supply")),
        )
        made = applying.apply(asked=asked, by=who(request))
        answer = application_out(with_everything(Application.objects).get(pk=made.pk))
        headers = {"Location": f"/api/v1/applications/{made.pk}", **NO_STORE}
        return Response(answer, status=201, headers=headers)


def _supply(cohort: Cohort, supply_id: UUID | None) -> Supply | None:
    if supply_id is None:
        return None
    found = cohort.program.supplies.filter(pk=supply_id).first()
    if found is None:
        raise Invalid("This program has no such item.", field="supply", code="unknown")
    return found


class OneApplication(APIView):
    """What the addresses under one of my applications share."""

    permission_classes = (Residents,)

    def application(self, application_id: UUID) -> Application:
        mine = with_everything(Application.objects.visible_to(who(self.request)))
        found: Application | None = mine.filter(pk=application_id).first()
        if found is None:
            raise NotFound()
        return found

    def answer(self, application: Application) -> Response:
        return Response(application_out(self.application(application.pk)), headers=NO_STORE)


class ApplicationDetail(OneApplication):
    @extend_schema(
        operation_id="applications_retrieve",
        summary="One of my applications, with its timeline",
        responses={200: ApplicationOut},
    )
    def get(self, request: Request, application_id: UUID) -> Response:
        return self.answer(self.application(application_id))


class ApplicationWithdraw(OneApplication):
    @extend_schema(
        operation_id="applications_withdraw",
        summary="Withdraw one of my applications; the place goes to who waits",
        request=None,
        responses={200: ApplicationOut, **problems(409)},
    )
    def post(self, request: Request, application_id: UUID) -> Response:
        found = self.application(application_id)
        return self.answer(moving.withdraw(application=found, by=who(request)))


class ApplicationAnswer(OneApplication):
    @extend_schema(
        operation_id="applications_answer",
        summary="Give what staff asked for",
        request=AnswerIn,
        responses={200: ApplicationOut, **problems(409)},
    )
    def post(self, request: Request, application_id: UUID) -> Response:
        found, data = self.application(application_id), checked(AnswerIn, request.data)
        return self.answer(moving.answer_question(application=found, by=who(request), **data))


class ApplicationSignature(OneApplication):
    @extend_schema(
        operation_id="applications_sign",
        summary="Sign the waiver's current text, known by its hash",
        parameters=[IDEMPOTENCY_KEY],
        request=SignIn,
        responses={201: SignatureOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request, application_id: UUID) -> Response:
        found, data = self.application(application_id), checked(SignIn, request.data)
        signature = waivers.sign_waiver(application=found, by=who(request), **signed(data))
        return Response(signature_out(signature), status=201, headers=NO_STORE)


class ApplicationWaiver(OneApplication):
    @extend_schema(
        operation_id="applications_waiver",
        summary="What was signed under one of my applications, as PDF, by the waiver's version and the signer's role",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, application_id: UUID, version: int, role: str) -> HttpResponse:
        signatures = self.application(application_id).signatures.filter(waiver__number=version, role=role)
        signature = signatures.first()
        if signature is None:
            raise NotFound()
        document = waivers.document_of(signature)
        return HttpResponse(document, content_type="application/pdf", headers=NO_STORE)


class ApplicationRebook(OneApplication):
    @extend_schema(
        operation_id="applications_rebook",
        summary="Move my ride to another day of the same intake",
        request=RebookIn,
        responses={200: ApplicationOut, **problems(409)},
    )
    def post(self, request: Request, application_id: UUID) -> Response:
        found, data = self.application(application_id), checked(RebookIn, request.data)
        return self.answer(rides.rebook(application=found, by=who(request), on=data.get("on")))


class ApplicationFeedback(OneApplication):
    @extend_schema(
        operation_id="applications_feedback",
        summary="Say, once it is over, what I think of it",
        request=FeedbackIn,
        responses={200: ApplicationOut, **problems(409)},
    )
    def post(self, request: Request, application_id: UUID) -> Response:
        found, data = self.application(application_id), checked(FeedbackIn, request.data)
        return self.answer(moving.rate(application=found, by=who(request), **data))
