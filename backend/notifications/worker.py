"""The worker: takes a message, checks that it is still wanted, sends it with no transaction open, records.

Killed at any moment it loses nothing: what it held comes back when the lease ends, and is then settled
by a receipt, else by asking the provider, else by sending again if that is still of use.
"""

import os
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from django.db import IntegrityError, close_old_connections, connections, transaction
from django.utils import timezone

from backend.notifications import outbox, registry, sender, verdicts
from backend.notifications.models import Attempt, Channel, Heartbeat, JobRun, Message
from backend.notifications.outbox import Claim
from backend.notifications.services import clear_alert, consequences, raise_alert
from backend.notifications.transports import (
    Misconfigured,
    NotSent,
    Refused,
    SendingOff,
    Transport,
    TransportError,
)

log = structlog.get_logger("rollcall.worker")

IDLE_SECONDS = 0.5
BEAT_EVERY = timedelta(seconds=5)
JOBS_EVERY = timedelta(seconds=15)
JOB_MAY_TAKE = timedelta(hours=1)
NOT_READY_WAIT = timedelta(minutes=1)
LONGEST_REST_SECONDS = 30.0
# After its use-by time a text of unknown fate is asked about for so long.
GIVE_UP_AFTER = timedelta(days=1)
# `work --drain` stays for retries that are due within this time.
DRAIN_HORIZON = timedelta(seconds=30)


# --- one message --------------------------------------------------------------------------------------


def work_once(transport: Transport) -> bool:
    """Brings at most one message of the transport's channel forward; False if there was nothing to do."""
    try:
        claim = outbox.claim(transport.channel)
    except IntegrityError:  # another worker took a text to the same person a moment before
        return True
    if claim is None:
        return False
    if claim.attempt is None and not _known_unsent(claim, transport):
        return True
    if not _wanted(claim):
        return True
    claim = claim if claim.attempt else _again(claim)
    if claim and claim.attempt and claim.has_time():
        _hand_over(claim, claim.attempt, transport)
    return True


def _wanted(claim: Claim) -> bool:
    """Whether to send it; if not, why not is recorded."""
    try:
        verdict = verdicts.verdict(claim.message, timezone.now())
    except Exception:
        log.exception("text cannot be checked", message=claim.message.pk, kind=claim.message.notice.kind)
        outbox.put_back(claim, "not_ready", NOT_READY_WAIT)
        return False
    if verdict is None:
        return True
    if verdict.until:
        outbox.held(claim, verdict)
    else:
        outbox.ended(claim, verdict.status, verdict.reason, was_tried=False)
        if verdict.reason == "budget":
            raise_alert(
                "budget", "This month's texts are spent; what is not urgent goes by e-mail or not at all."
            )
    return False


def _hand_over(claim: Claim, attempt: Attempt, transport: Transport) -> None:
    """The one place where a text leaves. Everything that can come of it is recorded here."""
    message = claim.message
    try:
        provider_id = transport.send(
            to=message.recipient.address,
            body=verdicts.words_for(message),
            attempt_id=attempt.pk,
            expires_at=verdicts.use_by(message),
        )
    except TransportError as error:
        log.warning("text not taken", message=message.pk, attempt=str(attempt.pk), reason=error.reason)
        _record_failure(claim, error)
    except Exception as error:
        log.exception("transport broke", message=message.pk)
        outbox.lost_sight(claim, type(error).__name__)
    else:
        outbox.accepted(claim, attempt, provider_id)
        clear_alert(f"misconfigured_{message.channel}")


def _record_failure(claim: Claim, error: TransportError) -> None:
    if isinstance(error, NotSent):
        _rest(error, claim.message.channel)
        outbox.put_back(claim, error.reason, error.wait)
    elif isinstance(error, SendingOff):
        outbox.ended(claim, Message.Status.SUPPRESSED, error.reason)
    elif isinstance(error, Refused):
        with transaction.atomic():
            outbox.ended(claim, Message.Status.FAILED, error.reason)
            if claim.message.channel == Channel.SMS:
                consequences(claim.message.recipient, error.reason)
    else:
        outbox.lost_sight(claim, error.reason)


def _rest(error: NotSent, channel: str) -> None:
    """All workers wait: the channel's next message would fare no better."""
    if isinstance(error, Misconfigured):
        log.error("the provider refuses our settings; sending rests", reason=error.reason)
        what = Channel(channel).label
        raise_alert(
            f"misconfigured_{channel}",
            f"The provider of {what} messages refuses our settings ({error.reason}); none is sent.",
        )
    sender.pause(error.wait, error.reason, channel)


# --- a message whose fate nobody knows ------------------------------------------------------------------


