"""The desk over HTTP: the queue, one concern, and what is asked with a reason."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import User
from backend.api import NO_STORE, Staff, checked
from backend.errors import NotAllowed, NotFound
from backend.events.views import who
from backend.feedback.concerns.desk_shapes import (
    LookIn,
    LookOut,
    QueueIn,
    ReasonIn,
    ReporterOut,
    TriageDetailOut,
    TriageOut,
)
from backend.feedback.concerns.models import Category, Concern, DeskLook, Referral, reach_of
from backend.feedback.concerns.paging import OPEN, DeskPages, Queue
from backend.feedback.concerns.services import desk, moves, photos
from backend.feedback.concerns.services.liaisons import is_liaison
from backend.schema import problems

WHO_TOLD = "Who told it is for the liaison of this desk; ask there."
THE_RECORD = "The record is for the liaison of this desk; ask there."


# --- found, or refused ------------------------------------------------------------------------------------


def found(request: Request, concern_id: uuid.UUID) -> Concern:
    """One that the person sees. Raises NotFound for what is hidden and what is missing."""
    concern: Concern | None = Concern.objects.visible_to(request.user).filter(pk=concern_id).first()
    if concern is None:
        raise NotFound()
    return concern


def asked_of(request: Request, concern_id: uuid.UUID, allowed: QuerySet[Concern], words: str) -> Concern:
    """One of `allowed`. Raises NotAllowed for what the person sees but may not ask, NotFound for all else."""
    concern = allowed.filter(pk=concern_id).first()
    if concern is None:
        found(request, concern_id)
        raise NotAllowed(words)
    return concern


def kept(request: Request, concern_id: uuid.UUID, words: str = THE_RECORD) -> Concern:
    """One whose record the person keeps. Raises NotAllowed for one they only read, NotFound for all else."""
    return asked_of(request, concern_id, Concern.objects.kept_by(request.user), words)


def kept_and_seen(request: Request, concern_id: uuid.UUID, words: str = THE_RECORD) -> Concern:
    """The same, but NotFound for what an administrator's seat alone would keep."""
    found(request, concern_id)
    return kept(request, concern_id, words)


# --- rows, without a query for each -----------------------------------------------------------------------


def rows(q: Q) -> QuerySet[Concern]:
    """The concerns under a condition with all that a row shows."""
    with_office = Referral.objects.select_related("office", "by__staff_member")
    return (
        Concern.objects.filter(q)
        .select_related("category", "area", "desk", "assigned_to")
        .prefetch_related("replies", "redactions", photos.LISTED)
        .prefetch_related("category__questions", Prefetch("referrals", with_office))
    )


def row_of(user: User, concern_id: uuid.UUID) -> QuerySet[Concern]:
    """`rows` of this one, if the person sees it."""
    return rows(Q(pk=concern_id) & reach_of(user).as_one())


def shown(
    user: User, concerns: Sequence[Concern], shape: type[TriageOut] = TriageOut, **context: Any
) -> list[dict[str, Any]]:
    """The concerns, which the person sees, in a shape; others beside them only as far as the person sees those."""
    merged = list(Concern.objects.filter(merged_into__in=concerns).values_list("pk", "merged_into"))
    beside = {pk for pk, _ in merged} | {c.merged_into_id for c in concerns if c.merged_into_id}
    seen = set(Concern.objects.visible_to(user).filter(pk__in=beside).values_list("pk", flat=True))
    duplicates: dict[Any, list[Any]] = defaultdict(list)
    for pk, main in merged:
        if pk in seen:
            duplicates[main].append(pk)
    looked_at = DeskLook.objects.filter(user=user).values_list("at", flat=True).first()
    context |= {"looked_at": looked_at, "duplicates": duplicates, "seen": seen}
    return list(shape(concerns, many=True, context=context).data)


def answer(user: User, concern_id: uuid.UUID, *, status: int = 200) -> Response:
    """A concern as it is now for the person; 204 where what they did has taken it out of their sight."""
    concern = row_of(user, concern_id).first()
    if concern is None:
        return Response(status=204, headers=NO_STORE)
    return Response(shown(user, [concern])[0], status=status, headers=NO_STORE)


class TriageList(ListAPIView[Concern]):
    permission_classes = (Staff,)
    serializer_class = TriageOut
    pagination_class = DeskPages

    @extend_schema(
        operation_id="triage_concerns_list",
        summary="The concerns on my desk",
        parameters=[QueueIn],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        user = who(request)
        asked = checked(QueueIn, request.query_params.dict())
        page: Any = self.paginate_queryset(Queue(reach_of(user), _where(user, asked), rows))  # type: ignore[arg-type]
        response = self.get_paginated_response(shown(user, page))
        response["Cache-Control"] = "no-store"
        return response


def _where(user: User, asked: dict[str, Any]) -> Q:
    """The filters as one condition."""
    where = Q(**{name: asked[name] for name in ("status", "category", "needs_reading") if name in asked})
    if "priority" in asked:
        where &= Q(priority=Category.Priority[asked["priority"].upper()])
    if "overdue" in asked:
        late = OPEN & Q(target_at__lt=timezone.now())
        where &= late if asked["overdue"] else ~late
    if "assigned" in asked:
        where &= Q(assigned_to__user=user)
    if "walled" in asked:
        where &= Q(is_walled=asked["walled"])
    return where


class TriageDetail(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_retrieve",
        summary="A concern with its history, notes, letters and referrals",
        responses=TriageDetailOut,
    )
    def get(self, request: Request, concern_id: uuid.UUID) -> Response:
        user = who(request)
        written = ("changes__by__staff_member", "notes__by__staff_member", "letters__by__staff_member")
        concern = row_of(user, concern_id).prefetch_related(*written).first()
        if concern is None:
            raise NotFound()
        shows_subjects = is_liaison(user, is_civilian=True)
        detail = shown(user, [concern], TriageDetailOut, shows_subjects=shows_subjects)[0]
        return Response(detail, headers=NO_STORE)


class TriageLook(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_look",
        summary="I have seen my desk: what changes from now on is new to me",
        request=LookIn,
        responses=LookOut,
    )
    def post(self, request: Request) -> Response:
        looked = desk.look(by=who(request), **checked(LookIn, request.data))
        return Response(LookOut(looked).data, headers=NO_STORE)


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
        concern = asked_of(request, concern_id, known, WHO_TOLD)
        reason = checked(ReasonIn, request.data)["reason"]
        reporter = moves.name_reporter(concern=concern, by=who(request), reason=reason)
        return Response(ReporterOut(reporter).data, headers=NO_STORE)


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
        concern = asked_of(request, concern_id, openable, "It is on your desk already; read it in the list.")
        reason = checked(ReasonIn, request.data)["reason"]
        moves.open_concern(concern=concern, by=who(request), reason=reason)
        opened = shown(who(request), [rows(Q(pk=concern.pk)).get()])[0]
        return Response(opened, headers=NO_STORE)
