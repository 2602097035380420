"""What real calendar programs taught (RFC 5545 and beyond), rule by rule, on feeds as they are served.

Each rule is tested on one calendar with a long series, a moved and a cancelled date, a cancelled series, a split one, a
single meeting and a ride-along in it; the finer cases are in test_ical.py, test_feeds.py, test_history.py.
"""

import gzip
import re
from datetime import date, time, timedelta
from typing import Any

import icalendar
import pytest
import time_machine

from backend.accounts.models import User
from backend.errors import Invalid
from backend.events import feeds, services
from backend.events.models import Event, OccurrenceOverride
from tests.events.factories import AREA, at, post
from tests.events.test_feeds import all_is_of

URL = f"/feeds/areas/{AREA}.ics"
SERIES = (
    "Quarterly, with a long “title”; commas, semicolons \\ and a 🚓 that goes on beyond the fold of a line"
)


@pytest.fixture
def series(officer: User) -> Event:
    event = post(
        officer, title=SERIES, join_url="https://example.org/join", description="Line one\nLine two; three"
    )
    services.reschedule_occurrence(
        event=event,
        recurrence_id=at("2026-11-28 07:30"),
        starts_at=at("2026-11-28 09:00"),
        by=officer,
        reason="Snow",
    )
    services.cancel_occurrence(event=event, recurrence_id=at("2026-11-29 07:30"), by=officer, reason="Ice")
    return event


@pytest.fixture
def body(series: Event, officer: User, client: Any) -> str:
    off = post(officer, title="Off", first_on=date(2026, 12, 1), rrule="FREQ=WEEKLY;COUNT=4")
    services.cancel_event(event=off, by=officer, reason="No room")
    through_dst = post(
        officer, title="Open", first_on=date(2026, 12, 2), rrule="FREQ=WEEKLY", review_on=date(2027, 6, 1)
    )
    services.split_event(
        event=through_dst, recurrence_id=at("2027-01-06 07:30"), by=officer, start_time=time(18, 0)
    )
    post(officer, title="Once", rrule="", first_on=date(2026, 12, 3))
    post(
        officer,
        kind="ride_along",
        rrule="FREQ=WEEKLY;COUNT=3",
        first_on=date(2026, 12, 4),
        description="Car 12",
    )
    answer = client.get(URL)
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


def unfolded(body: str) -> list[str]:
    return body.replace("\r\n ", "").split("\r\n")


def parsed(body: str) -> list[Any]:
    return list(icalendar.Calendar.from_ical(body).walk("VEVENT"))


def titled(body: str, words: str) -> list[Any]:
    return [event for event in parsed(body) if words in event["SUMMARY"]]


def test_rule_1_uids_are_stored_and_stamps_are_of_the_revision(
    series: Event, body: str, officer: User, client: Any
) -> None:
    known = {event.uid: event for event in Event.objects.published()}
    for found in parsed(body):
        assert re.fullmatch(r"[0-9a-f-]{36}@[\w.-]+", found["UID"])
        revised_at = known[found["UID"]].revised_at
        assert found["DTSTAMP"].dt == found["LAST-MODIFIED"].dt == revised_at
    head = body.partition("BEGIN:VEVENT")[0]
    assert "UID:" not in head
    assert "DTSTAMP" not in head
    with time_machine.travel(at("2026-11-22 15:00"), tick=False):
        assert client.get(URL).content.decode() == body  # not of the request
    uid = series.uid
    services.revise_event(event=series, by=officer, title="Other", first_on=series.first_on)
    assert Event.objects.get(pk=series.pk).uid == uid


def test_rule_2_sequence_grows_for_the_series_and_its_overrides_together(
    series: Event, body: str, officer: User, client: Any
) -> None:
    (number,) = {event["SEQUENCE"] for event in parsed(body) if event["UID"] == series.uid}
    changes: tuple[Any, ...] = (
        lambda: services.restore_occurrence(event=series, recurrence_id=at("2026-11-28 07:30"), by=officer),
        lambda: services.revise_event(event=series, by=officer, start_time=time(8, 0)),
        lambda: services.revise_event(event=series, by=officer, place_name="Library"),
        lambda: services.revise_event(event=series, by=officer, rrule="FREQ=WEEKLY;BYDAY=FR,SA,SU;COUNT=12"),
        lambda: services.cancel_event(event=series, by=officer),
    )
    for change in changes:
        change()
        numbers = {e["SEQUENCE"] for e in parsed(client.get(URL).content.decode()) if e["UID"] == series.uid}
        assert len(numbers) == 1
        assert min(numbers) > number
        (number,) = numbers


