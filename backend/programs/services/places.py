"""Places: lock the program, count, then give. Every rule that counts is held here, and nowhere else.

All of a program's places change under the lock of its row: a quota of the year reaches across its cohorts.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from backend.errors import NotFound
from backend.programs.eligibility import next_time
from backend.programs.models import Application, Cohort, Program, RideSlot, Rule, Supply
from backend.roster import editions

Kind = Rule.Kind


def locked(program: Program) -> Program:
    """The program, locked until the transaction ends.

    The edition that every change of a place marks is locked first, whatever the program: else a transaction that goes
    on to a second program or to events would wait for one that waits for it.
    """
    editions.hold(editions.PROGRAMS)
    found = Program.objects.select_for_update(of=("self",)).filter(pk=program.pk).first()
    if found is None:
        raise NotFound()
    return found


def rules_of(program: Program) -> dict[str, Rule]:
    return {rule.kind: rule for rule in program.rules.all()}


def used_on(application: Application) -> list[date]:
    """The days of the places that this person has or had in the program, this application left out."""
    return days_of(_of_the_person(application))


def own_days(application: Application) -> list[date]:
    """The same of the applicant's own account alone."""
    return days_of(_of_the_person(application).filter(applicant=application.applicant_id))


def days_of(applications: QuerySet[Application]) -> list[date]:
    """The days of those that have a place: of the ride, or the first of the cohort."""
    rows = applications.filter(has_place=True).values_list("slot__on", "cohort__starts_on")
    return [ride or first for ride, first in rows]


def _of_the_person(application: Application) -> QuerySet[Application]:
    """Other applications with a place: of the same name and birthday or, for oneself, of the same account."""
    same = Q(person_index=application.person_index)
    if application.is_for_self and application.applicant_id:
        same |= Q(applicant=application.applicant_id, is_for_self=True)
    return Application.objects.filter(same, program=application.program_id, has_place=True).exclude(
        pk=application.pk
    )


# --- is there room? -----------------------------------------------------------------------------------


Month = tuple[int, int]


class Refusal(NamedTuple):
    """Why a place cannot be given, in words for staff; `is_own`: for this person, not for who comes next."""

    words: str
    is_own: bool = False


NONE_LEFT = Refusal("None is left in stock.", is_own=True)


def _others(application: Application) -> QuerySet[Application]:
    """The program's other applications with a place."""
    held = Application.objects.filter(program=application.program_id, has_place=True)
    return held.exclude(pk=application.pk)


def _cohort_refusal(application: Application) -> Refusal | None:
    """Why no place of the intake can be given; None: one can."""
    most = application.cohort.places
    if most is not None and _others(application).filter(cohort=application.cohort_id).count() >= most:
        return Refusal(f"All {most} places are taken.")
    return None


def _span_refusal(application: Application, day: date, rules: dict[str, Rule]) -> Refusal | None:
    """Why no place of that month can be given; None: one can."""
    if (once := rules.get(Kind.PARTICIPATION)) and (free := next_time(once, used_on(application), day)):
        return Refusal(f"{once.words} Possible again from {free}.", is_own=True)
    for kind, span in (
        (Kind.PLACES_A_YEAR, _in(day.replace(month=1, day=1), date(day.year, 12, 31))),
        (Kind.PLACES_A_MONTH, _in(day.replace(day=1), _last_of_month(day))),
    ):
        rule = rules.get(kind)
        if rule and _others(application).filter(span).count() >= (rule.high or 0):
            return Refusal(f"{rule.words} That many are given.")
    return None


def _slot_refusal(application: Application, slot: RideSlot, rules: dict[str, Rule]) -> Refusal | None:
    """Why this very slot cannot be given; None: it can."""
    watch, once = rules.get(Kind.PLACES_A_WATCH), rules.get(Kind.OFFICER_ONCE)
    same_watch = _others(application).filter(slot__on=slot.on, slot__watch=slot.watch)
    if watch and same_watch.count() >= (watch.high or 0):
        return Refusal(f"{watch.words} That many are given.")
    if once and _of_the_person(application).filter(slot__officer=slot.officer_id).exists():
        return Refusal(once.words, is_own=True)
    return None


