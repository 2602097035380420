"""Courses over HTTP: when and what the sessions are, who was there, how one stands, who has finished."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import condition
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.api import PublicToRead, Staff, checked
from backend.errors import NotFound
from backend.events.models import LONGEST, SHORTEST
from backend.events.serializers import MOST_AREAS, Instant, Line, PlaceIn, PlaceOut, SeriesIn
from backend.events.views import who
from backend.programs.application_views import OneApplication
from backend.programs.catalogue_views import NO_STORE, find_cohort
from backend.programs.models import PLACED, Application, Certificate, Cohort, Program, Session
from backend.programs.services import attendance as attending
from backend.programs.services import classes
from backend.programs.standing import Standing
from backend.roster import editions
from backend.roster.models import Area
from backend.roster.views import edition_etag
from backend.schema import problems
from backend.throttles import throttle

MOST_PLACED = 1000


class CoursePlanIn(serializers.Serializer[Any]):
    """A course, a week apart from `first_on`, in local time; public holidays are left out, and the days of `skip`.

    `areas` and `place` are of public sessions; without a place they meet where the cohort does.
    """

    first_on = serializers.DateField()
    start_time = serializers.TimeField(format="%H:%M", input_formats=["%H:%M", "%H:%M:00"])
    duration_minutes = serializers.IntegerField(min_value=SHORTEST, max_value=LONGEST)
    place = PlaceIn(required=False)
    areas = serializers.ListField(
        child=serializers.SlugField(max_length=100), max_length=MOST_AREAS, required=False
    )
    topics = serializers.ListField(
        child=Line(max_length=120), max_length=60, required=False, help_text="in place of the program's own"
    )
    skip = serializers.ListField(child=serializers.DateField(), max_length=60, required=False)
    instructors = serializers.DictField(
        child=Line(max_length=120), required=False, help_text="by the number of the session"
    )

    def validate_areas(self, slugs: list[str]) -> list[Area]:
        return SeriesIn().validate_areas(slugs)

    def validate_instructors(self, named: dict[str, str]) -> dict[int, str]:
        if unknown := [number for number in named if not number.isascii() or not number.isdigit()]:
            raise serializers.ValidationError(f"{unknown[0][:20]!r} is not the number of a session.")
        return {int(number[:9]): name for number, name in named.items()}


class CourseSessionOut(serializers.Serializer[Any]):
    """One session. `event` is its event of the public calendar, null where it is private."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    topic = serializers.CharField()
    instructor = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    time_zone = serializers.CharField()
    place = PlaceOut()
    status = serializers.ChoiceField(choices=("scheduled", "moved", "cancelled"))
    event = serializers.UUIDField(allow_null=True)


class SessionMoveIn(serializers.Serializer[Any]):
    starts_at = Instant()


class SessionCodeOut(serializers.Serializer[Any]):
    """What is shown in the room: it counts from half an hour before the session until two hours after it."""

    code = serializers.CharField()


class AttendanceIn(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=20)


class AttendanceOut(serializers.Serializer[Any]):
    """It counts for this session of one's own course."""

    number = serializers.IntegerField()
    topic = serializers.CharField()
    at = serializers.DateTimeField()


class PaperAttendanceIn(serializers.Serializer[Any]):
    """Applications, by a session's list on paper: who was there, and whose mark is wrong. Others stay as they are."""

    number = serializers.IntegerField(min_value=1, max_value=1000)
    present = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_PLACED, default=list)
    absent = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_PLACED, default=list)


class PaperAttendanceOut(serializers.Serializer[Any]):
    """Everybody who was at the session, by code too, from other classes too."""

    number = serializers.IntegerField()
    present = serializers.ListField(child=serializers.UUIDField())


class StandingOut(serializers.Serializer[Any]):
    """From attendance alone: numbers of sessions attended, and of those over that were missed; never of cancelled ones.

    `allowed` may be missed (null: no rule says); `percent` of those over were attended; `can_finish` is without
    making up any more.
    """

    sessions = serializers.IntegerField()
    attended = serializers.ListField(child=serializers.IntegerField())
    missed = serializers.ListField(child=serializers.IntegerField())
    allowed = serializers.IntegerField(allow_null=True)
    percent = serializers.IntegerField(allow_null=True)
    can_finish = serializers.BooleanField()
    finished = serializers.BooleanField()


class MemberStandingOut(StandingOut):
    application = serializers.UUIDField()


