"""Calls for input: on a published version of the text or by questions, with a beginning and an end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import Conflict, Invalid
from backend.events.models import Event
from backend.events.services import cancel_event
from backend.events.services.checks import refuse_markup
from backend.events.services.series import begin
from backend.feedback.workinggroups.models import (
    Consultation,
    ConsultationQuestion,
    Disposition,
    Draft,
    WorkingGroup,
)
from backend.feedback.workinggroups.services import telling, testimony
from backend.feedback.workinggroups.services.access import note, only_coordinators, refuse_loud
from backend.feedback.workinggroups.services.drafts import check_disposed
from backend.roster import editions

SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=366)
MOST_QUESTIONS, MOST_CHOICES = 20, 20
Audience, Kind = Consultation.Audience, ConsultationQuestion.Kind


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question; of the kind `choice` with two choices or more, else with none."""

    key: str
    text: str
    kind: str
    choices: Sequence[str] = ()


@transaction.atomic
def open_consultation(
    *,
    group: WorkingGroup,
    title: str,
    closes_at: datetime,
    by: User,
    introduction: str = "",
    draft: Draft | None = None,
    audience: str = Audience.EVERYBODY,
    takes_testimony: bool = False,
    opens_at: datetime | None = None,
    questions: Sequence[Asked] = (),
) -> Consultation:
    """Opens a call, or announces one that opens later; what is for everybody is in the calendar.

    Raises Invalid, NotAllowed, NotFound, and Conflict where the version is not the newest published one.
    """
    only_coordinators(group, by)
    group = (
        WorkingGroup.objects.select_for_update(of=("self",), no_key=True)
        .select_related("area__agency")
        .get(pk=group.pk)
    )
    now = timezone.now()
    call = Consultation(
        group=group,
        draft=draft,
        title=title,
        introduction=introduction,
        audience=audience,
        takes_testimony=takes_testimony,
        opens_at=opens_at or now,
        closes_at=closes_at,
    )
    _check(call, questions, now)
    if audience == Audience.EVERYBODY:
        call.event_id = _post_closing(call, by).pk
    call.save()
    ConsultationQuestion.objects.bulk_create(
        ConsultationQuestion(
            consultation=call, position=n, key=q.key, text=q.text, kind=q.kind, choices=list(q.choices)
        )
        for n, q in enumerate(questions, 1)
    )
    note("call_opened", group, call, by=by)
    _show(call)
    return call


def _show(call: Consultation) -> None:
    """What is for members alone changes nothing that the public sees, not even a tag."""
    if call.audience == Audience.EVERYBODY:
        editions.bump(editions.WORKING_GROUPS)


def _check(call: Consultation, questions: Sequence[Asked], now: datetime) -> None:
    for name in ("title", "introduction"):
        refuse_markup(getattr(call, name), name)
    refuse_loud(call.group, call.title)
    if call.opens_at < now:
        raise Invalid("A call opens now or later.", field="opens_at", code="past")
    if not SHORTEST <= call.closes_at - call.opens_at <= LONGEST:
        raise Invalid("A call is open for an hour at least and a year at most.", field="closes_at")
    if call.takes_testimony and call.audience != Audience.EVERYBODY:
        raise Invalid(
            "What people lived through is taken from everybody, for nobody is asked who they are.",
            field="takes_testimony",
        )
    if call.draft is None and not questions and not call.takes_testimony:
        raise Invalid("Say what the call is about: a version of the text, or questions.", field="draft")
    _check_draft(call)
    _check_questions(questions)


def _check_draft(call: Consultation) -> None:
    if call.draft is None:
        return
    newest = call.group.drafts.published().last()
    in_work_for_members = call.audience == Audience.MEMBERS and call.draft.published_at is None
    if call.draft != newest and not in_work_for_members:
        raise Conflict(
            f"Version {call.draft.number} is not the newest published one; "
            + (f"call for input on version {newest.number}." if newest else "publish it first."),
            type="other-version",
        )


