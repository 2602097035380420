"""Lived experience over HTTP: told without identity, read by the group's members."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.api import NO_STORE, Pages, Public, checked
from backend.errors import NotFound
from backend.events.views import who
from backend.feedback.workinggroups.demographics import ABOUT
from backend.feedback.workinggroups.finding import enter, reads_more, the_consultation, the_group
from backend.feedback.workinggroups.models import Consultation, Testimony
from backend.feedback.workinggroups.notices import KEPT
from backend.feedback.workinggroups.services import testimony
from backend.feedback.workinggroups.testimony_shapes import (
    DemographicsIn,
    DemographicsKept,
    ModerationIn,
    TestimonyIn,
    TestimonyKept,
    TestimonyOut,
    TestimonyQuery,
)
from backend.schema import problems
from backend.throttles import OverAll

UNLINKABLE = (
    "Send no session and no Idempotency-Key; what is sent of them is not looked at. Nothing is kept of who sent it or "
    "when, and the request leaves no line in a log; for a minute at most, memory holds how many came from an address, "
    "under a salt that is then thrown away. Sent twice it is kept twice."
)


class TestimonyThrottle(OverAll):
    scope = "testimony"


class DemographicsThrottle(OverAll):
    scope = "demographics"


class ByDay(Pages):
    """Within a day by a random key: there is no order of coming."""

    ordering = ("on", "id")


class Testimonies(APIView):
    leaves_no_line = True
    pagination_class = ByDay
    throttle_classes = (TestimonyThrottle,)

    def get_authenticators(self) -> list[Any]:
        """Who tells something is not asked who they are, whatever they send."""
        return [] if self._tells() else super().get_authenticators()

    def get_permissions(self) -> list[BasePermission]:
        return [Public()] if self._tells() else [IsAuthenticated()]

    def get_throttles(self) -> list[Any]:
        return super().get_throttles() if self._tells() else []

    def _tells(self) -> bool:
        # The API's document asks without a request, too.
        return getattr(self.request, "method", None) == "POST"

    @extend_schema(
        operation_id="testimonies_create",
        summary="Tell what you lived through, without saying who you are",
        description=UNLINKABLE,
        request=TestimonyIn,
        responses={201: TestimonyKept, **problems(404, 409)},
    )
    def post(self, request: Request, slug: str, consultation_id: Any) -> Response:
        call = the_consultation(request, the_group(slug), consultation_id)
        on = testimony.tell(consultation=call, **checked(TestimonyIn, request.data))
        TestimonyThrottle.count(request)
        answer = TestimonyKept({"kept": True, "on": on, "notice": KEPT}).data
        return Response(answer, status=201, headers=NO_STORE)

    @extend_schema(
        operation_id="testimonies_list",
        summary="What people lived through, for the group's members",
        description="From the day after it came: until then nobody reads it. It is never published in its words.",
        parameters=[TestimonyQuery],
        responses={200: TestimonyOut(many=True), **problems(404)},
    )
    def get(self, request: Request, slug: str, consultation_id: Any) -> Response:
        call = _the_members_call(request, slug, consultation_id)
        query = checked(TestimonyQuery, request.query_params.dict())
        told = testimony.readable(call).prefetch_related("tagged__theme")
        rows = told.exclude(grounds="") if query["kept_back"] else told.filter(grounds="")
        pages = self.pagination_class()
        page: list[Testimony] = pages.paginate_queryset(rows, request, self) or []
        answer = pages.get_paginated_response(TestimonyOut(page, many=True).data)
        answer["Cache-Control"] = "no-store"
        return answer


class TestimonyModeration(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="testimonies_moderate",
        summary="Keep a testimony back, or no longer, by the group's moderation policy",
        request=ModerationIn,
        responses={200: TestimonyOut, **problems(404)},
    )
    def post(self, request: Request, slug: str, consultation_id: Any, testimony_id: Any) -> Response:
        call = _the_members_call(request, slug, consultation_id)
        given = checked(ModerationIn, request.data)
        told = testimony.moderate(consultation=call, testimony_id=testimony_id, by=who(request), **given)
        return Response(TestimonyOut(told).data, headers=NO_STORE)


class Demographics(APIView):
    leaves_no_line = True
    authentication_classes = ()
    permission_classes = (Public,)
    throttle_classes = (DemographicsThrottle,)

    @extend_schema(
        operation_id="demographics_create",
        summary="Say something of yourself, to be counted and not kept",
        description=f"{ABOUT} {UNLINKABLE}",
        request=DemographicsIn,
        responses={201: DemographicsKept, **problems(404, 409)},
    )
    def post(self, request: Request, slug: str, consultation_id: Any) -> Response:
        call = the_consultation(request, the_group(slug), consultation_id)
        testimony.describe(consultation=call, answers=checked(DemographicsIn, request.data))
        DemographicsThrottle.count(request)
        return Response(DemographicsKept({"kept": True, "notice": ABOUT}).data, status=201, headers=NO_STORE)


def _the_members_call(request: Request, slug: str, consultation_id: Any) -> Consultation:
    """A call whose unpublished input the person may read. Raises NotFound."""
    group = enter(request, slug, "testimonies")
    if not reads_more(request, group, timezone.now()):
        raise NotFound()
    return the_consultation(request, group, consultation_id)
