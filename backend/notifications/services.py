"""Every write that a person, another room or the provider asks for; the worker's are in outbox.py."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice

import structlog
from django.db import connection, models, transaction
from django.db.models import F, Q, Value
from django.db.models.expressions import Combinable
from django.utils import timezone

from backend.encryption import blind_index
from backend.errors import Invalid
from backend.notifications import registry, words
from backend.notifications.models import (
    Attempt,
    Channel,
    Consent,
    Message,
    Notice,
    Receipt,
    Recipient,
    Reply,
    Subscription,
)
from backend.notifications.outbox import advance
from backend.notifications.phones import parse_phone, phone_index

log = structlog.get_logger("rollcall.notifications")

MAX_BODY = 1600  # characters Twilio takes in one message (error 21617)
MAX_TOPICS = 50  # that one number may follow
ASK_AGAIN_AFTER = timedelta(hours=24)
HELP_AGAIN_AFTER = timedelta(hours=1)
UNSUBSCRIBED = "21610"  # Twilio's code for a number that said STOP to Twilio

# A receipt's status as the provider words it, and how far the message then is.
RECEIPT_MEANS = {
    "accepted": Message.Status.SENT,
    "scheduled": Message.Status.SENT,
    "queued": Message.Status.SENT,
    "sending": Message.Status.SENT,
    "sent": Message.Status.SENT,
    "delivered": Message.Status.DELIVERED,
    "read": Message.Status.DELIVERED,
    "undelivered": Message.Status.UNDELIVERED,
    "failed": Message.Status.FAILED,
    "canceled": Message.Status.FAILED,
}


# --- queueing -----------------------------------------------------------------------------------------


def queue_notice(
    *,
    kind: str,
    key: str,
    topics: Sequence[str],
    subject_id: str,
    body: str,
    expires_at: datetime,
    urgency: Notice.Urgency = Notice.Urgency.CHANGE,
) -> int:
    """Queues one text for everybody who agreed to texts and follows any of `topics`; returns how many.

    Belongs into the transaction of the change it tells of: both happen or neither. The same `key`
    again queues nothing. One statement, whatever the number of followers.
    """
    notice = _notice(kind, key, list(topics), subject_id, body, expires_at, urgency)
    if notice is None:
        return 0
    now = timezone.now()
    columns: dict[str, Combinable] = {
        "notice_id": Value(notice.pk),
        "status": Value(Message.Status.QUEUED.value),
        "reason": Value(""),
        "urgency": Value(int(urgency)),
        "due_at": Value(now),
        "channel": F("channel"),
        "attempts_made": Value(0),
    }
    followers = Subscription.objects.filter(topic__in=topics).values("recipient_id")
    selected = Recipient.objects.filter(consent=Recipient.ConsentState.GIVEN, pk__in=followers)
    sql, params = selected.values_list("pk", *columns.values()).query.sql_with_params()
    names = ", ".join(["recipient_id", *columns])
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {Message._meta.db_table} ({names}) {sql}", params)
        return int(cursor.rowcount)


def send_to(
    *,
    kind: str,
    key: str,
    recipient: Recipient,
    body: str,
    expires_at: datetime,
    subject_id: str = "",
    urgency: Notice.Urgency = Notice.Urgency.PROMPT,
) -> bool:
    """Queues one message for one person, whatever they follow; False where this `key` was queued before."""
    notice = _notice(kind, key, [], subject_id, body, expires_at, urgency)
    if notice is None:
        return False
    Message.objects.create(notice=notice, recipient=recipient, channel=recipient.channel, urgency=urgency)
    return True


def _notice(
    kind: str,
    key: str,
    topics: list[str],
    subject_id: str,
    body: str,
    expires_at: datetime,
    urgency: Notice.Urgency,
) -> Notice | None:
    """The new notice, or None where `key` was used before."""
    if not connection.in_atomic_block:
        raise RuntimeError("A text is queued in the transaction of what it tells of.")
    if kind not in registry.KINDS:
        raise ValueError(f"No kind {kind!r} is registered.")
    if not body.strip() or len(body) > MAX_BODY:
        raise ValueError(f"A text has 1 to {MAX_BODY} characters.")
    notice, created = Notice.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "topics": topics,
            "subject_id": subject_id,
            "body": body,
            "urgency": urgency,
            "expires_at": expires_at,
        },
    )
    return notice if created else None


# --- who wants what -----------------------------------------------------------------------------------


@transaction.atomic
def subscribe(*, phone: str, topics: Sequence[str], language: str = "en") -> None:
    """Notes what a number wants to follow and, unless it has agreed or said STOP, asks it by text.

    Says nothing of whether the number was known: whoever typed it may not be its owner. At most one
    question a number in 24 hours. Raises Invalid on `phone`, `topics` or `language`.
    """
    number = parse_phone(phone)
    if language not in words.LANGUAGES:
        raise Invalid("We do not know this language.", field="language")
    for topic in topics:
        if not registry.topic_exists(topic):
            raise Invalid("There is no such topic to follow.", field="topics", code="unknown-topic")
    recipient = recipient_of(number)
    # Whoever has agreed chose their language; a stranger who types the number does not.
    language = recipient.language if recipient.consent == Recipient.ConsentState.GIVEN else language
    Recipient.objects.filter(pk=recipient.pk).update(language=language, changed_at=timezone.now())
    room = MAX_TOPICS - recipient.subscriptions.exclude(topic__in=topics).count()
    Subscription.objects.bulk_create(
        [
            Subscription(recipient=recipient, topic=topic)
            for topic in list(dict.fromkeys(topics))[: max(room, 0)]
        ],
        ignore_conflicts=True,
    )
    if recipient.consent == Recipient.ConsentState.NONE:
        _ask(recipient, language, "api")


@transaction.atomic
def unsubscribe(*, phone: str, topics: Sequence[str]) -> None:
    """Ends what a number follows of these; what it agreed to stays as it is. Raises Invalid on `phone`."""
    followed = Subscription.objects.filter(recipient__address_index=phone_index(parse_phone(phone)))
    followed.filter(topic__in=topics).delete()


def copy_followers(*, topic: str, to: str) -> None:
    """Whoever follows the one topic follows the other too. One statement, whatever their number."""
    now = timezone.now()
    followers = Subscription.objects.filter(topic=topic)
    selected = followers.values_list("recipient_id", Value(to), Value(now, models.DateTimeField()))
    sql, params = selected.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Subscription._meta.db_table} (recipient_id, topic, created_at) {sql}", params
        )


def recipient_of(address: str, channel: Channel = Channel.SMS) -> Recipient:
    """The recipient with this E.164 number or e-mail address, made if new, locked until the transaction ends."""
    index = phone_index(address) if channel == Channel.SMS else blind_index("email", address.casefold())
    found, _ = Recipient.objects.get_or_create(
        address_index=index, defaults={"address": address, "channel": channel}
    )
    recipient = Recipient.objects.select_for_update().get(pk=found.pk)
    if not recipient.address:  # erased after a STOP; they are back
        recipient.address = address
        recipient.save(update_fields=["address"])
    return recipient


@transaction.atomic
def add_followers(*, topic: str, numbers: Iterable[str], source: str) -> int:
    """Adds followers (E.164) who are taken to have agreed, for trials; returns how many were new."""
    added, numbers = 0, iter(numbers)
    while batch := list(islice(numbers, 2000)):
        new = [
            Recipient(address=n, address_index=phone_index(n), consent=Recipient.ConsentState.GIVEN)
            for n in batch
        ]
        Recipient.objects.bulk_create(new, ignore_conflicts=True)
        known = Recipient.objects.filter(address_index__in=[r.address_index for r in new])
        fresh = list(known.filter(ledger=None).values_list("pk", flat=True))
        Consent.objects.bulk_create(
            Consent(recipient_id=pk, action=Consent.Action.GIVEN, wording="none", source=source)
            for pk in fresh
        )
        Subscription.objects.bulk_create(
            [Subscription(recipient_id=pk, topic=topic) for pk in known.values_list("pk", flat=True)],
            ignore_conflicts=True,
        )
        added += len(fresh)
    return added


def _ask(recipient: Recipient, language: str, source: str) -> None:
    """Asks for agreement in the words that carriers require (CTIA Messaging Principles 2023, 5.1)."""
    now = timezone.now()
    if recipient.ledger.filter(action=Consent.Action.ASKED, at__gt=now - ASK_AGAIN_AFTER).exists():
        return
    asked = _note(recipient, Consent.Action.ASKED, source, language=language)
    send_to(
        kind="opt_in",
        key=f"opt_in:{asked.pk}",
        recipient=recipient,
        subject_id=str(recipient.pk),
        body=words.OPT_IN,
        expires_at=now + ASK_AGAIN_AFTER,
    )


def still_to_be_asked(subject_id: str, now: datetime) -> bool:
    """The re-check of the question: pointless once it has been answered some other way."""
    return Recipient.objects.filter(pk=subject_id, consent=Recipient.ConsentState.NONE).exists()


def _note(recipient: Recipient, action: Consent.Action, source: str, language: str = "") -> Consent:
    """A line in the ledger. A GIVEN says which words it answers: those asked last."""
    return Consent.objects.create(
        recipient=recipient,
        action=action,
        wording=words.OPT_IN_WORDING,
        language=language or recipient.language,
        source=source,
    )


def _set_consent(recipient: Recipient, state: Recipient.ConsentState) -> None:
    recipient.consent, recipient.changed_at = state, timezone.now()
    recipient.save(update_fields=["consent", "changed_at"])


# --- texts that come in -------------------------------------------------------------------------------


@transaction.atomic
def record_reply(*, provider_id: str, number: str, body: str, provider_answers: bool = False) -> str:
    """Takes an incoming text in and returns the answer to send, "" for none.

    The same `provider_id` again has no second effect and gets the same answer, in parallel too. A STOP
    is in force, and everything queued for the number withdrawn, when this returns. `provider_answers`:
    the provider said it has answered this one itself.
    """
    recipient = recipient_of(number)
    reply, created = Reply.objects.get_or_create(
        provider_id=provider_id, defaults={"recipient": recipient, "body": body}
    )
    if not created:
        return reply.answer
    answer = _answer(recipient, body)
    if answer and (provider_answers or words.carrier_answers(body)):
        answer = ""
    reply.answer = answer
    reply.save(update_fields=["answer"])
    return answer


def _answer(recipient: Recipient, body: str) -> str:
    meaning = words.meaning(body)
    if meaning is words.Meaning.STOP:
        was_stopped = recipient.consent == Recipient.ConsentState.STOPPED
        stop_texts(recipient=recipient, source="text")
        return "" if was_stopped else words.STOPPED
    if meaning is words.Meaning.START:
        return _start(recipient)
    if meaning is words.Meaning.HELP:
        return words.HELP
    return _short_help(recipient)


def stop_texts(*, recipient: Recipient, source: str) -> None:
    """Ends all texts to a number, those already queued included, until its owner says START."""
    if recipient.consent != Recipient.ConsentState.STOPPED:
        _note(recipient, Consent.Action.STOPPED, source)
        _set_consent(recipient, Recipient.ConsentState.STOPPED)
    Message.objects.filter(recipient=recipient, status=Message.Status.QUEUED).update(
        status=Message.Status.SUPPRESSED, reason="stopped", settled_at=timezone.now()
    )


def _start(recipient: Recipient) -> str:
    """YES or START: agreement where we asked; else it only takes a STOP back."""
    before = Recipient.ConsentState(recipient.consent)
    if recipient.ledger.filter(action=Consent.Action.ASKED).exists():
        if before != Recipient.ConsentState.GIVEN:
            _note(recipient, Consent.Action.GIVEN, "text")
            _set_consent(recipient, Recipient.ConsentState.GIVEN)
        # The provider confirms the end of a STOP itself.
        return "" if before == Recipient.ConsentState.STOPPED else words.WELCOME
    if before == Recipient.ConsentState.STOPPED:
        _note(recipient, Consent.Action.REOPENED, "text")
        _set_consent(recipient, Recipient.ConsentState.NONE)
        return ""
    return words.NOT_ASKED


def _short_help(recipient: Recipient) -> str:
    """At most once an hour, and never to a number that said STOP."""
    since = timezone.now() - HELP_AGAIN_AFTER
    told = Q(at__gt=since, answer=words.NOT_UNDERSTOOD)
    if recipient.consent == Recipient.ConsentState.STOPPED or recipient.replies.filter(told).exists():
        return ""
    return words.NOT_UNDERSTOOD


# --- the provider's news ------------------------------------------------------------------------------


@transaction.atomic
def record_receipt(*, attempt_id: uuid.UUID, provider_id: str, status: str, error_code: str = "") -> bool:
    """Keeps a receipt and moves its message forward, never back; a failure wins over a delivery.

    False where nothing changed: unknown attempt or status, another message's id, or a repeat.
    """
    attempt = (
        Attempt.objects.select_for_update(of=("self",))
        .select_related("message__recipient")
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
    if not created:
        return False
    if error_code == UNSUBSCRIBED:
        stop_texts(recipient=attempt.message.recipient, source="provider")
    return advance(attempt.message_id, RECEIPT_MEANS[status], reason=error_code)
