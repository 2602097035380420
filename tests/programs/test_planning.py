"""The evenings of a course: a week apart, as many as there are topics, none on a public holiday."""

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import Invalid
from backend.programs.planning import LONGEST, WEEK, evenings


def days(text: str) -> list[date]:
    return [date.fromisoformat(day) for day in text.split()]


@pytest.mark.parametrize(
    ("planned", "left_out"),
    [
        (  # Thursdays over Thanksgiving
            "2026-10-15 2026-10-22 2026-10-29 2026-11-05 2026-11-12 2026-11-19 "
            "2026-12-03 2026-12-10 2026-12-17 2026-12-24 2026-12-31 2027-01-07",
            "2026-11-26",
        ),
        (  # Thursdays over Veterans Day and Thanksgiving
            "2027-10-07 2027-10-14 2027-10-21 2027-10-28 2027-11-04 2027-11-18 "
            "2027-12-02 2027-12-09 2027-12-16 2027-12-23 2027-12-30 2028-01-06",
            "2027-11-11 2027-11-25",
        ),
        (  # Wednesdays whose last falls behind the holidays
            "2030-10-16 2030-10-23 2030-10-30 2030-11-06 2030-11-13 2030-11-20 "
            "2030-11-27 2030-12-04 2030-12-11 2030-12-18 2031-01-08 2031-01-15",
            "2030-12-25 2031-01-01",
        ),
        (  # Wednesdays over Independence Day
            "2029-05-16 2029-05-23 2029-05-30 2029-06-06 2029-06-13 2029-06-20 "
            "2029-06-27 2029-07-11 2029-07-18 2029-07-25 2029-08-01 2029-08-08",
            "2029-07-04",
        ),
    ],
)
def test_holidays_are_left_out_and_made_up_at_the_end(planned: str, left_out: str) -> None:
    found = evenings(days(planned)[0], 12)
    assert found == days(planned)
    assert not set(found) & set(days(left_out))


def test_a_holiday_in_lieu_of_a_weekend_is_one() -> None:
    """Independence Day of 2027 is a Sunday, and kept on Monday."""
    assert evenings(date(2027, 6, 28), 2) == days("2027-06-28 2027-07-12")


def test_the_first_day_itself_may_be_a_holiday() -> None:
    assert evenings(date(2030, 12, 25), 1) == days("2031-01-08")


def test_given_days_are_left_out_too() -> None:
    assert evenings(date(2027, 2, 3), 3, days("2027-02-10 2027-02-11")) == days(
        "2027-02-03 2027-02-17 2027-02-24"
    )


def test_a_course_lasts_a_year_at_most() -> None:
    with pytest.raises(Invalid):
        evenings(date(2027, 1, 6), 54)


@given(
    st.dates(date(2020, 1, 1), date(2090, 1, 1)),
    st.integers(1, 30),
    st.lists(st.integers(0, 40), max_size=5, unique=True),
)
def test_any_course(first_on: date, count: int, weeks_off: list[int]) -> None:
    skip = {first_on + WEEK * week for week in weeks_off}
    found = evenings(first_on, count, skip)
    public = holidays.country_holidays("US", subdiv="MO")
    assert len(found) == count
    assert found == sorted(set(found))
    assert found[-1] - first_on <= LONGEST
    assert {day.weekday() for day in found} == {first_on.weekday()}
    between = {first_on + timedelta(days=n) for n in range(0, (found[-1] - first_on).days + 1, 7)}
    # No day of the week between is left out for nothing.
    assert between - set(found) == {day for day in between if day in public or day in skip}
    assert not {day for day in found if day in public or day in skip}
