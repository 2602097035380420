"""What all workers of a channel share: whether it rests, how fast it may go, what the month has left."""

import random
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from backend.notifications.models import Channel, Sender


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


def stop(channel: str, reason: str) -> None:
    """The stop button: nothing goes out by this channel until `start`; open sends end by themselves."""
    now = timezone.now()
    defaults = {"stopped_at": now, "reason": reason[:40]}
    create = {**defaults, "paused_until": now}
    Sender.objects.update_or_create(channel=channel, defaults=defaults, create_defaults=create)


def start(channel: str) -> None:
    Sender.objects.filter(channel=channel).update(stopped_at=None, paused_until=timezone.now(), reason="")


def has_room(channel: str, now: datetime) -> bool:
    """Whether the agreed rate of segments, over all workers, allows another text that nobody waits for."""
    return not Sender.objects.filter(channel=channel, free_at__gt=now).exists()


def spend(channel: str, count: int) -> None:
    """So many segments went: they count against the month, and the rate must make up for them."""
    if channel != Channel.SMS:
        return
    now = timezone.now()
    sender, _ = Sender.objects.select_for_update().get_or_create(
        channel=channel, defaults={"paused_until": now, "reason": ""}
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