class GraduationOut(serializers.Serializer[Any]):
    """How many of the class have finished, never came, or may still make sessions up."""

    completed = serializers.IntegerField()
    no_show = serializers.IntegerField()
    accepted = serializers.IntegerField()


class GraduateOut(serializers.Serializer[Any]):
    application = serializers.UUIDField()
    name = serializers.CharField()
    issued_on = serializers.DateField()


def session_out(session: Session) -> dict[str, Any]:
    times = classes.times_of(session)
    place = times.place
    return {
        "id": str(session.pk),
        "number": session.number,
        "topic": session.topic,
        "instructor": session.instructor,
        "starts_at": times.starts_at.isoformat(),
        "ends_at": times.ends_at.isoformat(),
        "time_zone": session.event.time_zone if session.event else settings.TIME_ZONE,
        "place": {"name": place.name, "address": place.address, "lat": place.lat, "lon": place.lon},
        "status": times.status,
        "event": session.event_id and str(session.event_id),
    }


def sessions_out(cohort: Cohort) -> list[dict[str, Any]]:
    return [session_out(session) for session in classes.with_times(cohort.sessions.all())]


def standing_out(standing: Standing) -> dict[str, Any]:
    return {
        "sessions": standing.sessions,
        "attended": list(standing.attended),
        "missed": list(standing.missed),
        "allowed": standing.allowed,
        "percent": standing.percent,
        "can_finish": standing.can_finish,
        "finished": standing.is_finished,
    }


# --- one class ----------------------------------------------------------------------------------------


def _etag_of_sessions(request: HttpRequest, program: str, cohort_id: UUID) -> str | None:
    """Of public sessions; what private ones answer is each person's own."""
    there = Cohort.objects.announced().filter(program__slug=program, program__has_public_sessions=True)
    return _state(request) if there.filter(pk=cohort_id).exists() else None


_state = edition_etag(editions.CALENDAR, editions.PROGRAMS)


@method_decorator(condition(etag_func=_etag_of_sessions), name="get")
class CohortSessions(APIView):
    permission_classes = (PublicToRead,)

    @extend_schema(
        operation_id="programs_cohorts_sessions_list",
        summary="The sessions of a class: public ones for anybody, private ones for its members and staff",
        responses={200: CourseSessionOut(many=True), **problems(404)},
    )
    def get(self, request: Request, program: str, cohort_id: UUID) -> Response:
        cohort = find_cohort(program, cohort_id)
        if cohort.program.has_public_sessions:
            return Response(sessions_out(cohort))
        if not self._is_inside(request, cohort):
            raise NotFound()
        return Response(sessions_out(cohort), headers=NO_STORE)

    def _is_inside(self, request: Request, cohort: Cohort) -> bool:
        managed = Program.objects.managed_by(request.user, timezone.localdate())
        mine = Application.objects.visible_to(request.user).filter(cohort=cohort, status__in=PLACED)
        return managed.filter(pk=cohort.program_id).exists() or mine.exists()

    @extend_schema(
        operation_id="programs_cohorts_plan",
        summary="Plan a class from the topics of its program (its staff)",
        request=CoursePlanIn,
        responses={201: CourseSessionOut(many=True), **problems(404, 409)},
    )
    def post(self, request: Request, program: str, cohort_id: UUID) -> Response:
        cohort = find_cohort(program, cohort_id)
        plan = classes.Plan(**checked(CoursePlanIn, request.data))
        classes.plan_course(cohort=cohort, plan=plan, by=who(request))
        return Response(sessions_out(cohort), status=201, headers=NO_STORE)


class CohortAttendance(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="programs_cohorts_attendance_note",
        summary="Note from a list on paper who was at a session, or correct it (its staff), audited",
        request=PaperAttendanceIn,
        responses={200: PaperAttendanceOut, **problems(404, 409)},
    )
    def put(self, request: Request, program: str, cohort_id: UUID) -> Response:
        cohort, data = find_cohort(program, cohort_id), checked(PaperAttendanceIn, request.data)
        present = attending.note_attendance(cohort=cohort, by=who(request), **data)
        return Response({"number": data["number"], "present": present}, headers=NO_STORE)


class CohortStanding(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="programs_cohorts_standing_list",
        summary="How everybody in a class stands, by application (its staff), audited",
        responses={200: MemberStandingOut(many=True), **problems(404)},
    )
    def get(self, request: Request, program: str, cohort_id: UUID) -> Response:
        rows = attending.standings_of(cohort=find_cohort(program, cohort_id), by=who(request))
        shown = [{"application": str(one.pk), **standing_out(standing)} for one, standing in rows]
        return Response(shown, headers=NO_STORE)