def test_rule_3_a_changed_date_is_an_override_and_nothing_just_disappears(
    series: Event, body: str, client: Any
) -> None:
    master, moved, cancelled = titled(body, "Quarterly")
    assert {event["UID"] for event in (master, moved, cancelled)} == {series.uid}
    assert moved["RECURRENCE-ID"].dt == at("2026-11-28 07:30")
    assert moved["RECURRENCE-ID"].params == master["DTSTART"].params == {"TZID": "America/Chicago"}
    assert moved["DTSTART"].dt == at("2026-11-28 09:00")
    assert cancelled["STATUS"] == "CANCELLED"
    assert cancelled["SUMMARY"].startswith("Cancelled: ")
    assert (cancelled["DTSTART"].dt, cancelled["DTEND"].dt) == (
        at("2026-11-29 07:30"),
        at("2026-11-29 08:00"),
    )
    (off,) = titled(body, "Off")
    assert off["STATUS"] == "CANCELLED"
    for day, is_there in (("2027-01-21 12:00", True), ("2027-01-22 12:00", False)):  # its last date is Dec 22
        with time_machine.travel(at(day), tick=False):
            assert bool(titled(client.get(URL).content.decode(), "Off")) == is_there


def test_rule_4_this_and_following_is_a_series_of_its_own(body: str) -> None:
    assert "THISANDFUTURE" not in body
    before, after = sorted(titled(body, "Open"), key=lambda event: event["DTSTART"].dt)
    assert before["RRULE"]["UNTIL"] == [at("2026-12-30 07:30")]
    assert after["DTSTART"].dt == at("2027-01-06 18:00")
    assert after["RELATED-TO"] == before["UID"]
    assert "UNTIL" not in after["RRULE"]


def test_rule_5_local_times_with_a_zone_of_two_rules(body: str) -> None:
    zone = body.partition("BEGIN:VTIMEZONE")[2].partition("END:VTIMEZONE")[0]
    assert "COMMENT" not in zone
    assert "RDATE" not in zone
    assert re.findall(r"DTSTART:\d{8}T(\d{6})", zone) == ["020000", "020000"]
    assert re.findall(r"RRULE:(\S+)", zone) == [
        "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU",
        "FREQ=YEARLY;BYMONTH=11;BYDAY=1SU",
    ]
    for line in unfolded(body.partition("END:VTIMEZONE")[2]):
        if line.startswith(("DTSTART", "DTEND", "RECURRENCE-ID")):
            assert re.match(r"[A-Z-]+(;TZID=America/Chicago:\d{8}T\d{6}|;VALUE=DATE:\d{8})$", line), line


@pytest.mark.parametrize(
    "fields",
    [
        {"first_on": date(2026, 11, 26)},  # a Thursday, off the rule
        {"rrule": "", "first_on": date(2027, 3, 14), "start_time": time(2, 30)},  # the gap
        {"rrule": "", "first_on": date(2027, 11, 7), "start_time": time(1, 30)},  # the repeated hour
        {"rrule": "FREQ=WEEKLY;BYDAY=SU;COUNT=30", "first_on": date(2026, 12, 6), "start_time": time(2, 30)},
        {"rrule": "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=5", "first_on": date(2026, 12, 31)},
        {"rrule": "FREQ=WEEKLY;COUNT=1000"},
    ],
)
def test_rule_6_what_programs_disagree_on_is_refused(officer: User, fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        post(officer, **fields)


def test_rule_6_until_is_in_utc_on_the_last_start_and_no_dates_are_listed(body: str) -> None:
    assert not re.search(r"^(RDATE|EXDATE)", body, re.MULTILINE)
    untils = re.findall(r"UNTIL=([^;\r]+)", body.replace("\r\n ", ""))
    assert untils
    assert all(re.fullmatch(r"\d{8}T\d{6}Z", until) for until in untils)
    (master, *_) = titled(body, "Quarterly")
    assert master["RRULE"]["UNTIL"] == [at("2026-12-13 07:30")]
    for found in parsed(body):
        if "RRULE" in found:
            day = found["DTSTART"].dt.strftime("%a")[:2].upper()
            assert day in found["RRULE"].get("BYDAY", [day])


def test_rule_7_text_is_escaped_folded_and_free_of_control_characters(body: str, client: Any) -> None:
    assert "\n" not in body.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in body.split("\r\n"))
    assert not re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", body)
    for raw in client.get(URL).content.split(b"\r\n"):
        raw.decode()  # no character is cut in two
    (master, *_) = titled(body, "Quarterly")
    assert master["SUMMARY"] == SERIES
    assert "Line one\nLine two; three" in master["DESCRIPTION"]
    assert not re.search(r"</?\w+>", body)


