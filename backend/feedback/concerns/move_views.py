"""Moves over HTTP, one by one and many at once, and what else changes a concern's place in the queue."""

import uuid
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import User
from backend.api import NO_STORE, STATUS, TITLES, Staff, checked
from backend.errors import DomainError, Invalid, NotFound
from backend.events.views import who
from backend.feedback.concerns.desk_shapes import TriageOut
from backend.feedback.concerns.desk_views import answer, asked_of, found
from backend.feedback.concerns.models import Category, Concern, Office
from backend.feedback.concerns.move_shapes import (
    AcknowledgeIn,
    ClearIn,
    ConcernPriorityIn,
    MovesIn,
    MovesOut,
    OneMoveIn,
    SensitiveIn,
    SubjectsIn,
    words_of,
)
from backend.feedback.concerns.services import desk, moves, referrals, walls
from backend.feedback.concerns.services.acts import check_read
from backend.feedback.concerns.services.liaisons import only_liaisons
from backend.feedback.concerns.triage import MOVES
from backend.roster.models import Area, StaffMember
from backend.schema import problems

# 204: done, and by that gone from the person's sight.
MOVED: dict[Any, Any] = {200: TriageOut, 204: None, **problems(409, 422)}


class TriageMove(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_move",
        summary="Move a concern on",
        description="204 where the move takes it out of your own sight.",
        parameters=[
            OpenApiParameter("move", str, OpenApiParameter.PATH, enum=list(MOVES)),
        ],
        request=OneMoveIn,
        responses=MOVED,
    )
    # Not idempotent by key: a replay would show the concern without asking who may see it; a repeat is a 409.
    def post(self, request: Request, concern_id: uuid.UUID, move: str) -> Response:
        concern = found(request, concern_id)
        if move not in MOVES:
            raise NotFound()
        told = checked(OneMoveIn, request.data)
        check_read(concern, told.pop("changed_at", None))
        _move(who(request), concern, move, words_of(move, told))
        return answer(who(request), concern_id)


class TriageMoves(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_moves",
        summary="Make one move with up to 100 concerns",
        description="Each is moved or refused on its own; the answer is 200 all the same. What its reporter has "
        "written to since it was read is refused (`unread-words`): move it alone.",
        request=MovesIn,
        responses=MovesOut,
    )
    def post(self, request: Request) -> Response:
        told = checked(MovesIn, request.data)
        ids, move = told.pop("ids"), told.pop("move")
        words = words_of(move, told)
        results = [_moved(request, concern_id, move, words) for concern_id in ids]
        return Response({"results": results}, headers=NO_STORE)


def _moved(request: Request, concern_id: uuid.UUID, move: str, words: dict[str, Any]) -> dict[str, Any]:
    try:
        concern = found(request, concern_id)
        check_read(concern, None)
        moved = _move(who(request), concern, move, dict(words))
    except DomainError as error:
        kind = error.type or TITLES[STATUS[type(error)]][0]
        return {"id": str(concern_id), "status": None, "problem": kind}
    return {"id": str(concern_id), "status": moved.status, "problem": None}


def _move(user: User, concern: Concern, move: str, words: dict[str, Any]) -> Concern:
    """Makes the move with what its slugs and ids mean. Raises Invalid for a slug that means nothing."""
    if "to" in words:
        words["to"] = StaffMember.objects.select_related("user").filter(pk=words["to"]).first()
    if "into" in words:
        words["into"] = Concern.objects.visible_to(user).filter(pk=words["into"]).first()
    if "office" in words:
        words["office"] = _of_slug(
            Office.objects.filter(ended_at=None, slug=words["office"]).first(), "office"
        )
    if "desk" in words:
        words["desk"] = _of_slug(Area.objects.filter(slug=words["desk"]).first(), "desk")
    return moves.move_concern(concern=concern, move=move, by=user, **words)


def _of_slug(thing: Any, field: str) -> Any:
    if thing is None:
        raise Invalid("There is nothing of this name.", field=field, code="unknown")
    return thing


# --- beside the moves -------------------------------------------------------------------------------------


class TriageAcknowledge(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_acknowledge",
        summary="The office has it, under this number",
        request=AcknowledgeIn,
        responses=MOVED,
    )
    def post(self, request: Request, concern_id: uuid.UUID) -> Response:
        concern = found(request, concern_id)
        reference = checked(AcknowledgeIn, request.data)["reference"]
        referrals.acknowledge_referral(concern=concern, reference=reference, by=who(request))
        return answer(who(request), concern_id)


class TriagePriority(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_priority",
        summary="Set how urgent it is; its target follows",
        request=ConcernPriorityIn,
        responses=MOVED,
    )
    def post(self, request: Request, concern_id: uuid.UUID) -> Response:
        concern = found(request, concern_id)
        priority = Category.Priority[checked(ConcernPriorityIn, request.data)["priority"].upper()]
        desk.set_priority(concern=concern, priority=priority, by=who(request))
        return answer(who(request), concern_id)


class TriageSensitive(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_sensitive",
        summary="Liaisons alone read it, and no message is sent about it; or not so any more (liaisons)",
        request=SensitiveIn,
        responses=MOVED,
    )
    def post(self, request: Request, concern_id: uuid.UUID) -> Response:
        concern = found(request, concern_id)
        told = checked(SensitiveIn, request.data)
        concern.changed_at = told.pop("changed_at")
        desk.set_sensitive(concern=concern, by=who(request), **told)
        return answer(who(request), concern_id)


class TriageSubjects(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_subjects",
        summary="It is about a police employee: put it behind the wall (liaisons)",
        description="204 where you are behind the wall yourself from then on.",
        request=SubjectsIn,
        responses=MOVED,
    )
    def post(self, request: Request, concern_id: uuid.UUID) -> Response:
        concern = found(request, concern_id)
        only_liaisons(who(request))
        told = checked(SubjectsIn, request.data)
        desk.note_subjects(
            concern=concern,
            about=_members(told["about"]),
            is_described=told["is_described"],
            by=who(request),
        )
        return answer(who(request), concern_id)


class TriageClear(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_clear",
        summary="Say about whom a walled concern is (civilian liaisons)",
        request=ClearIn,
        responses=MOVED,
    )
    def post(self, request: Request, concern_id: uuid.UUID) -> Response:
        user = who(request)
        concern = asked_of(request, concern_id, walls.clearable_by(user), walls.FOR_CIVILIANS)
        told = checked(ClearIn, request.data)
        members = _members(told.pop("about"))
        concern.changed_at = told.pop("changed_at")
        walls.clear(concern=concern, about=members, by=user, **told)
        return answer(user, concern_id)


def _members(ids: list[uuid.UUID]) -> list[StaffMember]:
    members = list(StaffMember.objects.filter(pk__in=ids))
    if len(members) != len(set(ids)):
        raise Invalid("Somebody of these is not in the roster.", field="about", code="unknown")
    return members
