"""The record of a concern over HTTP: legal holds and fatality reviews."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.api import NO_STORE, Staff, checked
from backend.errors import NotFound
from backend.events.views import who
from backend.feedback.concerns.desk_views import found, kept, kept_and_seen
from backend.feedback.concerns.models import FatalityReview, LegalHold
from backend.feedback.concerns.services import holds, reviews
from backend.schema import problems

# --- legal holds --------------------------------------------------------------------------------------


class HoldIn(serializers.Serializer[Any]):
    """Why nothing of it may be erased: which matter, whose request."""

    reason = serializers.CharField(max_length=500)


class HoldEndIn(serializers.Serializer[Any]):
    """Why it may be erased again when its time is over."""

    reason = serializers.CharField(max_length=500)


class HoldOut(serializers.ModelSerializer[LegalHold]):
    class Meta:
        model = LegalHold
        fields = ["id", "reason", "since", "ended_at"]


class Holds(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_holds",
        summary="The legal holds of a concern on my desk",
        responses=HoldOut(many=True),
    )
    def get(self, request: Request, concern_id: UUID) -> Response:
        placed = kept_and_seen(request, concern_id).holds.all()
        return Response(HoldOut(placed, many=True).data, headers=NO_STORE)

    @extend_schema(
        operation_id="triage_concerns_hold",
        summary="Place a legal hold: nothing of the concern is anonymised or erased while it is in force",
        request=HoldIn,
        responses={201: HoldOut, **problems(409)},
    )
    # Not idempotent by key, nor is what follows: a replay would skip the wall.
    def post(self, request: Request, concern_id: UUID) -> Response:
        concern = kept(request, concern_id)
        reason = checked(HoldIn, request.data)["reason"]
        hold = holds.place_hold(concern=concern, reason=reason, by=who(request))
        return Response(HoldOut(hold).data, status=201, headers=NO_STORE)


class HoldEnd(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_hold_end",
        summary="End a legal hold",
        request=HoldEndIn,
        responses={200: HoldOut, **problems(409)},
    )
    def post(self, request: Request, concern_id: UUID, hold_id: UUID) -> Response:
        hold = kept(request, concern_id).holds.filter(pk=hold_id).first()
        if hold is None:
            raise NotFound()
        reason = checked(HoldEndIn, request.data)["reason"]
        ended = holds.end_hold(hold=hold, reason=reason, by=who(request))
        return Response(HoldOut(ended).data, headers=NO_STORE)


# --- fatality reviews ---------------------------------------------------------------------------------


class FatalityReviewIn(serializers.Serializer[Any]):
    """`work_product` is sealed and never given back (RSMo 455.560.5); left out, what is there stays."""

    work_product = serializers.CharField(max_length=20_000, required=False, allow_blank=True, write_only=True)
    final_report = serializers.CharField(max_length=20_000, allow_blank=True)


class FatalityReviewOut(serializers.ModelSerializer[FatalityReview]):
    """What is open of it (RSMo 455.560.6)."""

    class Meta:
        model = FatalityReview
        fields = ["final_report", "changed_at"]


class ConcernFatalityReview(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_fatality_review",
        summary="The final report of the domestic violence fatality review of a concern's matter",
        responses=FatalityReviewOut,
    )
    def get(self, request: Request, concern_id: UUID) -> Response:
        review = FatalityReview.objects.filter(concern=found(request, concern_id)).first()
        if review is None:
            raise NotFound()
        return Response(FatalityReviewOut(review).data, headers=NO_STORE)

    @extend_schema(
        operation_id="triage_concerns_fatality_review_record",
        summary="Record a domestic violence fatality review: civilian liaisons",
        request=FatalityReviewIn,
        responses={200: FatalityReviewOut, **problems(409)},
    )
    def put(self, request: Request, concern_id: UUID) -> Response:
        concern = found(request, concern_id)
        written = checked(FatalityReviewIn, request.data)
        review = reviews.record_review(
            concern=concern,
            work_product=written.get("work_product"),
            final_report=written["final_report"],
            by=who(request),
        )
        return Response(FatalityReviewOut(review).data, headers=NO_STORE)