def test_rule_8_description_says_all_and_public_events_leave_one_free(series: Event, body: str) -> None:
    head = icalendar.Calendar.from_ical(body)
    assert head["NAME"] == head["X-WR-CALNAME"]
    assert {"COLOR", "X-APPLE-CALENDAR-COLOR", "SOURCE"} <= set(head)
    assert head["REFRESH-INTERVAL"].dt == timedelta(hours=1)
    assert head["X-PUBLISHED-TTL"] == "PT1H"
    assert not re.search(r"^(METHOD|ATTENDEE|BEGIN:VALARM)", body, re.MULTILINE)
    for event in parsed(body):
        assert event["TRANSP"] == "TRANSPARENT"
        assert event["X-MICROSOFT-CDO-BUSYSTATUS"] == "FREE"
        assert event["URL"] in event["DESCRIPTION"]
        assert event["CATEGORIES"].cats
    master, moved, cancelled = titled(body, "Quarterly")
    assert "https://example.org/join" in master["DESCRIPTION"]
    assert moved["DESCRIPTION"].startswith("Moved from Sat Nov 28, 7:30 am")
    assert cancelled["DESCRIPTION"].startswith("Cancelled: Ice")
    apple = master["X-APPLE-STRUCTURED-LOCATION"]
    assert master["LOCATION"] == f"{apple.params['X-TITLE']}\n{apple.params['X-ADDRESS']}"
    assert master["GEO"].to_ical() == "38.6113;-90.2003"


def test_rule_9_http(body: str, client: Any, now: Any) -> None:
    all_is_of(at("2026-11-22 10:00"))
    feeds.forget()
    now.move_to(at("2026-11-22 11:00"))  # what changed in this very second could not be told apart by date
    answer = client.get(URL)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    etag, last = answer["ETag"], answer["Last-Modified"]
    assert re.fullmatch(r'"[^"]+"', etag)  # strong
    assert answer["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert answer["Vary"] == "Accept-Encoding"
    assert not answer.cookies
    for condition in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        unchanged = client.get(URL, headers={"If-None-Match": condition})
        assert (unchanged.status_code, unchanged["ETag"], unchanged.content) == (304, etag, b"")
    assert client.get(URL, headers={"If-Modified-Since": last}).status_code == 304
    both = {"If-None-Match": '"x"', "If-Modified-Since": last}
    assert client.get(URL, headers=both).status_code == 200
    head = client.head(URL)
    assert {name: value for name, value in head.headers.items() if name != "X-Request-ID"} == {
        name: value for name, value in answer.headers.items() if name != "X-Request-ID"
    }
    zipped = client.get(URL, headers={"Accept-Encoding": "gzip"})
    assert (zipped["Content-Encoding"], zipped["ETag"] != etag) == ("gzip", True)
    assert gzip.decompress(zipped.content).decode() == body
    assert client.get(URL, headers={"Accept": "image/png"}).status_code == 200
    assert client.post(URL).status_code == 405
    assert client.get("/feeds/areas/nowhere.ics").status_code == 404
    assert "Disallow: /feeds" not in client.get("/robots.txt").content.decode()
    for feed in client.get("/api/v1/feeds").json()["feeds"]:
        assert len(feed["url"]) < 256
        assert feed["webcal"].startswith("webcal://")
        assert "cid=webcal" in feed["google"]


# Rule 10, personal feeds, is test_personal.py.


def test_rule_11_a_cancellation_is_in_the_next_answer_of_the_api_too(
    series: Event, officer: User, client: Any
) -> None:
    services.cancel_occurrence(event=series, recurrence_id=at("2026-11-27 07:30"), by=officer, reason="Fire")
    first = client.get("/api/v1/occurrences", {"area": AREA, "kind": "block_roll_call"}).json()["results"]
    (row,) = [
        row for row in first if row["event"] == str(series.pk) and row["recurrence_id"] == "20261127T073000"
    ]
    assert (row["status"], row["reason"]) == ("cancelled", "Fire")


def test_no_override_is_ever_older_than_its_series(series: Event) -> None:
    rows = OccurrenceOverride.objects.filter(event=series)
    assert len(rows) == 2
    assert all(row.sequence <= Event.objects.get(pk=series.pk).sequence for row in rows)
