"""Members over HTTP: who holds the seats, invitations, and terms that end."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.api import NO_STORE, OpenToRead, checked
from backend.events.views import who
from backend.feedback.workinggroups.finding import (
    enter,
    headers_for,
    public_read,
    reads_more,
)
from backend.feedback.workinggroups.group_shapes import (
    InvitationOut,
    InvitedIn,
    MembersOut,
    TakeUpIn,
    TermEndIn,
    TermOut,
    member_out,
    seats_out,
    term_out,
)
from backend.feedback.workinggroups.models import WorkingGroup
from backend.feedback.workinggroups.services import access, members
from backend.schema import IDEMPOTENCY_KEY, problems


@public_read
class MemberList(APIView):
    permission_classes = (OpenToRead,)

    @extend_schema(
        operation_id="working_group_members_list",
        summary="Who holds the group's seats; terms for members, open invitations for coordinators",
        responses={200: MembersOut, **problems(401)},
    )
    def get(self, request: Request, slug: str) -> Response:
        group = enter(request, slug, "members")
        return Response(_members_out(request, group), headers=headers_for(request))

    @extend_schema(
        operation_id="working_group_members_invite",
        summary="Invite somebody to a seat; an administrator invites the first coordinator",
        parameters=[IDEMPOTENCY_KEY],
        request=InvitedIn,
        responses={201: InvitationOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        group = enter(request, slug, "members")
        members.check_may_invite(group, who(request))
        invited = members.Invited(**checked(InvitedIn, request.data))
        term, code = members.invite(group=group, by=who(request), invited=invited)
        return Response({**term_out(term, group), "code": code}, status=201, headers=NO_STORE)


def _members_out(request: Request, group: WorkingGroup) -> dict[str, Any]:
    now = timezone.now()
    held = list(members.held(group, now))
    answer: dict[str, Any] = {
        "seats": seats_out(list(group.seats.all()), held),
        "members": [] if group.is_discreet else [member_out(term) for term in held],
        "terms": [],
        "invitations": [],
    }
    if not request.user.is_authenticated or not reads_more(request, group, now):
        return answer
    answer["members"] = [member_out(term) for term in held]
    answer["terms"] = [term_out(term, group) for term in members.of_members(group, now)]
    if members.is_coordinator(group, who(request)):
        answer["invitations"] = [term_out(term, group) for term in members.invitations(group, now)]
    return answer


class MembershipEnd(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="working_group_members_end",
        summary="End a term, or take an invitation back: a coordinator's, or one's own",
        request=TermEndIn,
        responses={200: TermOut, **problems(404, 409)},
    )
    def post(self, request: Request, slug: str, membership_id: UUID) -> Response:
        group = enter(request, slug, "members")
        access.only_members(group, who(request))
        data = checked(TermEndIn, request.data)
        term = members.end_term(group=group, membership_id=membership_id, by=who(request), **data)
        return Response(term_out(term, group), headers=NO_STORE)


class Join(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="working_groups_join",
        summary="Take up an invitation by its code",
        request=TakeUpIn,
        responses={201: TermOut, **problems(404, 409, 422)},
    )
    def post(self, request: Request) -> Response:
        term = members.join(by=who(request), **checked(TakeUpIn, request.data))
        return Response(term_out(term, term.seat.group), status=201, headers=NO_STORE)
