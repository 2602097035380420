"""Asking for a place: who may, with what answers, and the place or the turn in the line that comes of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import Conflict, Invalid, Unprocessable
from backend.events.services.checks import refuse_markup
from backend.programs import eligibility, forms
from backend.programs.models import (
    Application,
    Cohort,
    Form,
    Program,
    Supply,
)
from backend.programs.people import OF_AGE, age_on, person_index, plain_name
from backend.programs.services import messages, moving, places
from backend.roster.index import find_address, geography
from backend.roster.models import Area

Status = Application.Status
LARGEST_FAMILY = 6
# Also where somebody else's application is in the way: it tells nothing of that.
ASK_STAFF = "This cannot be taken here; see your applications, or ask the program's staff."


@dataclass(frozen=True)
class Guardian:
    name: str
    contact: str


@dataclass(frozen=True)
class Asked:
    """What somebody asks for. `person` is who takes part, as they say; `is_for_self` False: their guardian asks."""

    cohort: Cohort
    name: str
    person: eligibility.Person
    is_for_self: bool = True
    guardian: Guardian | None = None
    form_version: int | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    district: Area | None = None
    supply: Supply | None = None


def person_who(program: Program, said: Mapping[str, Any], *, of: User | None) -> eligibility.Person:
    """Who asks, by what they say. An address tells whether it is where the program's agency serves; it is not kept.

    `of`: whose former places count. Raises NotFound and Unprocessable for an address that is not understood.
    """
    lives_in_city = said.get("lives_in_city")
    if "address" in said:
        today = timezone.localdate()
        match = find_address(said["address"], today)
        served = geography().serving(match.lat, match.lon, today)
        lives_in_city = bool(served and served.chain and served.chain[0].agency_id == program.agency_id)
    took_part_on = places.days_of(Application.objects.filter(program=program, applicant=of)) if of else ()
    return eligibility.Person(
        said.get("born_on"),
        lives_in_city,
        said.get("owns_business"),
        said.get("is_enrolled"),
        said.get("has_guardian"),
        took_part_on,
    )


# --- asking -------------------------------------------------------------------------------------------


@transaction.atomic
def apply(*, asked: Asked, by: User) -> Application:
    """Stores an application and, in a cohort by order of coming, gives it a place or a turn in the line at once.

    Raises Conflict (not running, not open, applied already), Invalid (guardian, form, words) and Unprocessable
    (`not-eligible`, with `findings`).
    """
    now = timezone.now()
    program = places.locked(asked.cohort.program)
    cohort = Cohort.objects.select_related("program").get(pk=asked.cohort.pk)
    _check_open(program, cohort, now)
    _check_words(asked)
    _check_many(cohort, asked, by)
    guardian = _check_guardian(program, asked, by)
    _check_choice(program, asked)
    form, answers, closed = _check_form(program, asked)
    born_on = asked.person.born_on
    application = Application(
        program=program,
        cohort=cohort,
        applicant=by,
        is_for_self=asked.is_for_self,
        name=asked.name,
        born_on=str(born_on or ""),
        guardian_name=guardian.name if guardian else "",
        guardian_contact=guardian.contact if guardian else "",
        person_index=person_index(asked.name, born_on),
        form=form,
        answers=json.dumps({"answers": answers, "declared": _declared(asked.person)}),
        closed_answers=json.dumps(closed) if closed else "",
        wished_district=asked.district,
        supply=asked.supply,
        turn=(cohort.applications.aggregate(last=Max("turn"))["last"] or 0) + 1,
    )
    _check_eligible(program, cohort, asked.person, application, now)
    _check_undecided(application)
    try:
        with transaction.atomic():
            application.save()
    except IntegrityError:
        raise Conflict(ASK_STAFF, type="applied-already") from None
    moving.note(application, "submit", by=by)
    messages.ask_to_text(by, "program")
    if cohort.mode == Cohort.Mode.FIRST_COME:
        _first_come(application, now)
    return application


def _check_open(program: Program, cohort: Cohort, now: datetime) -> None:
    if program.applicants == Program.Applicants.NOBODY:
        raise Conflict("Nobody applies for this; others choose who takes part.", type="no-applications")
    if program.status(timezone.localdate(now)) != "running":
        raise Conflict(
            "Nobody of the department has confirmed that this runs. Follow the program to hear when it does.",
            type="not-confirmed",
        )
    if not Cohort.objects.taking(now).filter(pk=cohort.pk).exists():
        when = timezone.localtime(cohort.opens_at)
        ahead = f"It opens on {when:%A, %B} {when.day}." if cohort.opens_at > now else "It is closed."
        raise Conflict(f"{ahead} Follow the program to hear of the next one.", type="not-open")


def _check_words(asked: Asked) -> None:
    refuse_markup(asked.name, "participant/name")
    if asked.guardian:
        refuse_markup(asked.guardian.name, "guardian/name")
        refuse_markup(asked.guardian.contact, "guardian/contact")
    moving.check_answers(asked.answers)


def _check_many(cohort: Cohort, asked: Asked, by: User) -> None:
    """One account asks for itself once, and for as many others as a family has; those are children.

    Who takes part may be invented; so the account is counted, whatever the names.
    """
    live = Application.objects.filter(cohort=cohort, applicant=by).live()
    if asked.is_for_self:
        if live.filter(is_for_self=True).exists():
            raise Conflict("You have applied here already; see your applications.", type="applied-already")
        return
    born_on = asked.person.born_on
    if born_on is None or age_on(born_on, cohort.starts_on) >= OF_AGE:
        raise Invalid(
            "One applies for somebody else only as the guardian of a child: give the child's date of birth. An "
            "adult applies from an account of their own.",
            field="participant/born_on",
        )
    if live.count() >= LARGEST_FAMILY:
        raise Conflict(
            f"One account applies for at most {LARGEST_FAMILY}; ask the program's staff.", type="too-many"
        )


def _check_undecided(application: Application) -> None:
    """Whom staff have declined in an intake does not come back by applying anew."""
    same = Q(person_index=application.person_index)
    if application.is_for_self:
        same |= Q(applicant=application.applicant_id, is_for_self=True)
    declined = Application.objects.filter(same, cohort=application.cohort, status=moving.Status.DECLINED)
    if declined.exists():
        raise Conflict(ASK_STAFF, type="declined-already")


def _check_guardian(program: Program, asked: Asked, by: User) -> Guardian | None:
    """The guardian of a minor: another person than the minor, reached another way than the minor's own account."""
    starts_on = asked.cohort.starts_on
    if not eligibility.needs_guardian(program.rules.all(), asked.person.born_on, starts_on):
        return None
    guardian = asked.guardian
    if guardian is None:
        raise Invalid(
            "A parent or guardian must agree: give their name and how to reach them.",
            field="guardian",
            code="required",
        )
    if plain_name(guardian.name) == plain_name(asked.name):
        raise Invalid("The guardian is another person than who takes part.", field="guardian/name")
    if asked.is_for_self and _reaches(guardian.contact, by):
        raise Invalid(
            "Give the guardian's own number or address, not that of this account. A guardian who applies from "
            "their own account sends is_for_self: false.",
            field="guardian/contact",
        )
    return guardian


