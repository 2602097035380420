"""Figures over HTTP: by week for staff, by quarter for everybody."""

from datetime import date, timedelta
from typing import Any

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

from backend.api import NO_STORE, Pages, Staff, checked, etag_of
from backend.errors import Invalid, NotFound
from backend.events.views import who
from backend.feedback.concerns.models import FigureTable
from backend.feedback.concerns.services import figures
from backend.roster.views import PublicRead
from backend.schema import problems

LONGEST = timedelta(days=371)
USUAL = timedelta(weeks=12)


class FigureQuery(serializers.Serializer[Any]):
    """Days; the whole weeks that hold them are counted. Without: the last 13 weeks. At most 53."""

    def get_fields(self) -> dict[str, Any]:
        return {name: serializers.DateField(required=False) for name in ("from", "to")}


class WeekFiguresOut(serializers.Serializer[Any]):
    """`area` is a district or precinct; null is in none. `week` is its Monday.

    `overdue`: whose target passed in the week while they were open. `answered`: of those told in the week, how many
    had a first response, and after how many hours by the clock half and nine tenths of them had it.
    """

    area = serializers.SlugField(allow_null=True)
    week = serializers.DateField()
    opened = serializers.IntegerField()
    closed = serializers.IntegerField()
    reopened = serializers.IntegerField()
    overdue = serializers.IntegerField()
    answered = serializers.IntegerField()
    median_hours = serializers.FloatField(allow_null=True)
    p90_hours = serializers.FloatField(allow_null=True)


class StaffFiguresOut(serializers.Serializer[Any]):
    results = WeekFiguresOut(many=True)


class StaffFigures(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_figures",
        summary="How many concerns came, went and came back, of what I may see",
        parameters=[FigureQuery],
        responses=StaffFiguresOut,
    )
    def get(self, request: Request) -> Response:
        first, last = _days(checked(FigureQuery, request.query_params))
        rows = figures.staff_figures(user=who(request), first=first, last=last)
        return Response({"results": rows}, headers=NO_STORE)


def _days(query: dict[str, Any]) -> tuple[date, date]:
    """Raises Invalid for an end before the beginning, and for more than 53 weeks."""
    last = query.get("to", timezone.localdate())
    if last > date(9999, 1, 1):
        raise Invalid("So late a day has no week; choose another.", field="to", code="too-late")
    first = query.get("from", max(last, date(2, 1, 1)) - USUAL)
    if not timedelta() <= figures.monday(last) + figures.WEEK - figures.monday(first) <= LONGEST:
        raise Invalid("Choose days in order, at most 53 weeks of them.", field="from", code="too-long")
    return first, last


# --- for everybody ------------------------------------------------------------------------------------


class FigureQuarterOut(serializers.ModelSerializer[FigureTable]):
    class Meta:
        model = FigureTable
        fields = ["quarter", "published_at"]


Row = serializers.ListField(child=serializers.IntegerField(allow_null=True))
Rows = serializers.ListField(child=Row)


class MeasuresOut(serializers.Serializer[Any]):
    """A row for each of `areas`, one for what is shown by no area, one of sums; the weeks and their sum in each.

    Null is withheld: it is below 10, or would tell of one that is.
    """

    opened = Rows
    closed = Rows
    reopened = Rows
    overdue = Rows


class ResponseOut(serializers.Serializer[Any]):
    """Hours by the clock until half and nine tenths of the answered had a first response; null where few had."""

    area = serializers.SlugField()
    median_hours = serializers.IntegerField(allow_null=True)
    p90_hours = serializers.IntegerField(allow_null=True)


class QuarterFiguresOut(FigureQuarterOut):
    """`weeks` are Mondays. A quarter is published once, 14 days after its end, and never changes."""

    weeks = serializers.ListField(child=serializers.DateField())
    areas = serializers.ListField(child=serializers.SlugField())
    tables = MeasuresOut()
    first_response = ResponseOut(many=True)

    class Meta(FigureQuarterOut.Meta):
        fields = [*FigureQuarterOut.Meta.fields, "weeks", "areas", "tables", "first_response"]


class NewestQuarter(Pages):
    ordering = ("-quarter",)


def _etag_of_list(request: HttpRequest) -> str:
    newest = FigureTable.objects.values_list("quarter", flat=True).first()
    return etag_of(f"{request.get_full_path()} {newest}")


def _etag_of_quarter(request: HttpRequest, quarter: str) -> str | None:
    """Of what is there: `If-None-Match: *` must not make a 304 of a 404."""
    found = FigureTable.objects.filter(quarter=quarter).values_list("published_at", flat=True).first()
    return etag_of(f"figures {quarter} {found}") if found else None


class QuarterList(PublicRead, ListAPIView[FigureTable]):
    serializer_class = FigureQuarterOut
    pagination_class = NewestQuarter
    queryset = FigureTable.objects.defer("tables")

    @extend_schema(operation_id="concern_figures_list", summary="The quarters whose figures are published")
    @method_decorator(condition(etag_func=_etag_of_list))
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class QuarterDetail(PublicRead):
    @extend_schema(
        operation_id="concern_figures_retrieve",
        summary="A quarter's figures by district and week, without what would tell of few",
        responses={200: QuarterFiguresOut, **problems(404)},
    )
    @method_decorator(condition(etag_func=_etag_of_quarter))
    def get(self, request: Request, quarter: str) -> Response:
        found = FigureTable.objects.filter(quarter=quarter).first()
        if found is None:
            raise NotFound()
        return Response({"quarter": found.quarter, "published_at": found.published_at, **found.tables})
