"""What there is to take part in, over HTTP: programs, their intakes, and "may I?"; and what their staff keep of it."""

from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import condition
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.accounts.models import User
from backend.api import Pages, Public, PublicToRead, Staff, checked
from backend.errors import NotFound
from backend.events.views import who
from backend.programs import eligibility
from backend.programs.models import Cohort, Program, Rule, Supply
from backend.programs.services import applying, catalogue, rides, waivers
from backend.programs.shapes import (
    CancelReasonIn,
    CohortIn,
    CohortOut,
    DrawOut,
    EligibilityIn,
    EligibilityOut,
    FormIn,
    FormOut,
    PlacesIn,
    ProgramDetailOut,
    ProgramOut,
    ProgramPatch,
    ProgramQuery,
    RuleIn,
    RuleOut,
    SeatIn,
    SeatOut,
    StockIn,
    SupplyOut,
    WaiverIn,
    WaiverOut,
    cohort_out,
    counted,
    detail_out,
    districts_of,
    draw_out,
    form_out,
    program_out,
    rule_out,
    seat_out,
    supply_out,
    waiver_out,
)
from backend.roster import editions
from backend.roster.views import PublicRead, edition_etag, reads
from backend.schema import IDEMPOTENCY_KEY, problems
from backend.throttles import throttle

NO_STORE = {"Cache-Control": "no-store"}


class BySlug(Pages):
    ordering = "slug"


class ByStart(Pages):
    ordering = ("starts_on", "name", "id")


def find_program(slug: str) -> Program:
    found = Program.objects.select_related("agency").filter(slug=slug).first()
    if found is None:
        raise NotFound()
    return found


def find_cohort(program: str, cohort_id: UUID) -> Cohort:
    """An announced intake. Raises NotFound."""
    found = Cohort.objects.announced().select_related("program__agency", "area").filter(program__slug=program)
    if cohort := found.filter(pk=cohort_id).first():
        return cohort
    raise NotFound()


def find_draw(program: str, cohort_id: UUID) -> Cohort:
    """An intake that is drawn, also one that was called off: a hash once published stays. Raises NotFound."""
    draws = Cohort.objects.filter(program__slug=program, mode=Cohort.Mode.DRAW)
    if cohort := draws.filter(pk=cohort_id).first():
        return cohort
    raise NotFound()


_state = edition_etag(editions.PROGRAMS)


def _etag(request: HttpRequest, program: str) -> str | None:
    """Of what is there: `If-None-Match: *` must not make a 304 of a 404."""
    return _state(request) if Program.objects.filter(slug=program).exists() else None


def _etag_of_draw(request: HttpRequest, program: str, cohort_id: UUID) -> str | None:
    there = Cohort.objects.filter(pk=cohort_id, program__slug=program, mode=Cohort.Mode.DRAW)
    return _state(request) if there.exists() else None


@reads(editions.PROGRAMS)
class ProgramList(PublicRead):
    pagination_class = BySlug

    @extend_schema(
        operation_id="programs_list",
        summary="Everything to take part in, and whether somebody has confirmed that it runs",
        parameters=[ProgramQuery],
        responses={200: ProgramOut(many=True)},
    )
    def get(self, request: Request) -> Response:
        query = checked(ProgramQuery, request.query_params)
        columns = {"kind": "kind", "agency": "agency__slug"}
        wanted = {column: query[name] for name, column in columns.items() if name in query}
        programs = Program.objects.select_related("agency").filter(**wanted)
        pages, today = self.pagination_class(), timezone.localdate()
        page = pages.paginate_queryset(programs, request, self) or []
        return pages.get_paginated_response([program_out(program, today) for program in page])


@method_decorator(condition(etag_func=_etag), name="get")
class ProgramDetail(APIView):
    permission_classes = (PublicToRead,)

    @extend_schema(
        operation_id="programs_retrieve",
        summary="One program: its rules, its form, its waiver, what it gives out",
        responses={200: ProgramDetailOut, **problems(404)},
    )
    def get(self, request: Request, program: str) -> Response:
        return Response(detail_out(find_program(program), timezone.localdate()))

    @extend_schema(
        operation_id="programs_revise",
        summary="Change a program's words, or confirm that it runs (its staff)",
        request=ProgramPatch,
        responses={200: ProgramDetailOut, **problems(404)},
    )
    def patch(self, request: Request, program: str) -> Response:
        data = checked(ProgramPatch, request.data)
        revised = catalogue.revise_program(program=find_program(program), by=who(request), **data)
        return Response(detail_out(revised, timezone.localdate()))


