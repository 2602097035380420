"""Masks over HTTP, and the sealed original: for liaisons on whose desk a concern is."""

import uuid
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.api import NO_STORE, Staff, checked
from backend.errors import Invalid, NotFound
from backend.events.views import who
from backend.feedback.concerns.desk_shapes import AnswerOut, ReasonIn, answers_out
from backend.feedback.concerns.desk_views import kept_and_seen
from backend.feedback.concerns.intake_shapes import ConcernReplyOut
from backend.feedback.concerns.models import Concern, ConcernReply, Photo, Redaction
from backend.feedback.concerns.photo_views import JPEG, jpeg
from backend.feedback.concerns.services import photos, redaction
from backend.schema import problems


class RedactionIn(serializers.Serializer[Any]):
    """Of words: characters `start` to `end` (Unicode code points, from 0, `end` not included), of a `reply` by its

    place in `replies`, from 0, or of the answer to a `question` by its slug. `everywhere`: the same words too
    wherever else they are. Of a `photo`: a `box`.
    """

    part = serializers.ChoiceField(choices=Redaction.Part.choices)
    reply = serializers.IntegerField(required=False, min_value=0)
    question = serializers.CharField(required=False, max_length=50)
    photo = serializers.UUIDField(required=False)
    start = serializers.IntegerField(required=False, min_value=0)
    end = serializers.IntegerField(required=False, min_value=1)
    box = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=100_000),
        min_length=4,
        max_length=4,
        required=False,
        help_text="[left, top, width, height] in pixels",
    )
    everywhere = serializers.BooleanField(default=False)
    provision = serializers.CharField(
        max_length=200, help_text="the law that closes it, such as RSMo 610.021"
    )

    NEEDS = {
        Redaction.Part.DESCRIPTION: {"start", "end"},
        Redaction.Part.ANSWER: {"question", "start", "end"},
        Redaction.Part.REPLY: {"reply", "start", "end"},
        Redaction.Part.PHOTO: {"photo", "box"},
    }

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        needed = self.NEEDS[data["part"]]
        if set(data) - {"part", "provision", "everywhere"} != needed:
            raise serializers.ValidationError(
                f"For a part of the {data['part']} send {', '.join(sorted(needed))}, and nothing of the others."
            )
        return data


class RedactionOut(serializers.ModelSerializer[Redaction]):
    """`reply` is its place in `replies`, from 0; `question` the slug of one whose answer it is in."""

    reply = serializers.SerializerMethodField()
    box = serializers.ListField(child=serializers.IntegerField(), allow_null=True)

    class Meta:
        model = Redaction
        fields = ["id", "part", "reply", "question", "photo", "start", "end", "box", "provision", "at"]
        read_only_fields = fields

    def get_reply(self, row: Redaction) -> int | None:
        replies = row.concern.replies.all()
        return next((n for n, reply in enumerate(replies) if reply.pk == row.reply_id), None)


class OriginalOut(serializers.ModelSerializer[Concern]):
    """The words as they were told."""

    answers = serializers.SerializerMethodField()
    replies = ConcernReplyOut(many=True)

    class Meta:
        model = Concern
        fields = ["id", "description", "answers", "replies"]

    @extend_schema_field(AnswerOut(many=True))
    def get_answers(self, concern: Concern) -> list[dict[str, Any]]:
        return answers_out(concern, redaction.answers_of(concern))


def _mine(request: Request, concern_id: uuid.UUID) -> Concern:
    """A concern on the desk of this liaison, with its replies. Raises as `kept_and_seen` does."""
    words = "Masks and what is under them are for the liaison of this desk; ask there."
    concern = kept_and_seen(request, concern_id, words)
    prefetch_related_objects([concern], "replies")
    return concern


def _reply(concern: Concern, place: int) -> ConcernReply:
    replies = list(concern.replies.all())
    if place >= len(replies):
        raise Invalid(f"There are {len(replies)} replies.", field="reply", code="outside")
    return replies[place]


def _photo(concern: Concern, photo_id: uuid.UUID) -> Photo:
    try:
        return photos.find(concern, photo_id)
    except NotFound:
        raise Invalid("This concern has no such photo.", field="photo", code="unknown") from None


class Redactions(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_redactions",
        summary="What is masked in a concern",
        responses=RedactionOut(many=True),
    )
    def get(self, request: Request, concern_id: uuid.UUID) -> Response:
        concern = _mine(request, concern_id)
        return Response(_shown(concern, list(concern.redactions.all())), headers=NO_STORE)

    @extend_schema(
        operation_id="triage_concerns_redact",
        summary="Mask words or a part of a photo for all who read the concern",
        request=RedactionIn,
        responses={201: RedactionOut(many=True), **problems(409)},
    )
    # Not idempotent by key, nor are the next: a replay would skip the wall, and each look is a line of the trail.
    def post(self, request: Request, concern_id: uuid.UUID) -> Response:
        concern = _mine(request, concern_id)
        data = checked(RedactionIn, request.data)
        provision, by = data["provision"], who(request)
        if data["part"] == Redaction.Part.PHOTO:
            rows = redaction.redact_photo(
                concern=concern,
                photo=_photo(concern, data["photo"]),
                box=tuple(data["box"]),
                provision=provision,
                by=by,
            )
        else:
            rows = redaction.redact_words(
                concern=concern,
                reply=_reply(concern, data["reply"]) if "reply" in data else None,
                question=data.get("question", ""),
                start=data["start"],
                end=data["end"],
                everywhere=data["everywhere"],
                provision=provision,
                by=by,
            )
        return Response(_shown(concern, rows), status=201, headers=NO_STORE)


def _shown(concern: Concern, rows: list[Redaction]) -> Any:
    for row in rows:
        row.concern = concern  # with its replies, read once
    return RedactionOut(rows, many=True).data


class RedactionEnd(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_unredact",
        summary="Take a mask off",
        request=None,
        responses={204: None, **problems(409)},
    )
    def delete(self, request: Request, concern_id: uuid.UUID, redaction_id: uuid.UUID) -> Response:
        concern = _mine(request, concern_id)
        row = concern.redactions.select_related("photo").filter(pk=redaction_id).first()
        if row is None:
            raise NotFound()
        redaction.undo(concern=concern, redaction=row, by=who(request))
        return Response(status=204, headers=NO_STORE)


class Original(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_original",
        summary="Open the sealed original of a concern's words, with a reason, audited",
        request=ReasonIn,
        responses=OriginalOut,
    )
    def post(self, request: Request, concern_id: uuid.UUID) -> Response:
        concern = _mine(request, concern_id)
        reason = checked(ReasonIn, request.data)["reason"]
        opened = redaction.open_original(concern=concern, by=who(request), reason=reason)
        return Response(OriginalOut(opened).data, headers=NO_STORE)


class OriginalPhoto(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_original_photo",
        summary="Open a photo without its masks, with a reason, audited",
        request=ReasonIn,
        responses=JPEG,
    )
    def post(self, request: Request, concern_id: uuid.UUID, photo_id: uuid.UUID) -> HttpResponse:
        concern = _mine(request, concern_id)
        reason = checked(ReasonIn, request.data)["reason"]
        photo = photos.find(concern, photo_id)
        return jpeg(redaction.open_original_photo(photo=photo, by=who(request), reason=reason))
