"""Files of other programs, read as series: what is certain, and why the rest is not."""

import pytest

from backend.events import ics_file
from backend.events.ics_file import FoundSeries, NotRead
from tests.events.exported import OUTLOOK_ZONE, calendar, changed_date, vevent, without_times
from tests.events.factories import at


def only(text: str) -> FoundSeries | NotRead:
    (item,) = ics_file.read(text)
    return item


def found(text: str) -> FoundSeries:
    item = only(text)
    assert isinstance(item, FoundSeries), item
    return item


def test_outlooks_names_of_zones_and_places_are_understood() -> None:
    series = found(calendar(vevent()))
    assert (series.first_on.isoformat(), series.start_time.isoformat("minutes")) == ("2026-12-08", "19:15")
    assert (series.duration_minutes, series.rrule) == (60, "FREQ=MONTHLY;COUNT=5;INTERVAL=1;BYDAY=2TU")
    assert (series.place_name, series.place_address) == ("Soulard Market", "730 Carroll St, St. Louis")
    assert series.notes == ()
    assert found(calendar(vevent(GEO="38.6113;-90.2003"))).point == (38.6113, -90.2003)
    assert found(calendar(vevent(GEO="138;200"))).point is None


LOCAL = ("2026-12-08", "19:15", 60)


@pytest.mark.parametrize(
    ("changes", "head"),
    [
        (without_times(DTSTART="20261209T011500Z", DTEND="20261209T021500Z", RRULE=None), ""),
        (without_times(DTSTART="20261208T191500", DTEND="20261208T201500"), ""),
        (without_times(DTSTART="20261208T191500", DURATION="PT1H"), "X-WR-TIMEZONE:America/Chicago\n"),
        (without_times(**{"DTSTART;TZID=America/Chicago": "20261208T191500", "DURATION": "PT60M"}), ""),
        (without_times(**{"DTSTART;TZID=US/Central": "20261208T191500", "DURATION": "P0DT1H"}), ""),
        (
            without_times(
                **{'DTSTART;TZID="(UTC-06:00) Central Time"': "20261208T191500", "DURATION": "PT1H"}
            ),
            OUTLOOK_ZONE.format(name="(UTC-06:00) Central Time"),
        ),
        (
            without_times(
                **{"DTSTART;TZID=America/New_York": "20261208T201500", "DURATION": "PT1H", "RRULE": None}
            ),
            "",
        ),
        (
            without_times(DTSTART="20261208T201500", DURATION="PT1H", RRULE=None),
            "X-WR-TIMEZONE:America/New_York\n",
        ),
        (without_times(DTSTART="20261208T191500"), ""),
    ],
)
def test_times_come_in_as_the_clocks_here_go(changes: dict[str, str | None], head: str) -> None:
    series = found(calendar(vevent(**changes), head=head))
    assert (
        series.first_on.isoformat(),
        series.start_time.isoformat("minutes"),
        series.duration_minutes,
    ) == LOCAL
    assert bool(series.notes) == ("DTEND" not in changes and "DURATION" not in changes)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (without_times(**{"DTSTART;VALUE=DATE": "20261208"}), "days without hours"),
        (without_times(DTSTART="20261209T011500Z", DURATION="PT1H"), "another time zone"),
        (
            without_times(**{"DTSTART;TZID=America/New_York": "20261208T191500", "DURATION": "PT1H"}),
            "another time zone",
        ),
        (
            without_times(**{"DTSTART;TZID=Mars/Olympus": "20261208T191500", "DURATION": "PT1H"}),
            "Mars/Olympus",
        ),
        ({"RRULE": "FREQ=DAILY;COUNT=5"}, "FREQ=WEEKLY or FREQ=MONTHLY"),
        ({"RRULE": "FREQ=YEARLY;COUNT=5"}, "FREQ=WEEKLY or FREQ=MONTHLY"),
        ({"RRULE": "FREQ=MONTHLY;COUNT=5;BYDAY=2WE"}, "is not a date of the rule"),
        ({"RDATE;TZID=Central Standard Time": "20261215T191500"}, "list beside the rule"),
        ({"EXRULE": "FREQ=MONTHLY;COUNT=1;BYDAY=2TU"}, "list beside the rule"),
        ({"EXDATE;TZID=Mars/Olympus": "20270112T191500"}, "left-out dates"),
        ({"CLASS": "PRIVATE"}, "private"),
        ({"CLASS": "confidential"}, "private"),
        ({"SUMMARY": None}, "no title"),
        ({"SUMMARY": "x" * 121}, "longer than 120"),
        ({"DESCRIPTION": "x" * 4001}, "longer than 4000"),
        ({"LOCATION": None}, "no location"),
        ({"LOCATION": "x" * 121}, "too long"),
        ({"UID": None}, "no UID"),
        ({"UID": "\ud800"}, "no UID"),
        ({"CLASS": "PUBLIC\nCLASS:PRIVATE"}, "CLASS more than once"),
        ({"SUMMARY": "One\nSUMMARY:Two"}, "SUMMARY more than once"),
        ({"DESCRIPTION": "<b>" + "<a " * 6000}, "longer than 4000"),
        ({"UID": "x" * 256}, "no UID"),
        (without_times(DTSTART="tomorrow"), "DTSTART"),
        (without_times(), "no start"),
        ({"DTSTART": "20261208T191500"}, "DTSTART more than once"),
        ({"DTEND;TZID=Central Standard Time": "99991231T235959"}, "not written"),
        (without_times(DTSTART="99990101T191500"), "2000 and 2198"),
        (without_times(DTSTART="20261208T191530"), "whole minute"),
    ],
)
def test_what_could_not_be_published_truthfully_is_not_read(
    changes: dict[str, str | None], reason: str
) -> None:
    item = only(calendar(vevent(**changes)))
    assert isinstance(item, NotRead)
    assert reason in item.reason


