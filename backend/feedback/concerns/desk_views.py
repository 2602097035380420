"""The desk over HTTP: the queue, one concern, and what is asked with a reason."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, cast

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import User
from backend.api import Staff, checked
from backend.errors import NotAllowed, NotFound
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
from backend.feedback.concerns.paging import OPEN, Desk, DeskPages
from backend.feedback.concerns.services import desk, moves, photos
from backend.schema import problems

NO_STORE = {"Cache-Control": "no-store"}


def who(request: Request) -> User:
    return cast("User", request.user)


def found(request: Request, concern_id: uuid.UUID) -> Concern:
    """Raises NotFound for what is hidden and what is missing."""
    concern: Concern | None = Concern.objects.visible_to(request.user).filter(pk=concern_id).first()
    if concern is None:
        raise NotFound()
    return concern


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
    concern = rows(Q(pk=concern_id) & reach_of(user).as_one()).first()
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
        page: Any = self.paginate_queryset(Desk(reach_of(user), _where(user, asked), rows))  # type: ignore[arg-type]
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
        seen = rows(Q(pk=concern_id) & reach_of(user).as_one())
        concern = seen.prefetch_related(*written).first()
        if concern is None:
            raise NotFound()
        shows_subjects = desk.is_liaison(user, is_civilian=True)
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


def asked_of(request: Request, concern_id: uuid.UUID, allowed: QuerySet[Concern], words: str) -> Concern:
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
        concern = asked_of(request, concern_id, known, words)
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
