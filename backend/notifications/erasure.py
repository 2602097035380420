"""When what we keep about texts ends. The times are named in the models' docstrings."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from backend.notifications.models import (
    Alert,
    Consent,
    Heartbeat,
    JobRun,
    Message,
    Notice,
    Recipient,
    Reply,
    Subscription,
)
from backend.notifications.quiet import FROM_HOUR, UNTIL_HOUR
from backend.notifications.registry import topic_exists

REPLIES_KEPT = timedelta(days=30)
NOTICES_KEPT = timedelta(days=90)
RECIPIENTS_KEPT = timedelta(days=90)
ALERTS_KEPT = timedelta(days=90)
RUNS_KEPT = timedelta(days=30)
BEATS_KEPT = timedelta(days=1)
BATCH = 2000


def erase_old(now: datetime) -> int:
    """Erases whatever has reached its end, in batches that others can work between; returns how many rows."""
    erased = _delete(Reply.objects.filter(at__lt=now - REPLIES_KEPT))
    erased += _delete(Message.objects.filter(notice__expires_at__lt=now - NOTICES_KEPT))
    erased += _delete(Notice.objects.filter(expires_at__lt=now - NOTICES_KEPT, messages=None))
    erased += _end_subscriptions(now)
    erased += _erase_recipients(now)
    erased += _delete(Alert.objects.filter(over_at__lt=now - ALERTS_KEPT))
    erased += _delete(JobRun.objects.filter(period_start__lt=now - RUNS_KEPT))
    return erased + _delete(Heartbeat.objects.filter(at__lt=now - BEATS_KEPT))


def _end_subscriptions(now: datetime) -> int:
    """Ends what follows a topic that is no more, such as a series long over; its followers' time begins to run."""
    topics = Subscription.objects.values_list("topic", flat=True).distinct()
    over = [topic for topic in topics if not topic_exists(topic)]
    dead = Subscription.objects.filter(topic__in=over)
    Recipient.objects.filter(subscriptions__in=dead).update(changed_at=now)
    return _delete(dead)


def _erase_recipients(now: datetime) -> int:
    """Who never agreed or follows nothing any more. Of a STOP the blind index stays: it is in force."""
    State = Recipient.ConsentState
    old = Recipient.objects.filter(changed_at__lt=now - RECIPIENTS_KEPT)
    stopped = old.filter(consent=State.STOPPED)
    _delete(Subscription.objects.filter(recipient__in=old.exclude(consent=State.GIVEN)))
    erased = stopped.exclude(address="").update(address="")
    as_it_came = Q(never_contact=False, is_discreet=False, hours_from=FROM_HOUR, hours_until=UNTIL_HOUR)
    gone = old.filter(as_it_came, consent__in=[State.NONE, State.GIVEN]).order_by("pk")
    last = 0
    while keys := list(gone.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        last = keys[-1]
        with transaction.atomic():
            unused = _unused(keys, now)
            Consent.objects.filter(recipient__in=unused).delete()
            Recipient.objects.filter(pk__in=unused).delete()
        erased += len(unused)
    return erased


def _unused(keys: list[int], now: datetime) -> set[int]:
    """Those of these recipients that nothing points at. One index each: as one statement, PostgreSQL took minutes."""
    unused = set(keys)
    for using, key in (
        (Subscription.objects, "recipient"),
        (Recipient.objects, "instead"),
        (Reply.objects, "recipient"),
        (Message.objects.filter(settled_at__isnull=False), "recipient"),
        (Message.objects.in_flight(), "recipient"),
        (Message.objects.waiting().of_use(now), "recipient"),
    ):
        unused -= set(using.filter(**{f"{key}__in": unused}).values_list(key, flat=True))
    return unused


def _delete(rows: QuerySet[Any]) -> int:
    erased = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.model._default_manager.filter(pk__in=keys).delete()
        erased += len(keys)
    return erased
