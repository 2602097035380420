"""Ride-alongs: seats in cars, draws for them, and what happens when an officer is called away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Conflict, Invalid, NotAllowed, NotFound
from backend.events.services.checks import public_areas, refuse_markup
from backend.programs import draw
from backend.programs.models import LIVE, Application, Cohort, Program, RideSlot, Rule
from backend.programs.services import moving, places, readiness
from backend.programs.services.access import check_manages
from backend.roster import editions
from backend.roster.models import Area, StaffMember

Status = Application.Status
HOUR = timedelta(hours=1)
LONGEST = 12 * HOUR


@dataclass(frozen=True)
class Ride:
    """One seat on offer: where, with whom, from when until when (aware); `watch` as in the officer's post."""

    area: Area
    officer: StaffMember
    watch: str
    starts_at: datetime
    ends_at: datetime


@transaction.atomic
def offer_rides(*, cohort: Cohort, rides: Sequence[Ride], by: User) -> list[RideSlot]:
    """Adds seats to a month of rides; who waits gets them in order. An officer may offer their own.

    Raises Invalid (dates, hours, another agency), Conflict (no ride-along, drawn already, the officer has one then),
    NotAllowed and NotFound.
    """
    program = places.locked(cohort.program)
    if program.kind != Program.Kind.RIDE_ALONG:
        raise Conflict("This program has no rides.", type="not-a-ride-along")
    standing = Cohort.objects.announced().filter(pk=cohort.pk).select_related("program").first()
    if standing is None:
        raise NotFound()
    cohort = standing
    manages = Program.objects.managed_by(by, timezone.localdate()).filter(pk=program.pk).exists()
    if not manages and any(ride.officer.user_id != by.pk for ride in rides):
        raise NotAllowed("You can offer seats in your own car; the program's staff offer all.")
    now = timezone.now()
    if cohort.decided_at is not None and cohort.mode == Cohort.Mode.DRAW:
        raise Conflict("The draw has been held over the seats that there were.", type="already-drawn")
    longest = places.rules_of(program).get(Rule.Kind.HOURS)
    made = [_slot(cohort, ride, longest, now) for ride in rides]
    _check_apart(made)
    RideSlot.objects.bulk_create(made)
    audit.record("offered rides", cohort, by=by, fields=["slots"])
    editions.bump(editions.PROGRAMS)
    moving.promote(program, now)
    return made


def _slot(cohort: Cohort, ride: Ride, longest: Rule | None, now: datetime) -> RideSlot:
    on = timezone.localdate(ride.starts_at)
    # Elapsed time, not the clock on the wall, which goes back an hour once a year.
    starts_at, ends_at = ride.starts_at.astimezone(UTC), ride.ends_at.astimezone(UTC)
    if not (cohort.starts_on <= on <= cohort.ends_on) or ride.starts_at <= now:
        raise Invalid(
            f"Rides of {cohort.name} are from {cohort.starts_on} to {cohort.ends_on}, and ahead.",
            field="starts_at",
        )
    length = ends_at - starts_at
    if not timedelta(0) < length <= LONGEST:
        raise Invalid(f"A ride ends after it starts, {LONGEST // HOUR} hours later at most.", field="ends_at")
    if longest and length > timedelta(hours=longest.high or 0):
        raise Invalid(longest.words, field="ends_at")
    if {ride.area.agency_id, ride.officer.agency_id} != {cohort.program.agency_id}:
        raise Invalid("The area and the officer belong to the program's agency.", field="area")
    district = public_areas("ride_along", [ride.area])[0]
    return RideSlot(
        cohort=cohort,
        area=ride.area,
        district=district,
        watch=ride.watch,
        officer=ride.officer,
        starts_at=starts_at,
        ends_at=ends_at,
        on=on,
    )


def _check_apart(made: Sequence[RideSlot]) -> None:
    """An officer drives one car at a time. The program is locked."""
    there = RideSlot.objects.on_offer().filter(officer__in={slot.officer_id for slot in made})
    by_officer: dict[UUID, list[RideSlot]] = {}
    for slot in sorted([*there, *made], key=lambda slot: slot.starts_at):
        before = by_officer.setdefault(slot.officer_id, [])
        if before and before[-1].ends_at > slot.starts_at:
            raise Conflict("The officer has a ride at that time already.", type="officer-taken")
        before.append(slot)


@transaction.atomic
def cancel_ride(*, slot: RideSlot, reason: str, by: User) -> RideSlot:
    """Takes a seat back; its rider gets the next that fits, or is first in the line. A repeat changes nothing.

    Raises Conflict once it began, and NotFound.
    """
    now = timezone.now()
    refuse_markup(reason, "reason")
    places.locked(slot.cohort.program)
    found = RideSlot.objects.select_related("cohort__program", "officer").get(pk=slot.pk)
    if not may_cancel(found, by):
        raise NotFound()
    if found.cancelled_at is not None:
        return found
    if found.starts_at <= now:
        raise Conflict("It has begun.", type="already-begun")
    found.cancelled_at = now
    found.save(update_fields=["cancelled_at"])
    audit.record("cancelled a ride", found, by=by, fields=["cancelled_at"], reason=reason)
    editions.bump(editions.PROGRAMS)
    rider = Application.objects.filter(slot=found).select_related("cohort", "applicant", "program").first()
    if rider is not None:
        _rebook_or_wait(rider, reason, by, now)
        moving.promote(rider.program, now)  # a quota that they leave is somebody else's
    return found