def _known_unsent(claim: Claim, transport: Transport) -> bool:
    """Asks the provider about a text left behind; True if it has not got it. Else records what is known."""
    message = claim.message
    attempts = list(message.attempts.filter(provider_id="").order_by("started_at"))
    try:
        found = [
            provider_id
            for body in verdicts.may_have_said(message)
            for provider_id in transport.find(
                to=message.recipient.address, body=body, since=attempts[0].started_at
            )
        ]
    except TransportError as error:
        log.warning("fate of a text not known", message=message.pk, reason=error.reason)
        _ask_later(claim, error)
        return False
    taken = set(Attempt.objects.filter(provider_id__in=found).values_list("provider_id", flat=True))
    ours = [provider_id for provider_id in found if provider_id not in taken]
    for attempt, provider_id in zip(attempts, ours, strict=False):
        outbox.accepted(claim, attempt, provider_id)
    return not ours


def _ask_later(claim: Claim, error: TransportError) -> None:
    if isinstance(error, NotSent):
        _rest(error, claim.message.channel)
    if timezone.now() > claim.message.notice.expires_at + GIVE_UP_AFTER:
        outbox.ended(claim, Message.Status.EXPIRED, "fate_unknown")
    else:
        outbox.lost_sight(claim, error.reason)


def _again(claim: Claim) -> Claim | None:
    """A new attempt, unless there were enough or it is a secret; None then, or if the lease was lost."""
    if registry.KINDS[claim.message.notice.kind].is_secret:
        outbox.ended(claim, Message.Status.FAILED, "fate_unknown")
        return None
    if claim.message.attempts_made >= outbox.MAX_ATTEMPTS:
        outbox.ended(claim, Message.Status.FAILED, claim.message.reason or "unknown")
        return None
    return outbox.start_again(claim)


# --- the loop -------------------------------------------------------------------------------------------


class Worker:
    """One process's loop. `stop`, also from a signal, finishes the open send and takes nothing new."""

    def __init__(self, *transports: Transport) -> None:
        self._transport, *self._others = transports
        self._name = f"{socket.gethostname()[:60]}:{os.getpid()}"
        self._stopping = threading.Event()
        self._next_beat = self._next_jobs = datetime.min.replace(tzinfo=UTC)

    def stop(self) -> None:
        self._stopping.set()

    def run(self, *, drain: bool = False) -> None:
        """Works until stopped or, with `drain`, until nothing is due soon, in flight or of unknown fate."""
        # A thread for each further channel: a mail server that hangs holds up no text.
        others = [threading.Thread(target=self._send_by, args=(t,), daemon=True) for t in self._others]
        for thread in others:
            thread.start()
        self._loop(self._turn, drain=drain)
        self.stop()
        for thread in others:
            thread.join()

    def _send_by(self, transport: Transport) -> None:
        self._loop(lambda: work_once(transport))
        connections.close_all()

    def _loop(self, turn: Callable[[], bool], *, drain: bool = False) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                busy = turn()
                if drain and not busy and drained(timezone.now()):
                    return
                failures = 0
            except Exception:
                # Most likely the database is away for a moment; a worker that gave up would stay away.
                log.exception("worker interrupted")
                close_old_connections()
                failures, busy = failures + 1, False
            if not busy:
                self._stopping.wait(min(IDLE_SECONDS * 2**failures, LONGEST_REST_SECONDS))

    def _turn(self) -> bool:
        now = timezone.now()
        if now >= self._next_beat:
            Heartbeat.objects.update_or_create(worker=self._name, defaults={"at": now})
            self._next_beat = now + BEAT_EVERY
        if now >= self._next_jobs:
            run_jobs(now)
            self._next_jobs = now + JOBS_EVERY
        return work_once(self._transport)


def drained(now: datetime) -> bool:
    """Whether there is nothing left that a worker could do within DRAIN_HORIZON: a stopped sender does nothing."""
    soon = now + DRAIN_HORIZON
    return not any(
        messages.in_flight().exists() or messages.queued(soon).exists() or messages.released(soon).exists()
        for messages in (Message.objects.by(c) for c in Channel if not sender.is_stopped(c))
    )


def run_jobs(now: datetime) -> None:
    """Runs every registered job whose period has not been claimed by some worker."""
    for name, job in registry.JOBS.items():
        claimed = _claim_period(name, job.every, now)
        if claimed is None:
            continue
        try:
            job.run(now)
        except Exception:
            log.exception("job failed", job=name)
        else:
            JobRun.objects.filter(pk=claimed.pk, claimed_at=now).update(finished_at=timezone.now())


def _claim_period(name: str, every: timedelta, now: datetime) -> JobRun | None:
    start = datetime.fromtimestamp(now.timestamp() // every.total_seconds() * every.total_seconds(), UTC)
    run, created = JobRun.objects.get_or_create(job=name, period_start=start, defaults={"claimed_at": now})
    if created:
        return run
    stale = JobRun.objects.filter(pk=run.pk, finished_at=None, claimed_at__lt=now - JOB_MAY_TAKE)
    return run if stale.update(claimed_at=now) else None
