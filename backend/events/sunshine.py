"""How much notice a public body has given of a meeting (RSMo 610.020). Pure: no clock, no database."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

NOTICE = timedelta(hours=24)
HERE = ZoneInfo("America/Chicago")
SATURDAY = 5


def counts(moment: datetime) -> bool:
    """Whether hours of that local day count: not on weekends and not on Missouri's public holidays (RSMo 9.010)."""
    day = moment.astimezone(HERE).date()
    return day.weekday() < SATURDAY and day not in holidays.country_holidays(
        "US", subdiv="MO", years=day.year
    )


def _next_midnight(moment: datetime) -> datetime:
    tomorrow = moment.astimezone(HERE).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), HERE)


def _elapsed(start: datetime, end: datetime) -> timedelta:
    return timedelta(seconds=end.timestamp() - start.timestamp())


def is_enough(announced_at: datetime, starts_at: datetime) -> bool:
    """Whether 24 hours that count lie between the two (aware)."""
    return starts_at >= earliest(announced_at)


def earliest(announced_at: datetime) -> datetime:
    """The first moment, in local time, at which a meeting announced then may begin."""
    moment, missing = announced_at.astimezone(HERE), NOTICE
    while True:
        midnight = _next_midnight(moment)
        if counts(moment):
            if (today := _elapsed(moment, midnight)) >= missing:
                return (moment.astimezone(ZoneInfo("UTC")) + missing).astimezone(HERE)
            missing -= today
        moment = midnight
