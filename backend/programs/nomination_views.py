"""An award of a month over HTTP: anybody nominates, judges read no names, the public sees whose guardian agreed."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.api import Pages, Public, Staff, checked
from backend.errors import NotFound
from backend.events.registration_views import NO_STORE, Residents
from backend.events.serializers import Line
from backend.events.views import who
from backend.programs.fields import Name
from backend.programs.judging import redacted
from backend.programs.models import Cohort, Nomination, Program, Score
from backend.programs.people import age_on
from backend.programs.services import nominations as services
from backend.schema import IDEMPOTENCY_KEY, problems
from backend.throttles import throttle

LONGEST_STORY = 2000


class NominationIn(serializers.Serializer[Any]):
    """A child, what the child did, and who says so. A guardian is asked before any name is shown."""

    relation = serializers.ChoiceField(choices=Nomination.Relation.choices)
    nominator_name = Name(max_length=120)
    nominator_contact = Line(max_length=160)
    child_name = Name(max_length=120)
    born_on = serializers.DateField()
    school = Line(max_length=160)
    story = serializers.CharField(max_length=LONGEST_STORY)
    guardian_name = Name(max_length=120, required=False, allow_blank=True)
    guardian_contact = Line(max_length=160, required=False, allow_blank=True)


class NominationOut(serializers.Serializer[Any]):
    """How far a nomination is, and nothing of what it says; `cohort` is the month."""

    id = serializers.UUIDField()
    cohort = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Nomination.Status.choices)


class BlindNominationOut(serializers.Serializer[Any]):
    """What a judge reads: no name, no address, nobody else's points. `age` is that on the month's first day."""

    id = serializers.UUIDField()
    age = serializers.IntegerField()
    relation = serializers.ChoiceField(choices=Nomination.Relation.choices)
    story = serializers.CharField()
    my_points = serializers.IntegerField(allow_null=True)


class ScoreIn(serializers.Serializer[Any]):
    points = serializers.IntegerField(min_value=1, max_value=10)


class ScoreOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    my_points = serializers.IntegerField()


class NamedNominationOut(serializers.Serializer[Any]):
    """Whose a nomination is, for those who write to them."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Nomination.Status.choices)
    relation = serializers.ChoiceField(choices=Nomination.Relation.choices)
    nominator_name = serializers.CharField()
    nominator_contact = serializers.CharField()
    child_name = serializers.CharField()
    born_on = serializers.DateField()
    school = serializers.CharField()
    guardian_name = serializers.CharField()
    guardian_contact = serializers.CharField()
    guardian_agreed_at = serializers.DateTimeField(allow_null=True)


class GuardianIn(serializers.Serializer[Any]):
    """Who was asked whether the child's name and school may be shown, and what they said."""

    guardian_name = Name(max_length=120)
    agreed = serializers.BooleanField()


class GuardianOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    guardian_name = serializers.CharField()
    guardian_agreed_at = serializers.DateTimeField(allow_null=True)


class ChosenOut(serializers.Serializer[Any]):
    """The nominations of the chosen children, the highest mean first."""

    chosen = serializers.ListField(child=serializers.UUIDField())


class HonoreesQuery(serializers.Serializer[Any]):
    cohort = serializers.UUIDField(required=False, help_text="one month only")


class HonoreeOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    school = serializers.CharField()


class HonoredMonthOut(serializers.Serializer[Any]):
    """A month: `chosen` children, of whom the guardians of `shown` agreed that they are named."""

    cohort = serializers.UUIDField()
    name = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    chosen = serializers.IntegerField()
    shown = serializers.IntegerField()
    children = HonoreeOut(many=True)


class ByArrival(Pages):
    ordering = ("created_at", "id")


class LatestMonthFirst(Pages):
    ordering = ("-starts_on", "id")


def award(slug: str) -> Program:
    found = Program.objects.filter(slug=slug, kind=Program.Kind.AWARD).first()
    if found is None:
        raise NotFound()
    return found


