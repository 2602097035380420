"""What people who registered are told, and nobody else: that a place is theirs, and when it is."""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from backend.events import notices
from backend.events.models import Event, Occurrence, Registration
from backend.events.services.derived import topics_of
from backend.notifications import services as notifications
from backend.notifications.models import Notice, Reminder
from backend.notifications.services.following import FARTHEST_REMINDER

LATE = timedelta(hours=1)  # a reminder that could not be given in time is not given an hour later


def follow(registration: Registration) -> None:
    """The person's number hears of changes of this date, once it has agreed to texts."""
    if registration.user.phone:
        notifications.subscribe(phone=registration.user.phone, topics=[_topic(registration)])


def unfollow(registration: Registration) -> None:
    if registration.user.phone:
        notifications.unsubscribe(phone=registration.user.phone, topics=[_topic(registration)])


def _topic(registration: Registration) -> str:
    return f"date:{registration.occurrence_id}"


def tell_promoted(registration: Registration) -> None:
    """A place became free and is theirs."""
    kind = "registration_promoted"
    _send(registration, kind, f"{kind}:{registration.pk}", notices.promoted(*_words(registration.occurrence)))


def send_reminders(now: datetime) -> None:
    """Queues the reminders that are due. Periodic, repeatable: each has its key."""
    soon = now + timedelta(hours=FARTHEST_REMINDER)
    due = Registration.objects.filter(
        status=Registration.Status.CONFIRMED, occurrence__starts_at__gt=now, occurrence__starts_at__lte=soon
    ).exclude(occurrence__status=Occurrence.Status.CANCELLED)
    rows = due.select_related("user", "occurrence__event", "occurrence__override")
    for registration in rows.iterator():
        for hours in registration.remind_hours:
            at = registration.occurrence.starts_at - timedelta(hours=hours)
            if at <= now < at + LATE:
                _remind(registration, hours)


@transaction.atomic
def _remind(registration: Registration, hours: int) -> None:
    kind, starts_at = "registration_reminder", registration.occurrence.starts_at
    key = f"{kind}:{registration.pk}:{hours}:{starts_at.timestamp():.0f}"  # once for each time that it is moved to
    _send(registration, kind, key, notices.reminder(*_words(registration.occurrence)))


def remind_followers(now: datetime) -> None:
    """Queues the reminders that followers chose, so many hours before each date. Periodic, repeatable."""
    for hours in Reminder.objects.values_list("hours", flat=True).distinct():
        first = now + timedelta(hours=hours)
        due = Occurrence.objects.published().filter(starts_at__gt=first - LATE, starts_at__lte=first)
        due = due.filter(starts_at__gt=now).exclude(status=Occurrence.Status.CANCELLED)
        for occurrence in due.select_related("event", "override"):
            _remind_followers(occurrence, hours)


@transaction.atomic
def _remind_followers(occurrence: Occurrence, hours: int) -> None:
    event, starts_at, place = _words(occurrence)
    notifications.queue_notice(
        kind="occurrence_reminder",
        key=f"occurrence_reminder:{occurrence.pk}:{hours}:{starts_at.timestamp():.0f}",
        topics=[*topics_of(event), f"date:{occurrence.pk}"],
        subject_id=f"{occurrence.pk}@{starts_at.timestamp():.0f}",
        body=notices.reminder(event, starts_at, place),
        expires_at=starts_at,
        path=f"/e/{event.id}",
        reminder_hours=hours,
    )


def takes_place(subject_id: str, now: datetime) -> bool:
    """The re-check of a follower's reminder: the date is still to come, and then."""
    occurrence_id, _, stamp = subject_id.partition("@")
    starts_at = datetime.fromtimestamp(int(stamp), UTC)
    coming = Occurrence.objects.published().filter(pk=occurrence_id, starts_at=starts_at, starts_at__gt=now)
    return coming.exclude(status=Occurrence.Status.CANCELLED).exists()


def _words(occurrence: Occurrence) -> tuple[Event, datetime, str]:
    """The series, when the date is, and where."""
    place = (occurrence.override and occurrence.override.place) or occurrence.event.place
    return occurrence.event, occurrence.starts_at, place.name


def _send(registration: Registration, kind: str, key: str, body: dict[str, str]) -> None:
    if not registration.user.phone:
        return
    notifications.send_to(
        kind=kind,
        key=key,
        recipient=notifications.recipient_of(registration.user.phone),
        subject_id=str(registration.pk),
        body=body,
        expires_at=registration.occurrence.starts_at,
        urgency=Notice.Urgency.CHANGE,  # nobody asked for it this minute: it waits for the morning
        path=f"/e/{registration.occurrence.event_id}",
    )


def still_has_a_place(subject_id: str, now: datetime) -> bool:
    """The re-check of both: the place is still theirs, and the date takes place."""
    held = Registration.objects.filter(pk=subject_id, status=Registration.Status.CONFIRMED)
    return held.exclude(occurrence__status=Occurrence.Status.CANCELLED).exists()


def is_ahead(occurrence_id: str) -> bool:
    """Whether a date can be followed: it is not over."""
    return Occurrence.objects.published().filter(pk=occurrence_id, ends_at__gt=timezone.now()).exists()
