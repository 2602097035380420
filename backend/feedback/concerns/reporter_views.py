"""What a reporter answers, what anybody says of our pages, and the page behind our messages."""

import uuid
from copy import copy
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.api import NO_STORE, Pages, Public, Staff, checked, only
from backend.errors import NotFound
from backend.events.views import who
from backend.feedback.concerns.intake_views import POLICY, ConcernByReceipt, by_receipt, own
from backend.feedback.concerns.models import AboutMeRequest, Concern, PageFeedback
from backend.feedback.concerns.notices import in_both, no_message_is_sent
from backend.feedback.concerns.reporter_shapes import (
    AboutMeAnswerOut,
    AboutMeDecisionIn,
    AboutMeIn,
    AboutMeOut,
    AboutMeReceiptIn,
    AboutMeReceiptOut,
    PageFeedbackIn,
    PageFeedbackOut,
    ReceiptReplyIn,
    ReceiptVerdictIn,
    ReplyIn,
    ReplyTakenOut,
    VerdictIn,
    VerdictOut,
)
from backend.feedback.concerns.services import answering, requests, signposts
from backend.schema import IDEMPOTENCY_KEY, problems
from backend.throttles import throttle

# --- more words, and whether it was dealt with ------------------------------------------------------------


def _reply(concern: Concern, data: dict[str, Any]) -> Response:
    reply, kinds = answering.add_reply(
        concern=concern, body=data["body"], is_about_police=data["about_police_employee"]
    )
    taken = {"at": reply.at, **_said(concern, kinds)}
    return Response(ReplyTakenOut(taken).data, status=201, headers=NO_STORE)


def _said(concern: Concern, kinds: list[str]) -> dict[str, Any]:
    """What the answer says of the words, from the concern as it was before them."""
    is_ended = concern.tells_by_text and Concern.objects.filter(pk=concern.pk, is_sensitive=True).exists()
    return {
        "warnings": signposts.said_of(kinds, concern.language),
        "notice": in_both(no_message_is_sent, concern.language) if is_ended else "",
    }


def _verdict(concern: Concern, data: dict[str, Any]) -> Response:
    before = copy(concern)  # the service refreshes it
    said, kinds = answering.give_verdict(
        concern=concern,
        dealt_with=data["dealt_with"],
        words=data["words"],
        is_about_police=data["about_police_employee"],
    )
    shown = {"status": said.status, "dealt_with": said.dealt_with, **_said(before, kinds)}
    return Response(VerdictOut(shown).data, headers=NO_STORE)