def _reaches(contact: str, user: User) -> bool:
    """Whether a number or address is the account's own, however it is written."""
    digits = "".join(filter(str.isdigit, contact))
    own_digits = "".join(filter(str.isdigit, user.phone))
    same_number = len(digits) >= 10 and own_digits.endswith(digits[-10:])
    return same_number or (bool(user.email) and contact.strip().casefold() == user.email.casefold())


def _check_choice(program: Program, asked: Asked) -> None:
    if asked.district is not None:
        slots = asked.cohort.slots.on_offer()
        if not slots.filter(district=asked.district).exists():
            raise Invalid("There are no rides in this district then; leave it out for any.", field="district")
    if program.kind == Program.Kind.SUPPLIES and asked.supply is None:
        raise Invalid("Say which item; the program lists them.", field="supply", code="required")


def _check_form(program: Program, asked: Asked) -> tuple[Form | None, dict[str, Any], dict[str, Any]]:
    """The version that the answers are kept with, and the answers, open and closed.

    A version that is no longer accepted is as good as the current one where its answers fit that; else the answer
    says exactly what is missing. Raises Invalid.
    """
    now = timezone.now()
    current = program.forms.order_by("number").last()
    if current is None:
        if asked.answers:
            raise Invalid("This program asks no questions; leave answers out.", field="answers")
        return None, {}, {}
    version = current.number if asked.form_version is None else asked.form_version
    form = program.forms.filter(number=version).first()
    if form is None:
        raise Invalid(
            f"There is no version {version}; the current one is {current.number}.", field="form_version"
        )
    is_expired = form.accepted_until is not None and form.accepted_until <= now
    if is_expired:
        form = current
    if errors := forms.errors_in(form.schema, asked.answers):
        detail = "Some answers are missing or cannot be accepted."
        if is_expired:
            detail = f"Version {version} is no longer accepted; the current one is {current.number}. {detail}"
        raise Invalid(
            detail,
            type="form-expired" if is_expired else "",
            form_version=current.number,
            errors=errors,
        )
    return form, *forms.split_closed(form.schema, asked.answers)


def _check_eligible(
    program: Program, cohort: Cohort, person: eligibility.Person, application: Application, now: datetime
) -> None:
    """Raises Unprocessable with what stands against it, or what is to be told first."""
    known = eligibility.Person(
        person.born_on,
        person.lives_in_city,
        person.owns_business,
        person.is_enrolled,
        bool(application.guardian_name) or person.has_guardian,
        places.used_on(application),
    )
    today = timezone.localdate(now)
    findings = eligibility.check(
        program.rules.all(), known, starts_on=cohort.starts_on, today=today, ends_on=last_day_of(cohort)
    )
    if eligibility.answer(findings) == "yes":
        return
    if set(known.took_part_on) - set(
        places.own_days(application)
    ):  # by another account, of which nothing is told
        raise Conflict(ASK_STAFF, type="applied-already")
    against = [f for f in findings if f.is_met is False] or [
        f for f in findings if f.is_met is None and not f.comes_later
    ]
    raise Unprocessable(
        " ".join(finding.why for finding in against),
        type="not-eligible" if against[0].is_met is False else "tell-us-more",
        title="Who may take part",
        findings=[{"rule": f.kind, "detail": f.why, "from_on": str(f.from_on or "")} for f in against],
    )


def last_day_of(cohort: Cohort) -> date | None:
    """Up to when somebody's own day may be; None where all take part from the first day on."""
    return cohort.ends_on if cohort.program.kind == Program.Kind.RIDE_ALONG else None


def _declared(person: eligibility.Person) -> dict[str, bool]:
    said = {
        "lives_in_city": person.lives_in_city,
        "owns_business": person.owns_business,
        "is_enrolled": person.is_enrolled,
    }
    return {name: value for name, value in said.items() if value is not None}


def _first_come(application: Application, now: datetime) -> None:
    """The place is kept for who is first, also while they are checked; who waits and could have it goes before."""
    if application.cohort.applications.in_line().exists() and places.fits(application, now):
        moving.promote(application.program, now)
    if places.give(application, now):
        moving.make_move(application, "review")
        moving.make_move(application, "waitlist")
        return
    application.save(update_fields=["slot", "has_place", "placed_at"])
    moving.settle(application)
