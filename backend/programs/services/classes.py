"""Courses: planned from their topics, moved, cancelled; and the sessions in people's own calendars."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import cast
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Conflict, Invalid, NotFound
from backend.events import ical, recurrence
from backend.events.models import Event, Occurrence
from backend.events.services import LANGUAGES, Place
from backend.events.services.checks import check_place, refuse_markup
from backend.events.services.derived import as_published, change_of, whole
from backend.events.services.registrations import ALPHABET, CODE_LENGTH
from backend.events.services.series import begin, cancel_event
from backend.notifications.sensitive import unless_sensitive
from backend.programs import planning
from backend.programs.models import PLACED, Application, ApplicationChange, Cohort, Program, Session
from backend.programs.services import messages, places
from backend.programs.services.access import check_manages
from backend.roster import editions
from backend.roster.models import Area

Status = Application.Status
KINDS = {
    Program.Kind.ACADEMY: Event.Kind.ACADEMY_SESSION,
    Program.Kind.CLEANUP: Event.Kind.CLEANUP,
    Program.Kind.WARM_UP: Event.Kind.SENIOR_WARM_UP,
    Program.Kind.RECRUITMENT: Event.Kind.RECRUITING,
}
FARTHEST = timedelta(days=366)  # ahead, that a course begins


@dataclass(frozen=True)
class Times:
    """When a session is. `status` is "scheduled", "moved" or "cancelled"; a cancelled one keeps its times."""

    starts_at: datetime
    ends_at: datetime
    place: Place
    status: str

    @property
    def is_cancelled(self) -> bool:
        return self.status == "cancelled"


def with_times(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """With all that `times_of` reads, in their order."""
    found = sessions.select_related("cohort__program", "event__organiser").defer("event__ics")
    return found.prefetch_related("event__occurrences__override").order_by("cohort", "number")


def times_of(session: Session) -> Times:
    """When and where a session is and whether it takes place: a public one by its event, a private one by itself."""
    if session.event is None:
        tz = timezone.get_default_timezone()
        starts_at, ends_at = cast("datetime", session.starts_at), cast("datetime", session.ends_at)
        status = "cancelled" if session.cancelled_at else "moved" if session.sequence else "scheduled"
        place = Place(session.cohort.place_name, session.cohort.place_address)
        return Times(starts_at.astimezone(tz), ends_at.astimezone(tz), place, status)
    event, day = session.event, _date_of(session.event)
    if day is None:
        series = as_published(event)
        status = "cancelled" if series.cancelled else "scheduled"
        return Times(series.starts_at, series.ends_at.astimezone(event.tz), event.place, status)
    place = (day.override and day.override.place) or event.place
    return Times(day.starts_at.astimezone(event.tz), day.ends_at.astimezone(event.tz), place, day.status)


def _date_of(event: Event) -> Occurrence | None:
    """Its date; None: it is farther ahead than dates are stored."""
    return next(iter(event.occurrences.all()), None)


def starting(since: datetime, until: datetime) -> list[tuple[Session, Times]]:
    """Sessions that take place and start after `since` and by `until`."""
    public = Q(event__occurrences__starts_at__gt=since, event__occurrences__starts_at__lte=until)
    own = Q(starts_at__gt=since, starts_at__lte=until)
    found = with_times(Session.objects.filter(public | own))
    return [(s, times) for s in found if not (times := times_of(s)).is_cancelled]


def starts_at_of(session_id: UUID) -> datetime | None:
    """When a session starts; None where it does not take place."""
    session = with_times(Session.objects.filter(pk=session_id)).first()
    if session is None or (times := times_of(session)).is_cancelled:
        return None
    return times.starts_at


# --- planning -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """A course as staff ask for it, in local time. `areas` and `place` are of public sessions.

    `topics`: in place of those that the program has; `skip`: days without a session, beside public holidays;
    `instructors` by the number of the session.
    """

    first_on: date
    start_time: time
    duration_minutes: int
    place: Place | None = None
    areas: Sequence[Area] = ()
    topics: Sequence[str] = ()
    skip: Collection[date] = ()
    instructors: Mapping[int, str] = field(default_factory=dict)


@transaction.atomic
def plan_course(*, cohort: Cohort, plan: Plan, by: User) -> list[Session]:
    """Makes a cohort's sessions from the topics of its program, a week apart, public holidays left out.

    Where the last one falls behind the cohort's last day, that becomes the last day. Raises Conflict (planned
    already, no topics), Invalid, NotAllowed and NotFound.
    """
    program = places.locked(cohort.program)
    check_manages(program, by)
    found = Cohort.objects.announced().filter(pk=cohort.pk, program=program).first()
    if found is None:
        raise NotFound()
    cohort = found
    if cohort.sessions.exists():
        raise Conflict(
            "This course is planned already; move or cancel single sessions.", type="planned-already"
        )
    for title in plan.topics:
        refuse_markup(title, "topics")
    titles = plan.topics or program.topics.order_by("number").values_list("title", flat=True)
    topics = list(enumerate(titles, start=1))
    if not topics:
        raise Conflict("The program has no topics that a course is made of; send them.", type="no-topics")
    starts = _starts(cohort, plan, len(topics))
    _check_plan(program, plan, range(1, len(topics) + 1))
    made = [
        _make_session(cohort, number, title, start, code, plan, by)
        for (number, title), start, code in zip(topics, starts, _new_codes(program, len(topics)), strict=True)
    ]
    Cohort.objects.filter(pk=cohort.pk).update(ends_on=max(cohort.ends_on, starts[-1].date()))
    audit.record("planned a course", cohort, by=by, fields=["sessions"])
    editions.bump(editions.PROGRAMS)
    return made


def _starts(cohort: Cohort, plan: Plan, count: int) -> list[datetime]:
    """The same time by the clock on the wall, also after the clocks have changed."""
    today, tz = timezone.localdate(), timezone.get_default_timezone()
    if not max(today, cohort.starts_on) <= plan.first_on <= today + FARTHEST:
        raise Invalid(
            f"The first evening lies ahead, by a year at most, and not before the class starts: "
            f"{cohort.starts_on}.",
            field="first_on",
        )
    days = planning.evenings(plan.first_on, count, plan.skip)
    starts = [datetime.combine(day, plan.start_time, tz) for day in days]
    for start in starts:
        recurrence.check_clock(start, "start_time")
    if starts[0] <= timezone.now():
        raise Invalid("The first evening has begun already.", field="first_on", code="past")
    return starts


def _check_plan(program: Program, plan: Plan, numbers: Collection[int]) -> None:
    for number, name in plan.instructors.items():
        refuse_markup(name, f"instructors/{number}")
        if number not in numbers:
            raise Invalid(f"There is no session {number}.", field=f"instructors/{number}")
    if plan.place:
        check_place(plan.place)
    if not program.has_public_sessions:
        if plan.place or plan.areas:
            raise Invalid(
                "The sessions of this program are not public: they meet where the cohort does. Leave out place "
                "and areas.",
                field="place" if plan.place else "areas",
            )
        return
    if not plan.areas:
        raise Invalid("Name at least one area.", field="areas", code="required")
    if any(area.agency_id != program.agency_id for area in plan.areas):
        raise Invalid("Name areas of the agency whose program it is.", field="areas")


def _make_session(
    cohort: Cohort, number: int, title: str, start: datetime, code: str, plan: Plan, by: User
) -> Session:
    session = Session(
        cohort=cohort,
        number=number,
        topic=title,
        instructor=plan.instructors.get(number, ""),
        code=code,
        revised_at=whole(timezone.now()),
    )
    if cohort.program.has_public_sessions:
        session.event = _announce(session, start, plan, by)
    else:
        session.starts_at = start
        session.ends_at = start.astimezone(UTC) + timedelta(minutes=plan.duration_minutes)
    session.save()
    return session


def _announce(session: Session, start: datetime, plan: Plan, by: User) -> Event:
    program, cohort = session.cohort.program, session.cohort
    place = plan.place or Place(cohort.place_name, cohort.place_address)
    event = Event(
        status=Event.Status.PUBLISHED,
        kind=kind_of(program),
        title=f"{program.name}: {session.topic}"[:120],
        program=program.slug,
        first_on=start.date(),
        start_time=plan.start_time,
        duration_minutes=plan.duration_minutes,
        place_name=place.name,
        place_address=place.address,
        lat=place.lat,
        lon=place.lon,
        access_notes=program.access_notes,
        languages=[tag for tag in program.languages if tag in LANGUAGES],
    )
    return begin(event, plan.areas, action="posted", by=by)


def kind_of(program: Program) -> Event.Kind:
    return KINDS.get(Program.Kind(program.kind), Event.Kind.PROGRAM_SESSION)


def _new_codes(program: Program, count: int) -> list[str]:
    """Others than every session of the program has: a code says which one somebody is at."""
    taken = set(Session.objects.filter(cohort__program=program).values_list("code", flat=True))
    codes: set[str] = set()
    while len(codes) < count:
        codes |= {"".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))} - taken
    return list(codes)


# --- changing private sessions ------------------------------------------------------------------------


@transaction.atomic
def move_session(*, session: Session, starts_at: datetime, by: User) -> Session:
    """Gives a private session another start (aware); it lasts as long as before, and its members are told.

    Raises Conflict (public, cancelled, over), Invalid, NotAllowed and NotFound.
    """
    session, times = _changeable(session, by)
    start = starts_at.astimezone(timezone.get_default_timezone()).replace(second=0, microsecond=0)
    recurrence.check_clock(start, "starts_at")
    if start == times.starts_at:
        raise Invalid("It is then already; give another time.", field="starts_at")
    if not timezone.now() < start <= timezone.now() + FARTHEST:
        raise Invalid(
            "A session is moved to a time ahead, by a year at most.", field="starts_at", code="past"
        )
    session.ends_at = start.astimezone(UTC) + (
        times.ends_at.astimezone(UTC) - times.starts_at.astimezone(UTC)
    )
    session.starts_at = start
    Cohort.objects.filter(pk=session.cohort_id, ends_on__lt=start.date()).update(ends_on=start.date())
    return _keep(session, "moved", "starts_at", by)


@transaction.atomic
def cancel_session(*, session: Session, by: User) -> Session:
    """Cancels a private session; it counts for nobody, and its members are told. Raises as `move_session`."""
    session, _ = _changeable(session, by)
    session.cancelled_at = timezone.now()
    return _keep(session, "cancelled", "cancelled_at", by)


def _changeable(session: Session, by: User) -> tuple[Session, Times]:
    check_manages(places.locked(session.cohort.program), by)
    session = with_times(Session.objects.all()).get(pk=session.pk)
    if session.event_id:
        raise Conflict(
            f"This session is an event of the public calendar; change it there: /api/v1/events/{session.event_id}.",
            type="is-event",
        )
    times = times_of(session)
    if times.is_cancelled:
        raise Conflict("This session is cancelled already.", type="already-cancelled")
    if times.ends_at <= timezone.now():
        raise Conflict("This session is over.", type="already-over")
    return session, times


def _keep(session: Session, action: str, changed: str, by: User) -> Session:
    session.sequence += 1
    session.revised_at = max(whole(timezone.now()), session.revised_at + timedelta(seconds=1))
    session.save()
    audit.record(f"{action} a session", session, by=by, fields=[changed])
    members = session.cohort.applications.filter(status=Status.ACCEPTED).select_related("applicant")
    for member in members:
        messages.tell(
            member.applicant, f"application:{member.pk}", f"session:{session.pk}:{session.sequence}"
        )
    return session


# --- in people's own calendars ------------------------------------------------------------------------


def entries_of(user: User, off_since: datetime) -> list[tuple[datetime, bytes]]:
    """(when it last changed, VEVENT) of each session of the courses in which the person has or had a place.

    What is off is left out where it would have ended before `off_since`.
    """
    once = ApplicationChange.objects.filter(status=Status.ACCEPTED).values("application_id")
    mine = Application.objects.visible_to(user).filter(Q(status__in=PLACED) | Q(pk__in=once))
    by_cohort: dict[UUID, list[Application]] = {}
    for application in mine:
        by_cohort.setdefault(application.cohort_id, []).append(application)
    shown = []
    for session in with_times(Session.objects.filter(cohort__in=by_cohort)):
        times = times_of(session)
        for application in by_cohort[session.cohort_id]:
            # What was over when they gave the place back did take place.
            is_off = application.status not in PLACED and times.ends_at > application.revised_at
            if times.ends_at > off_since or not (is_off or times.is_cancelled):
                shown.append(_entry(session, times, application, is_off))
    return shown


def _entry(session: Session, times: Times, application: Application, is_off: bool) -> tuple[datetime, bytes]:
    """Without the code, which is for those in the room. Its number is the sum of all that change it: it never falls."""
    event, program = session.event, session.cohort.program
    day = _date_of(event) if event else None
    kind = kind_of(program).label
    title = unless_sensitive(session.topic, kind.capitalize())
    if event is None:
        series = ical.Series(
            uid="",
            sequence=0,
            revised_at=session.revised_at,
            title=title,
            category=kind,
            starts_at=times.starts_at,
            ends_at=times.ends_at,
            time_zone=settings.TIME_ZONE,
            place=times.place,
            url=f"{settings.PUBLIC_URL}/api/v1/programs/{program.slug}",
            access_notes=program.access_notes,
            cancelled=times.is_cancelled,
        )
    else:
        series = replace(
            as_published(event),
            title=title,
            rrule="",
            starts_at=times.starts_at,
            ends_at=times.ends_at,
            cancelled=event.status == Event.Status.CANCELLED and times.is_cancelled,
        )
    with_whom = f"With {session.instructor}." if session.instructor else ""
    booking = ical.Booking(
        uid=f"{session.pk}-{application.pk}@{settings.PUBLIC_HOST}",
        sequence=session.sequence + (event.sequence if event else 0) + application.sequence,
        revised_at=max(session.revised_at, application.revised_at, series.revised_at),
        state="CANCELLED" if is_off else "CONFIRMED",
        note="This place is no longer yours." if is_off else with_whom,
    )
    change = change_of(day.override) if day and day.override else None
    return booking.revised_at, ical.booked(series, change, booking)


def call_off(cohort: Cohort, reason: str, by: User) -> None:
    """Cancels all sessions to come of an intake that is called off; followers of public ones are told."""
    now = timezone.now()
    # All of them first and in one order, as each cancelled series marks the calendar until the transaction ends.
    events = Event.objects.filter(program_session__cohort=cohort).order_by("pk")
    list(events.select_for_update(of=("self",)).values_list("pk"))
    for session in with_times(Session.objects.filter(cohort=cohort)):
        if times_of(session).is_cancelled or times_of(session).starts_at <= now:
            continue
        if session.event is not None:
            cancel_event(event=session.event, by=by, reason=reason)
            continue
        Session.objects.filter(pk=session.pk).update(
            cancelled_at=now, sequence=F("sequence") + 1, revised_at=whole(now)
        )