@method_decorator(condition(etag_func=_etag), name="get")
class CohortList(APIView):
    pagination_class = ByStart
    permission_classes = (PublicToRead,)

    @extend_schema(
        operation_id="programs_cohorts_list",
        summary="A program's intakes that are not over",
        responses={200: CohortOut(many=True), **problems(404)},
    )
    def get(self, request: Request, program: str) -> Response:
        found = find_program(program)
        pages = self.pagination_class()
        rows = counted().filter(program=found, ends_on__gte=timezone.localdate())
        page: list[Cohort] = pages.paginate_queryset(rows, request, self) or []
        districts = districts_of(page) if found.kind == Program.Kind.RIDE_ALONG else {}
        return pages.get_paginated_response([cohort_out(cohort, districts.get(cohort.pk)) for cohort in page])

    @extend_schema(
        operation_id="programs_cohorts_open",
        summary="Announce an intake (its staff)",
        parameters=[IDEMPOTENCY_KEY],
        request=CohortIn,
        responses={201: CohortOut, **problems(404, 409, 422)},
    )
    @idempotent
    def post(self, request: Request, program: str) -> Response:
        found, data = find_program(program), checked(CohortIn, request.data)
        intake = catalogue.Intake(**data)
        cohort = catalogue.open_cohort(program=found, intake=intake, by=who(request))
        return Response(cohort_out(counted().get(pk=cohort.pk)), status=201)


class OneCohort(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="programs_cohorts_change",
        summary="Have more or fewer places (its staff)",
        request=PlacesIn,
        responses={200: CohortOut, **problems(404, 409)},
    )
    def patch(self, request: Request, program: str, cohort_id: UUID) -> Response:
        cohort, data = find_cohort(program, cohort_id), checked(PlacesIn, request.data)
        catalogue.change_places(cohort=cohort, places_now=data["places"], by=who(request))
        return Response(cohort_out(counted().get(pk=cohort.pk)))


class CohortCancel(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="programs_cohorts_cancel",
        summary="Call an intake off; everybody in it is told (its staff)",
        request=CancelReasonIn,
        responses={200: CohortOut, **problems(404, 409)},
    )
    def post(self, request: Request, program: str, cohort_id: UUID) -> Response:
        cohort, data = find_cohort(program, cohort_id), checked(CancelReasonIn, request.data)
        catalogue.cancel_cohort(cohort=cohort, reason=data["reason"], by=who(request))
        return Response(cohort_out(counted().get(pk=cohort.pk)))


@method_decorator(condition(etag_func=_etag_of_draw), name="get")
class CohortDraw(APIView):
    permission_classes = (PublicToRead,)

    @extend_schema(
        operation_id="programs_cohorts_draw_retrieve",
        summary="A draw: the hash of its seed beforehand, the seed and the order afterwards, for anybody to run again",
        responses={200: DrawOut, **problems(404)},
    )
    def get(self, request: Request, program: str, cohort_id: UUID) -> Response:
        return Response(draw_out(find_draw(program, cohort_id)))

    @extend_schema(
        operation_id="programs_cohorts_draw_hold",
        summary="Hold the draw now that its deadline is over; else the worker does within a minute (its staff)",
        request=None,
        responses={200: DrawOut, **problems(404, 409)},
    )
    def post(self, request: Request, program: str, cohort_id: UUID) -> Response:
        cohort = rides.hold_draw(cohort=find_cohort(program, cohort_id), by=who(request))
        return Response(draw_out(cohort))


