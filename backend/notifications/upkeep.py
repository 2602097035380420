"""The outbox's periodic work: what was held goes, what went is asked after, what is wrong is said."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from django.db import transaction
from django.db.models import Count, Q

from backend.notifications import registry, words
from backend.notifications.languages import Language, MissingError, in_each
from backend.notifications.links import LINK
from backend.notifications.metrics import oldest_due
from backend.notifications.models import (
    Alert,
    Attempt,
    Channel,
    Message,
    Notice,
    Receipt,
    Recipient,
    Reply,
    Subscription,
)
from backend.notifications.services import clear_alert, raise_alert, send_to, settle_doubt, take_news
from backend.notifications.transports import TransportError, text_transport

log = structlog.get_logger("rollcall.notifications")
Status = Message.Status

QUEUE_LATE = timedelta(minutes=10)
FAILURES_COUNT_FROM, FAILURES_PERCENT = 20, 10
SILENT_AFTER = timedelta(hours=1)
LATELY = timedelta(days=2)  # what is looked through: notices are found by number, messages by their notice
NEWS_AFTER = timedelta(hours=1)
NEWS_UNTIL = timedelta(days=3)  # then a text without a receipt stays so
DIGEST_SHOWS = 3
DOUBT_LATE, DOUBT_ENDS = timedelta(days=1), timedelta(days=10)


# --- is anything wrong ----------------------------------------------------------------------------------


def watch(now: datetime) -> None:
    """Says what is wrong with the sending as a whole, and takes it back when it is over."""
    _forget_what_has_not_been_so_for_a_day(now)
    waits = now - (oldest_due(now) or now)
    _say("queue_late", waits > QUEUE_LATE, f"Texts wait since {waits.total_seconds() // 60:.0f} minutes.")
    lately = Notice.objects.filter(created_at__gt=now - LATELY)
    ended = Message.objects.filter(
        notice__in=lately, settled_at__gt=now - timedelta(hours=1), channel=Channel.SMS
    )
    counts = ended.aggregate(
        all=Count(
            "pk", filter=Q(status__in=[Status.SENT, Status.DELIVERED, Status.UNDELIVERED, Status.FAILED])
        ),
        failed=Count("pk", filter=Q(status__in=[Status.UNDELIVERED, Status.FAILED])),
    )
    percent = 100 * counts["failed"] / counts["all"] if counts["all"] >= FAILURES_COUNT_FROM else 0
    _say("failures", percent > FAILURES_PERCENT, f"{percent:.0f} % of the last hour's texts did not arrive.")
    sent = Attempt.objects.filter(
        message__notice__in=lately,
        message__channel=Channel.SMS,
        provider_id__gt="",
        started_at__range=(now - SILENT_AFTER, now - timedelta(minutes=30)),
    )
    heard = Receipt.objects.filter(attempt__message__notice__in=lately, at__gt=now - SILENT_AFTER)
    silent = sent.exists() and not heard.exists()
    _say("receipts_silent", silent, "No receipt has come for an hour of sending; is PUBLIC_URL right?")


def end_doubts(now: datetime) -> None:
    """Reminds of replies that nobody has read, and takes them for a STOP when the law's time is up.

    A revocation must be honoured within 10 business days (47 CFR 64.1200(a)(10)).
    """
    unread = Reply.objects.filter(needs_reading=True)
    late = unread.filter(at__lt=now - DOUBT_LATE).count()
    _say("doubts_unread", late > 0, f"Replies that may be a STOP wait to be read: {late}.")
    for reply in unread.filter(at__lt=now - DOUBT_ENDS):
        settle_doubt(reply=reply, is_stop=True, by=None)


def _forget_what_has_not_been_so_for_a_day(now: datetime) -> None:
    """What is raised where it happens is over when it has not happened for a day; the next time is news again."""
    happened = ("budget", "filtered", "day_is_full", "quiet_hours")
    Alert.objects.filter(kind__in=happened, over_at=None, seen_at__lt=now - timedelta(days=1)).update(
        over_at=now
    )


def _say(kind: str, is_so: bool, detail: str) -> None:
    if is_so:
        raise_alert(kind, detail)
    else:
        clear_alert(kind)


# --- what became of them --------------------------------------------------------------------------------


def ask_for_news(now: datetime) -> None:
    """Asks the provider for final states and prices that no receipt brought; gives up after three days."""
    lately = Notice.objects.filter(created_at__gt=now - 2 * NEWS_UNTIL)
    sent = Message.objects.filter(notice__in=lately, status=Status.SENT, channel=Channel.SMS, reason="")
    sent.filter(settled_at__lt=now - NEWS_UNTIL).update(reason="no_receipt")
    without = Attempt.objects.filter(
        Q(message__status=Status.SENT) | Q(cost=None),
        message__notice__in=lately,
        started_at__range=(now - NEWS_UNTIL, now - NEWS_AFTER),
        provider_id__gt="",
    )
    first = without.filter(message__channel=Channel.SMS).order_by("started_at").first()
    if first is None:
        return
    try:
        take_news(text_transport().news(since=first.started_at, until=now))
    except TransportError as error:
        log.warning("no news from the provider", reason=error.reason)


# --- digests --------------------------------------------------------------------------------------------


def send_digests(now: datetime) -> None:
    """For whoever chose one text a day: at the first of their hours, what changed since yesterday's."""
    chosen = Q(subscriptions__delivery=Subscription.Delivery.DIGEST)
    readers = Recipient.objects.filter(chosen, consent=Recipient.ConsentState.GIVEN).distinct()
    for zone, hour in readers.values_list("time_zone", "hours_from").distinct():
        if now.astimezone(ZoneInfo(zone)).hour == hour:
            for reader in readers.filter(time_zone=zone, hours_from=hour).iterator():
                _send_digest(reader, now)


