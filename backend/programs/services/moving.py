"""Applications move on: by staff, by who applies, and by themselves as places free.

Every move is one transaction with its line of the timeline, and a text that says "update" and no more.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Max, prefetch_related_objects
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Conflict, Invalid, NotFound
from backend.events.services.checks import refuse_markup
from backend.programs import forms
from backend.programs.models import (
    Application,
    ApplicationChange,
    Cohort,
    Program,
    Screening,
)
from backend.programs.moves import EXPLAINED, MOVES, REASONS
from backend.programs.services import messages, places, readiness
from backend.programs.services.access import check_manages
from backend.roster import editions

Status = Application.Status
LARGEST_ANSWERS = 20_000  # characters of JSON
SIGNED_WITHIN = timedelta(days=7)


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
    if lacks := readiness.missing(application):
        what = ", ".join(readiness.WORDS_OF_MISSING[name] for name in lacks)
        raise Conflict(f"Still missing: {what}.", type="not-ready")
    if application.has_place:
        return
    if application.cohort.mode != Cohort.Mode.REVIEW:
        raise Conflict(
            "Places here are given in the order that was stated; this one has none yet.", type="no-place"
        )
    if why := places.give(application, now):
        raise Conflict(f"{why.words} Put them on the waiting list, or decline.", type="no-place")


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


def check_answers(answers: dict[str, Any]) -> None:
    """Raises Invalid for HTML, and for more than a person types."""
    for name, value in answers.items():
        if isinstance(value, str):
            refuse_markup(value, f"answers/{name[:60]}")
    if len(json.dumps(answers)) > LARGEST_ANSWERS:
        raise Invalid(f"Answer in at most {LARGEST_ANSWERS:,} characters in all.", field="answers")


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
        _replace_answers(application, answers)
    make_move(application, "answer", by=by, words=words)
    settle(application)
    return application


def _replace_answers(application: Application, answers: dict[str, Any]) -> None:
    if application.form is None:
        raise Invalid("This program asks no questions; answer in words.", field="answers")
    check_answers(answers)
    held = json.loads(application.answers)
    closed = json.loads(application.closed_answers) if application.closed_answers else {}
    merged = {**held["answers"], **closed, **answers}
    if errors := forms.errors_in(application.form.schema, merged):
        raise Invalid("Some answers are missing or cannot be accepted.", errors=errors)
    open_ones, closed = forms.split_closed(application.form.schema, merged)
    application.answers = json.dumps({**held, "answers": open_ones})
    application.closed_answers = json.dumps(closed) if closed else ""
    application.save(update_fields=["answers", "closed_answers"])


@transaction.atomic
def withdraw(*, application: Application, by: User) -> Application:
    """Ends an application at its owner's wish; the place goes to who waits. A repeat changes nothing.

    Raises Conflict once it has taken place, or was declined, and NotFound.
    """
    application = locked_application(application, by)
    if application.status == Status.WITHDRAWN:
        return application
    now = timezone.now()
    _check_ahead(application, now)
    had_place = application.has_place
    _check_from(application, "withdraw")
    places.take_back(application)
    make_move(application, "withdraw", by=by)
    if had_place:
        promote(application.program, now)
    return application


def _check_ahead(application: Application, now: datetime) -> None:
    """A place is given back before it is used: a ride or a day until it begins, a course until it is over."""
    slot, cohort, today = application.slot, application.cohort, timezone.localdate(now)
    is_one_day = cohort.starts_on == cohort.ends_on or application.supply_id is not None
    begun = cohort.starts_on <= today if is_one_day else cohort.ends_on < today
    if application.has_place and (slot.starts_at <= now if slot else begun):
        raise Conflict("It has begun; tell the program if you cannot come.", type="already-begun")


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
    if (
        application.cohort.mode == Cohort.Mode.REVIEW
        or not application.has_place
        or readiness.missing(application)
    ):
        return
    if application.status == Status.SUBMITTED:
        make_move(application, "review")
    if application.status == Status.UNDER_REVIEW:
        make_move(application, "accept")


def promote(program: Program, now: datetime) -> None:
    """Gives places that are free to who waits for them, in order; who is not ready has it kept. Program locked."""
    prefetch_related_objects([program], "rules")  # asked for everybody in the line
    for cohort in places.with_a_line(program, timezone.localdate(now)):
        _promote(program, cohort, now)


def _promote(program: Program, cohort: Cohort, now: datetime) -> None:
    """The line may be long and the places few: it ends with the last place that anybody could have."""
    is_ride = program.kind == Program.Kind.RIDE_ALONG
    closed: set[places.Month] = set()
    free = places.free_months(cohort, now) if is_ride else set()
    line = cohort.applications.in_line().exclude(supply__stock=0).select_related("applicant", "supply")
    for application in line:
        if is_ride and not free - closed:
            return
        application.program, application.cohort = program, cohort
        why = places.give(application, now, closed=closed)
        if why is None:
            make_move(application, "hold" if readiness.missing(application) else "accept")
            free = places.free_months(cohort, now) if is_ride else set()
        elif not why.is_own:
            return


def lapse_unsigned(now: datetime) -> None:
    """Ends places that were kept for a week for who did not sign; the next in line has them. Periodic, repeatable."""
    kept = Application.objects.filter(
        has_place=True, placed_at__lt=now - SIGNED_WITHIN, status__in=MOVES["lapse"][0]
    )
    found = list(kept.select_related("program"))
    lacks = readiness.missing_of(found)
    for application in found:
        if readiness.UNSIGNED & set(lacks[application.pk]):
            _lapse(application, now)


@transaction.atomic
def _lapse(application: Application, now: datetime) -> None:
    application = locked_application(application)
    is_kept = application.has_place and application.status in MOVES["lapse"][0]
    if not is_kept or not readiness.UNSIGNED & set(readiness.missing(application)):
        return
    others = application.cohort.applications.in_line()
    if not others.exists():
        return  # nobody waits for it
    places.take_back(application)
    application.turn = (application.cohort.applications.aggregate(last=Max("turn"))["last"] or 0) + 1
    words = f"The waiver was not signed within {SIGNED_WITHIN.days} days; the place went to who waits."
    make_move(application, "lapse", words=words)
    promote(application.program, now)


def decide_in_order(cohort: Cohort, applications: Sequence[Application], now: datetime) -> None:
    """Gives a drawn cohort's places in that order, and puts the others in line. The program is locked."""
    for turn, application in enumerate(applications, start=1):
        application.turn = turn
        Application.objects.filter(pk=application.pk).update(turn=turn)
        note(application, "draw")
        if application.status == Status.SUBMITTED:
            make_move(application, "review")
        if places.give(application, now):
            make_move(application, "waitlist")
        elif application.status == Status.UNDER_REVIEW and not readiness.missing(application):
            make_move(application, "accept")
        else:
            application.save(update_fields=["slot", "has_place", "placed_at"])
            messages.tell(application.applicant, f"application:{application.pk}", f"draw:{cohort.pk}")


