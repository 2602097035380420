"""Applications: asked for, moved on, given back. Every move is one transaction with its line of the timeline."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Conflict, Invalid, NotFound, Unprocessable
from backend.events.services.checks import refuse_markup
from backend.programs import eligibility, forms
from backend.programs.models import Application, ApplicationChange, Cohort, Form, Program, Screening, Supply
from backend.programs.moves import EXPLAINED, MOVES, REASONS
from backend.programs.people import person_index, plain_name
from backend.programs.services import messages, places
from backend.programs.services.access import check_manages
from backend.roster.index import find_address, geography
from backend.roster.models import Area

Status = Application.Status
LARGEST_ANSWERS = 20_000  # characters of JSON


@dataclass(frozen=True)
class Guardian:
    name: str
    contact: str


@dataclass(frozen=True)
class Request:
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
def apply(*, request: Request, by: User) -> Application:
    """Stores an application and, in a cohort by order of coming, gives it a place or a turn in the line at once.

    Raises Conflict (not running, not open, applied already), Invalid (guardian, form, words) and Unprocessable
    (`not-eligible`, with `findings`).
    """
    now = timezone.now()
    program = places.locked(request.cohort.program)
    cohort = Cohort.objects.select_related("program").get(pk=request.cohort.pk)
    _check_open(program, cohort, now)
    _check_words(request)
    guardian = _check_guardian(program, request, by)
    _check_choice(program, request)
    form, answers, closed = _check_form(program, request)
    born_on = request.person.born_on
    application = Application(
        program=program,
        cohort=cohort,
        applicant=by,
        is_for_self=request.is_for_self,
        name=request.name,
        born_on=str(born_on or ""),
        guardian_name=guardian.name if guardian else "",
        guardian_contact=guardian.contact if guardian else "",
        person_index=person_index(request.name, born_on),
        form=form,
        answers=json.dumps({"answers": answers, "declared": _declared(request.person)}),
        closed_answers=json.dumps(closed) if closed else "",
        wished_district=request.district,
        supply=request.supply,
        turn=cohort.applications.count() + 1,
    )
    _check_eligible(program, cohort, request.person, application, now)
    try:
        with transaction.atomic():
            application.save()
    except IntegrityError:
        raise Conflict(
            "This person has applied here already; see your applications.", type="applied-already"
        ) from None
    _note(application, "submit", by=by)
    messages.ask_to_text(by, "program")
    if cohort.mode == Cohort.Mode.FIRST_COME:
        _first_come(application, now)
    return application


def _check_open(program: Program, cohort: Cohort, now: datetime) -> None:
    if program.applicants == Program.Applicants.NOBODY:
        raise Conflict("Nobody applies for this; others choose who takes part.", type="no-applications")
    if not program.is_running(timezone.localdate(now)):
        raise Conflict(
            "Nobody of the department has confirmed that this runs. Follow the program to hear when it does.",
            type="not-confirmed",
        )
    if not Cohort.objects.taking(now).filter(pk=cohort.pk).exists():
        when = timezone.localtime(cohort.opens_at)
        ahead = f"It opens on {when:%A, %B} {when.day}." if cohort.opens_at > now else "It is closed."
        raise Conflict(f"{ahead} Follow the program to hear of the next one.", type="not-open")


def _check_words(request: Request) -> None:
    refuse_markup(request.name, "participant/name")
    if request.guardian:
        refuse_markup(request.guardian.name, "guardian/name")
        refuse_markup(request.guardian.contact, "guardian/contact")
    for name, value in request.answers.items():
        if isinstance(value, str):
            refuse_markup(value, f"answers/{name}")
    if len(json.dumps(request.answers)) > LARGEST_ANSWERS:
        raise Invalid(f"Answer in at most {LARGEST_ANSWERS} characters in all.", field="answers")


def _check_guardian(program: Program, request: Request, by: User) -> Guardian | None:
    """The guardian of a minor: another person than the minor, reached another way than the minor's own account."""
    starts_on = request.cohort.starts_on
    if not eligibility.needs_guardian(program.rules.all(), request.person.born_on, starts_on):
        return None
    guardian = request.guardian
    if guardian is None:
        raise Invalid(
            "A parent or guardian must agree: give their name and how to reach them.",
            field="guardian",
            code="required",
        )
    if plain_name(guardian.name) == plain_name(request.name):
        raise Invalid("The guardian is another person than who takes part.", field="guardian/name")
    if request.is_for_self and _reaches(guardian.contact, by):
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


def _check_choice(program: Program, request: Request) -> None:
    if request.district is not None:
        slots = request.cohort.slots.on_offer()
        if not slots.filter(district=request.district).exists():
            raise Invalid("There are no rides in this district then; leave it out for any.", field="district")
    if program.kind == Program.Kind.SUPPLIES and request.supply is None:
        raise Invalid("Say which item; the program lists them.", field="supply", code="required")


