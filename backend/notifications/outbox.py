"""The queue's moves: taking a message under a lease, and writing down how its sending ended.

Every move is one conditional update: who lost the lease in the meantime changes nothing.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from backend.notifications import registry, sender
from backend.notifications.models import Attempt, Channel, Message, Notice
from backend.notifications.segments import segments
from backend.notifications.transports import TOTAL_SECONDS
from backend.notifications.verdicts import Verdict, words_for

Status = Message.Status

# Longer than a hand-over can take (transports.TOTAL_SECONDS), so that one lease covers one call.
LEASE = timedelta(seconds=30)
# How long an answer that got lost has to come back as a receipt before the provider is asked.
ASK_AFTER = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=10)
MAX_ATTEMPTS = 4

UNKNOWN_OUTCOME = "unknown_"  # begins the outcome of an attempt that may have been sent
# Why a text did not go although its reader wants to know: the same goes by e-mail.
UNUSABLE = {"21211", "21614", "30005", "30006"}  # the number is no mobile that can be reached
GOES_INSTEAD = {"unusable", "budget", *UNUSABLE}

# How far a status is; a message only moves to a higher one. What we gave up may still turn out to have
# been sent; a failure wins over a delivery, which may have been of one part only.
RANK = {
    Status.QUEUED: 0,
    Status.HELD: 0,
    Status.SENDING: 0,
    Status.UNKNOWN: 0,
    Status.SUPPRESSED: 1,
    Status.EXPIRED: 1,
    Status.CANCELED: 1,
    Status.SENT: 2,
    Status.DELIVERED: 3,
    Status.UNDELIVERED: 4,
    Status.FAILED: 4,
}


@dataclass
class Claim:
    """A message that is this worker's until the lease ends. No attempt: its fate is to be found out."""

    message: Message
    lease_until: datetime
    attempt: Attempt | None

    def has_time(self) -> bool:
        """Whether a hand-over begun now would end within the lease; not so after the machine slept."""
        return timezone.now() + timedelta(seconds=TOTAL_SECONDS) < self.lease_until


def advance(message_id: int, status: Message.Status, reason: str = "") -> bool:
    """Moves a message forward, whoever holds it, because it is a fact; False if it was there or further."""
    lower = [s for s, rank in RANK.items() if rank < RANK[status]]
    return bool(
        Message.objects.filter(pk=message_id, status__in=lower).update(
            status=status, reason=reason, lease_until=None, settled_at=timezone.now()
        )
    )


# --- taking -------------------------------------------------------------------------------------------


@transaction.atomic
def claim(channel: str = Channel.SMS) -> Claim | None:
    """Takes the channel's most urgent message, with what others left behind first; None if nothing is due now.

    Raises IntegrityError where another worker was a moment faster with a text to the same recipient.
    """
    now = timezone.now()
    if sender.paused_until(channel) > now:
        return None
    locked = Message.objects.select_for_update(skip_locked=True, of=("self",))
    free = locked.select_related("notice", "recipient").by(channel)
    left_behind = free.left_behind(now).first()
    if left_behind:
        lease_until = _take(left_behind, now, status=left_behind.status)
        return Claim(left_behind, lease_until, None)
    others = Message.objects.in_flight().filter(recipient=OuterRef("recipient"))
    queued = free.queued(now).filter(~Exists(others)).first()
    if queued is None or (queued.urgency >= Notice.Urgency.CHANGE and not sender.has_room(channel, now)):
        return None
    lease_until = _take(queued, now, status=Status.SENDING, attempts_made=F("attempts_made") + 1)
    return Claim(queued, lease_until, Attempt.objects.create(message=queued, started_at=now))


@transaction.atomic
def start_again(claim: Claim) -> Claim | None:
    """A further attempt at a message that the provider does not know; None if the lease was lost."""
    now = timezone.now()
    mine = Message.objects.filter(pk=claim.message.pk, lease_until=claim.lease_until)
    lease_until = now + LEASE
    if not mine.update(status=Status.SENDING, lease_until=lease_until, attempts_made=F("attempts_made") + 1):
        return None
    return Claim(claim.message, lease_until, Attempt.objects.create(message=claim.message, started_at=now))


def _take(message: Message, now: datetime, **changes: object) -> datetime:
    lease_until = now + LEASE
    Message.objects.filter(pk=message.pk).update(lease_until=lease_until, **changes)
    return lease_until


# --- how it ended -------------------------------------------------------------------------------------


@transaction.atomic
def accepted(claim: Claim, attempt: Attempt, provider_id: str) -> None:
    """The provider has it. True even if the lease was lost, so it is recorded either way.

    News of its failure may have been faster than the answer; what followed from them stands.
    """
    # The attempt first, then its message, as a receipt does that comes at the same moment.
    Attempt.objects.filter(pk=attempt.pk).update(provider_id=provider_id, outcome="accepted")
    if not attempt.outcome:  # else it was counted when its fate was lost sight of
        _count(claim.message)
    if not attempt.receipts.filter(status__in=["failed", "undelivered"]).exists():
        advance(claim.message.pk, Status.SENT)
    _forget_secret(claim)


