from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events

from backend.events.ical import Change, Place, Series, calendar, fold, text, vevents

CHICAGO = ZoneInfo("America/Chicago")
START = datetime(2026, 10, 30, 7, 30, tzinfo=CHICAGO)
HALF_AN_HOUR = timedelta(minutes=30)
SERIES = Series(
    uid="5a@rollcall.example",
    sequence=3,
    revised_at=datetime(2026, 10, 1, 12, tzinfo=UTC),
    title="Roll call",
    category="Block Roll Call",
    starts_at=START,
    ends_at=START + HALF_AN_HOUR,
    time_zone="America/Chicago",
    place=Place("Soulard Market", "730 Carroll St", 38.6113, -90.2003),
    url="https://rollcall.example/api/v1/events/5a",
    rrule="FREQ=WEEKLY;BYDAY=FR;COUNT=3",
)
SECOND = START + timedelta(days=7)
CANCELLED = Change(SECOND, SECOND, SECOND + HALF_AN_HOUR, cancelled=True, reason="Street repairs.")
MOVED = Change(SECOND, SECOND + timedelta(hours=2), SECOND + timedelta(hours=3), cancelled=False)


def parsed(series: Series) -> list[Any]:
    whole = calendar(name="Test", source="https://rollcall.example/feeds/all.ics", events=[vevents(series)])
    return icalendar.Calendar.from_ical(whole).walk("VEVENT")


def lines(series: Series) -> list[str]:
    return vevents(series).replace(b"\r\n ", b"").decode().split("\r\n")


def test_the_same_state_gives_the_same_bytes() -> None:
    assert vevents(SERIES) == vevents(replace(SERIES))


@pytest.mark.parametrize(
    "line",
    [
        "UID:5a@rollcall.example",
        "DTSTAMP:20261001T120000Z",
        "LAST-MODIFIED:20261001T120000Z",
        "SEQUENCE:3",
        "DTSTART;TZID=America/Chicago:20261030T073000",
        "DTEND;TZID=America/Chicago:20261030T080000",
        "RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=3",
        "SUMMARY:Roll call",
        "STATUS:CONFIRMED",
        "TRANSP:TRANSPARENT",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        "CATEGORIES:Block Roll Call",
        r"LOCATION:Soulard Market\n730 Carroll St",
        "GEO:38.611300;-90.200300",
        'X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-ADDRESS="730 Carroll St";X-APPLE-RADIUS=100;'
        'X-TITLE="Soulard Market":geo:38.611300,-90.200300',
        "URL:https://rollcall.example/api/v1/events/5a",
        "DESCRIPTION:More: https://rollcall.example/api/v1/events/5a",
    ],
)
def test_an_event_has_what_clients_read(line: str) -> None:
    assert line in lines(SERIES)


@pytest.mark.parametrize("word", ["METHOD", "ATTENDEE", "ORGANIZER", "RDATE", "EXDATE", "RANGE", "VALARM"])
def test_and_nothing_that_misleads_them(word: str) -> None:
    assert not any(line.startswith(word) for line in lines(replace(SERIES, changes=(CANCELLED,))))


def test_a_cancelled_date_keeps_its_times_and_says_so_three_times() -> None:
    master, override = parsed(replace(SERIES, changes=(CANCELLED,)))
    assert override["UID"] == master["UID"]
    assert override["SEQUENCE"] >= master["SEQUENCE"]
    assert override["RECURRENCE-ID"].dt == override["DTSTART"].dt == SECOND
    assert override["RECURRENCE-ID"].params["TZID"] == "America/Chicago"
    assert override["STATUS"] == "CANCELLED"
    assert override["SUMMARY"] == "Cancelled: Roll call"
    assert override["DESCRIPTION"].startswith("Cancelled: Street repairs.\n\n")
    assert "RRULE" not in override
    assert master["STATUS"] == "CONFIRMED"


def test_a_moved_date_has_a_new_start_and_names_the_old_one() -> None:
    _, override = parsed(replace(SERIES, changes=(replace(MOVED, place=Place("Library")),)))
    assert override["RECURRENCE-ID"].dt == SECOND
    assert override["DTSTART"].dt == MOVED.starts_at
    assert override["DTEND"].dt == MOVED.ends_at
    assert override["STATUS"] == "CONFIRMED"
    assert override["LOCATION"] == "Library"
    assert "GEO" not in override
    assert "Moved from Fri Nov 6, 7:30 am, Soulard Market, 730 Carroll St." in override["DESCRIPTION"]


def test_a_cancelled_series_is_cancelled_on_all_its_dates() -> None:
    events = parsed(replace(SERIES, cancelled=True, reason="No officers.", changes=(MOVED,)))
    assert {event["STATUS"] for event in events} == {"CANCELLED"}
    assert {event["SUMMARY"] for event in events} == {"Cancelled: Roll call"}
    assert all(event["DESCRIPTION"].startswith("Cancelled: No officers.") for event in events)


