"""Concerns over HTTP: told by anyone, read by its reporter, its receipt's holder and its desk."""

import uuid
from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.accounts.models import User
from backend.api import Pages, Public, Staff, checked, throttle
from backend.errors import Invalid, NotAllowed, NotFound, Unprocessable
from backend.feedback.concerns import services
from backend.feedback.concerns.models import Concern
from backend.feedback.concerns.serializers import (
    NOTICE,
    ConcernIn,
    ConcernOut,
    MoveIn,
    ReasonIn,
    ReceiptIn,
    ReporterOut,
    SlipsIn,
    SlipsOut,
    SubmittedOut,
    TriageOut,
)
from backend.feedback.concerns.triage import MOVES
from backend.schema import IDEMPOTENCY_KEY, problems

NO_STORE = {"Cache-Control": "no-store"}


class ConcernCreate(APIView):
    permission_classes = (Public,)
    throttle_classes = (throttle("concerns", per_minute=1000),)

    @extend_schema(
        operation_id="concerns_create",
        summary="Tell a concern",
        description="Without an account the answer holds a receipt, shown once, by which to ask later.",
        parameters=[IDEMPOTENCY_KEY],
        request=ConcernIn,
        responses={201: SubmittedOut, **problems(404, 409, 422)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        told = checked(ConcernIn, request.data)
        by = request.user if request.user.is_authenticated else None
        if told["paper_receipt"] and not (by and by.is_staff):
            raise Invalid(
                "Only staff enter what was told on paper.", field="paper_receipt", code="staff-only"
            )
        hides_address = told["safe_at_home"] or bool(by and by.safe_at_home)
        concern, receipt = services.submit_concern(
            category=told["category"],
            description=told["description"],
            place=_place(told, hides_address),
            about_police_employee=told["about_police_employee"],
            hides_address=hides_address,
            tells_by_text=told["tells_by_text"],
            paper_receipt=told["paper_receipt"],
            by=by,
        )
        answer = {**ConcernOut(concern).data, "receipt": receipt, "notice": NOTICE}
        return Response(
            answer, status=201, headers={"Location": f"/api/v1/concerns/{concern.pk}", **NO_STORE}
        )


def _place(told: dict[str, Any], hides_address: bool) -> services.Place:
    on = timezone.localdate()
    if "address" in told:
        try:
            return services.place_of_address(told["address"], on)
        except (NotFound, Unprocessable):
            if hides_address:  # the substitute address, a box in Jefferson City, is as good as any
                return services.Place()
            raise
    if "lat" in told:
        return services.place_of_point(told["lat"], told["lon"], on)
    return services.place_of_area(told["area"], on) if "area" in told else services.Place()


class ConcernDetail(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="concerns_retrieve", summary="A concern of one's own", responses=ConcernOut)
    def get(self, request: Request, concern_id: uuid.UUID) -> Response:
        concern = Concern.objects.told_by(request.user).filter(pk=concern_id).first()
        if concern is None:
            raise NotFound()
        return Response(ConcernOut(concern).data, headers=NO_STORE)


class ConcernByReceipt(APIView):
    permission_classes = (Public,)
    authentication_classes = ()
    throttle_classes = (throttle("receipts", per_minute=120),)

    @extend_schema(
        operation_id="concerns_by_receipt",
        summary="What became of an anonymous concern",
        request=ReceiptIn,
        responses={200: ConcernOut, **problems(404)},
    )
    def post(self, request: Request) -> Response:
        concern = Concern.objects.with_receipt(checked(ReceiptIn, request.data)["receipt"]).first()
        if concern is None:
            raise NotFound(
                "No concern goes with this receipt. Check each letter; receipts end when a concern is erased."
            )
        return Response(ConcernOut(concern).data, headers=NO_STORE)


class NewestFirst(Pages):
    ordering = ("-submitted_at", "id")


class TriageList(ListAPIView[Concern]):
    permission_classes = (Staff,)
    serializer_class = TriageOut
    pagination_class = NewestFirst

    @extend_schema(operation_id="triage_concerns_list", summary="The concerns on my desk")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().get(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    def get_queryset(self) -> Any:
        return (
            Concern.objects.visible_to(self.request.user)
            .select_related("area", "desk")
            .prefetch_related("replies")
        )


class TriageMove(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_move",
        summary="Move a concern on",
        parameters=[
            OpenApiParameter("move", str, OpenApiParameter.PATH, enum=list(MOVES)),
        ],
        request=MoveIn,
        responses={200: TriageOut, **problems(409, 422)},
    )
    # Not idempotent by key: a replay would show the concern without asking who may see it; a repeat is a 409.
    def post(self, request: Request, concern_id: uuid.UUID, move: str) -> Response:
        concern = Concern.objects.visible_to(request.user).filter(pk=concern_id).first()
        if concern is None:
            raise NotFound()
        ending = checked(MoveIn, request.data)
        moved = services.move_concern(concern=concern, move=move, by=cast("User", request.user), **ending)
        return Response(TriageOut(moved).data, headers=NO_STORE)


def _asked(request: Request, concern_id: uuid.UUID, allowed: QuerySet[Concern], words: str) -> Concern:
    """One of `allowed`. Raises NotAllowed for what the person sees but may not ask, NotFound for all else."""
    concern = allowed.filter(pk=concern_id).first()
    if concern is None:
        if Concern.objects.visible_to(request.user).filter(pk=concern_id).exists():
            raise NotAllowed(words)
        raise NotFound()
    return concern


class TriageReporter(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_reporter",
        summary="Ask who told a concern: liaisons, with a reason, audited",
        request=ReasonIn,
        responses={200: ReporterOut, **problems(422)},
    )
    # Not idempotent by key, nor is the next: each look is a line of the audit trail.
    def post(self, request: Request, concern_id: uuid.UUID) -> Response:
        known = Concern.objects.reporter_known_to(request.user)
        words = "Who told it is for the liaison of this desk; ask there."
        concern = _asked(request, concern_id, known, words)
        reason = checked(ReasonIn, request.data)["reason"]
        reporter = services.name_reporter(concern=concern, by=cast("User", request.user), reason=reason)
        return Response(ReporterOut(reporter).data, headers=NO_STORE)


class Slips(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_slips",
        summary="Blank receipts for a meeting, for people who tell a concern on paper",
        description="Nothing is stored: a slip means something once a concern is entered with it (`paper_receipt`).",
        request=SlipsIn,
        responses={200: SlipsOut},
    )
    def post(self, request: Request) -> Response:
        count = checked(SlipsIn, request.data)["count"]
        return Response({"receipts": [services.new_receipt() for _ in range(count)]}, headers=NO_STORE)


class TriageOpen(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_open",
        summary="Open a concern as an administrator, with a reason, audited",
        request=ReasonIn,
        responses=TriageOut,
    )
    def post(self, request: Request, concern_id: uuid.UUID) -> Response:
        openable = Concern.objects.opened_by(request.user)
        concern = _asked(request, concern_id, openable, "It is on your desk already; read it in the list.")
        reason = checked(ReasonIn, request.data)["reason"]
        opened = services.open_concern(concern=concern, by=cast("User", request.user), reason=reason)
        return Response(TriageOut(opened).data, headers=NO_STORE)
