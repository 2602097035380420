"""Crime strategies for an area's leaders, and who is on their list, over HTTP."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.api import Pages, Staff, checked
from backend.errors import NotFound
from backend.events.models import reach
from backend.events.registration_views import NO_STORE, Residents
from backend.events.serializers.incoming import Line
from backend.events.views import who
from backend.programs.directory_views import FindsArea
from backend.programs.models import Leader, Strategy
from backend.programs.services import community
from backend.roster.models import Area
from backend.schema import IDEMPOTENCY_KEY, problems
from backend.throttles import throttle


class ReadersAndStaff(BasePermission):
    """Whoever is signed in may ask what is shown to them; only staff write."""

    def has_permission(self, request: Request, view: Any) -> bool:
        reads = request.method in SAFE_METHODS
        return bool(request.user.is_authenticated and (reads or request.user.is_staff))


class StrategyIn(FindsArea, serializers.Serializer[Any]):
    area = serializers.SlugField(max_length=100)
    title = Line(max_length=120)
    text = serializers.CharField(max_length=20_000)


class StrategyRow(serializers.Serializer[Any]):
    """`withdrawn_at` is set where staff alone still see it."""

    id = serializers.UUIDField()
    area = serializers.CharField()
    title = serializers.CharField()
    published_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class StrategyOut(StrategyRow):
    """One strategy with its text."""

    text = serializers.CharField()


class LeaderQuery(FindsArea, serializers.Serializer[Any]):
    area = serializers.SlugField(max_length=100)


class LeaderIn(LeaderQuery):
    """Of whom a leader speaks for, not who it is."""

    organisation = Line(max_length=120)


class LeaderOut(serializers.Serializer[Any]):
    """A place on an area's leaders' list; who took it is not told."""

    id = serializers.UUIDField()
    area = serializers.CharField()
    organisation = serializers.CharField()
    has_joined = serializers.BooleanField()
    invited_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class NewLeaderOut(LeaderOut):
    """The code is shown this once; whoever has it takes the place."""

    code = serializers.CharField()


class JoinIn(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=40)


class LeadershipOut(serializers.Serializer[Any]):
    """Whose strategies one sees from now on, and for whom one speaks."""

    area = serializers.CharField()
    organisation = serializers.CharField()


def strategy_row(strategy: Strategy) -> dict[str, Any]:
    return {
        "id": str(strategy.pk),
        "area": strategy.area.slug,
        "title": strategy.title,
        "published_at": strategy.published_at.isoformat(),
        "withdrawn_at": strategy.withdrawn_at and strategy.withdrawn_at.isoformat(),
    }


def strategy_out(strategy: Strategy) -> dict[str, Any]:
    return {**strategy_row(strategy), "text": strategy.text}


def leader_out(leader: Leader) -> dict[str, Any]:
    return {
        "id": str(leader.pk),
        "area": leader.area.slug,
        "organisation": leader.organisation,
        "has_joined": leader.user_id is not None,
        "invited_at": leader.invited_at.isoformat(),
        "ended_at": leader.ended_at and leader.ended_at.isoformat(),
    }


class NewestFirst(Pages):
    ordering = ("-published_at", "-id")


def _strategies(request: Request) -> Any:
    """Those that are shown to whoever asks."""
    found = Strategy.objects.visible_to(request.user, timezone.localdate()).select_related("area")
    return found if request.user.is_staff else found.filter(withdrawn_at=None)


def _strategy(request: Request, strategy_id: UUID) -> Strategy:
    found: Strategy | None = _strategies(request).filter(pk=strategy_id).first()
    if found is None:
        raise NotFound()
    return found


class StrategyList(ListAPIView[Strategy]):
    permission_classes = (ReadersAndStaff,)
    serializer_class = StrategyRow
    pagination_class = NewestFirst

    @extend_schema(
        operation_id="strategies_list",
        summary="Strategies of the areas that I lead or serve, the newest first",
        responses={200: StrategyRow(many=True)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(_strategies(request).defer("text"))
        answer = self.get_paginated_response([strategy_row(strategy) for strategy in page or ()])
        answer["Cache-Control"] = "no-store"
        return answer

    @extend_schema(
        operation_id="strategies_create",
        summary="Share a strategy with an area's leaders",
        parameters=[IDEMPOTENCY_KEY],
        request=StrategyIn,
        responses={201: StrategyOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        made = community.publish_strategy(by=who(request), **checked(StrategyIn, request.data))
        headers = {**NO_STORE, "Location": f"/api/v1/strategies/{made.pk}"}
        return Response(strategy_out(made), status=201, headers=headers)


class StrategyDetail(APIView):
    permission_classes = (ReadersAndStaff,)

    @extend_schema(operation_id="strategies_retrieve", summary="One strategy", responses={200: StrategyOut})
    def get(self, request: Request, strategy_id: UUID) -> Response:
        return Response(strategy_out(_strategy(request, strategy_id)), headers=NO_STORE)


class StrategyWithdraw(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="strategies_withdraw",
        summary="Show a strategy to leaders no more",
        request=None,
        responses={200: StrategyOut, **problems(409)},
    )
    def post(self, request: Request, strategy_id: UUID) -> Response:
        found = community.withdraw_strategy(strategy=_strategy(request, strategy_id), by=who(request))
        return Response(strategy_out(found), headers=NO_STORE)


class LeaderList(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="leaders_list",
        summary="An area's leaders' list: whom they speak for, and whether they have joined",
        parameters=[LeaderQuery],
        responses={200: LeaderOut(many=True)},
    )
    def get(self, request: Request) -> Response:
        area: Area = checked(LeaderQuery, request.query_params)["area"]
        community.check_serves(area, who(request))
        rows = Leader.objects.filter(area=area, ended_at=None).select_related("area")
        listed = [leader_out(row) for row in rows.order_by("organisation", "invited_at")]
        return Response(listed, headers=NO_STORE)

    @extend_schema(
        operation_id="leaders_invite",
        summary="Make a place on an area's leaders' list and the code to join by",
        request=LeaderIn,
        responses={201: NewLeaderOut, **problems(409, 422)},
    )
    # Not idempotent by key: a replay would show the code without asking whose post it still is.
    def post(self, request: Request) -> Response:
        leader, code = community.invite_leader(by=who(request), **checked(LeaderIn, request.data))
        return Response({**leader_out(leader), "code": code}, status=201, headers=NO_STORE)


class LeaderEnd(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="leaders_end",
        summary="Take somebody off an area's leaders' list",
        request=None,
        responses={200: LeaderOut, **problems(409)},
    )
    def post(self, request: Request, leader_id: UUID) -> Response:
        near = Leader.objects.filter(area_id__in=reach(who(request), timezone.localdate()))
        found = near.select_related("area").filter(pk=leader_id).first()
        if found is None:
            raise NotFound()
        return Response(leader_out(community.end_leader(leader=found, by=who(request))), headers=NO_STORE)


class LeadersJoin(APIView):
    permission_classes = (Residents,)
    throttle_classes = (throttle("leaders-join", per_minute=30),)

    @extend_schema(
        operation_id="leaders_join",
        summary="Join an area's leaders by the code that staff gave me",
        parameters=[IDEMPOTENCY_KEY],
        request=JoinIn,
        responses={200: LeadershipOut, **problems(404, 409, 422)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        joined = community.join_leaders(by=who(request), **checked(JoinIn, request.data))
        return Response({"area": joined.area.slug, "organisation": joined.organisation}, headers=NO_STORE)