@pytest.mark.parametrize("change", [CANCELLED, MOVED])
def test_the_only_date_of_a_single_meeting_is_changed_in_place(change: Change) -> None:
    [event] = parsed(replace(SERIES, rrule="", changes=(replace(change, recurrence_id=START),)))
    assert "RECURRENCE-ID" not in event
    assert event["DTSTART"].dt == change.starts_at
    assert event["STATUS"] == ("CANCELLED" if change.cancelled else "CONFIRMED")


def test_expanded_by_another_library_the_dates_are_right_across_the_change_of_the_clocks() -> None:
    whole = calendar(
        name="Test", source="https://x.example", events=[vevents(replace(SERIES, changes=(MOVED,)))]
    )
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(whole)).between((2026, 1, 1), (2027, 1, 1))
    starts = sorted(event["DTSTART"].dt.astimezone(UTC).isoformat() for event in found)
    assert starts == ["2026-10-30T12:30:00+00:00", "2026-11-06T15:30:00+00:00", "2026-11-13T13:30:00+00:00"]


@pytest.mark.parametrize(
    ("value", "escaped"),
    [
        ("a, b; c\\d", r"a\, b\; c\\d"),
        ("one\r\ntwo\rthree\nfour", r"one\ntwo\nthree\nfour"),
        ("bell\x07 null\x00 delete\x7f", "bell null delete"),
        ("line\u2028separator\x85next", r"line\nseparator\nnext"),
        ("tab\tstays", "tab\tstays"),
    ],
)
def test_text_is_escaped_once(value: str, escaped: str) -> None:
    assert text(value) == escaped


@pytest.mark.parametrize("character", ["x", "é", "€", "🚓"])
@pytest.mark.parametrize("length", [1, 66, 67, 68, 69, 70, 73, 74, 75, 76, 140, 200, 1000])
def test_lines_are_folded_at_75_octets_between_characters(character: str, length: int) -> None:
    line = "SUMMARY:" + character * length
    folded = fold(line)
    assert folded.endswith(b"\r\n")
    pieces = folded[:-2].split(b"\r\n")
    assert all(len(piece) <= 75 and piece.decode() for piece in pieces)
    assert folded[:-2].replace(b"\r\n ", b"").decode() == line


def test_odd_words_come_through_another_parser_whole() -> None:
    odd = 'Café; "Ñandú", 50% \\ off 🚓'
    [event] = parsed(
        replace(SERIES, rrule="", title=odd, description="a\nb", place=Place(odd, "1^2 St", 1.0, 2.0))
    )
    assert event["SUMMARY"] == odd.replace('"', "'")
    assert event["DESCRIPTION"].startswith("a\nb\n\n")
    shown = event["X-APPLE-STRUCTURED-LOCATION"].params
    assert event["LOCATION"] == f"{shown['X-TITLE']}\n1^2 St"


def test_join_link_and_organiser_are_in_the_description() -> None:
    [event] = parsed(
        replace(SERIES, rrule="", join_url="https://meet.example/1", organiser="Officer Test Person")
    )
    assert "Join: https://meet.example/1" in event["DESCRIPTION"]
    assert "Organiser: Officer Test Person" in event["DESCRIPTION"]


def test_the_calendar_around_them() -> None:
    source = "https://rollcall.example/feeds/all.ics"
    whole = calendar(name="All, of it", source=source, events=[])
    assert b"\r\n" in whole
    assert b"\n" not in whole.replace(b"\r\n", b"")
    found = icalendar.Calendar.from_ical(whole)
    assert (found["VERSION"], found["CALSCALE"]) == ("2.0", "GREGORIAN")
    assert b"\r\nNAME:All\\, of it\r\nX-WR-CALNAME:All\\, of it\r\n" in whole
    assert found["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"
    assert found["SOURCE"] == source
    assert {"UID", "METHOD"}.isdisjoint(found)
    assert b"X-PUBLISHED-TTL:PT1H\r\n" in whole


def test_the_time_zone_is_two_rules_with_their_onset_at_two() -> None:
    whole = calendar(name="x", source="https://x.example", events=[])
    [zone] = icalendar.Calendar.from_ical(whole).walk("VTIMEZONE")
    observances = {part.name: part for part in zone.subcomponents}
    assert observances["DAYLIGHT"]["RRULE"].to_ical() == b"FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"
    assert observances["STANDARD"]["RRULE"].to_ical() == b"FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"
    assert {part["DTSTART"].dt.hour for part in observances.values()} == {2}
    assert not {"RDATE", "COMMENT"} & {name for part in observances.values() for name in part}