def _check_form(program: Program, request: Request) -> tuple[Form | None, dict[str, Any], dict[str, Any]]:
    """The version that the answers are kept with, and the answers, open and closed.

    A version that is no longer accepted is as good as the current one where its answers fit that; else the answer
    says exactly what is missing. Raises Invalid.
    """
    now = timezone.now()
    current = program.forms.order_by("number").last()
    if current is None:
        if request.answers:
            raise Invalid("This program asks no questions; leave answers out.", field="answers")
        return None, {}, {}
    version = current.number if request.form_version is None else request.form_version
    form = program.forms.filter(number=version).first()
    if form is None:
        raise Invalid(
            f"There is no version {version}; the current one is {current.number}.", field="form_version"
        )
    is_expired = form.accepted_until is not None and form.accepted_until <= now
    if is_expired:
        form = current
    if errors := forms.errors_in(form.schema, request.answers):
        detail = "Some answers are missing or cannot be accepted."
        if is_expired:
            detail = f"Version {version} is no longer accepted; the current one is {current.number}. {detail}"
        raise Invalid(
            detail,
            type="form-expired" if is_expired else "",
            form_version=current.number,
            errors=errors,
        )
    return form, *forms.split_closed(form.schema, request.answers)


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
    findings = eligibility.check(program.rules.all(), known, starts_on=cohort.starts_on, today=today)
    if eligibility.answer(findings) == "yes":
        return
    against = [f for f in findings if f.is_met is False] or [
        f for f in findings if f.is_met is None and not f.comes_later
    ]
    raise Unprocessable(
        " ".join(finding.why for finding in against),
        type="not-eligible" if against[0].is_met is False else "tell-us-more",
        title="Who may take part",
        findings=[{"rule": f.kind, "detail": f.why, "from_on": str(f.from_on or "")} for f in against],
    )


def _declared(person: eligibility.Person) -> dict[str, bool]:
    said = {
        "lives_in_city": person.lives_in_city,
        "owns_business": person.owns_business,
        "is_enrolled": person.is_enrolled,
    }
    return {name: value for name, value in said.items() if value is not None}


def _first_come(application: Application, now: datetime) -> None:
    """The place is kept for who is first, also while they are checked; nobody overtakes in the line."""
    line = application.cohort.applications.in_line()
    is_ride = application.program.kind == Program.Kind.RIDE_ALONG
    # In the line for rides some wait for one district, so each is looked at; elsewhere all wait for the same.
    if (line.exists() and not is_ride) or places.give(application, now):
        make_move(application, "review")
        make_move(application, "waitlist")
    elif missing(application):
        application.save(update_fields=["slot", "has_place"])  # kept for them meanwhile
    else:
        make_move(application, "review")
        make_move(application, "accept")


# --- what is missing before a place is theirs ---------------------------------------------------------


def missing(application: Application) -> list[str]:
    """What stands between this application and its place: "screening", "waiver" and "guardian_waiver"."""
    found = []
    rules = places.rules_of(application.program)
    if places.Kind.SCREENING in rules:
        cleared = Screening.objects.filter(application=application, outcome=Screening.Outcome.CLEARED)
        if not cleared.exists():
            found.append("screening")
    waiver = application.program.waivers.order_by("number").last()
    if waiver is not None:
        signed = set(application.signatures.filter(waiver=waiver).values_list("role", flat=True))
        if "participant" not in signed:
            found.append("waiver")
        if application.guardian_name and "guardian" not in signed:
            found.append("guardian_waiver")
    return found


WORDS_OF_MISSING = {
    "screening": "the records check",
    "waiver": "the signature under the current waiver",
    "guardian_waiver": "the guardian's signature under the current waiver",
}


# --- moves --------------------------------------------------------------------------------------------


@transaction.atomic
def move_application(
    *, application: Application, move: str, by: User, code: str = "", words: str = ""
) -> Application:
    """A move of the program's staff. The loser of a race gets Conflict; nothing is overwritten.

    Accepting needs all that is missing, a place, and that nobody before in the line could have it. Raises Conflict,
    Invalid, NotAllowed and NotFound.
    """
    application = locked_application(application)
    check_manages(application.program, by)
    refuse_markup(words, "words")
    if move in EXPLAINED and not words.strip():
        raise Invalid("Say in plain words why; the applicant reads it.", field="words", code="required")
    if (move == "decline") != bool(code):
        raise Invalid(
            f"Give a reason code when declining, and only then: {', '.join(REASONS)}.",
            field="code",
            code="required",
        )
    if code and code not in REASONS:
        raise Invalid(f"The reason is one of: {', '.join(REASONS)}.", field="code")
    now = timezone.now()
    had_place = application.has_place
    if move == "waitlist" and application.cohort.mode != Cohort.Mode.REVIEW:
        raise Conflict("The line of this cohort is kept by itself; decline, or wait.", type="line-kept")
    if move == "accept":
        _check_acceptable(application, now)
    if move in ("complete", "no-show"):
        _check_begun(application, now)
    if move in ("decline", "waitlist"):
        places.take_back(application)
    make_move(application, move, by=by, code=code, words=words)
    audit.record(move, application, by=by, fields=["status"])
    if had_place and not application.has_place:
        promote(application.program, now)
    return application