def month(slug: str, cohort_id: UUID) -> Cohort:
    found = award(slug).cohorts.announced().select_related("program").filter(pk=cohort_id).first()
    if found is None:
        raise NotFound()
    return found


def nomination_out(nomination: Nomination) -> dict[str, str]:
    return {
        "id": str(nomination.pk),
        "cohort": str(nomination.cohort_id),
        "status": nomination.status,
    }


def blind_out(nomination: Any, cohort: Cohort) -> dict[str, Any]:
    """Of a nomination with `my_points`."""
    return {
        "id": str(nomination.pk),
        "age": age_on(date.fromisoformat(nomination.born_on), cohort.starts_on),
        "relation": nomination.relation,
        "story": redacted(
            nomination.story,
            child=nomination.child_name,
            guardian=nomination.guardian_name,
            nominator=nomination.nominator_name,
            school=nomination.school,
        ),
        "my_points": nomination.my_points,
    }


def named_out(nomination: Nomination) -> dict[str, Any]:
    return {
        "id": str(nomination.pk),
        "status": nomination.status,
        "relation": nomination.relation,
        **{name: getattr(nomination, name) for name in services.NAMES},
        "guardian_agreed_at": nomination.guardian_agreed_at and nomination.guardian_agreed_at.isoformat(),
    }


def month_out(cohort: Any) -> dict[str, Any]:
    """Of a month with `chosen` and `honored`."""
    children = [{"name": one.child_name, "school": one.school} for one in cohort.honored]
    return {
        "cohort": str(cohort.pk),
        "name": cohort.name,
        "starts_on": cohort.starts_on.isoformat(),
        "ends_on": cohort.ends_on.isoformat(),
        "chosen": cohort.chosen,
        "shown": len(children),
        "children": sorted(children, key=lambda child: child["name"]),  # not by points
    }


# --- anybody ------------------------------------------------------------------------------------------


