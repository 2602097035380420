"""What staff write, over HTTP: notes, letters and ready answers; and the offices they write to."""

import uuid
from typing import Any

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.api import NO_STORE, Staff, checked
from backend.errors import Invalid, NotFound
from backend.events.views import who
from backend.feedback.concerns.desk_shapes import LetterOut, NoteOut
from backend.feedback.concerns.desk_views import found
from backend.feedback.concerns.models import CannedAnswer, Office
from backend.feedback.concerns.move_shapes import (
    CannedAnswerChangeIn,
    CannedAnswerIn,
    CannedAnswerOut,
    CannedAnswersOut,
    CannedQueryIn,
    LetterIn,
    NoteIn,
    OfficesOut,
)
from backend.feedback.concerns.services import desk
from backend.feedback.concerns.services.liaisons import only_liaisons
from backend.schema import problems


class TriageNotes(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_note",
        summary="Write a note among staff",
        request=NoteIn,
        responses={201: NoteOut, **problems(409)},
    )
    # Not idempotent by key, nor is a letter: a replay would answer without asking who may see the concern.
    def post(self, request: Request, concern_id: uuid.UUID) -> Response:
        concern = found(request, concern_id)
        note = desk.write_note(concern=concern, by=who(request), **checked(NoteIn, request.data))
        return Response(NoteOut(note).data, status=201, headers=NO_STORE)


class TriageLetters(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_letter",
        summary="Answer the reporter, named or not",
        request=LetterIn,
        responses={201: LetterOut, **problems(409)},
    )
    def post(self, request: Request, concern_id: uuid.UUID) -> Response:
        concern = found(request, concern_id)
        words = checked(LetterIn, request.data)
        read_at = words.pop("changed_at", None)
        if canned := words.pop("canned", None):
            words = _canned(canned)
        letter = desk.write_letter(concern=concern, by=who(request), read_at=read_at, **words)
        return Response(LetterOut(letter).data, status=201, headers=NO_STORE)


def _canned(canned: int) -> dict[str, Any]:
    ready = CannedAnswer.objects.filter(pk=canned, ended_at=None).first()
    if ready is None:
        raise Invalid("There is no such ready answer, or no longer.", field="canned", code="unknown")
    return {"body": ready.body, "language": ready.language}


class Offices(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_offices",
        summary="Where a concern can be handed to",
        responses=OfficesOut,
    )
    def get(self, request: Request) -> Response:
        return Response(OfficesOut({"offices": Office.objects.filter(ended_at=None)}).data)


class CannedAnswers(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_canned_answers",
        summary="Ready answers",
        parameters=[CannedQueryIn],
        responses=CannedAnswersOut,
    )
    def get(self, request: Request) -> Response:
        asked = checked(CannedQueryIn, request.query_params.dict())
        answers = CannedAnswer.objects.filter(ended_at=None)
        if "language" in asked:
            answers = answers.filter(language=asked["language"])
        if "category" in asked:
            answers = answers.filter(Q(category=None) | Q(category=asked["category"]))
        return Response(CannedAnswersOut({"canned_answers": answers}).data)

    @extend_schema(
        operation_id="triage_canned_answers_create",
        summary="Keep a ready answer (liaisons)",
        request=CannedAnswerIn,
        responses={201: CannedAnswerOut, **problems(409)},
    )
    # Not idempotent by key: a repeat is a 409, for a title is there once in a language.
    def post(self, request: Request) -> Response:
        only_liaisons(who(request))
        kept = desk.keep_canned_answer(by=who(request), **checked(CannedAnswerIn, request.data))
        return Response(CannedAnswerOut(kept).data, status=201)


class CannedAnswerDetail(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_canned_answers_change",
        summary="Change or end a ready answer (liaisons)",
        request=CannedAnswerChangeIn,
        responses={200: CannedAnswerOut, **problems(409)},
    )
    def patch(self, request: Request, answer_id: int) -> Response:
        only_liaisons(who(request))
        ready = CannedAnswer.objects.filter(pk=answer_id).first()
        if ready is None:
            raise NotFound()
        changes = checked(CannedAnswerChangeIn, request.data, partial=True)
        return Response(
            CannedAnswerOut(desk.keep_canned_answer(by=who(request), answer=ready, **changes)).data
        )
