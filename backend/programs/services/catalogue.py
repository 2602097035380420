"""What a program's staff keep: that it runs, its forms, its intakes, its stock, and who has a seat."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.encryption import blind_index
from backend.errors import Conflict, Invalid, NotAllowed, NotFound
from backend.events.services.checks import refuse_markup
from backend.notifications import services as notifications
from backend.notifications import words
from backend.notifications.languages import in_each
from backend.programs import draw, forms
from backend.programs.models import LIVE, Application, Cohort, Form, Program, RideSlot, Rule, Seat, Supply
from backend.programs.models.catalogue import SeatQuerySet
from backend.programs.services import classes, moving, places
from backend.programs.services.access import check_manages
from backend.roster import editions
from backend.roster.models import Area, StaffMember

OPENED = "program_opened"
OPENED_OF_USE = timedelta(days=7)
FARTHEST = timedelta(days=5 * 365)
OLDEST = 120  # years


@transaction.atomic
def revise_program(
    *, program: Program, by: User, confirm: bool = False, ended_on: date | None = None, **facts: Any
) -> Program:
    """Changes the words of a program; `confirm` says that it runs so today, `ended_on` that it does not any more.

    `facts`: summary, who, cost, season, contact, bring, access_notes, languages. Raises Invalid and NotAllowed.
    """
    program = places.locked(program)
    check_manages(program, by)
    for name, value in facts.items():
        if isinstance(value, str):
            refuse_markup(value, name)
        setattr(program, name, value)
    if confirm:
        program.verified_on, program.verified_by, program.ended_on = timezone.localdate(), by, None
    if ended_on is not None:
        program.ended_on = ended_on
    program.save()
    changed = [*facts, *(["verified_on"] if confirm else []), *(["ended_on"] if ended_on else [])]
    audit.record("revised a program", program, by=by, fields=changed)
    editions.bump(editions.PROGRAMS)
    return program


@transaction.atomic
def confirm_rule(*, rule: Rule, by: User, words: str, low: int | None, high: int | None) -> Rule:
    """The agency says that a rule is so: with these figures, in these words. Raises Invalid and NotAllowed."""
    program = places.locked(rule.program)
    check_manages(program, by)
    refuse_markup(words, "words")
    if low is not None and high is not None and low > high and rule.kind != Rule.Kind.PARTICIPATION:
        raise Invalid("The lower figure is above the higher one.", field="low")
    if rule.kind in (Rule.Kind.AGE, Rule.Kind.GUARDIAN) and max(low or 0, high or 0) > OLDEST:
        raise Invalid(f"Ages are from 0 to {OLDEST} years.", field="high")
    rule.words, rule.low, rule.high, rule.confirmed_on = words, low, high, timezone.localdate()
    rule.save()
    audit.record("confirmed a rule", rule, by=by, fields=["words", "low", "high"])
    editions.bump(editions.PROGRAMS)
    moving.promote(program, timezone.now())  # a higher quota is for who waits
    return rule


@transaction.atomic
def publish_form(
    *, program: Program, schema: dict[str, Any], accept_former_until: datetime | None, by: User
) -> Form:
    """A new version of the questions; the former is accepted until then, or, with None, as long as it fits.

    Raises Invalid and NotAllowed.
    """
    program = places.locked(program)
    check_manages(program, by)
    forms.check_schema(schema)
    former = program.forms.order_by("number").last()
    if former is not None:
        former.accepted_until = accept_former_until
        former.save(update_fields=["accepted_until"])
    number = former.number + 1 if former else 1
    form = Form.objects.create(program=program, number=number, schema=schema)
    audit.record("published a form", form, by=by, fields=["schema"])
    editions.bump(editions.PROGRAMS)
    return form


# --- intakes ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Intake:
    """A cohort as staff state it before anybody applies. Times are aware."""

    name: str
    mode: str
    starts_on: date
    ends_on: date
    opens_at: datetime
    closes_at: datetime | None = None
    places: int | None = None
    area: Area | None = None
    officer: StaffMember | None = None
    place_name: str = ""
    place_address: str = ""


@transaction.atomic
def open_cohort(*, program: Program, intake: Intake, by: User) -> Cohort:
    """Announces an intake; of a draw the hash of its seed is public from now on, and only the hash.

    Who follows the program is told once it is open. Raises Conflict (not confirmed), Invalid and NotAllowed.
    """
    program = places.locked(program)
    check_manages(program, by)
    now = timezone.now()
    if program.status(timezone.localdate(now)) != "running":
        raise Conflict("Confirm first that the program runs.", type="not-confirmed")
    _check_intake(program, intake, now)
    seed = draw.new_seed() if intake.mode == Cohort.Mode.DRAW else ""
    cohort = Cohort.objects.create(
        program=program,
        seed=seed,
        seed_hash=draw.seed_hash(seed) if seed else "",
        **{name: getattr(intake, name) for name in Intake.__dataclass_fields__},
    )
    audit.record("opened a cohort", cohort, by=by, fields=["mode", "places"])
    editions.bump(editions.PROGRAMS)
    if cohort.opens_at <= now:
        _announce(cohort)
    return cohort


def announce_openings(now: datetime) -> None:
    """Tells followers of intakes that opened within the last day. Periodic, repeatable: each is told once."""
    opened = Cohort.objects.taking(now).filter(opens_at__gt=now - timedelta(days=1))
    for cohort in opened.select_related("program"):
        with transaction.atomic():
            _announce(cohort)


def _announce(cohort: Cohort) -> None:
    notifications.queue_notice(
        kind=OPENED,
        key=f"{OPENED}:{cohort.pk}",
        topics=[f"program:{cohort.program.slug}"],
        subject_id=str(cohort.pk),
        body=in_each(words.discreet),
        expires_at=cohort.closes_at or cohort.opens_at + OPENED_OF_USE,
    )


def _check_intake(program: Program, intake: Intake, now: datetime) -> None:
    for name in ("name", "place_name", "place_address"):
        refuse_markup(getattr(intake, name), name)
    if intake.ends_on < intake.starts_on:
        raise Invalid("It ends before it starts.", field="ends_on")
    farthest = now + FARTHEST
    if max(intake.starts_on, intake.ends_on) > timezone.localdate(farthest) or intake.opens_at > farthest:
        raise Invalid(f"An intake lies at most {FARTHEST.days // 365} years ahead.", field="ends_on")
    if intake.starts_on < timezone.localdate(now - FARTHEST):
        raise Invalid("It began too long ago.", field="starts_on")
    if intake.ends_on < timezone.localdate(now):
        raise Invalid("It is over already.", field="ends_on")
    if intake.closes_at is not None and intake.closes_at <= max(intake.opens_at, now):
        raise Invalid("The deadline lies after the opening, and ahead.", field="closes_at")
    if program.kind == Program.Kind.AWARD and intake.closes_at is None:
        raise Invalid("Nominations have a deadline: after it they are judged.", field="closes_at")
    if intake.mode == Cohort.Mode.DRAW and (intake.closes_at is None or intake.opens_at < now):
        raise Invalid(
            "A draw has a deadline, and is announced before it opens: its seed is committed to first.",
            field="opens_at",
        )
    if intake.area is not None and intake.area.agency_id != program.agency_id:
        raise Invalid("The area is another agency's.", field="area")
    if intake.officer is not None and intake.officer.agency_id != program.agency_id:
        raise Invalid("The officer is another agency's.", field="officer")


@transaction.atomic
def change_places(*, cohort: Cohort, places_now: int | None, by: User) -> Cohort:
    """More or fewer places; who waits gets new ones in order, and nobody loses one that is given.

    Raises Conflict (more are given) and NotAllowed.
    """
    program = places.locked(cohort.program)
    check_manages(program, by)
    given = Application.objects.filter(cohort=cohort, has_place=True).count()
    if places_now is not None and places_now < given:
        raise Conflict(f"{given} places are given already.", type="places-given")
    Cohort.objects.filter(pk=cohort.pk).update(places=places_now)
    audit.record("changed places", cohort, by=by, fields=["places"])
    editions.bump(editions.PROGRAMS)
    moving.promote(program, timezone.now())
    cohort.refresh_from_db()
    return cohort


@transaction.atomic
def cancel_cohort(*, cohort: Cohort, reason: str, by: User) -> Cohort:
    """Calls an intake off; everybody in it is told. Raises Conflict (done already), NotAllowed and NotFound."""
    program = places.locked(cohort.program)
    check_manages(program, by)
    refuse_markup(reason, "reason")
    now = timezone.now()
    if not Cohort.objects.announced().filter(pk=cohort.pk).update(cancelled_at=now):
        raise Conflict("It is called off already.", type="already-cancelled")
    live = Application.objects.filter(cohort=cohort, status__in=LIVE)
    for application in live.select_related("cohort", "applicant", "program"):
        places.take_back(application)
        moving.make_move(application, "call-off", by=by, code="called_off", words=reason)
    RideSlot.objects.on_offer().filter(cohort=cohort).update(cancelled_at=now)
    classes.call_off(cohort, reason, by)
    moving.promote(program, now)  # quotas and stock reach across intakes
    audit.record("cancelled a cohort", cohort, by=by, fields=["cancelled_at"], reason=reason)
    editions.bump(editions.PROGRAMS)
    cohort.refresh_from_db()
    return cohort


@transaction.atomic
def set_stock(*, supply: Supply, stock: int, by: User) -> Supply:
    """How many are left to promise; who waits gets them in order. Raises NotAllowed."""
    program = places.locked(supply.program)
    check_manages(program, by)
    Supply.objects.filter(pk=supply.pk).update(stock=stock)
    audit.record("set the stock", supply, by=by, fields=["stock"])
    editions.bump(editions.PROGRAMS)
    moving.promote(program, timezone.now())
    supply.refresh_from_db()
    return supply


def opened_still(cohort_id: str, now: datetime) -> bool:
    """The re-check of the news that an intake opens."""
    return Cohort.objects.announced().filter(pk=cohort_id).exists()


# --- seats --------------------------------------------------------------------------------------------


@transaction.atomic
def set_seat(*, program: Program, email: str, role: str, since: date, until: date | None, by: User) -> Seat:
    """Makes somebody of staff a manager or judge of a program until a day, or changes until when they are.

    With a day that is over, whatever they hold in that role ends.

    Raises Conflict (manager and judge at once), Invalid, NotAllowed (administrators alone) and NotFound.
    """
    if not by.is_administrator:
        raise NotAllowed("Seats are given by administrators.")
    program = places.locked(program)
    user = User.objects.filter(
        email_index=blind_index("email", email.strip().casefold()), kind=User.Kind.STAFF, is_active=True
    ).first()
    if user is None:
        raise NotFound("No staff account has this address; invite the person first.")
    today = timezone.localdate()
    held = Seat.objects.in_force(today).filter(program=program, user=user, role=role)
    if until is not None and until < today:
        return _end_seat(held, until, by)
    if until is not None and until < since:
        raise Invalid("It ends before it begins.", field="until")
    # Who judges does not know the names, which managers and administrators read.
    other = Seat.Role.MANAGER if role == Seat.Role.JUDGE else Seat.Role.JUDGE
    overlapping = Seat.objects.filter(
        Q(until=None) | Q(until__gte=since), program=program, user=user, role=other
    )
    if until is not None:
        overlapping = overlapping.filter(since__lte=until)
    if overlapping.exists() or (role == Seat.Role.JUDGE and user.is_administrator):
        raise Conflict("Nobody judges nominations whose names they read.", type="reads-names")
    seat, _ = Seat.objects.update_or_create(
        program=program, user=user, role=role, since=since, defaults={"until": until}
    )
    audit.record("set a seat", seat, by=by, fields=["role", "until"])
    return seat


def seats_of(program: Program, by: User) -> SeatQuerySet:
    """Who holds or held a seat, the latest first. Raises NotAllowed (administrators alone)."""
    if not by.is_administrator:
        raise NotAllowed("Seats are given by administrators.")
    return Seat.objects.filter(program=program).select_related("user").order_by("-since", "pk")


def _end_seat(held: SeatQuerySet, until: date, by: User) -> Seat:
    """Ends what somebody holds, whenever it began. Raises NotFound where that is nothing."""
    seat = held.order_by("since").last()
    if seat is None:
        raise NotFound("They hold no such seat today.")
    for one in held:
        Seat.objects.filter(pk=one.pk).update(until=max(until, one.since))
        audit.record("ended a seat", one, by=by, fields=["until"])
    seat.refresh_from_db()
    return seat