class CohortGraduate(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="programs_cohorts_graduates_list",
        summary="Who has finished, by name (its staff), audited",
        responses={200: GraduateOut(many=True), **problems(404)},
    )
    def get(self, request: Request, program: str, cohort_id: UUID) -> Response:
        finished = attending.graduates_of(cohort=find_cohort(program, cohort_id), by=who(request))
        shown = [
            {"application": one.pk, "name": one.name, "issued_on": one.certificate.issued_on}
            for one in finished
        ]
        return Response(shown, headers=NO_STORE)

    @extend_schema(
        operation_id="programs_cohorts_graduate",
        summary="After the last session: who has finished gets the certificate (its staff)",
        request=None,
        responses={200: GraduationOut, **problems(404, 409)},
    )
    def post(self, request: Request, program: str, cohort_id: UUID) -> Response:
        counts = attending.graduate(cohort=find_cohort(program, cohort_id), by=who(request))
        return Response(counts, headers=NO_STORE)


# --- one session --------------------------------------------------------------------------------------


class OneSession(APIView):
    """What the addresses under one session share: it is there for the program's staff alone."""

    permission_classes = (Staff,)

    def session(self, session_id: UUID) -> Session:
        managed = Program.objects.managed_by(who(self.request), timezone.localdate())
        found = classes.with_times(Session.objects.filter(cohort__program__in=managed, pk=session_id)).first()
        if found is None:
            raise NotFound()
        return found


class SessionMove(OneSession):
    @extend_schema(
        operation_id="programs_cohorts_session_move",
        summary="Move a private session; its members are told (its staff). A public one is moved as an event",
        request=SessionMoveIn,
        responses={200: CourseSessionOut, **problems(409)},
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        session, data = self.session(session_id), checked(SessionMoveIn, request.data)
        moved = classes.move_session(session=session, by=who(request), **data)
        return Response(session_out(moved), headers=NO_STORE)


class SessionCancel(OneSession):
    @extend_schema(
        operation_id="programs_cohorts_session_cancel",
        summary="Cancel a private session; its members are told (its staff). A public one is cancelled as an event",
        request=None,
        responses={200: CourseSessionOut, **problems(409)},
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        cancelled = classes.cancel_session(session=self.session(session_id), by=who(request))
        return Response(session_out(cancelled), headers=NO_STORE)


class SessionCode(OneSession):
    @extend_schema(
        operation_id="programs_cohorts_session_code",
        summary="The code of a session, to show in the room (its staff)",
        responses={200: SessionCodeOut},
    )
    def get(self, request: Request, session_id: UUID) -> Response:
        return Response({"code": self.session(session_id).code}, headers=NO_STORE)


# --- one's own ----------------------------------------------------------------------------------------


class ApplicationAttendance(OneApplication):
    throttle_classes = (throttle("attendance", per_minute=60),)

    @extend_schema(
        operation_id="applications_attend",
        summary="Say by the code in the room that I am at a session, of my class or of another to make it up",
        request=AttendanceIn,
        responses={200: AttendanceOut, **problems(404, 409)},
    )
    def post(self, request: Request, application_id: UUID) -> Response:
        mine, data = self.application(application_id), checked(AttendanceIn, request.data)
        mark = attending.attend(application=mine, by=who(request), **data)
        shown = {"number": mark.number, "topic": mark.session.topic, "at": mark.at.isoformat()}
        return Response(shown, headers=NO_STORE)


class ApplicationStanding(OneApplication):
    @extend_schema(
        operation_id="applications_standing",
        summary="How I stand in my course",
        responses={200: StandingOut},
    )
    def get(self, request: Request, application_id: UUID) -> Response:
        mine = self.application(application_id)
        if mine.status not in PLACED:
            raise NotFound()
        standing = attending.course_of(mine.cohort).standing(mine, timezone.now())
        return Response(standing_out(standing), headers=NO_STORE)


class ApplicationCertificate(OneApplication):
    @extend_schema(
        operation_id="applications_certificate",
        summary="My certificate, as it was made when I finished",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, application_id: UUID) -> HttpResponse:
        found = Certificate.objects.filter(application=self.application(application_id)).first()
        if found is None:
            raise NotFound()
        pdf = attending.document_of(found)
        headers = {**NO_STORE, "Content-Disposition": 'attachment; filename="certificate.pdf"'}
        return HttpResponse(pdf, content_type="application/pdf", headers=headers)
