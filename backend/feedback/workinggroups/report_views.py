"""What we heard, over HTTP: to a group's members at any time, to everybody once it is published."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.api import Public, checked
from backend.errors import NotFound
from backend.feedback.workinggroups import report, report_files
from backend.feedback.workinggroups.finding import (
    enter,
    headers_for,
    public_read,
    reads_more,
    the_consultation,
)
from backend.feedback.workinggroups.models import Consultation
from backend.feedback.workinggroups.services import reports
from backend.throttles import throttle

LINES = 100  # of a text that go out together
ReportThrottle = throttle("group-reports", per_minute=600)


class OutcomesOut(serializers.Serializer[Any]):
    """How many comments came out how."""

    accepted = serializers.IntegerField()
    partly = serializers.IntegerField()
    declined = serializers.IntegerField()
    out_of_scope = serializers.IntegerField()
    moderated = serializers.IntegerField()
    undisposed = serializers.IntegerField()


class KindsOut(serializers.Serializer[Any]):
    comment = serializers.IntegerField()
    wording = serializers.IntegerField()
    answers = serializers.IntegerField()


class ReportSectionOut(serializers.Serializer[Any]):
    """`key` null: of the whole. `is_orphaned`: not in the newest published version any more."""

    key = serializers.CharField(allow_null=True)
    number = serializers.CharField(allow_blank=True)
    heading = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField(allow_null=True)
    is_orphaned = serializers.BooleanField()
    comments = serializers.IntegerField()
    supports = serializers.IntegerField()
    outcomes = OutcomesOut()


class ReportThemeOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    comments = serializers.IntegerField()
    outcomes = OutcomesOut()


class ChoiceCountOut(serializers.Serializer[Any]):
    choice = serializers.CharField()
    count = serializers.IntegerField()


class ReportQuestionOut(serializers.Serializer[Any]):
    """Without what moderated comments answered."""

    key = serializers.CharField()
    text = serializers.CharField()
    kind = serializers.CharField()
    answered = serializers.IntegerField()
    choices = ChoiceCountOut(many=True)


class TestimonyThemeOut(serializers.Serializer[Any]):
    """`testimonies` null: fewer than 10."""

    key = serializers.CharField()
    name = serializers.CharField()
    testimonies = serializers.IntegerField(allow_null=True)


class ReportTestimoniesOut(serializers.Serializer[Any]):
    """Counts alone, of days that are over; `themes` of those that are not kept back."""

    count = serializers.IntegerField()
    kept_back = serializers.DictField(child=serializers.IntegerField())
    themes = TestimonyThemeOut(many=True)
    note = serializers.CharField()


class ReportChoiceOut(serializers.Serializer[Any]):
    choice = serializers.CharField()
    text = serializers.CharField()
    count = serializers.IntegerField(allow_null=True)


class ReportDemographicOut(serializers.Serializer[Any]):
    """Null: withheld, because it would tell of few people. `many`: several answers could be chosen."""

    question = serializers.CharField()
    text = serializers.CharField()
    many = serializers.BooleanField()  # type: ignore[assignment]
    people = serializers.IntegerField(allow_null=True)
    choices = ReportChoiceOut(many=True)


class ReportLandedOut(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    key = serializers.CharField()
    number = serializers.CharField(allow_blank=True)
    heading = serializers.CharField(allow_blank=True)
    comments = serializers.IntegerField()


class ReportCheckOut(serializers.Serializer[Any]):
    """The sum of a table beside a total that was counted apart from it."""

    name = serializers.CharField()
    sum = serializers.IntegerField()
    total = serializers.IntegerField()
    adds_up = serializers.BooleanField()


class ReportOut(serializers.Serializer[Any]):
    """Counts; what people wrote is in report.md and report.csv, where it is published."""

    title = serializers.CharField()
    group = serializers.CharField()
    version = serializers.IntegerField(allow_null=True)
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)
    comments = serializers.IntegerField()
    kinds = KindsOut()
    outcomes = OutcomesOut()
    moderated = serializers.DictField(child=serializers.IntegerField(), help_text="by grounds")
    sections = ReportSectionOut(many=True)
    themes = ReportThemeOut(many=True)
    without_theme = serializers.IntegerField()
    themes_note = serializers.CharField()
    supports = serializers.IntegerField()
    questions = ReportQuestionOut(many=True)
    testimonies = ReportTestimoniesOut(allow_null=True)
    demographics = ReportDemographicOut(
        many=True, allow_null=True, help_text="null until the call is published"
    )
    landed = ReportLandedOut(many=True)
    checks = ReportCheckOut(many=True)


class TableQuery(serializers.Serializer[Any]):
    """`comments`: one row each where they are published, and none where they are not."""

    table = serializers.ChoiceField(["sections", "themes", "comments"], default="sections")


def _reportable(request: Request, slug: str, call_id: UUID) -> Consultation:
    """Raises NotFound before it is published, but for who may read the group's input."""
    found = enter(request, slug, "report")
    call = the_consultation(request, found, call_id)
    if call.published_at is None and not reads_more(request, found, timezone.now()):
        raise NotFound()
    return call


def _stream(lines: Iterator[str], kind: str, request: Request) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        _together(lines), content_type=f"{kind}; charset=utf-8", headers=headers_for(request)
    )


def _together(lines: Iterator[str]) -> Iterator[str]:
    held: list[str] = []
    for line in lines:
        held.append(line)
        if len(held) == LINES:
            yield "".join(held)
            held.clear()
    yield "".join(held)


@public_read
class ReportDetail(APIView):
    permission_classes = (Public,)
    throttle_classes = (ReportThrottle,)

    @extend_schema(
        operation_id="working_group_report",
        summary="What we heard: counts of what was said of a call and what became of it",
        responses={200: ReportOut},
    )
    def get(self, request: Request, slug: str, consultation_id: UUID) -> Response:
        call = _reportable(request, slug, consultation_id)
        return Response(report.tables(reports.facts_of(call)), headers=headers_for(request))


@public_read
class ReportMarkdown(APIView):
    permission_classes = (Public,)
    throttle_classes = (ReportThrottle,)

    @extend_schema(
        operation_id="working_group_report_markdown",
        summary="What we heard, as Markdown, with what people wrote where it is published",
        responses={(200, "text/markdown"): OpenApiTypes.STR},
    )
    def get(self, request: Request, slug: str, consultation_id: UUID) -> StreamingHttpResponse:
        call = _reportable(request, slug, consultation_id)
        lines = report_files.markdown(reports.facts_of(call), reports.said_in(call))
        return _stream((f"{line}\n" for line in lines), "text/markdown", request)


@public_read
class ReportCsv(APIView):
    permission_classes = (Public,)
    throttle_classes = (ReportThrottle,)

    @extend_schema(
        operation_id="working_group_report_csv",
        summary="A table of what we heard, as CSV",
        parameters=[TableQuery],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, slug: str, consultation_id: UUID) -> StreamingHttpResponse:
        call = _reportable(request, slug, consultation_id)
        table = checked(TableQuery, request.query_params)["table"]
        if table == "comments":
            return _stream(report_files.comments_csv(reports.said_in(call)), "text/csv", request)
        make = report_files.themes_csv if table == "themes" else report_files.sections_csv
        return _stream(make(reports.facts_of(call)), "text/csv", request)
