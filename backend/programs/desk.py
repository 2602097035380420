"""The staff page of one application: who it is, on record as read, and a button for each move that is possible."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import DomainError, NotFound
from backend.programs.application_views import with_everything
from backend.programs.handling_views import READ, handled_detail_out
from backend.programs.models import Application, Rule, Screening
from backend.programs.moves import BY_STAFF, MOVES, REASONS
from backend.programs.services import moving, places, readiness

Status = Application.Status
CLOSED = "read-closed"
SCREENING = {"cleared": "Records check: cleared", "not-cleared": "Records check: not cleared"}
LABELS = {
    "review": "Begin the review",
    "ask": "Ask the applicant",
    "waitlist": "Put on the waiting list",
    "accept": "Accept",
    "decline": "Decline",
    "complete": "Took part",
    "no-show": "Did not come",
    "reinstate": "Was there after all",
    **SCREENING,
    CLOSED: "Read the closed answers",
}


class WordsForm(forms.Form):
    words = forms.CharField(
        label="In plain words, for the applicant", max_length=1000, widget=forms.Textarea({"rows": 3})
    )


class DeclineForm(WordsForm):
    field_order = ("code", "words")
    code = forms.ChoiceField(label="Why, for figures", choices=list(REASONS.items()))


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Why you need to read them; this is on record", max_length=300)


FORMS: dict[str, type[forms.Form]] = {"ask": WordsForm, "decline": DeclineForm, CLOSED: ReasonForm}


class Step(NamedTuple):
    """One button, with the fields that it needs."""

    act: str
    label: str
    form: forms.Form


def application(request: HttpRequest, application_id: UUID, context: dict[str, Any]) -> HttpResponse:
    """Shows an application, which is on record as read, or does what a button says and shows it anew.

    A refusal is said above the page, and what was typed stays. Closed answers are in the answer to their button only.
    """
    by = cast("User", request.user)  # the staff pages let nobody else in
    closed: dict[str, Any] | None = None
    act, sent = request.POST.get("act", ""), None
    if request.method == "POST":
        sent = FORMS.get(act, forms.Form)(request.POST, auto_id=f"{act}_%s")
        if sent.is_valid():
            try:
                closed = _do(_found(application_id, by), act, by, sent.cleaned_data)
            except DomainError as refusal:
                messages.error(request, refusal.detail)
            else:
                if closed is None:
                    messages.success(request, f"{LABELS[act]}: done.")
                    return HttpResponseRedirect(request.path)
    found = _found(application_id, by)
    with transaction.atomic():
        audit.record("read", found, by=by, fields=READ)
    told = handled_detail_out(found)
    shown = {
        "title": f"Application: {found.program}",
        "facts": [(label, value) for label, value in _facts(found, told) if value],
        "answers": _answers(found, told["answers"]),
        "closed": None if closed is None else _answers(found, closed),
        "timeline": [
            {**line, "now": Status(line["status"]).label, "why": REASONS.get(line["code"], "")}
            for line in told["timeline"]
        ],
        "steps": [
            Step(name, LABELS[name], sent if sent and name == act else _empty(name))
            for name in _acts(found, told["has_closed_answers"])
        ],
    }
    return render(request, "programs/application.html", {**context, **shown})


def _found(application_id: UUID, by: User) -> Application:
    rows = Application.objects.handled_by(by, timezone.localdate())
    ride = ("wished_district__agency", "slot__area__agency", "slot__officer")
    return cast(
        "Application",
        get_object_or_404(with_everything(rows).select_related("applicant", *ride), pk=application_id),
    )


def _do(found: Application, act: str, by: User, data: dict[str, Any]) -> dict[str, Any] | None:
    """Does what the button says; returns the closed answers where it asks for them."""
    if act == CLOSED:
        return moving.read_closed_answers(application=found, by=by, reason=data["reason"])
    if act in SCREENING:
        moving.screen_application(application=found, cleared=act == "cleared", by=by)
    elif act in BY_STAFF:
        moving.move_application(application=found, move=act, by=by, **data)
    else:
        raise NotFound("There is no such button.")
    return None


def _empty(act: str) -> forms.Form:
    return FORMS.get(act, forms.Form)(auto_id=f"{act}_%s")


def _acts(found: Application, has_closed: bool) -> Iterator[str]:
    if has_closed:
        yield CLOSED
    is_reviewed = found.status in (Status.UNDER_REVIEW, Status.ACTION_NEEDED, Status.WAITLISTED)
    if is_reviewed and Rule.Kind.SCREENING in places.rules_of(found.program):
        yield from SCREENING
    yield from (move for move in BY_STAFF if found.status in MOVES[move][0])


def _facts(found: Application, told: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What is known beside the answers, as (label, value); a value may be empty."""
    yield "Program", found.program
    yield "Cohort", found.cohort.name
    yield "Status", found.get_status_display()
    yield "Has a place", _in_words(found.has_place)
    yield "Turn", found.turn
    yield "Applied", timezone.localtime(found.created_at)
    yield "Still missing", ", ".join(readiness.WORDS_OF_MISSING[name] for name in told["missing"])
    yield "Name", told["name"]
    yield "Born on", date.fromisoformat(told["born_on"]) if told["born_on"] else ""
    yield "Applies", "for themselves" if found.is_for_self else "as the guardian of who takes part"
    yield "Guardian", told["guardian_name"]
    yield "Guardian's contact", told["guardian_contact"]
    yield "Account", " · ".join(filter(None, (told["phone"], told["email"])))
    for name, value in told["declared"].items():
        yield f"Says: {name.replace('_', ' ')}", _in_words(value)
    yield "District wished for", found.wished_district
    yield "Item", told["supply"]
    if found.slot:
        yield "Ride", timezone.localtime(found.slot.starts_at)
        yield "In", found.slot.area
        yield "With", found.slot.officer
    if told["screening"]:
        outcome = Screening.Outcome(told["screening"]).label.lower()
        yield "Records check", f"{outcome}, {told['screened_on']:%B} {told['screened_on'].day}"
    for signed in told["signatures"]:
        label = f"Waiver {signed['waiver']} signed by the {signed['role']}, {signed['method']}"
        yield label, timezone.localtime(signed["signed_at"])
    if told["rating"]:
        yield "Afterwards", " · ".join(filter(None, (f"{told['rating']} of 5", told["comment"])))


def _answers(found: Application, answers: dict[str, Any]) -> list[tuple[str, str]]:
    """With the questions as the form's version put them."""
    questions = found.form.schema.get("properties", {}) if found.form else {}
    return [(questions.get(name, {}).get("title", name), _in_words(value)) for name, value in answers.items()]


def _in_words(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
