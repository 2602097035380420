from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from backend.errors import Invalid
from backend.events.recurrence import MAX_DATES, basic, from_basic, in_words, parse, schedule, until_day

CHICAGO = ZoneInfo("America/Chicago")
HORIZON = datetime(2028, 5, 1, tzinfo=CHICAGO)


QUARTERLY = (
    *(("2027-06-08", "-0500"), ("2027-09-14", "-0500")),
    *(("2027-12-14", "-0600"), ("2028-03-14", "-0500")),
)


def local(rrule: str, first: str) -> list[str]:
    start = datetime.fromisoformat(first)
    found = schedule(
        rrule=rrule,
        first_on=start.date(),
        start_time=start.time(),
        time_zone="America/Chicago",
        horizon=HORIZON,
    )
    return [f"{start:%Y-%m-%d %H:%M %z}" for start in found.starts]


def refusal(rrule: str, first: str = "2026-11-27 07:30", zone: str = "America/Chicago") -> tuple[str, str]:
    start = datetime.fromisoformat(first)
    with pytest.raises(Invalid) as refused:
        schedule(rrule=rrule, first_on=start.date(), start_time=start.time(), time_zone=zone, horizon=HORIZON)
    return refused.value.extra["errors"][0]["pointer"], refused.value.detail


def test_no_rule_is_one_date() -> None:
    assert local("", "2026-11-27 07:30") == ["2026-11-27 07:30 -0600"]


@pytest.mark.parametrize(
    ("rrule", "first", "expected"),
    [
        (
            "FREQ=WEEKLY;BYDAY=SU;COUNT=3",  # clocks go back on November 1
            "2026-10-25 07:30",
            ["2026-10-25 07:30 -0500", "2026-11-01 07:30 -0600", "2026-11-08 07:30 -0600"],
        ),
        (
            "FREQ=WEEKLY;BYDAY=SU;COUNT=3",  # and forward on March 14
            "2027-03-07 07:30",
            ["2027-03-07 07:30 -0600", "2027-03-14 07:30 -0500", "2027-03-21 07:30 -0500"],
        ),
        (
            "FREQ=WEEKLY;BYDAY=FR,SA,SU;UNTIL=20261129",
            "2026-11-27 07:30",
            ["2026-11-27 07:30 -0600", "2026-11-28 07:30 -0600", "2026-11-29 07:30 -0600"],
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,SA,SU;WKST=SU;COUNT=4",  # the Sunday is of the next week
            "2026-11-27 07:30",
            [
                "2026-11-27 07:30 -0600",
                "2026-11-28 07:30 -0600",
                "2026-12-06 07:30 -0600",
                "2026-12-11 07:30 -0600",
            ],
        ),
        (
            "FREQ=MONTHLY;BYDAY=2TU;COUNT=3",
            "2026-12-08 19:00",
            ["2026-12-08 19:00 -0600", "2027-01-12 19:00 -0600", "2027-02-09 19:00 -0600"],
        ),
        (
            "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1TH;COUNT=2",
            "2026-12-31 19:00",
            ["2026-12-31 19:00 -0600", "2027-03-25 19:00 -0500"],
        ),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2",
            "2026-11-30 18:00",
            ["2026-11-30 18:00 -0600", "2026-12-31 18:00 -0600"],
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3",
            "2026-12-31 18:00",
            ["2026-12-31 18:00 -0600", "2027-01-31 18:00 -0600", "2027-02-28 18:00 -0600"],
        ),
        (
            "FREQ=MONTHLY;BYMONTH=3,6;BYDAY=1TH",  # open: up to the horizon
            "2027-03-04 19:00",
            ["2027-03-04 19:00 -0600", "2027-06-03 19:00 -0500", "2028-03-02 19:00 -0600"],
        ),
        (
            "FREQ=MONTHLY;INTERVAL=3;BYDAY=2TU",
            "2027-06-08 19:00",
            [f"{day} 19:00 {offset}" for day, offset in QUARTERLY],
        ),
        ("rrule:freq=weekly;count=1", "2026-11-27 07:30", ["2026-11-27 07:30 -0600"]),
    ],
)
def test_dates_are_in_local_wall_time(rrule: str, first: str, expected: list[str]) -> None:
    assert local(rrule, first) == expected


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20270321", "20270321T123000Z"),
        ("20270321T073000", "20270321T123000Z"),
        ("20270321T123000Z", "20270321T123000Z"),
        ("20270326T235959Z", "20270321T123000Z"),
        ("20270314T122959Z", "20270307T133000Z"),  # a second before the start on the day of the change
    ],
)
def test_until_is_published_in_utc_on_the_last_start(until: str, last: str) -> None:
    found = schedule(
        rrule=f"FREQ=WEEKLY;BYDAY=SU;UNTIL={until}",
        first_on=date(2027, 2, 28),
        start_time=time(7, 30),
        time_zone="America/Chicago",
        horizon=HORIZON,
    )
    assert found.rrule == f"FREQ=WEEKLY;BYDAY=SU;UNTIL={last}"
    assert found.starts[-1] == datetime.strptime(last, "%Y%m%dT%H%M%S%z").astimezone(UTC)