class ProgramForms(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="programs_forms_publish",
        summary="Publish a new version of a program's questions (its staff)",
        request=FormIn,
        responses={201: FormOut, **problems(404)},
    )
    def post(self, request: Request, program: str) -> Response:
        data = checked(FormIn, request.data)
        form = catalogue.publish_form(program=find_program(program), by=who(request), **data)
        return Response(form_out(form), status=201)


class ProgramWaivers(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="programs_waivers_publish",
        summary="Publish a new text of a program's waiver; every place given from now on needs it signed (its staff)",
        request=WaiverIn,
        responses={201: WaiverOut, **problems(404)},
    )
    def post(self, request: Request, program: str) -> Response:
        data = checked(WaiverIn, request.data)
        waiver = waivers.publish_waiver(program=find_program(program), by=who(request), **data)
        return Response(waiver_out(waiver), status=201)


class ProgramRule(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="programs_rules_confirm",
        summary="Confirm one of a program's rules, with its figures and words (its staff)",
        request=RuleIn,
        responses={200: RuleOut, **problems(404)},
    )
    def put(self, request: Request, program: str, kind: str) -> Response:
        data = checked(RuleIn, request.data)
        rule = Rule.objects.filter(program__slug=program, kind=kind).select_related("program").first()
        if rule is None:
            raise NotFound()
        return Response(rule_out(catalogue.confirm_rule(rule=rule, by=who(request), **data)))


class SupplyStock(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="supplies_stock",
        summary="Say how many of an item are left; who waits gets them in order (its program's staff)",
        request=StockIn,
        responses={200: SupplyOut, **problems(404)},
    )
    def put(self, request: Request, supply_id: UUID) -> Response:
        data = checked(StockIn, request.data)
        supply = Supply.objects.select_related("program").filter(pk=supply_id).first()
        if supply is None:
            raise NotFound()
        return Response(supply_out(catalogue.set_stock(supply=supply, by=who(request), **data)))


class ProgramSeats(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="programs_seats_list",
        summary="Who manages and judges a program (administrators)",
        responses={200: SeatOut(many=True), **problems(404)},
    )
    def get(self, request: Request, program: str) -> Response:
        seats = catalogue.seats_of(find_program(program), by=who(request))
        return Response([seat_out(seat) for seat in seats], headers=NO_STORE)

    @extend_schema(
        operation_id="programs_seats_give",
        summary="Make somebody of staff a manager or judge of a program, or end their seat (administrators)",
        request=SeatIn,
        responses={200: SeatOut, **problems(404, 409)},
    )
    def put(self, request: Request, program: str) -> Response:
        data = checked(SeatIn, request.data)
        seat = catalogue.set_seat(program=find_program(program), by=who(request), **data)
        return Response(seat_out(seat), headers=NO_STORE)


class Eligibility(APIView):
    permission_classes = (Public,)
    throttle_classes = (throttle("eligibility", per_minute=600),)

    @extend_schema(
        operation_id="programs_eligibility",
        summary="May I take part, and if not, why not, and from when? Nothing of it is kept",
        request=EligibilityIn,
        responses={200: EligibilityOut, **problems(404, 422)},
    )
    def post(self, request: Request, program: str) -> Response:
        found = find_program(program)
        said = checked(EligibilityIn, request.data)
        today = timezone.localdate()
        if "cohort" in said:
            cohort: Cohort | None = find_cohort(program, said["cohort"])
        else:
            cohort = found.cohorts.coming(today).select_related("program").first()
        starts_on = cohort.starts_on if cohort else today
        user = request.user if isinstance(request.user, User) and not request.user.is_staff else None
        person = applying.person_who(found, said, of=user)
        ends_on = applying.last_day_of(cohort) if cohort else None
        findings = eligibility.check(
            found.rules.all(), person, starts_on=starts_on, today=today, ends_on=ends_on
        )
        return Response(
            {
                "answer": eligibility.answer(findings),
                "starts_on": starts_on,
                "possible_from": eligibility.possible_from(findings),
                "findings": [
                    {
                        "rule": f.kind,
                        "words": f.words,
                        "is_met": f.is_met,
                        "why": f.why,
                        "from_on": f.from_on,
                        "comes_later": f.comes_later,
                    }
                    for f in findings
                ],
            },
            headers=NO_STORE,
        )
