"""The evenings of a course. Pure: no clock, no database."""

from collections.abc import Collection
from datetime import date, timedelta

import holidays

from backend.errors import Invalid

WEEK = timedelta(days=7)
LONGEST = timedelta(days=366)  # from the first evening to the last


def evenings(first_on: date, count: int, skip: Collection[date] = ()) -> list[date]:
    """So many days a week apart, from `first_on`: later ones take the place of those that are left out.

    Left out are Missouri's public holidays (RSMo 9.010), in lieu of a weekend too, and the days of `skip`. Raises
    Invalid where the course would last more than a year.
    """
    closed = holidays.country_holidays("US", subdiv="MO")
    found: list[date] = []
    day = first_on
    while len(found) < count:
        if day - first_on > LONGEST:
            raise Invalid(
                f"A course lasts a year at most, and {count} sessions do not fit; skip fewer days.",
                field="skip",
            )
        if day not in closed and day not in skip:
            found.append(day)
        day += WEEK
    return found
