"""Concerns over HTTP: told by anyone, read by its reporter and its receipt's holder."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.accounts.models import User
from backend.api import NO_STORE, Public, Staff, checked
from backend.errors import Invalid, NotFound, Unprocessable
from backend.feedback.concerns.intake_shapes import (
    NOTICE,
    CheckIn,
    CheckOut,
    ConcernIn,
    ConcernOut,
    NotKept,
    ReceiptIn,
    SheetIn,
    SlipsIn,
    SlipsOut,
    SubmittedOut,
)
from backend.feedback.concerns.models import Concern
from backend.feedback.concerns.notices import (
    how_to_ask,
    how_to_ask_by_phone,
    in_both,
    keep_it_safe,
    no_message_is_sent,
    not_read_at_once,
    receipt_is_the_key,
    say,
    sheet_title,
    with_passphrase,
)
from backend.feedback.concerns.services import intake, photos, places, receipts, signposts, walls
from backend.notifications.languages import LANGUAGES
from backend.receipts import new_receipt
from backend.schema import IDEMPOTENCY_KEY, problems
from backend.throttles import throttle

POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'"
PAGE_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


class ConcernCreate(APIView):
    permission_classes = (Public,)
    throttle_classes = (throttle("concerns", per_minute=1000),)

    @extend_schema(
        operation_id="concerns_create",
        summary="Tell a concern",
        description="Without an account the answer holds a receipt by which to ask later. A refusal keeps nothing, and "
        "the same Idempotency-Key may be used again after it. Who wants to stay unknown sends no session: of a session "
        "it is kept when it was last used.",
        parameters=[IDEMPOTENCY_KEY],
        request=ConcernIn,
        responses={201: SubmittedOut, **problems(404, 409), **problems(422, shape=NotKept)},
    )
    def post(self, request: Request) -> Response:
        # Slow by intent, and so before the transaction in which SQLite's one writer would wait for it.
        data = checked(ConcernIn, request.data)
        passphrase = data.get("passphrase")
        return self._tell(request, data, receipts.hash_of(passphrase) if passphrase else "")

    @idempotent
    def _tell(self, request: Request, data: dict[str, Any], passphrase_hash: str) -> Response:
        by = request.user if request.user.is_authenticated else None
        if data["paper_receipt"] and not (by and by.is_staff):
            raise Invalid(
                "Only staff enter what was told on paper.", field="paper_receipt", code="staff-only"
            )
        told, teller = _told(data), _teller(data, by, passphrase_hash)
        signposts.refuse_not_taken(told.category, told.description)
        concern, receipt = intake.submit_concern(
            told=told, place=_place(data, teller.hides_address), teller=teller, goes_on=data["goes_on"]
        )
        sheet = receipt and "/api/v1/concerns/receipt/sheet"
        answer = {**ConcernOut(concern).data, "receipt": receipt, "receipt_sheet": sheet}
        answer["notice"] = _notice(concern, teller)
        answer["upload_token"] = photos.upload_token(concern)
        return Response(
            answer, status=201, headers={"Location": f"/api/v1/concerns/{concern.pk}", **NO_STORE}
        )


def _told(data: dict[str, Any]) -> intake.Told:
    given = ("category", "description", "answers", "as_of", "said_at", "occurrence", "about_police_employee")
    return intake.Told(**{name: data[name] for name in given if name in data})


def _teller(data: dict[str, Any], by: User | None, passphrase_hash: str) -> intake.Teller:
    given = (
        "identity",
        "phone",
        "paper_receipt",
        "language",
        "contact_note",
        "handler_may_know",
    )
    return intake.Teller(
        by=by,
        passphrase_hash=passphrase_hash,
        tells_by_text=data.get("tells_by_text"),
        hides_address=data["safe_at_home"] or bool(by and by.safe_at_home),
        **{name: data[name] for name in given if name in data},
    )


def _notice(concern: Concern, teller: intake.Teller) -> str:
    """What to know now; also why no message will come, where one was asked for."""
    asked = teller.tells_by_text or (teller.phone and teller.tells_by_text is None)
    if not (asked and concern.is_sensitive):
        return NOTICE
    return f"{NOTICE} {in_both(no_message_is_sent, concern.language)}"


def _place(told: dict[str, Any], hides_address: bool) -> places.Place:
    on = timezone.localdate()
    if "address" in told:
        try:
            return places.place_of_address(told["address"], on)
        except (NotFound, Unprocessable):
            if hides_address:  # the substitute address, a box in Jefferson City, is as good as any
                return places.Place()
            raise
    if "lat" in told:
        return places.place_of_point(told["lat"], told["lon"], on)
    return places.place_of_area(told["area"], on) if "area" in told else places.Place()


class ConcernDetail(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="concerns_retrieve", summary="A concern of one's own", responses=ConcernOut)
    def get(self, request: Request, concern_id: uuid.UUID) -> Response:
        return Response(ConcernOut(own(request, concern_id)).data, headers=NO_STORE)


def own(request: Request, concern_id: uuid.UUID) -> Concern:
    """One that the person told. Raises NotFound for all else."""
    concern: Concern | None = Concern.objects.told_by(request.user).filter(pk=concern_id).first()
    if concern is None:
        raise NotFound()
    return concern


def by_receipt(data: dict[str, Any]) -> Concern:
    """The concern of a ReceiptIn. Raises NotFound, the same for all that does not fit."""
    concern = receipts.find(data["receipt"], data["passphrase"])
    if concern is None:
        raise NotFound(
            "No concern goes with this receipt and passphrase. Check each letter; receipts end when a concern is "
            "erased."
        )
    return concern


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
        return Response(ConcernOut(by_receipt(checked(ReceiptIn, request.data))).data, headers=NO_STORE)


class ReceiptSheet(APIView):
    permission_classes = (Public,)
    authentication_classes = ()
    throttle_classes = ConcernByReceipt.throttle_classes

    @extend_schema(
        operation_id="concerns_receipt_sheet",
        summary="A receipt as a page to print, in the reader's language",
        request=SheetIn,
        responses={(200, "text/html"): OpenApiTypes.STR, **problems(404)},
    )
    def post(self, request: Request) -> HttpResponse:
        data = checked(SheetIn, request.data)
        concern = by_receipt(data)
        language = LANGUAGES[data["language"]]
        sentences = (
            receipt_is_the_key,
            how_to_ask,
            *(() if concern.passphrase or concern.is_sensitive else (how_to_ask_by_phone,)),
        )
        sentences = (
            *sentences,
            *((with_passphrase,) if concern.passphrase else ()),
            keep_it_safe,
            not_read_at_once,
        )
        context = {
            "language": language.code,
            "direction": "rtl" if language.code in ("ar", "prs", "ps") else "ltr",
            "title": say(sheet_title, language.code, ()),
            "receipt": receipts.shown(data["receipt"]),
            "sentences": [say(sentence, language.code, ()) for sentence in sentences],
        }
        response = render(request._request, "concerns/receipt.html", context)
        for header, value in {**NO_STORE, **PAGE_HEADERS}.items():
            response[header] = value
        return response


class ConcernCheck(APIView):
    permission_classes = (Public,)
    authentication_classes = ()
    throttle_classes = (throttle("concern-check", per_minute=600),)

    @extend_schema(
        operation_id="concerns_check",
        summary="What a text that is not sent yet seems to be about",
        description="Kept nowhere.",
        request=CheckIn,
        responses={200: CheckOut},
    )
    def post(self, request: Request) -> Response:
        data = checked(CheckIn, request.data)
        answer = {
            "warnings": signposts.warnings_of(data["description"], data["language"]),
            "names_an_employee": bool(walls.named_in(data["description"])),
        }
        return Response(answer, headers=NO_STORE)


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
        return Response({"receipts": [new_receipt() for _ in range(count)]}, headers=NO_STORE)
