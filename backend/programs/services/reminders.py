"""Reminders of rides and sessions a day before, and news of sessions that change, to who has a place."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from backend.events import recurrence
from backend.events.models import Event
from backend.notifications import services as notifications
from backend.notifications.languages import Language, in_each
from backend.notifications.links import LINK
from backend.notifications.models import Notice
from backend.programs.models import Application, Program, Session
from backend.programs.services import classes, messages

REMINDER = "program_reminder"
HOURS_BEFORE = 24
LATE = timedelta(hours=2)  # a reminder that could not be given in time is not given later


def send_reminders(now: datetime) -> None:
    """Queues the reminders that are due. Periodic, repeatable: each has its key."""
    for application, thing, starts_at, place in _due(now):
        _remind(application, thing, starts_at, place)


def _due(now: datetime) -> Iterator[tuple[Application, UUID, datetime, str]]:
    """(whose, which slot or session, when, where) of all that starts a day from now."""
    until = now + timedelta(hours=HOURS_BEFORE)
    since = until - LATE
    accepted = Application.objects.filter(status=Application.Status.ACCEPTED, applicant__isnull=False)
    riders = accepted.filter(slot__starts_at__gt=since, slot__starts_at__lte=until)
    for application in riders.select_related("applicant", "program", "slot__district"):
        if application.slot:
            slot = application.slot
            yield application, slot.pk, slot.starts_at, slot.district.name
    for session, times in classes.starting(since, until):
        members = accepted.filter(cohort=session.cohort_id).select_related("applicant", "program")
        for application in members:
            yield application, session.pk, times.starts_at, times.place.name


@transaction.atomic
def _remind(application: Application, thing: UUID, starts_at: datetime, place: str) -> None:
    if application.applicant is None or not application.applicant.phone:
        return
    is_ride = application.program.kind == Program.Kind.RIDE_ALONG
    kind = Event.Kind.RIDE_ALONG if is_ride else classes.kind_of(application.program)
    local = timezone.localtime(starts_at)

    def render(language: Language) -> str:
        when = recurrence.in_words(local) if language.code == "en" else language.when(local)
        what = language.say(kind.label.capitalize())
        return language.say(
            "Reminder: {what}, {when}, {place}. {link}", what=what, when=when, place=place, link=LINK
        )

    notifications.send_to(
        kind=REMINDER,
        key=f"{REMINDER}:{application.pk}:{thing}:{starts_at.timestamp():.0f}",
        recipient=notifications.recipient_of(application.applicant.phone),
        subject_id=f"{application.pk.hex}:{thing.hex}:{starts_at.timestamp():.0f}",
        body=in_each(render),
        expires_at=starts_at,
        urgency=Notice.Urgency.CHANGE,
    )


def tell_of_changes(now: datetime) -> None:
    """Tells members of sessions to come whose event was moved, cancelled or changed. Periodic, repeatable.

    The calendar knows no members, so they are not told in the transaction of the change, but within a minute of it.
    """
    changed = Session.objects.filter(event__sequence__gt=F("told_sequence"))
    ahead = Q(event__last_ends_at=None) | Q(event__last_ends_at__gt=now)
    for session in changed.filter(ahead).select_related("event"):
        if session.event is not None:
            _tell_members(session, session.event.sequence)


@transaction.atomic
def _tell_members(session: Session, sequence: int) -> None:
    new = Session.objects.filter(pk=session.pk, told_sequence__lt=sequence)
    if not new.update(told_sequence=sequence):
        return
    members = Application.objects.filter(cohort=session.cohort_id, status=Application.Status.ACCEPTED)
    for application in members.select_related("applicant"):
        key = f"session:{session.pk}:{sequence}"
        messages.tell(application.applicant, f"application:{application.pk}", key)


def is_still_so(subject: str, now: datetime) -> bool:
    """The re-check: the place is theirs, and it starts then."""
    application_id, thing, stamp = subject.split(":")
    found = Application.objects.filter(pk=UUID(application_id), status=Application.Status.ACCEPTED)
    application = found.select_related("slot").first()
    if application is None:
        return False
    if application.slot is not None:
        starts_at = application.slot.starts_at if application.slot.pk == UUID(thing) else None
    else:
        starts_at = classes.starts_at_of(UUID(thing))
    return starts_at is not None and f"{starts_at.timestamp():.0f}" == stamp
