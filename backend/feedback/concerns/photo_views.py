"""Photos over HTTP: sent as bytes, looked at as JPEG by who told the concern and by its desk."""

import uuid
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.parsers import BaseParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.api import NO_STORE, Public, Staff, checked
from backend.errors import Invalid
from backend.feedback.concerns.desk_views import found
from backend.feedback.concerns.intake_shapes import PhotoOut, ReceiptIn
from backend.feedback.concerns.intake_views import ConcernByReceipt, by_receipt, own
from backend.feedback.concerns.services import photos
from backend.schema import problems
from backend.throttles import throttle

MEDIA_TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif")
JPEG = {(200, "image/jpeg"): OpenApiTypes.BINARY, **problems(409)}
UPLOAD_TOKEN = OpenApiParameter(
    "X-Upload-Token",
    {"type": "string", "maxLength": 200},
    OpenApiParameter.HEADER,
    required=True,
    description="The `upload_token` of the answer to POST /concerns; good for seven days.",
)


class TooLarge(exceptions.APIException):
    status_code = 413
    default_detail = (
        f"Send a photo of at most {photos.MAX_BYTES // 1_000_000} megabytes; the phone can make it smaller."
    )


class NoPhoto(exceptions.UnsupportedMediaType):
    title = "Send the photo itself"

    def __init__(self) -> None:
        super().__init__(
            "", detail=f"The body is the photo's bytes, and its Content-Type one of {', '.join(MEDIA_TYPES)}."
        )


class ImageBody(BaseParser):
    """The bytes of a photo, read only as far as they may go; what they are, they say themselves."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        length = int(stream.META["CONTENT_LENGTH"])  # DRF asks no parser where it is none
        if length > photos.MAX_BYTES:
            raise TooLarge()
        body: bytes = stream.read(length)
        if len(body) < length:
            raise Invalid("The photo did not arrive whole; send it again.", code="cut-short")
        return body


def _of(media_type: str) -> type[ImageBody]:
    return type("ImageBody", (ImageBody,), {"media_type": media_type})


class PhotoCreate(APIView):
    permission_classes = (Public,)
    authentication_classes = ()
    parser_classes = tuple(_of(media_type) for media_type in MEDIA_TYPES)
    throttle_classes = (throttle("photos", per_minute=600),)

    @extend_schema(
        operation_id="concerns_add_photo",
        summary="Add a photo to a concern that was just told",
        description="The body is the photo. It is kept encrypted and shown to nobody until it has been made anew, "
        "without where it was taken and what else is hidden in it. The same bytes again are the same photo (200), so "
        "that a phone may repeat it.",
        parameters=[UPLOAD_TOKEN],
        request=dict.fromkeys(MEDIA_TYPES, OpenApiTypes.BINARY),
        responses={200: PhotoOut, 201: PhotoOut, **problems(403, 404, 409, 422)},
    )
    def post(self, request: Request) -> Response:
        concern = photos.concern_of(request.headers.get("X-Upload-Token", ""))
        try:
            data = request.data
        except exceptions.UnsupportedMediaType:
            raise NoPhoto() from None
        if not isinstance(data, bytes) or not data:
            raise Invalid("Send the photo's bytes as the body, with their Content-Length.", code="empty")
        photo, is_new = photos.add_photo(concern=concern, data=data)
        return Response(PhotoOut(photo).data, status=201 if is_new else 200, headers=NO_STORE)


def jpeg(data: bytes) -> HttpResponse:
    return HttpResponse(
        data, content_type="image/jpeg", headers={**NO_STORE, "Content-Disposition": "inline"}
    )


class ConcernPhoto(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="concerns_photo", summary="A photo of a concern of one's own", responses=JPEG)
    def get(self, request: Request, concern_id: uuid.UUID, photo_id: uuid.UUID) -> HttpResponse:
        return jpeg(photos.original(photos.find(own(request, concern_id), photo_id)))


class PhotoByReceipt(APIView):
    permission_classes = (Public,)
    authentication_classes = ()
    throttle_classes = ConcernByReceipt.throttle_classes

    @extend_schema(
        operation_id="concerns_photo_by_receipt",
        summary="A photo of an anonymous concern",
        request=ReceiptIn,
        responses={**JPEG, **problems(404)},
    )
    def post(self, request: Request, photo_id: uuid.UUID) -> HttpResponse:
        concern = by_receipt(checked(ReceiptIn, request.data))
        return jpeg(photos.original(photos.find(concern, photo_id)))


class TriagePhoto(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_photo",
        summary="A photo of a concern on my desk, masked where it has masks",
        responses=JPEG,
    )
    def get(self, request: Request, concern_id: uuid.UUID, photo_id: uuid.UUID) -> HttpResponse:
        return jpeg(photos.shown(photos.find(found(request, concern_id), photo_id)))
