"""Versions of a group's text, and calls for input, over HTTP."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.api import NO_STORE, OpenToRead, Public, checked
from backend.errors import Invalid, NotFound
from backend.events.views import who
from backend.feedback.workinggroups import demographics, notices
from backend.feedback.workinggroups.draft_shapes import (
    ConsultationIn,
    ConsultationOut,
    ConsultationRow,
    DiffOut,
    DraftIn,
    DraftOut,
    DraftPut,
    DraftRow,
)
from backend.feedback.workinggroups.finding import (
    enter,
    headers_for,
    public_read,
    the_consultation,
    the_draft,
)
from backend.feedback.workinggroups.models import Consultation, Draft, WorkingGroup
from backend.feedback.workinggroups.sections import Part, compare
from backend.feedback.workinggroups.services import calls, comments, drafts
from backend.schema import IDEMPOTENCY_KEY, problems
from backend.throttles import throttle

FROM = OpenApiParameter(
    "from",
    {"type": "integer", "minimum": 1, "maximum": 100_000},
    description="the earlier version's number; else the one before",
)


def _parts(rows: list[dict[str, Any]]) -> list[Part]:
    return [Part(**row) for row in rows]


@public_read
class DraftList(APIView):
    permission_classes = (OpenToRead,)

    @extend_schema(
        operation_id="working_group_drafts_list",
        summary="The versions of a group's text, newest first",
        responses={200: DraftRow(many=True), **problems(401, 404)},
    )
    def get(self, request: Request, slug: str) -> Response:
        group = enter(request, slug, "drafts")
        found = Draft.objects.visible_to(request.user, timezone.now()).filter(group=group).order_by("-number")
        return Response(DraftRow(found, many=True).data, headers=headers_for(request))

    @extend_schema(
        operation_id="working_group_drafts_create",
        summary="Begin the next version",
        parameters=[IDEMPOTENCY_KEY],
        request=DraftIn,
        responses={201: DraftOut, **problems(404, 409)},
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        group, data = enter(request, slug, "drafts"), checked(DraftIn, request.data)
        draft = drafts.begin_draft(
            group=group, by=who(request), **{**data, "sections": _parts(data["sections"])}
        )
        at = f"/api/v1/working-groups/{group.slug}/drafts/{draft.number}"
        return Response(DraftOut(draft).data, status=201, headers={"Location": at, **NO_STORE})


@public_read
class DraftDetail(APIView):
    permission_classes = (OpenToRead,)

    @extend_schema(
        operation_id="working_group_drafts_retrieve",
        summary="A version of a group's text",
        responses={200: DraftOut, **problems(401, 404)},
    )
    def get(self, request: Request, slug: str, number: int) -> Response:
        return Response(
            DraftOut(the_draft(request, enter(request, slug, "drafts"), number)).data,
            headers=headers_for(request),
        )

    @extend_schema(
        operation_id="working_group_drafts_update",
        summary="The version in work with other words",
        request=DraftPut,
        responses={200: DraftOut, **problems(404, 409)},
    )
    def put(self, request: Request, slug: str, number: int) -> Response:
        draft, data = (
            the_draft(request, enter(request, slug, "drafts"), number),
            checked(DraftPut, request.data),
        )
        read_at, sections = data.pop("changed_at"), _parts(data.pop("sections"))
        draft = drafts.rewrite_draft(draft=draft, read_at=read_at, sections=sections, by=who(request), **data)
        return Response(DraftOut(draft).data, headers=NO_STORE)


@public_read
class DraftDiff(APIView):
    permission_classes = (Public,)
    throttle_classes = (throttle("draft-diff", per_minute=120),)

    @extend_schema(
        operation_id="working_group_drafts_diff",
        summary="What changed between two versions, section by section",
        parameters=[FROM],
        responses={200: DiffOut, **problems(401, 404)},
    )
    def get(self, request: Request, slug: str, number: int) -> Response:
        group = enter(request, slug, "drafts")
        after = the_draft(request, group, number)
        before = the_draft(request, group, _number(request.query_params.get("from"), number - 1))
        if before.number >= after.number:
            raise Invalid("The earlier version has the lower number.", field="from")
        answer = {
            "before": before.number,
            "after": after.number,
            "sections": compare(drafts.as_placed(before), drafts.as_placed(after)),
        }
        return Response(DiffOut(answer).data, headers=headers_for(request))


def _number(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 6):
        raise Invalid("Give a version's number.", field="from")
    return int(text)


class DraftPublish(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="working_group_drafts_publish",
        summary="Publish the version in work, and what became of every comment on those before",
        request=None,
        responses={200: DraftOut, **problems(404, 409)},
    )
    def post(self, request: Request, slug: str, number: int) -> Response:
        draft = drafts.publish_draft(
            draft=the_draft(request, enter(request, slug, "drafts"), number), by=who(request)
        )
        return Response(DraftOut(draft).data, headers=NO_STORE)


# --- calls ----------------------------------------------------------------------------------------------


def _shown(call: Consultation, request: Request) -> dict[str, Any]:
    shown = _with_notices(call)
    shown.my_support = comments.supported_by(request.user, call)
    data: dict[str, Any] = ConsultationOut(shown, context={"now": timezone.now()}).data
    return data


def _with_notices(call: Consultation) -> Any:
    """With what is to be shown before somebody writes or tells."""
    shown: Any = call
    shown.notices = notices.before_writing(call.group, call)
    shown.before_telling = notices.before_telling(call.group) if call.takes_testimony else []
    shown.help, shown.about_demographics = notices.HELP_PATH, demographics.ABOUT
    return shown


@public_read
class ConsultationList(APIView):
    permission_classes = (OpenToRead,)

    @extend_schema(
        operation_id="working_group_consultations_list",
        summary="A group's calls for input, newest first",
        responses={200: ConsultationRow(many=True), **problems(401, 404)},
    )
    def get(self, request: Request, slug: str) -> Response:
        group, now = enter(request, slug, "consultations"), timezone.now()
        found = Consultation.objects.visible_to(request.user, now).filter(group=group).select_related("draft")
        rows = ConsultationRow(found, many=True, context={"now": now}).data
        return Response(rows, headers=headers_for(request))

    @extend_schema(
        operation_id="working_group_consultations_create",
        summary="Open a call for input, or announce one",
        parameters=[IDEMPOTENCY_KEY],
        request=ConsultationIn,
        responses={201: ConsultationOut, **problems(404, 409)},
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        group, data = enter(request, slug, "consultations"), checked(ConsultationIn, request.data)
        draft = _draft_of(request, group, data.pop("draft", None))
        asked = [calls.Asked(**row) for row in data.pop("questions")]
        call = calls.open_consultation(group=group, draft=draft, questions=asked, by=who(request), **data)
        at = f"/api/v1/working-groups/{group.slug}/consultations/{call.pk}"
        return Response(_shown(call, request), status=201, headers={"Location": at, **NO_STORE})


def _draft_of(request: Request, group: WorkingGroup, number: int | None) -> Draft | None:
    try:
        return the_draft(request, group, number) if number else None
    except NotFound:
        raise Invalid("The group has no such version.", field="draft", code="unknown") from None


@public_read
class ConsultationDetail(APIView):
    permission_classes = (Public,)

    @extend_schema(
        operation_id="working_group_consultations_retrieve",
        summary="A call for input, with what to know before writing",
        responses={200: ConsultationOut, **problems(401, 404)},
    )
    def get(self, request: Request, slug: str, consultation_id: Any) -> Response:
        call = the_consultation(request, enter(request, slug, "consultations"), consultation_id)
        return Response(_shown(call, request), headers=headers_for(request))


class ConsultationClose(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="working_group_consultations_close",
        summary="Close a call before its time",
        request=None,
        responses={200: ConsultationOut, **problems(404, 409)},
    )
    def post(self, request: Request, slug: str, consultation_id: Any) -> Response:
        call = the_consultation(request, enter(request, slug, "consultations"), consultation_id)
        call = calls.close_consultation(consultation=call, by=who(request))
        return Response(_shown(call, request), headers=NO_STORE)


class ConsultationPublish(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="working_group_consultations_publish",
        summary="Publish what people said and what became of it",
        request=None,
        responses={200: ConsultationOut, **problems(404, 409)},
    )
    def post(self, request: Request, slug: str, consultation_id: Any) -> Response:
        call = the_consultation(request, enter(request, slug, "consultations"), consultation_id)
        call = calls.publish_consultation(consultation=call, by=who(request))
        return Response(_shown(call, request), headers=NO_STORE)
