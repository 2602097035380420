"""What followers of a group are texted: that there is an update, never of what."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from backend.feedback.workinggroups.models import Consultation, WorkingGroup
from backend.notifications import services as notifications
from backend.notifications import words
from backend.notifications.languages import in_each

NEWS, CALL = "group_news", "group_call"
OF_USE = timedelta(days=7)
LATE = timedelta(days=1)  # a worker that was off for longer announces nothing that began before


def tell_followers(group: WorkingGroup, what: str) -> None:
    """Tells who follows the group, once of each thing; in the transaction of what it tells of."""
    notifications.queue_notice(
        kind=NEWS,
        key=f"{NEWS}:{group.pk}:{what}",
        topics=[topic_of(group)],
        subject_id=str(group.pk),
        body=in_each(words.discreet),
        expires_at=timezone.now() + OF_USE,
    )


def announce_calls(now: datetime) -> None:
    """A job: tells of the calls for everybody that opened within the last day. Each is told of once."""
    opened = Consultation.objects.open_at(now).filter(
        audience=Consultation.Audience.EVERYBODY, opens_at__gt=now - LATE
    )
    for call in opened.select_related("group"):
        with transaction.atomic():
            notifications.queue_notice(
                kind=CALL,
                key=f"{CALL}:{call.pk}",
                topics=[topic_of(call.group)],
                subject_id=str(call.pk),
                body=in_each(words.discreet),
                expires_at=call.closes_at,
            )


def topic_of(group: WorkingGroup) -> str:
    return f"group:{group.slug}"


def is_still_open(call_id: str, now: datetime) -> bool:
    """The re-check of a call's announcement."""
    return Consultation.objects.open_at(now).filter(pk=call_id).exists()
