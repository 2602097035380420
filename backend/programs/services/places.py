"""Places: lock the program, count, then give. Every rule that counts is held here, and nowhere else.

All of a program's places change under the lock of its row: a quota of the year reaches across its cohorts.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from backend.errors import NotFound
from backend.programs.eligibility import next_time
from backend.programs.models import Application, Cohort, Program, RideSlot, Rule, Supply
from backend.roster import editions

Kind = Rule.Kind


def locked(program: Program) -> Program:
    """The program, locked until the transaction ends, with its rules."""
    found = Program.objects.select_for_update(of=("self",)).filter(pk=program.pk).first()
    if found is None:
        raise NotFound()
    return found


def rules_of(program: Program) -> dict[str, Rule]:
    return {rule.kind: rule for rule in program.rules.all()}


def used_on(application: Application) -> list[date]:
    """The days of the places that this person has or had in the program, this application left out."""
    return days_of(_of_the_person(application))


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


def refusal(application: Application, slot: RideSlot | None, rules: dict[str, Rule]) -> str:
    """Why this place cannot be given, in words for staff; empty: it can. The program is locked."""
    cohort = application.cohort
    day = slot.on if slot else cohort.starts_on
    others = Application.objects.filter(program=cohort.program_id, has_place=True).exclude(pk=application.pk)
    if cohort.places is not None and others.filter(cohort=cohort).count() >= cohort.places:
        return f"All {cohort.places} places are taken."
    if (once := rules.get(Kind.PARTICIPATION)) and (free := next_time(once, used_on(application), day)):
        return f"{once.words} Possible again from {free}."
    for kind, span in (
        (Kind.PLACES_A_YEAR, _in(day.replace(month=1, day=1), date(day.year, 12, 31))),
        (Kind.PLACES_A_MONTH, _in(day.replace(day=1), _last_of_month(day))),
    ):
        if (rule := rules.get(kind)) and others.filter(span).count() >= (rule.high or 0):
            return f"{rule.words} That many are given."
    return _slot_refusal(application, slot, rules, others) if slot else ""


def _slot_refusal(
    application: Application, slot: RideSlot, rules: dict[str, Rule], others: QuerySet[Application]
) -> str:
    watch, once = rules.get(Kind.PLACES_A_WATCH), rules.get(Kind.OFFICER_ONCE)
    if watch and others.filter(slot__on=slot.on, slot__watch=slot.watch).count() >= (watch.high or 0):
        return f"{watch.words} That many are given."
    if once and _of_the_person(application).filter(slot__officer=slot.officer_id).exists():
        return once.words
    return ""


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


def give(application: Application, now: datetime, *, on: date | None = None) -> str:
    """Gives the application a place, of a ride-along the first slot that fits (that day); empty, or why not.

    The program is locked. `application.has_place` and `slot` are set; the caller's move stores them, for a place goes
    with a status.
    """
    if application.has_place:
        return ""
    rules = rules_of(application.program)
    if application.program.kind != Program.Kind.RIDE_ALONG:
        why = refusal(application, None, rules)
        if not why and application.supply_id:
            why = _take_stock(application.supply_id)
        if not why:
            _give(application, None)
        return why
    why = "There is no free slot that fits."
    for slot in slots_for(application, rules, now):
        if on is not None and slot.on != on:
            continue
        if not (why := refusal(application, slot, rules)):
            _give(application, slot)
            return ""
    return why


def take_back(application: Application) -> None:
    """Ends the place, if there is one; nobody else gets it yet. The program is locked."""
    if application.has_place and application.supply_id:
        Supply.objects.filter(pk=application.supply_id).update(stock=F("stock") + 1)
    if application.has_place:
        editions.bump(editions.PROGRAMS)
    application.former_slot = application.slot or application.former_slot
    application.slot, application.has_place = None, False


def _take_stock(supply_id: UUID) -> str:
    taken = Supply.objects.filter(pk=supply_id, stock__gt=0).update(stock=F("stock") - 1)
    return "" if taken else "None is left in stock."


def _give(application: Application, slot: RideSlot | None) -> None:
    application.slot, application.has_place = slot, True
    editions.bump(editions.PROGRAMS)


def lines(program: Program, today: date) -> Iterator[Cohort]:
    """Cohorts not over in which somebody waits."""
    waiting = Application.objects.filter(program=program).in_line().values("cohort_id")
    return Cohort.objects.announced().filter(pk__in=waiting, ends_on__gte=today).iterator()
