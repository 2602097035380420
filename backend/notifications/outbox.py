"""The queue's moves: taking a message under a lease, and writing down how its sending ended.

Every move is one conditional update: who lost the lease in the meantime changes nothing.
"""

import json
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from backend.notifications import links, quiet, registry, words
from backend.notifications.languages import in_each, to
from backend.notifications.links import LINK
from backend.notifications.models import Attempt, Channel, Message, Notice, Recipient, Sender, Subscription
from backend.notifications.segments import segments
from backend.notifications.transports import TOTAL_SECONDS

Status = Message.Status

# Longer than a hand-over can take (transports.TOTAL_SECONDS), so that one lease covers one call.
LEASE = timedelta(seconds=30)
# How long an answer that got lost has to come back as a receipt before the provider is asked.
ASK_AFTER = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=10)
# Until staff have read what may have been a STOP; then it is asked again.
IN_DOUBT_WAIT = timedelta(hours=1)
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
    if paused_until(channel) > now:
        return None
    locked = Message.objects.select_for_update(skip_locked=True, of=("self",))
    free = locked.select_related("notice", "recipient").by(channel)
    left_behind = free.left_behind(now).first()
    if left_behind:
        lease_until = _take(left_behind, now, status=left_behind.status)
        return Claim(left_behind, lease_until, None)
    others = Message.objects.in_flight().filter(recipient=OuterRef("recipient"))
    queued = free.queued(now).filter(~Exists(others)).first()
    if queued is None or (queued.urgency >= Notice.Urgency.CHANGE and not _has_room(channel, now)):
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


@dataclass(frozen=True)
class Verdict:
    """What becomes of a message instead of going out now: an end, or, with `until`, a wait."""

    status: Message.Status
    reason: str
    until: datetime | None = None


def verdict(message: Message, now: datetime) -> Verdict | None:
    """Why a message should not go out now; None if it should.

    All is read again at this moment: since it was claimed the provider may have been asked, and a STOP come.
    """
    message.recipient.refresh_from_db()
    message.notice.refresh_from_db()
    recipient, notice = message.recipient, message.notice
    if is_stopped(message.channel):
        return Verdict(Status.HELD, "stopped_by_staff", now)
    refusal = _refusal(recipient, notice, now)
    if refusal:
        return Verdict(*refusal)
    if message.urgency == Notice.Urgency.PROMPT:
        return None
    if recipient.in_doubt_since:
        return Verdict(Status.HELD, "in_doubt", now + IN_DOUBT_WAIT)
    if message.urgency < Notice.Urgency.CHANGE and not recipient.keeps_own_hours:
        return None
    if message.channel == Channel.SMS and budget_is_spent(now):
        return Verdict(Status.SUPPRESSED, "budget")
    until, reason = _wait(recipient, message.channel, now)
    if until <= now:
        return None
    if until >= notice.expires_at:
        return Verdict(Status.EXPIRED, reason)
    return Verdict(Status.HELD, reason, until)


def _refusal(recipient: Recipient, notice: Notice, now: datetime) -> tuple[Message.Status, str] | None:
    if notice.expires_at <= now:
        return Status.EXPIRED, "too_late"
    if notice.halted_at:
        return Status.CANCELED, "halted"
    kind = registry.KINDS[notice.kind]
    if recipient.consent == Recipient.ConsentState.STOPPED:
        return Status.SUPPRESSED, "stopped"
    if kind.needs_consent and recipient.consent != Recipient.ConsentState.GIVEN:
        return Status.SUPPRESSED, "no_consent"
    if kind.needs_consent and recipient.never_contact:
        return Status.SUPPRESSED, "never_contact"
    if recipient.unusable_reason and not kind.is_secret:
        return Status.SUPPRESSED, "unusable"
    if notice.topics and not _follows(recipient, notice.topics):
        return Status.SUPPRESSED, "unsubscribed"
    if not kind.still_true(notice.subject_id, now):
        return Status.SUPPRESSED, "no_longer_true"
    return None


def _wait(recipient: Recipient, channel: str, now: datetime) -> tuple[datetime, str]:
    """Until when something that nobody waits for must wait, and why; not after `now` if it need not."""
    zone, opens, closes = recipient.time_zone, recipient.hours_from, recipient.hours_until
    if channel == Channel.SMS:
        hours_open = quiet.next_open(now, zone, opens, closes)
        if hours_open > now:
            return hours_open, "quiet_hours"
        day = quiet.day_began(now, zone)
        if recipient.messages.counted_since(day).count() >= settings.TEXTS_A_DAY:
            return quiet.next_open(day + timedelta(days=1, hours=1), zone, opens, closes), "daily_cap"
    return now, ""


def _follows(recipient: Recipient, topics: list[str]) -> bool:
    """Whether they, or whoever gets their mail here when texts cannot go, still follow any of these."""
    theirs = Q(recipient=recipient) | Q(recipient__instead=recipient)
    return Subscription.objects.filter(theirs, topic__in=topics).exists()


def use_by(message: Message) -> datetime:
    """When the provider is to give up: what nobody waits for must not arrive in the night either."""
    recipient, expires_at = message.recipient, message.notice.expires_at
    if message.urgency < Notice.Urgency.CHANGE or message.channel != Channel.SMS:
        return expires_at
    return min(expires_at, quiet.closes_at(timezone.now(), recipient.time_zone, recipient.hours_until))


# --- the words ----------------------------------------------------------------------------------------