def _check_acceptable(application: Application, now: datetime) -> None:
    """Nobody overtakes: by order of coming and after a draw a place that frees goes to the first by itself."""
    _check_from(application, "accept")
    if lacks := missing(application):
        what = ", ".join(WORDS_OF_MISSING[name] for name in lacks)
        raise Conflict(f"Still missing: {what}.", type="not-ready")
    if application.has_place:
        return
    if application.cohort.mode != Cohort.Mode.REVIEW:
        raise Conflict(
            "Places here are given in the order that was stated; this one has none yet.", type="no-place"
        )
    if why := places.give(application, now):
        raise Conflict(f"{why} Put them on the waiting list, or decline.", type="no-place")


def _check_begun(application: Application, now: datetime) -> None:
    slot = application.slot
    begun = slot.starts_at <= now if slot else application.cohort.starts_on <= timezone.localdate(now)
    if not begun:
        raise Conflict("It has not begun yet.", type="not-begun")


@transaction.atomic
def screen_application(*, application: Application, cleared: bool, by: User) -> Application:
    """Notes that a records check was done, and how it ended; what was found is kept nowhere. A later check replaces it.

    Raises Conflict once it is decided, NotAllowed and NotFound.
    """
    application = locked_application(application)
    check_manages(application.program, by)
    if application.status not in (Status.UNDER_REVIEW, Status.ACTION_NEEDED, Status.WAITLISTED):
        raise Conflict("Records are checked while an application is under review.", type="not-under-review")
    outcome = Screening.Outcome.CLEARED if cleared else Screening.Outcome.NOT_CLEARED
    facts = {"outcome": outcome, "on": timezone.localdate(), "by": by}
    Screening.objects.update_or_create(application=application, defaults=facts)
    audit.record("screened", application, by=by, fields=["screening"])
    settle(application)
    return application


@transaction.atomic
def read_closed_answers(*, application: Application, by: User, reason: str) -> dict[str, Any]:
    """Answers such as allergies, for who needs them; on record with the reason. Raises NotAllowed."""
    check_manages(application.program, by)
    audit.record("read closed answers", application, by=by, fields=["closed_answers"], reason=reason)
    answers: dict[str, Any] = json.loads(application.closed_answers) if application.closed_answers else {}
    return answers


@transaction.atomic
def answer_question(
    *, application: Application, by: User, answers: dict[str, Any], words: str = ""
) -> Application:
    """What the applicant adds when staff asked; given answers replace the former ones. Raises Conflict and Invalid."""
    application = locked_application(application, by)
    refuse_markup(words, "words")
    if not answers and not words.strip():
        raise Invalid("Answer in words, or by correcting answers of the form.", field="words")
    if answers:
        held = json.loads(application.answers)
        closed = json.loads(application.closed_answers) if application.closed_answers else {}
        schema = application.form.schema if application.form else {}
        merged = {**held["answers"], **closed, **answers}
        if errors := forms.errors_in(schema, merged):
            raise Invalid("Some answers are missing or cannot be accepted.", errors=errors)
        for name, value in answers.items():
            if isinstance(value, str):
                refuse_markup(value, f"answers/{name}")
        open_ones, closed = forms.split_closed(schema, merged)
        application.answers = json.dumps({**held, "answers": open_ones})
        application.closed_answers = json.dumps(closed) if closed else ""
        application.save(update_fields=["answers", "closed_answers"])
    make_move(application, "answer", by=by, words=words)
    return application


@transaction.atomic
def withdraw(*, application: Application, by: User) -> Application:
    """Ends an application at its owner's wish; the place goes to who waits. A repeat changes nothing.

    Raises Conflict once it has taken place, or was declined, and NotFound.
    """
    application = locked_application(application, by)
    if application.status == Status.WITHDRAWN:
        return application
    now = timezone.now()
    if application.slot and application.slot.starts_at <= now:
        raise Conflict("It has begun; tell the program if you cannot come.", type="already-begun")
    had_place = application.has_place
    _check_from(application, "withdraw")
    places.take_back(application)
    make_move(application, "withdraw", by=by)
    if had_place:
        promote(application.program, now)
    return application


