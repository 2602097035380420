"""An award of a month: children are named, judges score without names, ten are chosen, guardians agree."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.holdings import Ending
from backend.accounts.models import User
from backend.errors import Conflict, Invalid, NotAllowed, NotFound
from backend.events.recurrence import in_words
from backend.events.services.checks import refuse_markup
from backend.programs.judging import HONORED, JUDGES, Judged, best
from backend.programs.models import Cohort, Nomination, Program, Score
from backend.programs.models.nominations import NominationQuerySet
from backend.programs.people import OF_AGE, age_on, person_index, plain_name
from backend.programs.services.access import check_manages
from backend.programs.services.erasing import KEPT, NOMINATIONS_KEPT
from backend.roster import editions

NAMES = (
    *("nominator_name", "nominator_contact", "child_name", "born_on", "school"),
    *("guardian_name", "guardian_contact"),
)


@transaction.atomic
def nominate(
    *,
    program: Program,
    by: User | None,
    relation: str,
    nominator_name: str,
    nominator_contact: str,
    child_name: str,
    born_on: date,
    school: str,
    story: str,
    guardian_name: str = "",
    guardian_contact: str = "",
) -> Nomination:
    """Names a child for the month that takes nominations now.

    Raises NotAllowed (staff), Conflict (no month takes any) and Invalid (an adult, a birthday ahead, a child who is
    their own guardian or nominator, HTML).
    """
    if by and by.is_staff:
        raise NotAllowed("Staff judge and choose; ask a teacher, parent or neighbor to nominate the child.")
    cohort = _open_month(program, timezone.now())
    words = {
        "nominator_name": nominator_name,
        "nominator_contact": nominator_contact,
        "child_name": child_name,
        "school": school,
        "story": story,
        "guardian_name": guardian_name,
        "guardian_contact": guardian_contact,
    }
    for field, text in words.items():
        refuse_markup(text, field)
    _check_child(born_on, cohort)
    _check_is_not_child(nominator_name, child_name, "nominator_name")
    _check_is_not_child(guardian_name, child_name, "guardian_name")
    return Nomination.objects.create(
        cohort=cohort,
        nominator=by,
        relation=relation,
        born_on=born_on.isoformat(),
        person_index=person_index(child_name, born_on),
        **words,
    )


@transaction.atomic
def withdraw(*, nomination: Nomination, by: User) -> Nomination:
    """Takes one's own nomination back; a repeat changes nothing. Raises NotFound and Conflict (decided)."""
    cohort = _locked(nomination.cohort)
    found = Nomination.objects.filter(pk=nomination.pk, nominator=by).first()
    if found is None:
        raise NotFound()
    if found.status == Nomination.Status.WITHDRAWN:
        return found
    if cohort.decided_at:
        raise Conflict("The children of this month are chosen already.", type="already-decided")
    found.status = Nomination.Status.WITHDRAWN
    found.save(update_fields=["status"])
    return found


# --- judges -------------------------------------------------------------------------------------------


def for_judge(*, cohort: Cohort, by: User) -> QuerySet[Nomination]:
    """What a judge of the program reads of a month. Raises NotAllowed."""
    if not Program.objects.judged_by(by, timezone.localdate()).filter(pk=cohort.program_id).exists():
        raise NotAllowed("This is for the judges of this program; an administrator gives seats.")
    return _standing(cohort)


@transaction.atomic
def score(*, nomination: Nomination, points: int, by: User) -> Score:
    """A judge's points, or other points than before.

    Raises NotFound, and Conflict before nominations close and when the month is decided or cancelled.
    """
    cohort = _locked(nomination.cohort)
    if not _standing(cohort).judged_by(by, timezone.localdate()).filter(pk=nomination.pk).exists():
        raise NotFound()
    _check_is_judged(cohort)
    given, _ = Score.objects.update_or_create(
        nomination=nomination, judge=by, defaults={"points": points, "at": timezone.now()}
    )
    audit.record("score", nomination, by=by, fields=["points"])
    return given


