"""The desk as staff pages: the queue, and a concern with all that a liaison needs and a form for each thing to do.

Made for the keyboard: after a move comes the next concern of the queue. The library's layout is not used, for it
shows nothing without its scripts and has single keys of its own.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import Conflict, DomainError, NotAllowed
from backend.feedback.concerns import desk_facts, desk_forms, desk_views
from backend.feedback.concerns.desk_forms import DeskForm
from backend.feedback.concerns.models import Concern, DeskLook, LegalHold, reach_of
from backend.feedback.concerns.paging import OPEN, ORDERS, Order, Queue, moment_of
from backend.feedback.concerns.services import desk, holds, moves, redaction, referrals, routing, walls
from backend.feedback.concerns.services.acts import OF_WORDS
from backend.feedback.concerns.services.liaisons import FOR_LIAISONS, is_liaison
from backend.feedback.concerns.triage import MOVES, OTHERS

Status = Concern.Status
NOTHING = "There is nothing here, or nothing you may see; somebody may have moved it on."
FASTER = (
    "Somebody changed this concern while you read it, and nothing was done. What you typed is still here."
)
INCOMPLETE = "Nothing was done yet: something is missing or not right below."
ROWS = 25


def who(request: HttpRequest) -> User:
    return cast("User", request.user)  # the staff pages let nobody else in


# --- the queue --------------------------------------------------------------------------------------------


class View(NamedTuple):
    """A view of the queue: what it lists, in which order."""

    label: str
    where: Callable[[User], Q] = lambda user: Q()
    order: Order = ORDERS["target"]


def _unseen(user: User) -> Q:
    looked_at = DeskLook.objects.filter(user=user).values_list("at", flat=True).first()
    return Q(changed_at__gt=looked_at) if looked_at else Q()


UNREAD = Q(status=Status.SUBMITTED) | Q(needs_reading=True)
VIEWS = {
    "": View("All open"),
    "mine": View("Mine", lambda user: Q(assigned_to__user=user)),
    # Of closed ones too: what their reporters write there is read as well.
    "unread": View("Unread", lambda user: UNREAD, ORDERS["newest"]),
    "overdue": View("Overdue", lambda user: OPEN & Q(target_at__lt=timezone.now())),
    "changed": View("Changed since my last look", _unseen, ORDERS["changed"]),
}


def _view_of(request: HttpRequest) -> str:
    view = request.GET.get("view", "")
    return view if view in VIEWS else ""


def _listed(user: User, view: str) -> Queue:
    """What a view lists, through the wall."""
    return Queue(reach_of(user), VIEWS[view].where(user), desk_views.rows)


def _beside(user: User, view: str, position: list[str], *, is_reverse: bool = False) -> Concern | None:
    """What comes after a position in a view; before it, in reverse."""
    rows = _listed(user, view).first(VIEWS[view].order, 1, position, is_reverse=is_reverse)
    return rows[0] if rows else None


def _position_of(concern: Concern, view: str) -> list[str]:
    """Where a concern stands in a view."""
    return VIEWS[view].order.position_of(concern)


def _position(request: HttpRequest, name: str) -> list[str] | None:
    """From where a page of the queue goes on; None for what is no position."""
    value, _, pk = request.GET.get(name, "").partition(",")
    try:
        return [moment_of(value).isoformat(), str(UUID(pk))]
    except ValueError:
        return None


def _queue_url(view: str, **query: str) -> str:
    asked = {"view": view, **query}
    text = urlencode({name: value for name, value in asked.items() if value}, safe=",:")
    return reverse("admin:concerns_concern_changelist") + (f"?{text}" if text else "")


def _page_url(concern: Concern, view: str) -> str:
    base = reverse("admin:concerns_concern_change", args=(concern.pk,))
    return f"{base}?{urlencode({'view': view})}" if view else base


def queue(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Concerns, the one with the earliest target first, a page at a time and without a count."""
    by, view = who(request), _view_of(request)
    if request.method == "POST":
        return _look(request, by)
    after, before = _position(request, "after"), _position(request, "before")
    is_reverse = after is None and before is not None
    position, order = before if is_reverse else after, VIEWS[view].order
    page, now = _listed(by, view).page(order, ROWS, position, is_reverse=is_reverse), timezone.now()
    shown = {
        "title": f"Concerns: {VIEWS[view].label.lower()}",
        "view": view,
        "now": now,
        "keys": _keys(()),
        "links": {
            "next": _queue_url(view, after=",".join(page.next)) if page.next else "",
            "previous": _queue_url(view, before=",".join(page.previous)) if page.previous else "",
        },
        "views": [(of.label, _queue_url(name), name == view) for name, of in VIEWS.items()],
        "rows": [desk_facts.Row.of(concern, _page_url(concern, view), now) for concern in page.rows],
        "keeps_routes": _keeps_routes(by),
    }
    return answer(request, "concerns/queue.html", {**context, **shown})


def _keeps_routes(by: User) -> bool:
    try:
        return bool(routing.kept_by(by))
    except NotAllowed:
        return False