def _check_questions(questions: Sequence[Asked]) -> None:
    if len(questions) > MOST_QUESTIONS:
        raise Invalid(f"Ask at most {MOST_QUESTIONS} questions.", field="questions", code="too-many")
    if len({q.key for q in questions}) < len(questions):
        raise Invalid("Each question needs a key of its own.", field="questions", code="twice")
    for n, question in enumerate(questions):
        refuse_markup(question.text, f"questions/{n}/text")
        different = len(set(question.choices)) == len(question.choices)
        fits = (
            2 <= len(question.choices) <= MOST_CHOICES
            if question.kind == Kind.CHOICE
            else not question.choices
        )
        if not (different and fits):
            raise Invalid(
                f"Of the kind `choice`, and only then: 2 to {MOST_CHOICES} different choices.",
                field=f"questions/{n}/choices",
            )


def _post_closing(call: Consultation, by: User) -> Event:
    """The moment until which one can comment, for every calendar."""
    group, ends = call.group, timezone.localtime(call.closes_at).replace(second=0, microsecond=0)
    title = group.neutral_name if group.is_discreet else f"Last call for comments: {call.title}"[:120]
    opens = timezone.localtime(call.opens_at)
    event = Event(
        kind=Event.Kind.CALL_FOR_INPUT,
        status=Event.Status.PUBLISHED,
        title=title,
        description=""
        if group.is_discreet
        else f"Comments are taken from {opens:%B %-d, %Y, %H:%M} until {ends:%B %-d, %Y, %H:%M}.",
        first_on=ends.date(),
        start_time=ends.time().replace(tzinfo=None),
        duration_minutes=5,
        place_name="Online, in the app",
        working_group=group.slug,
    )
    return begin(event, [group.area], action="posted", by=by)


@transaction.atomic
def close_consultation(*, consultation: Consultation, by: User) -> Consultation:
    """Ends a call before its time. Raises NotAllowed, NotFound, and Conflict where it is over."""
    only_coordinators(consultation.group, by)
    testimony.hold()
    call = _locked(consultation)
    now = timezone.now()
    if call.is_over(now):
        raise Conflict("It is closed already.", type="call-closed")
    call.closed_at = now
    call.save(update_fields=["closed_at"])
    if call.event_id:
        cancel_event(event=Event.objects.get(pk=call.event_id), by=by, reason="Comments were closed early.")
    note("call_closed", call.group, call, by=by)
    _show(call)
    return call


@transaction.atomic
def publish_consultation(*, consultation: Consultation, by: User) -> Consultation:
    """Makes public what people said, as far as the body's records are, and what became of it.

    Raises NotAllowed, NotFound, and Conflict while it is open or a comment has no disposition.
    """
    only_coordinators(consultation.group, by)
    testimony.hold()
    call = _locked(consultation)
    if call.published_at:
        raise Conflict("It is published already.", type="already-published")
    if not call.is_over(timezone.now()):
        raise Conflict("It is open; close it first, or wait until it closes.", type="call-open")
    check_disposed(Q(consultation=call))
    _check_landed_in_public(call)
    call.published_at = timezone.now()
    call.save(update_fields=["published_at"])
    note("call_published", call.group, call, by=by)
    _show(call)
    if call.audience == Audience.EVERYBODY:
        telling.tell_followers(call.group, f"call:{call.pk}")
    return call


def _check_landed_in_public(call: Consultation) -> None:
    """What is in work is behind the wall, its sections' names too."""
    in_work = Disposition.objects.filter(comment__consultation=call, landed_draft__published_at=None)
    if number := in_work.exclude(landed_draft=None).values_list("landed_draft__number", flat=True).first():
        raise Conflict(
            f"Some of it landed in version {number}, which is in work; publish that, and this is published with it.",
            type="landed-in-work",
        )


def _locked(consultation: Consultation) -> Consultation:
    rows = Consultation.objects.select_for_update(of=("self",), no_key=True).select_related("group")
    return rows.get(pk=consultation.pk)