def _in(first: date, last: date) -> Q:
    return Q(slot__isnull=False, slot__on__range=(first, last)) | Q(
        slot=None, cohort__starts_on__range=(first, last)
    )


def _last_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def slots_for(application: Application, rules: dict[str, Rule], now: datetime) -> Iterator[RideSlot]:
    """Free slots that fit the wish and the lead time, the earliest first."""
    lead = rules[Kind.LEAD_DAYS].low or 0 if Kind.LEAD_DAYS in rules else 0
    first = timezone.localdate(now) + timedelta(days=lead)
    slots = RideSlot.objects.free().filter(cohort=application.cohort_id, starts_at__gt=now, on__gte=first)
    if application.wished_district_id:
        slots = slots.filter(district=application.wished_district_id)
    return slots.select_related("officer").iterator()


# --- giving and taking back ---------------------------------------------------------------------------


def give(
    application: Application, now: datetime, *, on: date | None = None, closed: set[Month] | None = None
) -> Refusal | None:
    """Gives the application a place, of a ride-along the first slot that fits (that day); None, or why not.

    The program is locked. `application.has_place` and `slot` are set; the caller's move stores them, for a place goes
    with a status. `closed`: months that a quota closes for everybody, known and noted.
    """
    if application.has_place:
        return None
    slot, why = _find(application, now, on, set() if closed is None else closed)
    if why is None and application.supply_id:
        taken = Supply.objects.filter(pk=application.supply_id, stock__gt=0).update(stock=F("stock") - 1)
        why = None if taken else NONE_LEFT
    if why is None:
        application.slot, application.has_place, application.placed_at = slot, True, now
        editions.bump(editions.PROGRAMS)
    return why


def fits(application: Application, now: datetime) -> bool:
    """Whether there is a place that `give` would give."""
    if application.supply_id and not Supply.objects.filter(pk=application.supply_id, stock__gt=0).exists():
        return False
    return _find(application, now, None, set())[1] is None


def free_months(cohort: Cohort, now: datetime) -> set[Month]:
    """The months of a ride-along's free slots to come."""
    days = RideSlot.objects.free().filter(cohort=cohort, starts_at__gt=now).values_list("on", flat=True)
    return {(day.year, day.month) for day in days}


def _find(
    application: Application, now: datetime, on: date | None, closed: set[Month]
) -> tuple[RideSlot | None, Refusal | None]:
    """The slot of a ride-along; and why there is no place, None where there is one."""
    rules = rules_of(application.program)
    if found := _cohort_refusal(application):
        return None, found
    if application.program.kind != Program.Kind.RIDE_ALONG:
        return None, _span_refusal(application, application.cohort.starts_on, rules)
    why = Refusal("There is no free slot that fits.", is_own=True)
    used: set[Month] = set()  # months in which this person may not
    for slot in slots_for(application, rules, now):
        month = (slot.on.year, slot.on.month)
        if month in closed | used or (on is not None and slot.on != on):
            continue
        if found := _span_refusal(application, slot.on, rules):
            if not found.is_own:
                closed.add(month)
            elif not rules[Kind.PARTICIPATION].low:  # so many days apart: another day of the month may do
                used.add(month)
            why = found._replace(is_own=True)  # another district may have rides in another month
        elif found := _slot_refusal(application, slot, rules):
            why = found._replace(is_own=True)  # another officer, another watch
        else:
            return slot, None
    return None, why


def take_back(application: Application) -> None:
    """Ends the place, if there is one; nobody else gets it yet. The program is locked."""
    if application.has_place and application.supply_id:
        Supply.objects.filter(pk=application.supply_id).update(stock=F("stock") + 1)
    if application.has_place:
        editions.bump(editions.PROGRAMS)
    application.former_slot = application.slot or application.former_slot
    application.slot, application.has_place, application.placed_at = None, False, None


def with_a_line(program: Program, today: date) -> Iterator[Cohort]:
    """Cohorts that go on after today, courses that have not begun, in which somebody waits. The program is locked."""
    waiting = Application.objects.filter(program=program).in_line().values("cohort_id")
    cohorts = Cohort.objects.announced().filter(pk__in=waiting, ends_on__gt=today)
    if program.topics.exists():  # nobody joins a course halfway
        cohorts = cohorts.filter(starts_on__gt=today)
    return cohorts.iterator()