@transaction.atomic
def _send_digest(reader: Recipient, now: datetime) -> None:
    subscriptions = reader.subscriptions.filter(delivery=Subscription.Delivery.DIGEST)
    follows = dict(subscriptions.values_list("topic", "least"))
    day = now.astimezone(ZoneInfo(reader.time_zone)).date()
    key = f"digest:{reader.pk}:{day}"
    if Notice.objects.filter(key=key).exists():
        return
    recent = Notice.objects.filter(
        created_at__gt=now - timedelta(days=1, hours=1), created_at__lte=now, expires_at__gt=now
    )
    said = recent.filter(halted_at=None).exclude(messages__recipient=reader).order_by("pk")
    changes = [
        n for n in said if _is_for(n, follows) and registry.KINDS[n.kind].still_true(n.subject_id, now)
    ]
    if changes:
        send_to(
            kind="digest",
            key=key,
            recipient=reader,
            subject_id=",".join(str(n.pk) for n in changes[-DIGEST_SHOWS:]),
            body=in_each(lambda language: _digest(changes, language)),
            expires_at=now + timedelta(hours=12),
            urgency=Notice.Urgency.NEWS,
        )


def _is_for(notice: Notice, follows: dict[str, int]) -> bool:
    """Not a reminder: that is for whoever chose its hours."""
    return (
        notice.kind in registry.KINDS
        and notice.kind != "occurrence_reminder"
        and any(notice.urgency <= follows[topic] for topic in notice.topics if topic in follows)
    )


def _digest(changes: list[Notice], language: Language) -> str:
    """All changes counted, the latest few in their own words; Raises MissingError where one has none."""
    shown = []
    for notice in changes[-DIGEST_SHOWS:]:
        body = notice.words(language.code)
        if language.code != "en" and body == notice.body:
            raise MissingError(notice.kind)
        shown.append(body.replace(LINK, "").strip())
    return words.digest(language, len(changes), " ".join(shown))


def still_of_use(subject_id: str, now: datetime) -> bool:
    """Whether all that the digest quotes is still how it stands."""
    notices = Notice.objects.filter(pk__in=subject_id.split(","))
    return all(
        n.halted_at is None and registry.KINDS[n.kind].still_true(n.subject_id, now)
        for n in notices
        if n.kind in registry.KINDS
    )
