"""Queueing: what is said, once, to whoever wants it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.db.models import Count, F, Min, Q, Value
from django.db.models.expressions import Combinable
from django.utils import timezone

from backend.notifications import links, registry, words
from backend.notifications.languages import in_each
from backend.notifications.links import LINK
from backend.notifications.models import Channel, Message, Notice, Recipient, Subscription
from backend.notifications.quiet import next_open
from backend.notifications.segments import plainer, segments
from backend.notifications.sensitive import is_sensitive

MAX_BODY = 1600  # characters Twilio takes in one message (error 21617)
SOON = timedelta(days=1)  # what is of no use tomorrow waits for no digest


def queue_notice(
    *,
    kind: str,
    key: str,
    topics: Sequence[str],
    subject_id: str,
    body: str | Mapping[str, str],
    expires_at: datetime,
    urgency: Notice.Urgency = Notice.Urgency.CHANGE,
    path: str = "",
    reminder_hours: int | None = None,
    matters_by: datetime | None = None,
) -> int:
    """Queues one text for everybody who agreed to texts and follows any of `topics`; returns how many.

    `body`: the words in English, or by language, English among them; `{link}` in them becomes each reader's
    own page, which leads on to `path`. `matters_by`: when it is too late to act on it, if that is before
    `expires_at`; what matters within a day waits for no digest. With `reminder_hours` it goes to those who
    chose a reminder so long before. Belongs into the transaction of the change it tells of: both happen or
    neither. The same `key` again queues nothing. One statement, whatever the number of followers.
    """
    notice = _notice(kind, key, list(topics), subject_id, body, expires_at, urgency, path)
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
        "segments": Value(0),
    }
    wants = Subscription.objects.filter(
        _wants(urgency, (matters_by or expires_at) - now, reminder_hours), topic__in=topics
    )
    followers = Recipient.objects.filter(
        consent=Recipient.ConsentState.GIVEN, pk__in=wants.values("recipient_id")
    )
    rows = followers.values_list("pk", *columns.values())
    return insert_from(Message, rows, ["recipient_id", *columns])


def _wants(urgency: int, useful_for: timedelta, reminder_hours: int | None) -> Q:
    """Which subscriptions a text is for, by what their owners chose."""
    if reminder_hours is not None:
        return Q(reminders__hours=reminder_hours)
    chosen = Q(least__gte=urgency)
    return chosen if useful_for < SOON else chosen & Q(delivery=Subscription.Delivery.INSTANT)


def send_to(
    *,
    kind: str,
    key: str,
    recipient: Recipient,
    body: str | Mapping[str, str],
    expires_at: datetime,
    subject_id: str = "",
    urgency: Notice.Urgency = Notice.Urgency.PROMPT,
    path: str = "",
) -> bool:
    """Queues one message for one person, whatever they follow; False where this `key` was queued before."""
    notice = _notice(kind, key, [], subject_id, body, expires_at, urgency, path)
    if notice is None:
        return False
    Message.objects.create(notice=notice, recipient=recipient, channel=recipient.channel, urgency=urgency)
    return True


def _notice(
    kind: str,
    key: str,
    topics: list[str],
    subject_id: str,
    body: str | Mapping[str, str],
    expires_at: datetime,
    urgency: Notice.Urgency,
    path: str,
) -> Notice | None:
    """The new notice, or None where `key` was used before. With a sensitive word in it, it says that there is news."""
    texts = {"en": body} if isinstance(body, str) else dict(body)
    if not connection.in_atomic_block:
        raise RuntimeError("A text is queued in the transaction of what it tells of.")
    if kind not in registry.KINDS:
        raise ValueError(f"No kind {kind!r} is registered.")
    if any(not text.strip() or len(_longest(text)) > MAX_BODY for text in texts.values()):
        raise ValueError(f"A text has 1 to {MAX_BODY} characters.")
    if any(map(is_sensitive, texts.values())):  # a place or a reason may hold such a word
        texts = in_each(words.discreet)
    english = plainer(texts.pop("en"))
    translations = {language: plainer(text) for language, text in texts.items()}
    notice, created = Notice.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "topics": topics,
            "subject_id": subject_id,
            "body": english,
            "translations": json.dumps(translations) if translations else "",
            "urgency": urgency,
            "expires_at": expires_at,
            "path": path,
        },
    )
    return notice if created else None


def _longest(text: str) -> str:
    return text.replace(LINK, links.longest())


@dataclass(frozen=True)
class Told:
    """What a notice says, to how many, at what price: for whoever is about to send it, or has.

    `cost` in USD by TEXT_COST, until the provider bills; `goes_at` when the next copy goes, None where none waits.
    """

    words: dict[str, str]
    segments: dict[str, int]
    copies: int
    by_status: dict[str, int]
    cost: Decimal
    goes_at: datetime | None
    is_urgent: bool


def told(subject_id: str) -> Told | None:
    """What was said of a subject last; None where nothing was."""
    notice = Notice.objects.filter(subject_id=subject_id).order_by("pk").last()
    return summary(notice) if notice else None


def summary(notice: Notice) -> Told:
    """One notice, with figures that add up."""
    texts = {"en": notice.body, **(json.loads(notice.translations) if notice.translations else {})}
    counts = {language: segments(_longest(text)) for language, text in texts.items()}
    copies = Message.objects.filter(notice=notice)
    by_status = dict(copies.values_list("status").annotate(Count("pk")).order_by())
    by_language = dict(
        copies.filter(channel=Channel.SMS).values_list("recipient__language").annotate(Count("pk")).order_by()
    )
    billed = sum(counts.get(language, counts["en"]) * count for language, count in by_language.items())
    return Told(
        words=texts,
        segments=counts,
        copies=sum(by_status.values()),
        by_status=by_status,
        cost=billed * Decimal(settings.TEXT_COST),
        goes_at=_next_goes(notice),
        is_urgent=notice.urgency < Notice.Urgency.CHANGE,
    )


def _next_goes(notice: Notice) -> datetime | None:
    """By the hours that readers keep, which a worker has not looked at yet."""
    hours = ("recipient__time_zone", "recipient__hours_from", "recipient__hours_until")
    waiting = Message.objects.filter(notice=notice).waiting().values_list("channel", *hours)
    by_night = notice.urgency < Notice.Urgency.CHANGE
    moments = [
        at if by_night or channel != Channel.SMS else next_open(at, *kept)
        for channel, *kept, at in waiting.annotate(Min("due_at")).order_by()
    ]
    return min(moments, default=None)


def insert_from(model: type[models.Model], rows: models.QuerySet[Any, Any], names: Sequence[str]) -> int:
    """INSERT … SELECT, whatever the number of rows; returns it."""
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) {sql}", params)
        return int(cursor.rowcount)