# --- managers -----------------------------------------------------------------------------------------


@transaction.atomic
def read_names(*, cohort: Cohort, by: User) -> QuerySet[Nomination]:
    """The nominations of a month for those who may see whose they are; each look is audited. Raises NotAllowed."""
    check_manages(cohort.program, by)
    audit.record("read_names", cohort, by=by, fields=NAMES)
    return cohort.nominations.filter(erased_at=None)


@transaction.atomic
def record_guardian(*, nomination: Nomination, guardian_name: str, agreed: bool, by: User) -> Nomination:
    """Keeps that a guardian was asked whether the name may be shown; what they say last is what counts.

    Raises NotFound, Conflict (withdrawn) and Invalid (the guardian is the child, HTML).
    """
    editions.hold(editions.PROGRAMS)
    handled = Nomination.objects.handled_by(by, timezone.localdate()).filter(erased_at=None)
    found = handled.select_for_update(of=("self",)).filter(pk=nomination.pk).first()
    if found is None:
        raise NotFound()
    if found.status == Nomination.Status.WITHDRAWN:
        raise Conflict("This nomination was withdrawn; its name is not shown anyway.", type="withdrawn")
    refuse_markup(guardian_name, "guardian_name")
    _check_is_not_child(guardian_name, found.child_name, "guardian_name")
    found.guardian_name = guardian_name
    found.guardian_agreed_at = timezone.now() if agreed else None
    found.guardian_asked_by = by
    fields = ["guardian_name", "guardian_agreed_at", "guardian_asked_by"]
    found.save(update_fields=fields)
    editions.bump(editions.PROGRAMS)
    audit.record("guardian_agreed" if agreed else "guardian_refused", found, by=by, fields=fields)
    return found


@transaction.atomic
def choose(*, cohort: Cohort, by: User) -> list[Nomination]:
    """Ends a month with the ten best children (judging.best), best first; the others are not chosen.

    Raises NotAllowed, and Conflict before nominations close, when the month is decided or cancelled, and where
    fewer than ten children have points of two judges.
    """
    check_manages(cohort.program, by)
    cohort = _locked(cohort)
    _check_is_judged(cohort)
    standing = {one.pk: one for one in _standing(cohort).prefetch_related("scores")}
    judged = [
        Judged(one.pk, one.person_index, tuple(s.points for s in one.scores.all()))
        for one in standing.values()
    ]
    chosen = best(judged, cohort.pk)
    if len(chosen) < HONORED:
        raise Conflict(
            f"{HONORED} children are chosen, and {len(chosen)} have points of {JUDGES} judges or more; ask the "
            "judges to score the others.",
            type="too-few",
        )
    keys = [one.nomination for one in chosen]
    cohort.nominations.filter(pk__in=keys).update(status=Nomination.Status.CHOSEN)
    others = cohort.nominations.filter(status=Nomination.Status.SUBMITTED)
    others.update(status=Nomination.Status.NOT_CHOSEN)
    cohort.decided_at = timezone.now()
    cohort.save(update_fields=["decided_at"])
    editions.bump(editions.PROGRAMS)
    audit.record("choose", cohort, by=by, fields=["decided_at"])
    return [standing[key] for key in keys]


# --- the end, and a resident's own, for their account (accounts.holdings) --------------------------------


@transaction.atomic
def erase_old(now: datetime) -> int:
    """Empties nominations of months long over, those of chosen children later; returns how many.

    The statuses stay, so that a month still says how many were chosen.
    """
    today = timezone.localdate(now)
    not_chosen = ~Q(status=Nomination.Status.CHOSEN)
    old = Nomination.objects.filter(
        Q(not_chosen, cohort__ends_on__lt=today - NOMINATIONS_KEPT) | Q(cohort__ends_on__lt=today - KEPT),
        erased_at=None,
    )
    Score.objects.filter(nomination__in=old).delete()
    editions.bump(editions.PROGRAMS)
    return old.update(
        **dict.fromkeys((*NAMES, "story"), ""),
        nominator=None,
        # Tells nothing, and differs: among the chosen of a month it is unique.
        person_index=Cast("id", CharField()),
        erased_at=now,
    )


