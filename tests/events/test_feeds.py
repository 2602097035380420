"""Feeds over HTTP, as calendar programs ask for them."""

import gzip
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import uuid4

import icalendar
import pytest
import recurring_ical_events

from backend.accounts.models import User
from backend.events import feeds, services
from backend.events.models import Event, Occurrence
from backend.roster.models import Area, BoundarySet
from tests.events.factories import CHICAGO, at, post

ALL = "/feeds/all.ics"
FIRST = at("2026-11-27 07:30")


def in_feed(client: Any, address: str) -> set[tuple[str, datetime, datetime, bool]]:
    """(UID, start, end, cancelled) of every date, expanded by another library."""
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(client.get(address).content))
    return {
        (
            str(e["UID"]),
            e["DTSTART"].dt.astimezone(CHICAGO),
            e["DTEND"].dt.astimezone(CHICAGO),
            e["STATUS"] == "CANCELLED",
        )
        for e in found.between(at("2026-01-01 00:00"), at("2045-01-01 00:00"))
    }


def stored(**which: Any) -> set[tuple[str, datetime, datetime, bool]]:
    rows = Occurrence.objects.published().filter(**which).select_related("event")
    return {
        (r.event.uid, r.starts_at.astimezone(CHICAGO), r.ends_at.astimezone(CHICAGO), r.status == "cancelled")
        for r in rows
    }


def all_is_of(moment: datetime) -> None:
    """As if the demo, too, had been made then."""
    Event.objects.update(revised_at=moment)
    BoundarySet.objects.update(imported_at=moment)


def test_feeds_hold_exactly_the_stored_dates(officer: User, client: Any) -> None:
    moved, cancelled, gone = post(officer), post(officer), post(officer)
    post(officer, kind="neighborhood_watch", rrule="FREQ=MONTHLY;BYDAY=-1FR;COUNT=6")
    services.reschedule_occurrence(
        event=moved, recurrence_id=FIRST, starts_at=at("2026-11-30 18:00"), duration_minutes=90, by=officer
    )
    services.cancel_occurrence(event=cancelled, recurrence_id=FIRST, by=officer)
    services.cancel_event(event=gone, by=officer)
    assert in_feed(client, ALL) == stored()
    assert in_feed(client, "/feeds/kinds/neighborhood_watch.ics") == stored(event__kind="neighborhood_watch")
    assert in_feed(client, f"/feeds/events/{moved.id}.ics") == stored(event=moved)


@pytest.mark.parametrize(
    ("area", "shown"),
    [
        ("slmpd-beat-402", True),
        ("slmpd-district-4", True),
        ("slmpd-patrol-area-central", True),
        ("slmpd-beat-401", False),
        ("slmpd-district-1", False),
        ("slcpd-precinct-1", False),
    ],
)
def test_an_area_shows_what_is_inside_it(officer: User, client: Any, area: str, shown: bool) -> None:
    event = post(officer)
    assert (event.uid.encode() in client.get(f"/feeds/areas/{area}.ics").content) is shown


@pytest.mark.parametrize(("area", "shown"), [("slmpd-beat-401", True), ("slmpd-district-1", False)])
def test_an_area_shows_what_is_above_it(captain: User, client: Any, area: str, shown: bool) -> None:
    event = post(captain, area="slmpd-district-4")
    assert (event.uid.encode() in client.get(f"/feeds/areas/{area}.ics").content) is shown


