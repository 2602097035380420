"""Business hours: nights, weekends, holidays and the nights in which clocks are changed do not count."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.events.sunshine import HERE
from backend.feedback.concerns.clock import due


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HERE)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-23T10:00", 1, "2026-11-23T11:00"),
        ("2026-11-20T16:30", 1, "2026-11-23T08:30"),  # Friday to Monday
        ("2026-11-23T08:00", 9, "2026-11-23T17:00"),  # a whole day ends that day
        ("2026-11-23T08:00", 10, "2026-11-24T09:00"),
        ("2026-11-23T03:00", 2, "2026-11-23T10:00"),  # before the desk opens
        ("2026-11-23T22:00", 2, "2026-11-24T10:00"),  # after it closed
        ("2026-11-23T17:00", 1, "2026-11-24T09:00"),  # at the moment it closes
        ("2026-11-21T12:00", 1, "2026-11-23T09:00"),  # Saturday
        ("2026-11-25T16:00", 2, "2026-11-27T09:00"),  # over Thanksgiving
        ("2026-07-02T16:00", 2, "2026-07-06T09:00"),  # Independence Day on a Saturday: the Friday before
        ("2026-12-31T16:00", 2, "2027-01-04T09:00"),  # over New Year's Day, a Friday
        ("2026-05-08T10:00", 1, "2026-05-11T09:00"),  # Truman Day, Missouri's own
        ("2026-03-06T16:00", 3, "2026-03-09T10:00"),  # clocks go forward on the Sunday between
        ("2026-10-30T16:00", 3, "2026-11-02T10:00"),  # and back
        ("2026-11-01T01:30", 1, "2026-11-02T09:00"),  # in the hour that is there twice
        ("2026-11-23T10:00", 40, "2026-11-30T14:00"),  # a normal target, with the holiday in it
    ],
)
def test_table(start: str, hours: int, end: str) -> None:
    assert due(local(start), hours) == local(end)


def test_from_any_zone_the_same_moment() -> None:
    start = local("2026-11-20T16:30")
    assert due(start.astimezone(UTC), 1) == due(start, 1)
    assert due(start.astimezone(UTC), 1).utcoffset() == timedelta(hours=-6)


def test_later_or_more_is_never_earlier() -> None:
    moments = [local("2026-03-05T00:00") + timedelta(minutes=197 * n) for n in range(100)]
    for hours in (1, 8, 16, 40):
        ends = [due(moment, hours) for moment in moments]
        assert ends == sorted(ends)
        assert all(due(m, hours + 1) > end for m, end in zip(moments, ends, strict=True))