class ProgramNominations(APIView):
    permission_classes = (Public,)
    throttle_classes = (throttle("nominations", per_minute=120),)

    @extend_schema(
        operation_id="nominations_create",
        summary="Name a child for this month's award",
        parameters=[IDEMPOTENCY_KEY],
        request=NominationIn,
        responses={201: NominationOut, **problems(403, 404, 409, 422)},
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        program, told = award(slug), checked(NominationIn, request.data)
        by = who(request) if request.user.is_authenticated else None
        made = services.nominate(program=program, by=by, **told)
        return Response(nomination_out(made), status=201, headers=NO_STORE)


class Honorees(ListAPIView[Cohort]):
    permission_classes = (Public,)
    authentication_classes = ()
    serializer_class = HonoredMonthOut
    pagination_class = LatestMonthFirst

    @extend_schema(
        operation_id="honorees_list",
        summary="The children of each month whose guardians agreed that they are named",
        parameters=[HonoreesQuery],
        responses={200: HonoredMonthOut(many=True), **problems(404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        months = award(kwargs["slug"]).cohorts.announced().filter(decided_at__isnull=False)
        query = checked(HonoreesQuery, request.query_params)
        if "cohort" in query:
            months = months.filter(pk=query["cohort"])
        chosen = Count("nominations", filter=Q(nominations__status=Nomination.Status.CHOSEN))
        honored = Prefetch("nominations", Nomination.objects.honored(), to_attr="honored")
        page = self.paginate_queryset(months.annotate(chosen=chosen).prefetch_related(honored))
        return _private(self.get_paginated_response([month_out(row) for row in page or ()]))


# --- whoever nominated --------------------------------------------------------------------------------


class MyNominations(APIView):
    permission_classes = (Residents,)

    @extend_schema(
        operation_id="nominations_list",
        summary="How far my nominations are",
        responses={200: NominationOut(many=True)},
    )
    def get(self, request: Request) -> Response:
        mine = Nomination.objects.filter(nominator=who(request))
        return Response([nomination_out(one) for one in mine], headers=NO_STORE)


class NominationWithdraw(APIView):
    permission_classes = (Residents,)

    @extend_schema(
        operation_id="nominations_withdraw",
        summary="Take my nomination back, until the month is decided",
        request=None,
        responses={200: NominationOut, **problems(409)},
    )
    def post(self, request: Request, nomination_id: UUID) -> Response:
        mine = Nomination.objects.filter(nominator=who(request), pk=nomination_id)
        withdrawn = services.withdraw(nomination=_one(mine), by=who(request))
        return Response(nomination_out(withdrawn), headers=NO_STORE)


# --- judges -------------------------------------------------------------------------------------------


class BlindNominations(ListAPIView[Nomination]):
    permission_classes = (Staff,)
    serializer_class = BlindNominationOut
    pagination_class = ByArrival

    @extend_schema(
        operation_id="nominations_blind_list",
        summary="A month's nominations as its judges read them, without names",
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        cohort, judge = month(kwargs["slug"], kwargs["cohort_id"]), who(request)
        mine = Score.objects.filter(nomination=OuterRef("pk"), judge=judge).values("points")
        rows = services.for_judge(cohort=cohort, by=judge).annotate(my_points=Subquery(mine))
        page = self.paginate_queryset(rows)
        return _private(self.get_paginated_response([blind_out(row, cohort) for row in page or ()]))


class NominationScore(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="nominations_score",
        summary="Give a nomination points, as a judge, after nominations close",
        request=ScoreIn,
        responses={200: ScoreOut, **problems(409)},
    )
    def put(self, request: Request, nomination_id: UUID) -> Response:
        judged = Nomination.objects.judged_by(who(request), timezone.localdate())
        nomination = _one(judged.filter(pk=nomination_id))
        given = services.score(nomination=nomination, by=who(request), **checked(ScoreIn, request.data))
        return Response({"id": str(nomination.pk), "my_points": given.points}, headers=NO_STORE)


# --- managers -----------------------------------------------------------------------------------------


class NamedNominations(ListAPIView[Nomination]):
    permission_classes = (Staff,)
    serializer_class = NamedNominationOut
    pagination_class = ByArrival

    @extend_schema(
        operation_id="nominations_named_list",
        summary="Whose a month's nominations are: for the program's managers, audited",
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        cohort = month(kwargs["slug"], kwargs["cohort_id"])
        page = self.paginate_queryset(services.read_names(cohort=cohort, by=who(request)))
        return _private(self.get_paginated_response([named_out(row) for row in page or ()]))


class NominationGuardian(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="nominations_guardian",
        summary="Record what a guardian said about showing the child's name, audited",
        request=GuardianIn,
        responses={200: GuardianOut, **problems(409)},
    )
    def post(self, request: Request, nomination_id: UUID) -> Response:
        handled = Nomination.objects.handled_by(who(request), timezone.localdate())
        nomination = _one(handled.filter(pk=nomination_id))
        told = checked(GuardianIn, request.data)
        asked = services.record_guardian(nomination=nomination, by=who(request), **told)
        agreed_at = asked.guardian_agreed_at
        answer = {
            "id": str(asked.pk),
            "guardian_name": asked.guardian_name,
            "guardian_agreed_at": agreed_at and agreed_at.isoformat(),
        }
        return Response(answer, headers=NO_STORE)


class CohortChoose(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="nominations_choose",
        summary="Choose the ten children of a month by the judges' points",
        request=None,
        responses={200: ChosenOut, **problems(409)},
    )
    def post(self, request: Request, slug: str, cohort_id: UUID) -> Response:
        chosen = services.choose(cohort=month(slug, cohort_id), by=who(request))
        return Response({"chosen": [str(one.pk) for one in chosen]}, headers=NO_STORE)


def _one(found: QuerySet[Nomination]) -> Nomination:
    nomination = found.select_related("cohort").first()
    if nomination is None:
        raise NotFound()
    return nomination


def _private(response: Response) -> Response:
    response["Cache-Control"] = NO_STORE["Cache-Control"]
    return response
