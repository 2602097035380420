"""Public court dates that neighbors follow, over HTTP."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import condition
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.api import Pages, PublicToRead, Staff, checked
from backend.errors import NotFound
from backend.events.serializers.incoming import Instant, Line
from backend.events.views import who
from backend.programs.directory_views import BySlug, FindsArea, PageQuery, state
from backend.programs.models import CourtDate, Docket
from backend.programs.services import community
from backend.roster.models import Agency
from backend.schema import IDEMPOTENCY_KEY, problems


class NothingElse(serializers.Serializer[Any]):
    """Refuses fields that it does not know: of a case nothing but the bare facts is taken in, not even unread."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := set(data) - set(self.fields)):
            refusal = "Only a case's number, date and courtroom are kept; leave this out."
            raise serializers.ValidationError({name: [refusal] for name in sorted(unknown)}, code="unknown")
        return super().to_internal_value(data)


class DocketIn(FindsArea, serializers.Serializer[Any]):
    slug = serializers.SlugField(max_length=80)
    name = Line(max_length=120)
    agency = serializers.SlugField(max_length=40)
    area = serializers.SlugField(max_length=100, allow_null=True, default=None)

    def validate_agency(self, slug: str) -> Agency:
        if found := Agency.objects.filter(slug=slug).first():
            return found
        raise serializers.ValidationError("There is no such agency; see /api/v1/agencies.", code="unknown")


class CourtDateIn(NothingElse):
    """3 to 40 letters, digits and hyphens; a moment to come; a few letters and digits."""

    case_number = serializers.CharField(max_length=40)
    starts_at = Instant()
    courtroom = Line(max_length=60)


class CourtDatesIn(NothingElse):
    dates = serializers.ListField(child=CourtDateIn(), min_length=1, max_length=community.MOST_DATES)


class CourtMoveIn(NothingElse):
    """What is left out stays."""

    starts_at = Instant(required=False)
    courtroom = Line(max_length=60, required=False)


class DocketOut(serializers.Serializer[Any]):
    """Followed as the topic `docket:<slug>`."""

    slug = serializers.CharField()
    name = serializers.CharField()
    agency = serializers.CharField()
    area = serializers.CharField(allow_null=True)


class CourtDateOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    case_number = serializers.CharField()
    starts_at = serializers.DateTimeField()
    time_zone = serializers.CharField()
    courtroom = serializers.CharField()
    is_cancelled = serializers.BooleanField()


class CourtDatesOut(serializers.Serializer[Any]):
    dates = CourtDateOut(many=True)


class DocketPageOut(DocketOut):
    """A docket and a page of its dates from today on, the next one first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = CourtDateOut(many=True)


def docket_out(docket: Docket) -> dict[str, Any]:
    return {
        "slug": docket.slug,
        "name": docket.name,
        "agency": docket.agency.slug,
        "area": docket.area.slug if docket.area else None,
    }


def court_date_out(row: CourtDate) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "case_number": row.case_number,
        "starts_at": timezone.localtime(row.starts_at).isoformat(),
        "time_zone": timezone.get_current_timezone_name(),
        "courtroom": row.courtroom,
        "is_cancelled": row.cancelled_at is not None,
    }


class ByStart(Pages):
    ordering = ("starts_at", "case_number", "id")


class DocketList(ListAPIView[Docket]):
    permission_classes = (PublicToRead,)
    serializer_class = DocketOut
    pagination_class = BySlug

    @extend_schema(
        operation_id="dockets_list",
        summary="Courts' lists that can be followed",
        responses={200: DocketOut(many=True)},
    )
    @method_decorator(condition(etag_func=state))
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(Docket.objects.select_related("agency", "area"))
        return self.get_paginated_response([docket_out(docket) for docket in page or ()])

    @extend_schema(
        operation_id="dockets_create",
        summary="Open a docket for court dates",
        parameters=[IDEMPOTENCY_KEY],
        request=DocketIn,
        responses={201: DocketOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        made = community.create_docket(by=who(request), **checked(DocketIn, request.data))
        return Response(docket_out(made), status=201, headers={"Location": f"/api/v1/dockets/{made.slug}"})


def _docket(slug: str) -> Docket:
    found = Docket.objects.select_related("agency", "area").filter(slug=slug).first()
    if found is None:
        raise NotFound()
    return found


def _docket_etag(request: HttpRequest, docket: str) -> str | None:
    """What is not there has no tag that could match."""
    return state(request) if Docket.objects.filter(slug=docket).exists() else None


class DocketDetail(APIView):
    permission_classes = (PublicToRead,)

    @extend_schema(
        operation_id="dockets_retrieve",
        summary="A docket's court dates from today on",
        parameters=[PageQuery],
        responses={200: DocketPageOut},
    )
    @method_decorator(condition(etag_func=_docket_etag))
    def get(self, request: Request, docket: str) -> Response:
        checked(PageQuery, request.query_params)
        found, pages = _docket(docket), ByStart()
        midnight = timezone.make_aware(datetime.combine(timezone.localdate(), time()))
        page = pages.paginate_queryset(found.dates.filter(starts_at__gte=midnight), request, view=self) or []
        return Response(
            {
                **docket_out(found),
                "next": pages.get_next_link(),
                "previous": pages.get_previous_link(),
                "results": [court_date_out(row) for row in page],
            }
        )


class DocketDates(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="dockets_post_dates",
        summary="Post court dates, all or none, and tell followers once",
        parameters=[IDEMPOTENCY_KEY],
        request=CourtDatesIn,
        responses={201: CourtDatesOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request, docket: str) -> Response:
        found, data = _docket(docket), checked(CourtDatesIn, request.data)
        dates = [community.NewDate(**date) for date in data["dates"]]
        posted = community.post_dates(docket=found, dates=dates, by=who(request))
        return Response({"dates": [court_date_out(row) for row in posted]}, status=201)


class OneCourtDate(APIView):
    """What the addresses under one court date share."""

    permission_classes = (Staff,)

    def court_date(self, court_date_id: UUID) -> CourtDate:
        found = CourtDate.objects.select_related("docket").filter(pk=court_date_id).first()
        if found is None:
            raise NotFound()
        return found


class CourtDateCancel(OneCourtDate):
    @extend_schema(
        operation_id="court_dates_cancel",
        summary="Cancel a court date and tell followers",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={200: CourtDateOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request, court_date_id: UUID) -> Response:
        found = self.court_date(court_date_id)
        return Response(court_date_out(community.cancel_date(court_date=found, by=who(request))))


class CourtDateMove(OneCourtDate):
    @extend_schema(
        operation_id="court_dates_move",
        summary="Move a court date to another time or courtroom and tell followers",
        parameters=[IDEMPOTENCY_KEY],
        request=CourtMoveIn,
        responses={200: CourtDateOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request, court_date_id: UUID) -> Response:
        found, data = self.court_date(court_date_id), checked(CourtMoveIn, request.data)
        return Response(court_date_out(community.move_date(court_date=found, by=who(request), **data)))
