"""How the queue is doing, in a few numbers that are cheap however much has been sent before."""

import math
from datetime import datetime

from django.db.models import Count, Max, Q
from django.utils import timezone

from backend.notifications.models import Heartbeat, Message, Notice


def gauges() -> dict[str, float]:
    """Messages waiting, by status; seconds that the oldest waits, and since a worker was last seen.

    The age is infinite where no worker ever was. Settled messages are not counted: that would be a scan.
    """
    now = timezone.now()
    Status = Message.Status
    flying = Message.objects.in_flight().aggregate(
        sending=Count("pk", filter=Q(status=Status.SENDING)),
        unknown=Count("pk", filter=Q(status=Status.UNKNOWN)),
    )
    queued = Message.objects.filter(status=Status.QUEUED).count()
    oldest = oldest_due(now) or now
    seen = Heartbeat.objects.aggregate(at=Max("at"))["at"]
    return {
        "messages_queued": float(queued),
        "messages_sending": float(flying["sending"]),
        "messages_unknown": float(flying["unknown"]),
        "oldest_due_message_seconds": max(0.0, (now - oldest).total_seconds()),
        "worker_heartbeat_age_seconds": (now - seen).total_seconds() if seen else math.inf,
    }


def oldest_due(now: datetime) -> datetime | None:
    """When what waits longest was due; None where nothing is. A text that was put off is not late."""
    return min(filter(None, (_oldest(urgency, now) for urgency in Notice.Urgency)), default=None)


def _oldest(urgency: int, now: datetime) -> datetime | None:
    """One step into the queue's index, where a minimum over all of it would read it whole."""
    queued = Message.objects.filter(status=Message.Status.QUEUED, urgency=urgency, due_at__lte=now)
    return queued.order_by("due_at").values_list("due_at", flat=True).first()