def _look(request: HttpRequest, by: User) -> HttpResponse:
    """Takes the list as seen, as it was when it was shown."""
    try:
        at = moment_of(request.POST.get("seen", ""))
    except ValueError:
        return HttpResponseRedirect(_queue_url("changed"))
    desk.look(by=by, at=at)
    messages.success(request, "What changes from now on is new to you.")
    return HttpResponseRedirect(_queue_url("changed"))


def answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page that is stored nowhere."""
    response = render(request, template, context)
    response["Cache-Control"] = "no-store"
    return response


# --- what can be done -------------------------------------------------------------------------------------


class Act(NamedTuple):
    """A button, the key that opens it, and what it asks for."""

    label: str
    key: str
    form: type[DeskForm] = DeskForm


REPORTER = "reporter"
KEEPING = ("redact", "lift", "hold", "end_hold")
STAYS = ("letter", "note", "priority", *KEEPING)  # after them there is more to do with the same concern
ACTS = {
    "triage": Act("Triage: read, and this desk’s", "t"),
    "assign": Act("Assign", "a", desk_forms.AssignForm),
    "start": Act("Start to work on it", "s"),
    "close": Act("Close", "c", desk_forms.CloseForm),
    "acknowledge": Act("The office has it", "e", desk_forms.AcknowledgeForm),
    "return": Act("Back from the office", "b", desk_forms.ReturnForm),
    "letter": Act("Letter to who told it", "l", desk_forms.LetterForm),
    "note": Act("Note for staff", "n", desk_forms.NoteForm),
    "priority": Act("Priority", "p", desk_forms.PriorityForm),
    "refer": Act("Refer to another office", "r", desk_forms.ReferForm),
    "transfer": Act("Transfer to another desk", "x", desk_forms.TransferForm),
    "merge": Act("Merge: told before", "m", desk_forms.MergeForm),
    "clear": Act("Say about whom it is", "w", desk_forms.ClearForm),
    "subjects": Act("It is about a police employee", "w", desk_forms.SubjectsForm),
    "sensitive": Act("Sensitive: for liaisons alone", "q", desk_forms.SensitiveForm),
    "not_sensitive": Act("Not sensitive any more", "q", desk_forms.NotSensitiveForm),
    "give_back": Act("Give back: misconduct, for the Board", "g", desk_forms.ReasonForm),
    "reopen": Act("Reopen", "o", desk_forms.OptionalReasonForm),
    REPORTER: Act("Who told it", "i", desk_forms.ReasonForm),
    "redact": Act("Mask words", "d", desk_forms.RedactForm),
    "lift": Act("Lift a mask", "v", desk_forms.LiftForm),
    "hold": Act("Legal hold: nothing is erased", "h", desk_forms.ReasonForm),
    "end_hold": Act("End the legal hold", "h", desk_forms.EndHoldForm),
}
# Whose buttons not everybody has, and the refusal of who sends one all the same.
FOR_SOME = {
    **dict.fromkeys(("give_back", "subjects", "sensitive", "not_sensitive"), FOR_LIAISONS),
    "clear": walls.FOR_CIVILIANS,
    REPORTER: desk_views.WHO_TOLD,
    **dict.fromkeys(KEEPING, desk_views.THE_RECORD),
}


class Step(NamedTuple):
    """An act that is possible now, with its form; open where it was sent and refused."""

    name: str
    act: Act
    form: DeskForm
    is_open: bool


def _is_allowed(found: Concern, by: User, act: str) -> bool:
    if act == REPORTER:
        return Concern.objects.reporter_known_to(by).filter(pk=found.pk).exists()
    if act in KEEPING:
        return Concern.objects.kept_by(by).filter(pk=found.pk).exists()
    if act == "clear":
        return walls.clearable_by(by).filter(pk=found.pk).exists()
    return act not in FOR_SOME or is_liaison(by)


def _acts(found: Concern, by: User) -> Iterator[str]:
    """What can be done now, in the order of the page."""
    is_held = found.holds.filter(ended_at=None).exists()
    now = {
        "clear": found.is_walled,
        "subjects": not found.is_walled,
        "sensitive": not found.is_sensitive,
        "not_sensitive": found.is_sensitive and not found.category.is_sensitive,
        "hold": not is_held,
        "end_hold": is_held,
        "lift": bool(found.redactions.all()),
        **dict.fromkeys(OF_WORDS, found.erased_at is None),
    }
    for act in ACTS:
        start = (MOVES | OTHERS)[act].start if act in MOVES | OTHERS else tuple(Status)
        if found.status in start and now.get(act, True) and _is_allowed(found, by, act):
            yield act


def _write_letter(*, concern: Concern, by: User, **words: Any) -> object:
    """`_do` has made sure that it is as it was on the page."""
    return desk.write_letter(concern=concern, by=by, read_at=concern.changed_at, **words)


def _end_hold(*, concern: Concern, hold: LegalHold, reason: str, by: User) -> object:
    return holds.end_hold(hold=hold, reason=reason, by=by)


_DOES: dict[str, Callable[..., object]] = {
    "acknowledge": referrals.acknowledge_referral,
    "letter": _write_letter,
    "note": desk.write_note,
    "priority": desk.set_priority,
    "clear": walls.clear,
    "subjects": desk.note_subjects,
    "sensitive": desk.set_sensitive,
    "not_sensitive": desk.set_sensitive,
    REPORTER: moves.name_reporter,
    "redact": redaction.redact_words,
    "lift": redaction.undo,
    "hold": holds.place_hold,
    "end_hold": _end_hold,
}


def _do(found: Concern, act: str, by: User, data: dict[str, Any], read_at: str) -> object:
    """Does what the button says, by the services. `read_at`: of the concern as it was on the page.

    Raises Conflict where it has changed since, and what the services raise.
    """
    if not _is_allowed(found, by, act):
        raise NotAllowed(FOR_SOME[act])
    if act != REPORTER and read_at != found.changed_at.isoformat():
        raise Conflict(FASTER)
    if act in MOVES:
        return moves.move_concern(concern=found, move=act, by=by, **data)
    return _DOES[act](concern=found, by=by, **data)


def _refused(sent: DeskForm, refusal: DomainError) -> str:
    """Says a refusal at its field too, where it names one that the form has."""
    for error in refusal.extra.get("errors", ()):
        if (field := error["pointer"].strip("/")) in sent.fields:
            sent.add_error(field, error["detail"])
    return refusal.detail


def _keys(steps: Iterable[Step]) -> list[tuple[str, str]]:
    """The keys that do something on a page, and what."""
    acts = [(step.act.key, step.act.label) for step in steps]
    up = [("u", "Up to the queue")] if acts else []
    return [("j", "Next"), ("k", "Previous"), *up, *acts, ("Esc", "Close a form"), ("?", "This list")]


# --- a concern --------------------------------------------------------------------------------------------


def nothing(request: HttpRequest) -> HttpResponse:
    """The answer for what is hidden and what is missing, the same bytes, without the id that was asked for."""
    messages.error(request, NOTHING)
    return HttpResponseRedirect(_queue_url(""))


class Sent(NamedTuple):
    """What a button did: a refusal with the form as it was sent, who told it, or where to go on."""

    act: str = ""
    form: DeskForm | None = None
    refusal: str = ""
    reporter: object = None
    onward: str = ""


def concern(request: HttpRequest, concern_id: UUID, context: dict[str, Any]) -> HttpResponse:
    """Shows a concern, or does what a button says and goes on to the next.

    A refusal is said above the page, and what was typed stays. Who told it is in the answer to its button only.
    """
    by, view, sent = who(request), _view_of(request), Sent()
    found = _found(by, concern_id)
    if found and request.method == "POST":
        sent = _send(request, found, by, view)
        if sent.onward:
            return HttpResponseRedirect(sent.onward)
        found = _found(by, concern_id)  # as it is now: a refusal may come of its having changed
    if found is None:
        return nothing(request)
    steps = list(_steps(found, by, sent))
    position = _position_of(found, view)
    beside = {
        "next": _beside(by, view, position),
        "previous": _beside(by, view, position, is_reverse=True),
    }
    shown = {
        **desk_facts.of(found, by),
        "title": f"{found.category}: {found.get_status_display().lower()}",
        "now": timezone.now(),
        "found": found,
        "steps": steps,
        "refusal": sent.refusal,
        "reporter": sent.reporter,
        "queue": _queue_url(view),
        "view_name": VIEWS[view].label,
        "keys": _keys(steps),
        "links": {name: one and _page_url(one, view) for name, one in beside.items()},
    }
    return answer(request, "concerns/concern.html", {**context, **shown})


def _found(by: User, concern_id: UUID) -> Concern | None:
    seen = desk_views.row_of(by, concern_id)
    return seen.select_related(
        "category", "area__agency", "desk__agency", "assigned_to", "occurrence__event"
    ).first()


def _send(request: HttpRequest, found: Concern, by: User, view: str) -> Sent:
    act = request.POST.get("act", "")
    if act not in ACTS:
        return Sent(onward=_page_url(found, view))
    form = ACTS[act].form(request.POST, act=act, concern=found, user=by)
    if not form.is_valid():
        return Sent(act, form, INCOMPLETE)
    position = _position_of(found, view)  # before the move, which may change it
    try:
        done = _do(found, act, by, form.cleaned_data, request.POST.get("read_at", ""))
    except DomainError as refusal:
        return Sent(act, form, _refused(form, refusal))
    if act == REPORTER:
        return Sent(reporter=done)
    messages.success(request, f"{ACTS[act].label}: done.")
    if act in STAYS:
        return Sent(onward=_page_url(found, view))
    after = _beside(by, view, position)
    return Sent(onward=_page_url(after, view) if after else _queue_url(view))


def _steps(found: Concern, by: User, sent: Sent) -> Iterator[Step]:
    acts = list(_acts(found, by))
    # What was typed is not lost with a button that is gone.
    for act in dict.fromkeys([sent.act, *acts] if sent.form else acts):
        is_open = act == sent.act
        form = sent.form if sent.form and is_open else ACTS[act].form(act=act, concern=found, user=by)
        yield Step(act, ACTS[act], form, is_open)
