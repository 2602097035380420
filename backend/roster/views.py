"""Who serves here, to read. Everything in this room is public."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import condition
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.api import Pages, Public, checked
from backend.encryption import blind_index
from backend.errors import NotFound
from backend.roster import editions
from backend.roster.index import current, geography
from backend.roster.models import Agency, Area, Boundary, BoundarySet, Station
from backend.roster.serializers import (
    AgencyOut,
    AreaOut,
    AreaQuery,
    AsOf,
    BoundaryOut,
    PeopleOut,
    StationOut,
    people_out,
)


def edition_etag(*names: str) -> Callable[..., str | None]:
    """An ETag function for reads that change with these editions and with the day, and with nothing else."""

    def etag(request: HttpRequest, *args: Any, **kwargs: Any) -> str | None:
        if "slug" in kwargs and kwargs["slug"] not in geography().by_slug:
            return None  # nothing there: `If-None-Match: *` must not make a 304 of a 404
        state = [request.get_full_path(), settings.PUBLIC_URL, str(timezone.localdate())]
        state += [str(editions.version(name)) for name in names]
        return f'"{blind_index("etag", " ".join(state))[:32]}"'

    return etag


def reads(*names: str) -> Any:
    """Class decorator for public reads: ETag, and 304 before any work."""
    return method_decorator(condition(etag_func=edition_etag(*names)), name="get")


class BySlug(Pages):
    ordering = "slug"


class ByName(Pages):
    ordering = "name"


class PublicRead(APIView):
    """Open to everybody; a cookie is not even looked at."""

    permission_classes = (Public,)
    authentication_classes = ()


@extend_schema_view(
    get=extend_schema(operation_id="agencies_list", summary="Police departments and how to reach them")
)
@reads(editions.ROSTER)
class AgencyList(PublicRead, ListAPIView[Agency]):
    serializer_class = AgencyOut
    pagination_class = BySlug
    queryset = Agency.objects.prefetch_related("contacts")


@reads(editions.ROSTER)
class AreaList(PublicRead, ListAPIView[Area]):
    serializer_class = AreaOut
    pagination_class = BySlug

    @extend_schema(operation_id="areas_list", summary="Areas on the map of a day", parameters=[AreaQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        query = checked(AreaQuery, self.request.query_params)
        columns = {"kind": "kind", "agency": "agency__slug"}
        wanted = {column: query[n] for n, column in columns.items() if n in query}
        on = query.get("as_of", timezone.localdate())
        return Area.objects.mapped(on).filter(**wanted).select_related("agency")


class AreaRead(PublicRead):
    """What the reads of one area share."""

    def day(self, request: Request) -> date:
        query = checked(AsOf, request.query_params)
        day: date = query.get("as_of", timezone.localdate())
        return day

    def area(self, slug: str) -> Area:
        if area := geography().by_slug.get(slug):
            return area
        raise NotFound()


@reads(editions.ROSTER)
class AreaDetail(AreaRead):
    @extend_schema(operation_id="areas_retrieve", summary="One area", responses=AreaOut)
    def get(self, request: Request, slug: str) -> Response:
        return Response(AreaOut(self.area(slug)).data)


@reads(editions.ROSTER)
class AreaPeople(AreaRead):
    @extend_schema(
        operation_id="areas_people", summary="Who serves an area", parameters=[AsOf], responses=PeopleOut
    )
    def get(self, request: Request, slug: str) -> Response:
        area, on = self.area(slug), self.day(request)
        return Response({"slug": area.slug, **people_out(current(), area, on), "as_of": on.isoformat()})


@reads(editions.ROSTER)
class AreaBoundary(AreaRead):
    @extend_schema(
        operation_id="areas_boundary", summary="An area's outline", parameters=[AsOf], responses=BoundaryOut
    )
    def get(self, request: Request, slug: str) -> Response:
        area, on = self.area(slug), self.day(request)
        sets = BoundarySet.objects.in_force(on)
        boundary = (
            Boundary.objects.filter(area=area, boundary_set__in=sets).select_related("boundary_set").first()
        )
        if boundary is None:
            raise NotFound("This area is not on the map of that day.")
        properties = {
            "slug": area.slug,
            "name": area.name,
            "edition": boundary.boundary_set.name,
            "effective_on": boundary.boundary_set.effective_on.isoformat(),
            "schematic": boundary.boundary_set.is_schematic,
        }
        return Response({"type": "Feature", "geometry": boundary.geometry, "properties": properties})


@extend_schema_view(get=extend_schema(operation_id="stations_list", summary="Police stations"))
@reads(editions.ROSTER)
class StationList(PublicRead, ListAPIView[Station]):
    serializer_class = StationOut
    pagination_class = ByName
    queryset = Station.objects.select_related("agency")