class ConcernReplies(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="concerns_reply",
        summary="Add to a concern of one's own, closed or not",
        parameters=[IDEMPOTENCY_KEY],
        request=ReplyIn,
        responses={201: ReplyTakenOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request, concern_id: uuid.UUID) -> Response:
        data = checked(ReplyIn, request.data)
        return _reply(own(request, concern_id), data)


class ConcernVerdict(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="concerns_verdict",
        summary="Say whether a concern of one's own that was closed was dealt with; no reopens it",
        parameters=[IDEMPOTENCY_KEY],
        request=VerdictIn,
        responses={200: VerdictOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request, concern_id: uuid.UUID) -> Response:
        data = checked(VerdictIn, request.data)
        return _verdict(own(request, concern_id), data)


class ReplyByReceipt(APIView):
    permission_classes = (Public,)
    authentication_classes = ()
    throttle_classes = ConcernByReceipt.throttle_classes

    @extend_schema(
        operation_id="concerns_reply_by_receipt",
        summary="Add to an anonymous concern, closed or not",
        parameters=[IDEMPOTENCY_KEY],
        request=ReceiptReplyIn,
        responses={201: ReplyTakenOut, **problems(404, 409, 422)},
    )
    def post(self, request: Request) -> Response:
        data = checked(ReceiptReplyIn, request.data)
        return self._keep(request, by_receipt(data), data)

    @idempotent  # what comes before it, the slow hash of a passphrase, holds no transaction
    def _keep(self, request: Request, concern: Concern, data: dict[str, Any]) -> Response:
        return _reply(concern, data)


class VerdictByReceipt(APIView):
    permission_classes = (Public,)
    authentication_classes = ()
    throttle_classes = ConcernByReceipt.throttle_classes

    @extend_schema(
        operation_id="concerns_verdict_by_receipt",
        summary="Say whether an anonymous concern that was closed was dealt with; no reopens it",
        parameters=[IDEMPOTENCY_KEY],
        request=ReceiptVerdictIn,
        responses={200: VerdictOut, **problems(404, 409, 422)},
    )
    def post(self, request: Request) -> Response:
        data = checked(ReceiptVerdictIn, request.data)
        return self._keep(request, by_receipt(data), data)

    @idempotent  # what comes before it, the slow hash of a passphrase, holds no transaction
    def _keep(self, request: Request, concern: Concern, data: dict[str, Any]) -> Response:
        return _verdict(concern, data)


# --- what is said of our pages ----------------------------------------------------------------------------


class PageFeedbackCreate(APIView):
    permission_classes = (Public,)
    authentication_classes = ()
    throttle_classes = (throttle("page-feedback", per_minute=120),)

    @extend_schema(
        operation_id="page_feedback_create",
        summary="Say whether a page was helpful",
        description="Nothing is kept by which to know who said it, and so no Idempotency-Key is taken.",
        request=PageFeedbackIn,
        responses={204: None},
    )
    def post(self, request: Request) -> Response:
        requests.keep_page_feedback(**checked(PageFeedbackIn, request.data))
        return Response(status=204, headers=NO_STORE)


class LatestKept(Pages):
    ordering = ("-id",)  # which is by day too, and unlike a day tells where the next page begins


class PageFeedbackList(ListAPIView[PageFeedback]):
    permission_classes = (Staff,)
    serializer_class = PageFeedbackOut
    pagination_class = LatestKept

    @extend_schema(operation_id="triage_page_feedback", summary="What was said of our pages, newest first")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        requests.only_who_reads_requests(who(request))
        response = super().get(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    def get_queryset(self) -> QuerySet[PageFeedback]:
        return PageFeedback.objects.all()


class AboutMeCreate(APIView):
    permission_classes = (Public,)
    authentication_classes = ()
    throttle_classes = (throttle("about-me", per_minute=120),)

    @extend_schema(
        operation_id="about_me_create",
        summary="Ask that something shown of oneself be taken down",
        description="The answer holds a receipt, shown once, by which to ask what became of it.",
        parameters=[IDEMPOTENCY_KEY],
        request=AboutMeIn,
        responses={201: AboutMeReceiptOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        receipt = requests.ask_about_me(**checked(AboutMeIn, request.data))
        return Response(AboutMeReceiptOut({"receipt": receipt}).data, status=201, headers=NO_STORE)


class AboutMeByReceipt(APIView):
    permission_classes = (Public,)
    authentication_classes = ()
    throttle_classes = ConcernByReceipt.throttle_classes

    @extend_schema(
        operation_id="about_me_by_receipt",
        summary="What became of such a request",
        request=AboutMeReceiptIn,
        responses={200: AboutMeAnswerOut, **problems(404)},
    )
    def post(self, request: Request) -> Response:
        found = requests.with_receipt(checked(AboutMeReceiptIn, request.data)["receipt"])
        if found is None:
            raise NotFound(
                "No request goes with this receipt. Check each letter; receipts end when a request is erased."
            )
        return Response(AboutMeAnswerOut(found).data, headers=NO_STORE)


class LatestAsked(Pages):
    ordering = ("-asked_at", "id")


class AboutMeList(ListAPIView[AboutMeRequest]):
    permission_classes = (Staff,)
    serializer_class = AboutMeOut
    pagination_class = LatestAsked

    @extend_schema(operation_id="triage_about_me", summary="Requests to take something down, newest first")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        requests.only_who_reads_requests(who(request))
        response = super().get(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    def get_queryset(self) -> QuerySet[AboutMeRequest]:
        return AboutMeRequest.objects.all()


class AboutMeDecide(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_about_me_decide",
        summary="Answer a request to take something down, once",
        request=AboutMeDecisionIn,
        responses={200: AboutMeOut, **problems(409)},
    )
    def post(self, request: Request, request_id: uuid.UUID) -> Response:
        by = who(request)
        requests.only_who_reads_requests(by)
        found = AboutMeRequest.objects.filter(pk=request_id).first()
        if found is None:
            raise NotFound()
        decision = checked(AboutMeDecisionIn, request.data)
        return Response(
            AboutMeOut(requests.decide_about_me(request=found, by=by, **decision)).data, headers=NO_STORE
        )


# --- behind the link of a message -------------------------------------------------------------------------


@only("GET", "HEAD")
def updates_page(request: HttpRequest) -> HttpResponse:
    """How news is read and answered, the same for everybody: whoever holds the phone learns nothing of its owner."""
    response = render(request, "concerns/updates.html")
    response["Cache-Control"] = "public, max-age=3600"
    response["Content-Security-Policy"] = POLICY
    return response