def words_for(message: Message) -> str:
    """What this reader is sent: in their language, discreet if they asked for that, with a link of their own."""
    notice, recipient = message.notice, message.recipient
    body = notice.words(recipient.language)
    if recipient.is_discreet and registry.KINDS[notice.kind].needs_consent:
        body = to(recipient.language, words.discreet)
    return body.replace(LINK, links.of(message))


def may_have_said(message: Message) -> list[str]:
    """All the words in which it can have gone: its reader may have chosen other ones since."""
    notice = message.notice
    texts = [notice.body, *(json.loads(notice.translations).values() if notice.translations else ())]
    texts += in_each(words.discreet).values()
    said = [text.replace(LINK, links.of(message)) for text in texts]
    return list(dict.fromkeys([words_for(message), *said]))


# --- how it ended -------------------------------------------------------------------------------------


@transaction.atomic
def accepted(claim: Claim, attempt: Attempt, provider_id: str) -> None:
    """The provider has it. True even if the lease was lost, so it is recorded either way.

    News of its failure may have been faster than the answer; what followed from them stands.
    """
    if not attempt.outcome:  # else it was counted when its fate was lost sight of
        _count(claim.message)
    Attempt.objects.filter(pk=attempt.pk).update(provider_id=provider_id, outcome="accepted")
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
    uncounted = {"attempts_made": F("attempts_made") - 1} if claim.attempt else {}
    _settle(claim, verdict.reason, lease_until=None, **uncounted, **waiting)
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
    if claim.attempt:
        _count(claim.message)
    wait = min(ASK_AFTER * 2 ** (_tries(claim) - 1), LONGEST_WAIT)
    reason = reason[:40]
    outcome = f"{UNKNOWN_OUTCOME}{reason}"[:40]
    return _settle(claim, outcome, status=Status.UNKNOWN, reason=reason, lease_until=timezone.now() + wait)


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
        attempts_made=F("attempts_made") - 1,
    )


def _tries(claim: Claim) -> int:
    return max(1, min(claim.message.attempts.count(), 10))


@transaction.atomic
def _settle(claim: Claim, outcome: str, **changes: object) -> bool:
    if claim.attempt:
        Attempt.objects.filter(pk=claim.attempt.pk, outcome="").update(outcome=outcome)
    mine = Message.objects.filter(pk=claim.message.pk, lease_until=claim.lease_until)
    return bool(mine.update(**changes))


# --- the sender as a whole ----------------------------------------------------------------------------


def pause(wait: timedelta, reason: str, channel: str = Channel.SMS) -> None:
    """No worker sends anything by this channel for so long: the provider asked for it, or our settings are wrong."""
    until = timezone.now() + wait * random.uniform(1, 1.1)
    defaults = {"paused_until": until, "reason": reason}
    sender, created = Sender.objects.get_or_create(channel=channel, defaults=defaults)
    if not created:  # a longer pause is not cut short by a shorter one
        Sender.objects.filter(pk=sender.pk, paused_until__lt=until).update(**defaults)


def paused_until(channel: str = Channel.SMS) -> datetime:
    """When sending may go on; in the past if it may now. Stopped, it may not until somebody says so."""
    sender = Sender.objects.filter(channel=channel).first()
    if sender is None:
        return datetime.min.replace(tzinfo=UTC)
    return datetime.max.replace(tzinfo=UTC) if sender.stopped_at else sender.paused_until


def is_stopped(channel: str) -> bool:
    return Sender.objects.filter(channel=channel, stopped_at__isnull=False).exists()


def stop_sender(channel: str, reason: str) -> None:
    """The stop button: nothing goes out by this channel until `start_sender`; open sends end by themselves."""
    now = timezone.now()
    defaults = {"stopped_at": now, "reason": reason[:40]}
    create = {**defaults, "paused_until": now}
    Sender.objects.update_or_create(channel=channel, defaults=defaults, create_defaults=create)


def start_sender(channel: str) -> None:
    Sender.objects.filter(channel=channel).update(stopped_at=None, paused_until=timezone.now(), reason="")


def _has_room(channel: str, now: datetime) -> bool:
    """Whether the agreed rate of segments, over all workers, allows another text that nobody waits for."""
    return not Sender.objects.filter(channel=channel, free_at__gt=now).exists()


def _count(message: Message) -> None:
    """It is handed over: its segments count against the month, and the rate must make up for them."""
    count, now = segments(words_for(message)), timezone.now()
    Message.objects.filter(pk=message.pk).update(segments=count)
    if message.channel != Channel.SMS:
        return
    sender, _ = Sender.objects.select_for_update().get_or_create(
        channel=message.channel, defaults={"paused_until": now, "reason": ""}
    )
    month = _month(now)
    sender.month_segments = count + (sender.month_segments if sender.month == month else 0)
    sender.month = month
    if rate := settings.TEXT_SEGMENTS_PER_SECOND:
        sender.free_at = max(sender.free_at or now, now) + timedelta(seconds=count / rate)
    sender.save(update_fields=["month", "month_segments", "free_at"])


def _month(now: datetime) -> date:
    """The month's first day, in St. Louis."""
    return timezone.localdate(now).replace(day=1)


def budget_is_spent(now: datetime) -> bool:
    """Whether this month's texts have reached TEXT_SEGMENTS_A_MONTH."""
    month = now.astimezone(timezone.get_default_timezone()).date().replace(day=1)
    most = settings.TEXT_SEGMENTS_A_MONTH
    return (
        bool(most)
        and Sender.objects.filter(channel=Channel.SMS, month=month, month_segments__gte=most).exists()
    )
