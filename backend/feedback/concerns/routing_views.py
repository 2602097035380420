"""The routing table over HTTP: to read, to try a change, to save it."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.api import NO_STORE, Pages, Staff, checked
from backend.errors import Invalid
from backend.events.views import who
from backend.feedback.concerns.models import Route
from backend.feedback.concerns.routing_shapes import (
    RouteOut,
    RouteQuery,
    RoutesDryRunOut,
    RoutesSavedOut,
    RoutesSaveIn,
    RoutesTryIn,
    dry_run_out,
    route_out,
    saved_out,
)
from backend.feedback.concerns.services import routing
from backend.roster.index import geography
from backend.schema import problems


class ByArea(Pages):
    ordering = ("area_id", "category_id")


class Routes(ListAPIView[Route]):
    permission_classes = (Staff,)
    pagination_class = ByArea

    @extend_schema(
        operation_id="triage_routes_list",
        summary="The routing table of my areas: which desk reads what, and who sits there",
        parameters=[RouteQuery],
        responses={200: RouteOut(many=True)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        areas, today = routing.kept_by(who(request)), timezone.localdate()
        if slug := checked(RouteQuery, request.query_params).get("area"):
            areas &= _below(slug)
        rows = Route.objects.filter(area__in=areas).select_related("area", "desk", "office")
        page = self.paginate_queryset(rows) or []
        response = self.get_paginated_response([route_out(route, today) for route in page])
        response["Cache-Control"] = "no-store"
        return response

    @extend_schema(
        operation_id="triage_routes_save",
        summary="Change the routing table as tried, and move what the dry run said",
        request=RoutesSaveIn,
        responses={200: RoutesSavedOut, **problems(409)},
    )
    # Not idempotent by key: a repeat finds the table changed, 409.
    def post(self, request: Request) -> Response:
        wanted = checked(RoutesSaveIn, request.data)
        done = routing.save_routes(**wanted, by=who(request))
        return Response(saved_out(done), headers=NO_STORE)


class RoutesDryRun(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_routes_dry_run",
        summary="What a change of the routing table would do; changes nothing",
        request=RoutesTryIn,
        responses=RoutesDryRunOut,
    )
    def post(self, request: Request) -> Response:
        wanted = checked(RoutesTryIn, request.data)
        return Response(dry_run_out(routing.try_routes(**wanted, by=who(request))), headers=NO_STORE)


def _below(slug: str) -> frozenset[int]:
    """The area and all below it today. Raises Invalid."""
    area = geography().by_slug.get(slug)
    if area is None:
        raise Invalid(f"There is no area {slug!r}; see /api/v1/areas.", field="area", code="unknown")
    upwards = geography().maps(timezone.localdate()).upwards
    return frozenset([area.pk, *(pk for pk, chain in upwards.items() if any(a.pk == area.pk for a in chain))])
