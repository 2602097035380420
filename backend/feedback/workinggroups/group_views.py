"""Groups over HTTP: what each is, its record for its members, and the glass that administrators may break."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.api import NO_STORE, Pages, Public, checked
from backend.events.views import who
from backend.feedback.workinggroups.finding import enter, public_read, the_group
from backend.feedback.workinggroups.group_shapes import (
    GlassIn,
    GlassOut,
    GroupChangeOut,
    GroupOut,
    GroupRow,
    glass_out,
    group_out,
    group_row,
)
from backend.feedback.workinggroups.models import BreakGlass, GroupChange, Membership, WorkingGroup
from backend.feedback.workinggroups.services import access, breaking, members
from backend.schema import IDEMPOTENCY_KEY, problems


class BySlug(Pages):
    ordering = ("slug",)


@public_read
class GroupList(ListAPIView[WorkingGroup]):
    """The same for everybody."""

    permission_classes = (Public,)
    authentication_classes = ()
    serializer_class = GroupRow
    pagination_class = BySlug

    @extend_schema(operation_id="working_groups_list", summary="The working groups")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(WorkingGroup.objects.select_related("area__agency"))
        return self.get_paginated_response([group_row(group) for group in page or ()])


@public_read
class GroupDetail(APIView):
    """The same for everybody."""

    permission_classes = (Public,)
    authentication_classes = ()

    @extend_schema(
        operation_id="working_groups_retrieve",
        summary="A group, its seats, and who reads what is told to it",
        responses={200: GroupOut},
    )
    def get(self, request: Request, slug: str) -> Response:
        group = the_group(slug)
        return Response(group_out(group, list(members.held(group, timezone.now()))))


class ByTime(Pages):
    ordering = ("-at", "-id")


class GroupRecord(ListAPIView[GroupChange]):
    permission_classes = (IsAuthenticated,)
    serializer_class = GroupChangeOut
    pagination_class = ByTime

    @extend_schema(
        operation_id="working_groups_record",
        summary="What was done in the group, and who looked past its wall; for its members",
        responses={200: GroupChangeOut(many=True), **problems(404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        group = enter(request, kwargs["slug"], "record")
        access.only_members(group, who(request))
        page = self.paginate_queryset(GroupChange.objects.filter(group=group)) or ()
        response = self.get_paginated_response(_changes_out(group, list(page)))
        response["Cache-Control"] = NO_STORE["Cache-Control"]
        return response


def _changes_out(group: WorkingGroup, changes: list[GroupChange]) -> list[dict[str, Any]]:
    """By the names that the group knows people by; of an administrator that it was one."""
    terms = Membership.objects.filter(seat__group=group, user__in=[change.by_id for change in changes])
    names: dict[UUID | None, str] = dict(terms.values_list("user_id", "name"))
    ids = [change.object_id for change in changes if change.action == breaking.BROKEN]
    ends = {str(pk): at for pk, at in BreakGlass.objects.filter(pk__in=ids).values_list("pk", "ends_at")}
    return [
        {
            "action": change.action,
            "object": change.object_id,
            "by": _by(change, names, is_glass=change.object_id in ends),
            "reason": change.reason,
            "at": change.at.isoformat(),
            "until": ends[change.object_id].isoformat() if change.object_id in ends else None,
        }
        for change in changes
    ]


def _by(change: GroupChange, names: dict[UUID | None, str], *, is_glass: bool) -> str:
    """Whose account or term is gone has no name."""
    return "an administrator" if is_glass else names.get(change.by_id, "")


class GroupBreakGlass(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="working_groups_break_glass",
        summary="Read the group's input for an hour, as an administrator; it is on record, and the group is told",
        parameters=[IDEMPOTENCY_KEY],
        request=GlassIn,
        responses={201: GlassOut, **problems(404, 409, 422)},
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        group = the_group(slug)
        breaking.only_administrators(who(request))
        data = checked(GlassIn, request.data)
        glass = breaking.break_glass(group=group, by=who(request), reason=data["reason"])
        return Response(glass_out(glass, group), status=201, headers=NO_STORE)