def export_of(user: User) -> list[dict[str, Any]]:
    """Each nomination that this person made, as they made it, with what became of it."""
    return [
        {
            "id": str(one.pk),
            "program": one.cohort.program.slug,
            "cohort": one.cohort.name,
            "relation": one.relation,
            "nominator_name": one.nominator_name,
            "nominator_contact": one.nominator_contact,
            "child_name": one.child_name,
            "born_on": one.born_on,
            "school": one.school,
            "story": one.story,
            "guardian_name": one.guardian_name,
            "guardian_contact": one.guardian_contact,
            "guardian_agreed_at": one.guardian_agreed_at and one.guardian_agreed_at.isoformat(),
            "status": one.status,
            "created_at": one.created_at.isoformat(),
        }
        for one in Nomination.objects.filter(nominator=user).select_related("cohort__program")
    ]


def part_from(user: User) -> list[Ending]:
    """Takes the person off their nominations, which stay; so does their name, to keep it out of what judges read."""
    if not Nomination.objects.filter(nominator=user).update(nominator=None, nominator_contact=""):
        return []
    why = (
        "the children are judged by them; your name in them is never shown, and is erased "
        f"{NOMINATIONS_KEPT.days} days after the month, for a chosen child {KEPT.days // 365} years after it"
    )
    return [Ending("children you named for an award", "kept", why)]


# --- rules --------------------------------------------------------------------------------------------


def _open_month(program: Program, now: datetime) -> Cohort:
    """The month that takes nominations, locked until the transaction ends. Raises Conflict."""
    if program.status(timezone.localdate(now)) != "running":
        raise Conflict(
            "Nobody of the department has confirmed that this award is given.", type="not-confirmed"
        )
    found = Cohort.objects.taking(now).filter(program=program).select_for_update().first()
    if found is None:
        coming = Cohort.objects.announced().filter(program=program, opens_at__gt=now, decided_at=None)
        opens_at = coming.order_by("opens_at").values_list("opens_at", flat=True).first()
        when = f"The next month opens {in_words(timezone.localtime(opens_at))}." if opens_at else ""
        raise Conflict(
            f"Nominations are closed. {when or 'The next month has no date yet; look again later.'}",
            type="not-open",
        )
    return found


def _locked(cohort: Cohort) -> Cohort:
    editions.hold(editions.PROGRAMS)  # first, as places.locked does
    return Cohort.objects.select_for_update().get(pk=cohort.pk)


def _standing(cohort: Cohort) -> NominationQuerySet:
    """What judges read: neither withdrawn nor erased."""
    standing = Nomination.objects.filter(cohort=cohort, erased_at=None)
    return standing.exclude(status=Nomination.Status.WITHDRAWN)


def _check_is_judged(cohort: Cohort) -> None:
    if cohort.cancelled_at:
        raise Conflict("This month is cancelled.", type="already-cancelled")
    if cohort.decided_at:
        raise Conflict("The children of this month are chosen already.", type="already-decided")
    if cohort.closes_at is None or cohort.closes_at > timezone.now():
        raise Conflict("Nominations are still coming in; wait until the month closes.", type="not-closed")


def _check_child(born_on: date, cohort: Cohort) -> None:
    if born_on > timezone.localdate():
        raise Invalid("The birthday lies ahead; correct it.", field="born_on")
    if age_on(born_on, cohort.starts_on) >= OF_AGE:
        raise Invalid(
            f"This is a nomination of an adult: the award is for children, up to {OF_AGE - 1} years old on "
            f"{cohort.starts_on:%B} {cohort.starts_on.day}.",
            field="born_on",
            code="adult",
        )


def _check_is_not_child(name: str, child_name: str, field: str) -> None:
    if plain_name(name) == plain_name(child_name):
        raise Invalid(
            "This is the child's own name. Name a grown-up; where both have one name, add Jr. or Sr.",
            field=field,
            code="the-child",
        )