@transaction.atomic
def rate(*, application: Application, by: User, rating: int, comment: str = "") -> Application:
    """What somebody thinks of it afterwards, once. Raises Conflict before it is over, Invalid and NotFound."""
    application = locked_application(application, by)
    refuse_markup(comment, "comment")
    if application.status != Status.COMPLETED:
        raise Conflict("Say what you think of it once it is over.", type="not-completed")
    if application.rating is not None:
        raise Conflict("You have said it already.", type="rated-already")
    application.rating, application.comment = rating, comment
    application.save(update_fields=["rating", "comment"])
    return application


# --- what happens by itself ---------------------------------------------------------------------------


def settle(application: Application) -> None:
    """Where a place is kept and nothing is missing any more, it is theirs; in a review staff decide. Program locked."""
    if application.cohort.mode == Cohort.Mode.REVIEW or not application.has_place or missing(application):
        return
    if application.status == Status.SUBMITTED:
        make_move(application, "review")
    if application.status == Status.UNDER_REVIEW:
        make_move(application, "accept")


def promote(program: Program, now: datetime) -> None:
    """Gives places that are free to who waits for them, in order; who is not ready has it kept. Program locked."""
    for cohort in places.lines(program, timezone.localdate(now)):
        line = cohort.applications.in_line().select_related("program", "cohort", "applicant")
        for application in line:
            if why := places.give(application, now):
                if program.kind == Program.Kind.RIDE_ALONG or why.startswith("None is left"):
                    continue  # another district, another item: who comes next may still fit
                break
            make_move(application, "hold" if missing(application) else "accept")


def decide_in_order(cohort: Cohort, applications: Sequence[Application], now: datetime) -> None:
    """Gives a drawn cohort's places in that order, and puts the others in line. The program is locked."""
    for turn, application in enumerate(applications, start=1):
        application.turn = turn
        Application.objects.filter(pk=application.pk).update(turn=turn)
        _note(application, "draw")
        if application.status == Status.SUBMITTED:
            make_move(application, "review")
        if places.give(application, now):
            make_move(application, "waitlist")
        elif application.status == Status.UNDER_REVIEW and not missing(application):
            make_move(application, "accept")
        else:
            application.save(update_fields=["slot", "has_place"])
            messages.tell(application.applicant, f"application:{application.pk}", f"draw:{cohort.pk}")


# --- under the lock -----------------------------------------------------------------------------------


def locked_application(application: Application, owner: User | None = None) -> Application:
    """The application with its program locked until the transaction ends; of `owner` only their own."""
    program = places.locked(application.program)
    rows = Application.objects.select_related("cohort", "applicant", "slot", "form").filter(pk=application.pk)
    found = (rows.visible_to(owner) if owner else rows).first()
    if found is None:
        raise NotFound()
    found.program = program
    return found


def _check_from(application: Application, move: str) -> None:
    if application.status not in MOVES[move][0]:
        state = application.get_status_display().lower()
        raise Conflict(f"An application that is {state} cannot be moved so; read it again.")


def make_move(
    application: Application, name: str, *, by: User | None = None, code: str = "", words: str = ""
) -> None:
    """The move, its line of the timeline and its text; what the caller set of the place is stored with it."""
    _check_from(application, name)
    start, end = MOVES[name]
    changed = Application.objects.filter(pk=application.pk, status__in=start).update(
        status=end,
        slot=application.slot,
        has_place=application.has_place,
        turn=application.turn,
        sequence=F("sequence") + 1,
        revised_at=timezone.now().replace(microsecond=0),
    )
    if not changed:
        raise Conflict("This application has changed in the meantime; read it again.")
    application.status = end
    change = _note(application, name, by=by, code=code, words=words)
    if by is None or by.pk != application.applicant_id:
        messages.tell(application.applicant, f"application:{application.pk}", str(change.pk))


def note_change(application: Application, name: str, *, by: User, words: str = "") -> None:
    """Another seat, the status as before: its line of the timeline, its text, a new entry in their calendar."""
    Application.objects.filter(pk=application.pk).update(
        slot=application.slot,
        has_place=application.has_place,
        sequence=F("sequence") + 1,
        revised_at=timezone.now().replace(microsecond=0),
    )
    change = _note(application, name, by=by, words=words)
    if by.pk != application.applicant_id:
        messages.tell(application.applicant, f"application:{application.pk}", str(change.pk))


def _note(
    application: Application, move: str, *, by: User | None = None, code: str = "", words: str = ""
) -> ApplicationChange:
    return ApplicationChange.objects.create(
        application=application, move=move, status=application.status, code=code, words=words, by=by
    )
