"""By when something should be done, in hours in which somebody is at the desk. Pure: no clock, no database."""

from datetime import datetime, time, timedelta

from backend.events.sunshine import HERE, counts

OPENS, CLOSES = time(8), time(17)


def due(start: datetime, hours: int) -> datetime:
    """The moment, in local time, when so many business hours have passed since `start` (aware).

    Business hours are Monday to Friday, 08:00 to 17:00 in St. Louis, but for Missouri's public holidays (RSMo 9.010).
    """
    moment, missing = start.astimezone(HERE), timedelta(hours=hours)
    while True:
        # No clock is changed between the two, so that hours on the wall are hours.
        opens, closes = (datetime.combine(moment.date(), at, HERE) for at in (OPENS, CLOSES))
        begins = max(moment, opens)
        if begins < closes and counts(moment):
            if closes - begins >= missing:
                return begins + missing
            missing -= closes - begins
        moment = datetime.combine(moment.date() + timedelta(days=1), time(), HERE)