def test_changed_dates_are_read_by_their_day() -> None:
    series = found(
        calendar(
            vevent(**{"EXDATE;TZID=Central Standard Time": "20270112T191500,20270209T191500"}),
            changed_date("20270309T191500", "20270316T180000", LOCATION="Library"),
            changed_date("20270413T191500", "20270413T191500", SUMMARY="Watch and supper"),
        )
    )
    dates = {day.isoformat(): one for day, one in series.dates.items()}
    assert sorted(dates) == ["2027-01-12", "2027-02-09", "2027-03-09"]
    assert dates["2027-01-12"].cancelled
    assert dates["2027-03-09"].starts_at == at("2027-03-16 18:00")
    assert dates["2027-03-09"].place == ("Library", "")
    assert len(series.notes) == 1
    assert "2027-04-13" in series.notes[0]


def test_this_and_following_and_a_lone_date_are_not_read() -> None:
    following = calendar(
        vevent(),
        changed_date("x", "20270316T180000").replace(
            "RECURRENCE-ID;TZID=Central Standard Time:x",
            "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Central Standard Time:20270309T191500",
        ),
    )
    item = only(following)
    assert isinstance(item, NotRead)
    assert "THISANDFUTURE" in item.reason
    lone = only(calendar(changed_date("20270309T191500", "20270316T180000")))
    assert isinstance(lone, NotRead)
    assert "not in the file" in lone.reason


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("<b>x<![foo[bar]]>", "x"),
        ("&lt\\;b&gt\\;bold&lt\\;/b&gt\\;", "bold"),
        ("1 < 2 > 0", "1 < 2 > 0"),
        ("\ud800", ""),
    ],
)
def test_odd_words_are_read_as_words(words: str, read: str) -> None:
    assert found(calendar(vevent(DESCRIPTION=words))).description == read


def test_what_is_not_read_may_be_broken() -> None:
    alarm = "BEGIN:VALARM\nTRIGGER:-PT15\nACTION:DISPLAY\nEND:VALARM\nEND:VEVENT\n"
    task = "BEGIN:VTODO\nDUE:bad\nEND:VTODO\n"
    text = calendar(vevent().replace("END:VEVENT\n", alarm), task)
    assert found("\ufeff" + text).title == "Neighborhood watch"


def test_every_entry_without_a_uid_and_every_lone_change_is_said() -> None:
    items = ics_file.read(
        calendar(
            vevent(UID=None),
            vevent(UID=None),
            vevent(RRULE=None),
            changed_date("x", "20270316T180000").replace(
                "RECURRENCE-ID;TZID=Central Standard Time:x",
                "RECURRENCE-ID;TZID=Central Standard Time:20261208T191500",
            ),
        )
    )
    assert [item.reason[:18] for item in items if isinstance(item, NotRead)] == [
        "It has no UID by w",
        "It has no UID by w",
        "It has no rule, an",
    ]


def test_a_changed_date_has_the_length_of_its_series_and_a_cancelled_one_needs_no_words() -> None:
    long = {"DTEND;TZID=Central Standard Time": "20261208T211500"}
    series = found(
        calendar(
            vevent(**long),
            changed_date("20270112T191500", "20270113T180000", **{"DTEND;TZID=Central Standard Time": None}),
            changed_date(
                "20270209T191500", "20270209T191500", STATUS="CANCELLED", LOCATION="", SUMMARY="Canceled: W"
            ),
        )
    )
    moved, cancelled = series.dates.values()
    assert (moved.duration_minutes, cancelled.cancelled, series.notes) == (120, True, ())


def test_a_date_marked_private_does_not_come_in() -> None:
    item = only(calendar(vevent(), changed_date("20270309T191500", "20270316T180000", CLASS="PRIVATE")))
    assert isinstance(item, NotRead)
    assert "private" in item.reason


def test_googles_html_becomes_words_and_no_person_comes_in() -> None:
    series = found(
        calendar(
            vevent(
                DESCRIPTION=r'<p>Bring a chair &amp\; coffee.</p><a href="https://example.org/agenda">Agenda</a>'
                r"<script>alert(1)</script><br>1 < 2",
                ORGANIZER="mailto:neighbor@example.org",
                ATTENDEE="mailto:other@example.org",
                **{"X-GOOGLE-CONFERENCE": "https://meet.example.org/abc"},
            )
        )
    )
    assert series.description == "Bring a chair & coffee.\nAgenda (https://example.org/agenda)\n1 < 2"
    assert series.join_url == "https://meet.example.org/abc"
    assert "example.org" not in str(series).replace("https://example.org/agenda", "").replace(
        "meet.example.org", ""
    ).replace(series.source_uid, "")
