"""The provider's news of a text, by receipt or asked for, and what follows from it (error codes: Twilio's)."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from random import uniform

import structlog
from django.db import transaction
from django.utils import timezone

from backend.notifications import outbox, quiet, registry, sender
from backend.notifications.models import OUT_OF_REACH, Attempt, Message, Receipt, Recipient
from backend.notifications.outbox import UNUSABLE, advance
from backend.notifications.services.alerts import raise_alert
from backend.notifications.services.consent import stop_texts
from backend.notifications.transports import News

log = structlog.get_logger("rollcall.notifications")

Status = Message.Status
UNSUBSCRIBED = "21610"  # the number said STOP to the provider
QUEUE_OVERFLOW = "30001"
FILTERED = {"30004", "30007"}
UNREGISTERED, DAY_IS_FULL, TOO_LATE_IN_THE_DAY = "30034", "30023", "30610"
RETRIES = 3
MISSED_IN_A_ROW = 3
OVERFLOW_WAIT, UNREACHABLE_WAIT = timedelta(seconds=10), timedelta(minutes=30)

# A receipt's status as the provider words it, and how far the message then is.
RECEIPT_MEANS = {
    "accepted": Status.SENT,
    "scheduled": Status.SENT,
    "queued": Status.SENT,
    "sending": Status.SENT,
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.DELIVERED,
    "undelivered": Status.UNDELIVERED,
    "failed": Status.FAILED,
    "canceled": Status.FAILED,
}
FAILURES = (Status.UNDELIVERED, Status.FAILED)


@transaction.atomic
def record_receipt(*, attempt_id: uuid.UUID, provider_id: str, status: str, error_code: str = "") -> bool:
    """Keeps a receipt and moves its message forward, never back; a failure wins over a delivery.

    False where nothing changed: unknown attempt or status, another message's id, or a repeat.
    """
    attempt = (
        Attempt.objects.select_for_update(of=("self",))
        .select_related("message__recipient", "message__notice")
        .filter(pk=attempt_id)
        .first()
    )
    if attempt is None or status not in RECEIPT_MEANS or attempt.provider_id not in ("", provider_id):
        log.info("receipt without effect", known=attempt is not None)
        return False
    if not attempt.provider_id:
        attempt.provider_id = provider_id
        attempt.save(update_fields=["provider_id"])
    _, created = Receipt.objects.get_or_create(attempt=attempt, status=status, error_code=error_code)
    return created and _follow(attempt, RECEIPT_MEANS[status], error_code)


def _follow(attempt: Attempt, status: Message.Status, code: str) -> bool:
    message, failed = attempt.message, attempt.receipts.filter(status__in=["undelivered", "failed"])
    if status not in FAILURES:
        # Of a failure and a delivery of one copy the failure counts: it may have been of one part (R23).
        return not failed.exists() and advance(message.pk, status, reason=code)
    others = message.attempts.exclude(pk=attempt.pk)
    if others.filter(started_at__gt=attempt.started_at).exists() or (
        others.filter(receipts__status="delivered").exists()
    ):
        return False  # there has been a later try, or an earlier copy arrived after all
    consequences(message.recipient, code)
    if not attempt.receipts.filter(status="delivered").exists() and _try_again(message, code):
        return True
    moved = advance(message.pk, status, reason=code)
    if moved and code in UNUSABLE:
        outbox.send_instead(message)
    return moved


def consequences(recipient: Recipient, code: str) -> None:
    """What one failure says of the number, or of all that we send."""
    if code == UNSUBSCRIBED:
        stop_texts(recipient=recipient, source="provider")
    elif code in UNUSABLE:
        Recipient.objects.filter(pk=recipient.pk).update(unusable_reason=code)
    elif code in FILTERED:
        raise_alert("filtered", f"A carrier blocked a text of ours as unwanted ({code}).")
    elif code == UNREGISTERED:
        raise_alert("unregistered", "A carrier refuses our number: its campaign is not registered (30034).")
        sender.stop(recipient.channel, code)
    elif code == DAY_IS_FULL:
        raise_alert(
            "day_is_full", "A carrier's limit for today is reached (30023); sending goes on tomorrow."
        )
        sender.pause(_tomorrow() - timezone.now(), code, recipient.channel)
    elif code == TOO_LATE_IN_THE_DAY:
        raise_alert("quiet_hours", "The provider held a text back for its hour (30610): our hours are wrong.")


def _tomorrow() -> datetime:
    return quiet.day_began(timezone.now() + timedelta(days=1), "America/Chicago")


def _try_again(message: Message, code: str) -> bool:
    """Puts a text that the provider had and could not pass on back into the queue, if that is of use."""
    now, recipient, made = timezone.now(), message.recipient, message.attempts_made
    if made > RETRIES or registry.KINDS[message.notice.kind].is_secret:
        return False
    if code == QUEUE_OVERFLOW:
        status, at = Status.QUEUED, now + OVERFLOW_WAIT * 2 ** (made - 1) * uniform(1, 1.1)
    elif code == TOO_LATE_IN_THE_DAY:
        status, at = Status.HELD, _next_opening(recipient, now)
    elif code == DAY_IS_FULL:
        status, at = Status.HELD, _tomorrow()
    else:
        return False
    if at >= message.notice.expires_at:
        return False
    handed_over = [Status.SENDING, Status.UNKNOWN, Status.SENT]
    return bool(
        Message.objects.filter(pk=message.pk, status__in=handed_over).update(
            status=status, reason=code, due_at=at, lease_until=None
        )
    )


def _next_opening(recipient: Recipient, now: datetime) -> datetime:
    """The first of their hours that has not begun: the provider thinks that it is night there."""
    hours = (recipient.time_zone, recipient.hours_from, recipient.hours_until)
    opens = quiet.next_open(now, *hours)
    return opens if opens > now else quiet.next_open(quiet.closes_at(now, hours[0], hours[2]), *hours)


def try_unreachable_again(now: datetime) -> int:
    """A job: phones that were off get a text once more after half an hour, if it is still of use; returns how many."""
    found = Message.objects.unreachable(now, now - UNREACHABLE_WAIT)
    return Message.objects.filter(pk__in=found.values("pk")).update(
        status=Status.QUEUED, due_at=now, settled_at=None
    )


def is_out_of_reach(recipient: Recipient) -> bool:
    """Whether none of the last three texts arrived: time to ask whether the number is still right."""
    lately = recipient.messages.filter(settled_at__isnull=False).order_by("-settled_at")
    last = lately.values_list("status", "reason")[:MISSED_IN_A_ROW]
    missed = [status == Status.UNDELIVERED and reason in OUT_OF_REACH for status, reason in last]
    return missed == [True] * MISSED_IN_A_ROW


# --- news that was asked for --------------------------------------------------------------------------


def take_news(news: Iterable[News]) -> int:
    """Final states and prices that the provider lists; returns how many of its texts are ours."""
    known = 0
    for item in news:
        attempt = Attempt.objects.filter(provider_id=item.provider_id).first()
        if attempt is None:
            continue
        known += 1
        if item.cost is not None and attempt.cost is None:
            Attempt.objects.filter(pk=attempt.pk).update(cost=Decimal(item.cost))
        record_receipt(
            attempt_id=attempt.pk,
            provider_id=item.provider_id,
            status=item.status,
            error_code=item.error_code,
        )
    return known