def may_cancel(slot: RideSlot, user: User) -> bool:
    """Whose car it is, and the program's staff; to all others the seat does not exist."""
    manages = Program.objects.managed_by(user, timezone.localdate())
    return slot.officer.user_id == user.pk or manages.filter(pk=slot.cohort.program_id).exists()


def _rebook_or_wait(rider: Application, reason: str, by: User, now: datetime) -> None:
    places.take_back(rider)
    if not places.give(rider, now):
        if rider.status == Status.ACCEPTED and readiness.missing(rider):
            moving.make_move(rider, "recheck", by=by, words=reason)  # a new ride, under the waiver of today
        else:
            moving.note_change(rider, "rebook", by=by, words=reason)
        return
    if rider.status == Status.ACCEPTED:
        rider.turn = 0
        moving.make_move(rider, "bump", by=by, words=reason)
        return
    # Still being checked: they wait for another seat, before everybody else.
    if rider.status == Status.SUBMITTED:
        moving.make_move(rider, "review")
    rider.turn = 0
    moving.make_move(rider, "waitlist", words=reason)


@transaction.atomic
def rebook(*, application: Application, by: User, on: date | None = None) -> Application:
    """Another seat in the same month for somebody who has one; theirs goes to who waits.

    Raises Conflict (no other seat, begun) and NotFound; the seat they have is kept then.
    """
    application = moving.locked_application(application, by)
    now = timezone.now()
    former = application.slot
    if application.status != Status.ACCEPTED or former is None:
        raise Conflict("There is no ride to move.", type="no-ride")
    if former.starts_at <= now:
        raise Conflict("It has begun.", type="already-begun")
    if lacks := readiness.missing(application):
        what = ", ".join(readiness.WORDS_OF_MISSING[name] for name in lacks)
        raise Conflict(f"First is needed: {what}.", type="not-ready")
    places.take_back(application)
    # Its own former seat is still taken in the database: it is not among the free ones.
    if why := places.give(application, now, on=on):
        raise Conflict(f"{why.words} You keep the ride that you have.", type="no-place")
    moving.note_change(application, "rebook", by=by)
    moving.promote(application.program, now)
    return application


# --- draws --------------------------------------------------------------------------------------------


@transaction.atomic
def hold_draw(*, cohort: Cohort, by: User | None = None) -> Cohort:
    """Draws a cohort whose deadline is over, once. Without `by` it is the worker, at the deadline.

    Raises Conflict (no draw, too early, done already), NotAllowed and NotFound.
    """
    now = timezone.now()
    program = places.locked(cohort.program)
    if by is not None:
        check_manages(program, by)
    found = Cohort.objects.announced().filter(pk=cohort.pk).first()
    if found is None:
        raise NotFound()
    if found.mode != Cohort.Mode.DRAW or found.closes_at is None:
        raise Conflict("This cohort is not drawn.", type="no-draw")
    if found.decided_at is not None:
        raise Conflict("The draw has been held.", type="already-drawn")
    if found.closes_at > now:
        raise Conflict("The draw is held after the deadline.", type="too-early")
    found.decided_at = now
    found.save(update_fields=["decided_at"])
    editions.bump(editions.PROGRAMS)
    in_it = Application.objects.filter(cohort=found, status__in=LIVE).select_related(
        "cohort", "applicant", "program"
    )
    by_id = {str(application.pk): application for application in in_it}
    moving.decide_in_order(found, [by_id[one] for one in draw.order(found.seed, by_id)], now)
    if by is not None:
        audit.record("held the draw", found, by=by, fields=["decided_at"])
    return found


def hold_due_draws(now: datetime) -> None:
    """Holds each draw whose deadline is over. Periodic, repeatable."""
    due = Cohort.objects.announced().filter(mode=Cohort.Mode.DRAW, decided_at=None, closes_at__lte=now)
    for cohort in due.select_related("program"):
        try:
            hold_draw(cohort=cohort)
        except (Conflict, NotFound):  # somebody of staff held it or called it off a moment ago
            continue


def drawn(cohort: Cohort) -> list[str]:
    """The ids of the applications that were drawn, in the order of the draw; empty before it."""
    rows = Application.objects.filter(cohort=cohort, changes__move="draw").order_by("changes__pk")
    return [str(pk) for pk in rows.values_list("pk", flat=True)]


# --- whom an officer takes along ----------------------------------------------------------------------


def rides_of(user: User, now: datetime) -> QuerySet[RideSlot]:
    """An officer's own seats on offer, to come and of the last day."""
    mine = RideSlot.objects.on_offer().filter(officer__user=user, ends_at__gt=now - timedelta(days=1))
    return mine.select_related("area", "cohort__program").prefetch_related("applications")


@transaction.atomic
def note_read_riders(applications: Sequence[Application], by: User) -> None:
    """That an officer was shown names, in the audit trail."""
    for application in applications:
        audit.record("read a rider's name", application, by=by, fields=["name"])