def test_the_published_form_is_a_fixed_point() -> None:
    text = "WKST=SU;BYDAY=+2TU,2TU,-1FR;INTERVAL=1;FREQ=MONTHLY;COUNT=4"
    once = schedule(
        rrule=text,
        first_on=date(2026, 11, 27),
        start_time=time(9),
        time_zone="America/Chicago",
        horizon=HORIZON,
    )
    assert once.rrule == "FREQ=MONTHLY;BYDAY=2TU,-1FR;WKST=SU;COUNT=4"
    assert str(parse(once.rrule)) == once.rrule


@pytest.mark.parametrize(
    ("rrule", "word"),
    [
        ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3", "29th"),
        ("FREQ=WEEKLY;BYMONTH=3;COUNT=3", "MONTHLY"),
        ("FREQ=MONTHLY;BYMONTH=13;COUNT=3", "12"),
        ("FREQ=WEEKLY;BYDAY=FR;COUNT=3;UNTIL=20270101", "not both"),
        ("FREQ=DAILY;COUNT=3", "FREQ=WEEKLY"),
        ("BYDAY=FR;COUNT=3", "FREQ=WEEKLY"),
        ("FREQ=WEEKLY;BYHOUR=7;COUNT=3", "BYHOUR"),
        ("FREQ=WEEKLY;COUNT=3;COUNT=4", "twice"),
        ("FREQ=WEEKLY;BYDAY=2FR;COUNT=3", "FREQ=MONTHLY"),
        ("FREQ=WEEKLY;BYMONTHDAY=1;COUNT=3", "FREQ=MONTHLY"),
        ("FREQ=WEEKLY;BYDAY=FR,SA;BYSETPOS=1;COUNT=3", "FREQ=MONTHLY"),
        ("FREQ=MONTHLY;BYSETPOS=1;COUNT=3", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=XX;COUNT=3", "FR,SA,SU"),
        ("FREQ=MONTHLY;BYMONTHDAY=32;COUNT=3", "31"),
        ("FREQ=MONTHLY;BYMONTHDAY=0;COUNT=3", "31"),
        ("FREQ=WEEKLY;INTERVAL=0;COUNT=3", "INTERVAL"),
        ("FREQ=WEEKLY;INTERVAL=1,2;COUNT=3", "one number"),
        ("FREQ=WEEKLY;COUNT=x", "COUNT"),
        ("FREQ=WEEKLY;COUNT=1000", str(MAX_DATES)),
        ("FREQ=WEEKLY;BYDAY=FR,SA,SU;UNTIL=20361101", str(MAX_DATES)),
        ("FREQ=WEEKLY;UNTIL=20990101", "ten years"),
        ("FREQ=MONTHLY;COUNT=200", "ten years"),
        ("FREQ=WEEKLY;UNTIL=20260101", "end"),
        ("FREQ=WEEKLY;UNTIL=2027-01-01", "UNTIL"),
        ("FREQ=WEEKLY;UNTIL=99990101", "UNTIL"),
        ("FREQ=WEEKLY;WKST=X;COUNT=2", "WKST"),
        ("FREQ=MONTHLY;BYDAY=FR,2FR;COUNT=4", "two series"),
        ("every friday", "not understood"),
        ("FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1;COUNT=2", "No date"),
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused_with_the_reason(rrule: str, word: str) -> None:
    pointer, detail = refusal(rrule)
    assert pointer == "/rrule"
    assert word in detail


def test_a_first_date_off_its_rule_is_refused_and_the_next_one_named() -> None:
    pointer, detail = refusal("FREQ=WEEKLY;BYDAY=FR,SA,SU;COUNT=3", "2026-11-26 07:30")
    assert pointer == "/first_on"
    assert "2026-11-27" in detail


@pytest.mark.parametrize(
    ("rrule", "first", "word"),
    [
        ("", "2027-03-14 02:30", "does not exist"),
        ("", "2026-11-01 01:30", "twice"),
        ("FREQ=WEEKLY;BYDAY=SU;COUNT=9", "2027-03-07 02:00", "does not exist"),
        ("FREQ=WEEKLY;BYDAY=SU;COUNT=9", "2026-10-25 01:59", "twice"),
    ],
)
def test_no_start_in_an_hour_that_the_clocks_skip_or_repeat(rrule: str, first: str, word: str) -> None:
    pointer, detail = refusal(rrule, first)
    assert pointer == "/start_time"
    assert word in detail


@pytest.mark.parametrize(
    "first", ["2027-03-14 01:59", "2027-03-14 03:00", "2026-11-01 00:59", "2026-11-01 02:00"]
)
def test_right_beside_those_hours_is_fine(first: str) -> None:
    assert len(local("", first)) == 1


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Europe/Paris"])
def test_a_zone_that_feeds_cannot_carry_is_refused(zone: str) -> None:
    assert refusal("", zone=zone)[0] == "/time_zone"


@pytest.mark.parametrize("first", ["0001-01-01 07:30", "9999-12-31 07:30"])
def test_a_year_out_of_this_world_is_refused(first: str) -> None:
    assert refusal("FREQ=WEEKLY;COUNT=2", first)[0] == "/first_on"


def test_until_as_a_day_survives_another_time_of_day() -> None:
    assert until_day("FREQ=WEEKLY;UNTIL=20270321T003000Z", "America/Chicago") == "FREQ=WEEKLY;UNTIL=20270320"
    assert until_day("FREQ=WEEKLY;COUNT=2", "America/Chicago") == "FREQ=WEEKLY;COUNT=2"


def test_dates_have_names() -> None:
    start = datetime(2026, 11, 27, 7, 30, tzinfo=CHICAGO)
    assert basic(start) == "20261127T073000"
    assert from_basic("20261127T073000", "America/Chicago") == start
    assert in_words(start) == "Fri Nov 27, 7:30 am"
    assert in_words(start.replace(hour=12)) == "Fri Nov 27, 12:30 pm"


@pytest.mark.parametrize("text", ["", "tomorrow", "20261127T0730", "20261327T073000", "２0261127T073000"])
def test_what_names_no_date_is_none(text: str) -> None:
    assert from_basic(text, "America/Chicago") is None


def test_an_open_series_never_begins_where_some_day_the_clocks_change() -> None:
    for first in ("2026-11-28 01:00", "2026-11-28 02:59"):
        pointer, detail = refusal("FREQ=WEEKLY;BYDAY=SA", first)
        assert pointer == "/start_time"
        assert "3:00 am" in detail


def test_a_month_without_its_day_is_refused() -> None:
    pointer, detail = refusal("FREQ=MONTHLY;COUNT=3", "2026-12-31 18:00")
    assert (pointer, "Not every month" in detail) == ("/rrule", True)
