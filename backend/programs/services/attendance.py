"""Who was there, how somebody stands by it, and who has finished a course."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Conflict, Invalid, NotFound
from backend.programs import documents
from backend.programs.models import (
    PLACED,
    Application,
    Attendance,
    Certificate,
    Cohort,
    Program,
    Rule,
    Session,
)
from backend.programs.services import moving, places
from backend.programs.services.access import check_manages
from backend.programs.services.classes import Times, times_of, with_times
from backend.programs.standing import Held, Requirement, Standing, standing

Status = Application.Status
# A code counts from so long before a session until so long after it.
OPENS_BEFORE, OPEN_AFTER = timedelta(minutes=30), timedelta(hours=2)


# --- who was there ------------------------------------------------------------------------------------


@transaction.atomic
def attend(*, application: Application, code: str, by: User) -> Attendance:
    """Notes that the applicant is at the session whose code is shown there; a repeat changes nothing.

    In another class of the program it makes up the session of the same number in their own. Raises Conflict (no
    place) and NotFound.
    """
    application = moving.locked_application(application, by)
    if application.status != Status.ACCEPTED:
        raise Conflict("Codes are for those who have a place in the course.", type="no-place")
    now = timezone.now()
    same_code = Session.objects.filter(cohort__program=application.program_id, code=code.strip().upper())
    session = next((found for found in with_times(same_code) if _is_open(times_of(found), now)), None)
    if session is None or not _counts(application, session):
        raise NotFound(
            "No session with this code is on. Codes count from half an hour before a session until two hours "
            "after it; or tell the staff in the room."
        )
    return _mark(application, session)[0]


def _is_open(times: Times, now: datetime) -> bool:
    is_time = times.starts_at - OPENS_BEFORE <= now <= times.ends_at + OPEN_AFTER
    return is_time and not times.is_cancelled


def _counts(application: Application, session: Session) -> bool:
    return Session.objects.filter(cohort=application.cohort_id, number=session.number).exists()


def _mark(application: Application, session: Session, by: User | None = None) -> tuple[Attendance, bool]:
    return Attendance.objects.get_or_create(
        application=application, number=session.number, defaults={"session": session, "by": by}
    )


@transaction.atomic
def note_attendance(
    *, cohort: Cohort, number: int, present: Collection[UUID], absent: Collection[UUID], by: User
) -> list[UUID]:
    """What a list on paper says of a session: who was there, and who is marked there but was not.

    Also those of another class who make it up here. Who is named in neither stays as they are; a repeat changes
    nothing. Returns the applications of those who were there. Raises Conflict (not begun, cancelled), Invalid (who
    has no place), NotAllowed and NotFound.
    """
    program = places.locked(cohort.program)
    check_manages(program, by)
    session = with_times(cohort.sessions.all()).filter(number=number).first()
    if session is None:
        raise NotFound()
    times = times_of(session)
    if times.is_cancelled:
        raise Conflict("This session is cancelled; it counts for nobody.", type="already-cancelled")
    if times.starts_at > timezone.now():
        raise Conflict("This session has not begun.", type="not-begun")
    if set(present) & set(absent):
        raise Invalid("Somebody is named as present and as absent.", field="absent")
    there, away = (
        _members(program, session, ids, name) for ids, name in ((present, "present"), (absent, "absent"))
    )
    for application in there:
        if _mark(application, session, by)[1]:
            audit.record("noted as present", application, by=by, fields=["attendance"])
    for application in away:
        if Attendance.objects.filter(application=application, session=session).delete()[0]:
            audit.record("noted as absent", application, by=by, fields=["attendance"])
    return list(session.attendances.values_list("application_id", flat=True))


def _members(program: Program, session: Session, ids: Collection[UUID], field: str) -> list[Application]:
    """Accepted applications whose class has a session of that number."""
    accepted = Application.objects.filter(pk__in=ids, program=program, status=Status.ACCEPTED)
    found = list(accepted.filter(cohort__sessions__number=session.number))
    if unknown := set(ids) - {application.pk for application in found}:
        some = ", ".join(sorted(map(str, unknown))[:5])
        raise Invalid(
            f"Leave out who is not accepted, has finished, or has no session {session.number}: {some}.",
            field=field,
        )
    return found


# --- how somebody stands ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Course:
    """The sessions of a class with their times, and what the program asks for."""

    sessions: Sequence[tuple[int, Times]]
    requirement: Requirement

    def standing(self, application: Application, now: datetime) -> Standing:
        held = [Held(number, times.ends_at, times.is_cancelled) for number, times in self.sessions]
        attended = {mark.number for mark in application.attendances.all()}
        return standing(held, attended, self.requirement, now)

    def hours(self, numbers: Iterable[int]) -> float:
        """What these sessions last together."""
        spans = {number: times.ends_at - times.starts_at for number, times in self.sessions}
        return sum((spans[number] for number in numbers), timedelta()) / timedelta(hours=1)


def course_of(cohort: Cohort) -> Course:
    rules = places.rules_of(cohort.program)
    absences, attended = rules.get(Rule.Kind.ABSENCES), rules.get(Rule.Kind.ATTENDANCE)
    return Course(
        [(session.number, times_of(session)) for session in with_times(cohort.sessions.all())],
        Requirement(absences.high if absences else None, attended.low if attended else None),
    )


@transaction.atomic
def standings_of(*, cohort: Cohort, by: User) -> list[tuple[Application, Standing]]:
    """Of everybody in the class, by application, audited. Raises NotAllowed."""
    check_manages(cohort.program, by)
    course, now = course_of(cohort), timezone.now()
    members = cohort.applications.filter(status__in=PLACED).order_by("created_at", "id")
    audit.record("read standings", cohort, by=by, fields=["attendances"])
    return [(one, course.standing(one, now)) for one in members.prefetch_related("attendances")]


# --- who has finished ---------------------------------------------------------------------------------


def graduate(*, cohort: Cohort, by: User) -> dict[str, int]:
    """After the last session: who has finished gets the certificate, who never came is a no-show, others stay.

    One by one, each in a transaction of its own: a certificate takes a moment to make. Who stays may still make
    sessions up; then this is done again. A repeat changes nothing. Returns how many of each there are now. Raises
    Conflict (not over, no sessions, no rule) and NotAllowed.
    """
    check_manages(cohort.program, by)
    course, now = course_of(cohort), timezone.now()
    _check_over(course, now)
    members = cohort.applications.filter(status=Status.ACCEPTED).order_by("turn", "id")
    for pk in list(members.values_list("pk", flat=True)):
        _finish(pk, cohort, course, now, by)
    counts = dict.fromkeys(map(str, PLACED), 0)
    for status in cohort.applications.filter(status__in=PLACED).values_list("status", flat=True):
        counts[status] += 1
    return counts


@transaction.atomic
def _finish(pk: UUID, cohort: Cohort, course: Course, now: datetime, by: User) -> None:
    places.locked(cohort.program)
    accepted = Application.objects.filter(pk=pk, status=Status.ACCEPTED).prefetch_related("attendances")
    application = accepted.select_related("applicant", "slot", "former_slot", "cohort", "program").first()
    if application is None:
        return
    stands = course.standing(application, now)
    if stands.is_finished:
        move = "complete"
        _certify(application, cohort, course, stands, now, by)
    elif not application.attendances.all():
        move = "no-show"
    else:
        return
    moving.make_move(application, move, by=by)
    audit.record(move, application, by=by, fields=["status"])


@transaction.atomic
def graduates_of(*, cohort: Cohort, by: User) -> list[Application]:
    """Who has finished, by name, for the ceremony; audited. Raises NotAllowed."""
    check_manages(cohort.program, by)
    audit.record("read graduates", cohort, by=by, fields=["name"])
    finished = cohort.applications.filter(status=Status.COMPLETED, certificate__isnull=False, erased_at=None)
    return sorted(finished.select_related("certificate"), key=lambda one: one.name.casefold())


def _check_over(course: Course, now: datetime) -> None:
    if not course.requirement.is_stated:
        raise Conflict(
            "No rule of the program says how many sessions may be missed; complete applications one by one.",
            type="no-rule",
        )
    held = [times for _, times in course.sessions if not times.is_cancelled]
    if not held:
        raise Conflict("This class has no sessions.", type="no-sessions")
    if any(times.ends_at + OPEN_AFTER >= now for times in held):
        raise Conflict("The last session is not over yet, or its code still counts.", type="not-over")


def _certify(
    application: Application, cohort: Cohort, course: Course, stands: Standing, now: datetime, by: User
) -> None:
    today = timezone.localdate(now)
    document = documents.certificate(
        program=cohort.program.name,
        cohort=cohort.name,
        name=application.name,
        hours=f"{len(stands.attended)} of {stands.sessions} sessions, {course.hours(stands.attended):g} hours",
        made_at=now,
        day=f"{today:%B} {today.day}, {today.year}",
    )
    kept = documents.kept(document)
    Certificate.objects.create(
        application=application,
        issued_on=today,
        by=by,
        document=kept.base64,
        document_hash=kept.sha256,
    )


def document_of(certificate: Certificate) -> bytes:
    """The PDF as it was made when it was issued."""
    return documents.opened(certificate.document)