# --- under the lock -----------------------------------------------------------------------------------


def locked_application(application: Application, owner: User | None = None) -> Application:
    """The application with its program locked until the transaction ends; of `owner` only their own."""
    program = places.locked(application.program)
    rows = Application.objects.select_related("cohort", "applicant", "slot", "former_slot", "form").filter(
        pk=application.pk
    )
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
        former_slot=application.former_slot,
        has_place=application.has_place,
        placed_at=application.placed_at,
        turn=application.turn,
        sequence=F("sequence") + 1,
        revised_at=timezone.now().replace(microsecond=0),
    )
    if not changed:
        raise Conflict("This application has changed in the meantime; read it again.")
    if Status.WAITLISTED in (application.status, end):
        editions.bump(editions.PROGRAMS)  # anybody sees how many wait
    application.status = end
    change = note(application, name, by=by, code=code, words=words)
    if by is None or by.pk != application.applicant_id:
        messages.tell(application.applicant, f"application:{application.pk}", str(change.pk))


def note_change(application: Application, name: str, *, by: User, words: str = "") -> None:
    """Another seat, the status as before: its line of the timeline, its text, a new entry in their calendar."""
    Application.objects.filter(pk=application.pk).update(
        slot=application.slot,
        former_slot=application.former_slot,
        has_place=application.has_place,
        placed_at=application.placed_at,
        sequence=F("sequence") + 1,
        revised_at=timezone.now().replace(microsecond=0),
    )
    change = note(application, name, by=by, words=words)
    if by.pk != application.applicant_id:
        messages.tell(application.applicant, f"application:{application.pk}", str(change.pk))


def note(
    application: Application, move: str, *, by: User | None = None, code: str = "", words: str = ""
) -> ApplicationChange:
    return ApplicationChange.objects.create(
        application=application, move=move, status=application.status, code=code, words=words, by=by
    )
