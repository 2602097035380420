"""When people may be texted where they are: 8:00 to 21:00 (47 CFR 64.1200(c)(1)), or less if they said so. Pure."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

FROM_HOUR, UNTIL_HOUR = 8, 21


def next_open(now: datetime, time_zone: str, hours_from: int, hours_until: int) -> datetime:
    """`now` where it lies within the hours of the local day, else when they next begin; aware, local.

    By the wall clock, so that 8:00 is 8:00 on the days on which the clocks change.
    """
    local = now.astimezone(ZoneInfo(time_zone))
    if local.hour < hours_from:
        return _at(local, hours_from)
    return _at(local + timedelta(days=1), hours_from) if local.hour >= hours_until else local


def closes_at(now: datetime, time_zone: str, hours_until: int) -> datetime:
    """When the hours of this local day end."""
    return _at(now.astimezone(ZoneInfo(time_zone)), hours_until)


def day_began(now: datetime, time_zone: str) -> datetime:
    return _at(now.astimezone(ZoneInfo(time_zone)), 0)


def _at(local: datetime, hour: int) -> datetime:
    return datetime.combine(local.date(), time(hour), local.tzinfo)