@pytest.mark.parametrize(
    "address",
    [
        ALL,
        "/feeds/kinds/block_roll_call.ics",
        "/feeds/kinds/recruiting.ics",  # nothing is on
        "/feeds/areas/slmpd-beat-402.ics",
    ],
)
def test_headers_and_form(city: None, client: Any, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["ETag"].startswith('"')
    assert response["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert response["Vary"] == "Accept-Encoding"
    assert not response.cookies
    assert response["Content-Length"] == str(len(response.content))
    assert f"SOURCE;VALUE=URI:https://rollcall.example{address}".encode() in response.content.replace(
        b"\r\n ", b""
    )
    assert all(len(line) <= 75 for line in response.content.split(b"\r\n"))
    assert icalendar.Calendar.from_ical(response.content).walk("VTIMEZONE")


@pytest.mark.parametrize(
    "address",
    [
        "/feeds/areas/nowhere.ics",
        "/feeds/kinds/party.ics",
        f"/feeds/events/{uuid4()}.ics",
        "/feeds/events/1.ics",
        "/feeds/none.ics",
    ],
)
def test_an_unknown_feed_is_404_even_for_who_claims_to_have_it(city: None, client: Any, address: str) -> None:
    for headers in ({}, {"HTTP_IF_NONE_MATCH": "*"}):
        response = client.get(address, **headers)
        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_a_feed_is_only_read(city: None, client: Any, method: str) -> None:
    response = getattr(client, method)(ALL)
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0.1", "nonsense", ""])
def test_any_accept_is_served(city: None, client: Any, accept: str) -> None:
    assert client.get(ALL, HTTP_ACCEPT=accept).status_code == 200


def test_head_is_get_without_the_body(city: None, client: Any) -> None:
    get, head = client.get(ALL), client.head(ALL)
    assert head.content == b""
    names = ("ETag", "Last-Modified", "Content-Length", "Content-Type", "Cache-Control", "Vary")
    assert [head[name] for name in names] == [get[name] for name in names]
    assert client.head(ALL, HTTP_IF_NONE_MATCH=get["ETag"]).status_code == 304


@pytest.mark.parametrize(
    ("accepts", "zipped"),
    [
        ("gzip", True),
        ("deflate, GZIP;q=0.5, br", True),
        ("*", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip;q=0.000, br", False),
        ("notgzip", False),
    ],
)
def test_compression_has_a_tag_of_its_own(city: None, client: Any, accepts: str, zipped: bool) -> None:
    plain, response = client.get(ALL), client.get(ALL, HTTP_ACCEPT_ENCODING=accepts)
    assert (response.get("Content-Encoding") == "gzip") is zipped
    assert (response["ETag"] != plain["ETag"]) is zipped
    assert (gzip.decompress(response.content) if zipped else response.content) == plain.content
    again = client.get(ALL, HTTP_ACCEPT_ENCODING=accepts, HTTP_IF_NONE_MATCH=response["ETag"])
    assert (again.status_code, again["ETag"], again["Vary"]) == (304, response["ETag"], "Accept-Encoding")
    if zipped:
        assert (
            client.get(ALL, HTTP_ACCEPT_ENCODING=accepts, HTTP_IF_NONE_MATCH=plain["ETag"]).status_code == 200
        )


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("{tag}", 304),
        ("W/{tag}", 304),
        ('"other", {tag}', 304),
        ('"other",W/{tag} , "more"', 304),
        ("*", 304),
        ('"other"', 200),
        ('W/"other", "more"', 200),
        ("", 200),
    ],
)
def test_if_none_match(city: None, client: Any, condition: str, status: int) -> None:
    tag = client.get(ALL)["ETag"]
    response = client.get(ALL, HTTP_IF_NONE_MATCH=condition.format(tag=tag))
    assert response.status_code == status
    if status == 304:
        assert response.content == b""
        assert response["ETag"] == tag
        assert response["Cache-Control"].startswith("public")


def test_if_modified_since(officer: User, client: Any, now: Any) -> None:
    post(officer)
    all_is_of(at("2026-11-22 10:00"))
    now.move_to(at("2026-11-22 11:00"))
    modified = client.get(ALL)["Last-Modified"]
    assert parsedate_to_datetime(modified) == at("2026-11-22 10:00")
    assert client.get(ALL, HTTP_IF_MODIFIED_SINCE=modified).status_code == 304
    earlier = "Sun, 22 Nov 2026 15:59:59 GMT"
    assert client.get(ALL, HTTP_IF_MODIFIED_SINCE=earlier).status_code == 200
    assert client.get(ALL, HTTP_IF_MODIFIED_SINCE="yesterday").status_code == 200
    assert client.get(ALL, HTTP_IF_MODIFIED_SINCE=modified, HTTP_IF_NONE_MATCH='"other"').status_code == 200


def test_a_second_change_within_one_second_is_not_missed(officer: User, client: Any) -> None:
    all_is_of(at("2026-11-22 09:00"))
    post(officer)
    modified = client.get(ALL)["Last-Modified"]
    post(officer)
    assert client.get(ALL, HTTP_IF_MODIFIED_SINCE=modified).status_code == 200


def test_who_asks_by_date_hears_that_an_event_left_the_feed(captain: User, client: Any, now: Any) -> None:
    address, event = "/feeds/areas/slmpd-beat-402.ics", post(captain)
    all_is_of(at("2026-11-22 10:00"))
    now.move_to(at("2026-11-22 11:00"))
    modified = client.get(address)["Last-Modified"]
    assert client.get(address, HTTP_IF_MODIFIED_SINCE=modified).status_code == 304
    now.move_to(at("2026-11-22 12:00"))
    other_beat = Area.objects.get(slug="slmpd-beat-401")
    services.revise_event(event=event, by=captain, areas=[other_beat])
    response = client.get(address, HTTP_IF_MODIFIED_SINCE=modified)
    assert response.status_code == 200
    assert event.uid.encode() not in response.content


def test_a_change_shows_at_once_and_elsewhere_nothing_changes(officer: User, client: Any) -> None:
    event = post(officer)
    kind, other = "/feeds/kinds/block_roll_call.ics", "/feeds/kinds/cleanup.ics"
    tags = {address: client.get(address)["ETag"] for address in (ALL, kind, other)}
    services.cancel_occurrence(event=event, recurrence_id=FIRST, by=officer)
    assert {a: client.get(a, HTTP_IF_NONE_MATCH=tag).status_code for a, tag in tags.items()} == {
        ALL: 200,
        kind: 200,
        other: 304,
    }
    assert b"Cancelled: Morning roll call" in client.get(kind).content


def test_rebuilt_from_the_same_state_it_is_the_same(officer: User, client: Any) -> None:
    post(officer)
    before = client.get(ALL)
    feeds.forget()
    after = client.get(ALL)
    assert (after.content, after["ETag"]) == (before.content, before["ETag"])


def test_a_304_costs_no_rows(city: None, client: Any, django_assert_num_queries: Any) -> None:
    tag = client.get(ALL)["ETag"]
    with django_assert_num_queries(2):  # the two editions
        assert client.get(ALL, HTTP_IF_NONE_MATCH=tag).status_code == 304


def test_a_cancelled_series_stays_thirty_days_past_its_last_date(
    officer: User, client: Any, now: Any
) -> None:
    event = post(officer)  # until December 13
    services.cancel_event(event=event, by=officer)
    for day, shown in (("2027-01-12 23:00", True), ("2027-01-14 00:00", False)):
        now.move_to(at(day))
        assert (event.uid.encode() in client.get(ALL).content) is shown, day
        assert client.get(f"/feeds/events/{event.id}.ics").status_code == 200


def test_memory_for_feeds_is_bounded(officer: User, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "ROOM", 10_000)
    for n in range(12):
        client.get(f"/feeds/events/{post(officer, title=f'Series {n}').id}.ics")
    assert sum(feed.size for feed in feeds._feeds.values()) <= feeds.ROOM


def test_bytes_are_rendered_anew_where_the_address_changed(officer: User, client: Any, settings: Any) -> None:
    event = post(officer)
    assert services.render_all() == 0
    settings.PUBLIC_URL = "https://new.example"
    assert services.render_all() == Event.objects.published().count()
    assert services.render_all() == 0
    again = Event.objects.get(pk=event.pk)
    assert (again.uid, again.sequence) == (event.uid, event.sequence)
    assert again.revised_at > event.revised_at
    assert b"https://new.example" in client.get(f"/feeds/events/{event.id}.ics").content


def test_dates_are_stored_eighteen_months_ahead_and_on(officer: User, now: Any) -> None:
    event = post(officer, rrule="FREQ=WEEKLY;COUNT=120")
    first = event.occurrences.count()
    assert event.occurrences.latest("starts_at").starts_at <= datetime.now(CHICAGO) + timedelta(days=548)
    services.extend_occurrences(datetime.now(CHICAGO))
    assert event.occurrences.count() == first
    later = at("2027-03-01 00:00")
    now.move_to(later)
    services.extend_occurrences(later)
    services.extend_occurrences(later)
    assert event.occurrences.count() == first + 14