@transaction.atomic
def ended(claim: Claim, status: Message.Status, reason: str, *, was_tried: bool = True) -> bool:
    """Nothing will be sent, by us; by e-mail instead where the text could not go and there is an address."""
    _forget_secret(claim)
    if claim.attempt and not was_tried:
        Message.objects.filter(pk=claim.message.pk, lease_until=claim.lease_until).update(
            attempts_made=F("attempts_made") - 1
        )
    if reason in GOES_INSTEAD:
        send_instead(claim.message)
    return _settle(claim, reason, status=status, reason=reason, settled_at=timezone.now(), lease_until=None)


def send_instead(message: Message) -> None:
    """The same notice to the person's e-mail address, once."""
    kind, other = registry.KINDS.get(message.notice.kind), message.recipient.instead
    if other and kind and kind.needs_consent:
        notice, moment = message.notice, timezone.now()
        Message.objects.get_or_create(
            notice=notice,
            recipient=other,
            defaults={"channel": other.channel, "urgency": message.urgency, "due_at": moment},
        )


def held(claim: Claim, verdict: Verdict) -> None:
    """It waits, uncounted, and so do the other copies for people who keep the same hours."""
    message, waiting = (
        claim.message,
        {"status": Status.HELD, "reason": verdict.reason, "due_at": verdict.until},
    )
    _settle(claim, verdict.reason, lease_until=None, **_uncounted(claim), **waiting)
    if verdict.reason == "quiet_hours":
        same = {
            f"recipient__{name}": getattr(message.recipient, name)
            for name in ("time_zone", "hours_from", "hours_until")
        }
        copies = Message.objects.filter(
            notice=message.notice_id, status=Status.QUEUED, channel=message.channel, **same
        )
        Message.objects.filter(pk__in=copies.values("pk")).update(**waiting)


def release(now: datetime) -> int:
    """Back into the queue goes what was held until now; returns how many."""
    return Message.objects.released(now).update(status=Status.QUEUED, reason="")


def _forget_secret(claim: Claim) -> None:
    """It went to one person, and that is over."""
    if claim.message.notice.kind in registry.secret_kinds():
        Notice.objects.filter(pk=claim.message.notice_id).update(body="", translations="")


def forget_secrets(now: datetime) -> int:
    """A job: erases the words of secrets that expired without coming to their end here; returns how many."""
    over = Notice.objects.filter(kind__in=registry.secret_kinds(), expires_at__lte=now).exclude(body="")
    return over.update(body="", translations="")


@transaction.atomic
def lost_sight(claim: Claim, reason: str) -> bool:
    """It may have been sent: the next lease-holder asks the provider."""
    wait = min(ASK_AFTER * 2 ** (_tries(claim) - 1), LONGEST_WAIT)
    reason = reason[:40]
    outcome = f"{UNKNOWN_OUTCOME}{reason}"[:40]
    lease_until = timezone.now() + wait
    kept = _settle(claim, outcome, status=Status.UNKNOWN, reason=reason, lease_until=lease_until)
    if claim.attempt:
        _count(claim.message)
    return kept


def put_back(claim: Claim, reason: str, wait: timedelta) -> bool:
    """Nothing was sent: back into the queue, later each time, and not counted as an attempt."""
    backoff = min(wait * 2 ** (_tries(claim) - 1), LONGEST_WAIT) * random.uniform(1, 1.1)
    return _settle(
        claim,
        reason,
        status=Status.QUEUED,
        reason=reason,
        due_at=timezone.now() + backoff,
        lease_until=None,
        **_uncounted(claim),
    )


def _uncounted(claim: Claim) -> dict[str, Any]:
    """Takes back that the claim counted as an attempt; one of a text left behind did not."""
    return {"attempts_made": F("attempts_made") - 1} if claim.attempt else {}


def _tries(claim: Claim) -> int:
    return max(1, min(claim.message.attempts.count(), 10))


@transaction.atomic
def _settle(claim: Claim, outcome: str, **changes: object) -> bool:
    if claim.attempt:
        Attempt.objects.filter(pk=claim.attempt.pk, outcome="").update(outcome=outcome)
    mine = Message.objects.filter(pk=claim.message.pk, lease_until=claim.lease_until)
    return bool(mine.update(**changes))


def _count(message: Message) -> None:
    """It is handed over, in so many segments."""
    count = segments(words_for(message))
    Message.objects.filter(pk=message.pk).update(segments=count)
    sender.spend(message.channel, count)
