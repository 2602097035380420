"""The public list of dates."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import User
from backend.events import services
from backend.events.models import Event, Occurrence
from backend.roster import editions
from tests.events.factories import at, post

LIST = "/api/v1/occurrences"
DECEMBER = {"start": "2026-12-01T00:00:00-06:00", "end": "2026-12-14T00:00:00-06:00"}


def listed(client: Any, event: Event | None = None, **query: Any) -> list[str]:
    """Local starts of the event's dates in that list, all pages."""
    found, address = [], f"{LIST}?{urlencode({'page_size': 100, **query})}"
    while address:
        answer = client.get(address).json()
        found += [r["starts_at"] for r in answer["results"] if event is None or r["event"] == str(event.id)]
        address = answer["next"]
    return found


def test_a_row_has_all_that_a_phone_shows(officer: User, client: Any) -> None:
    event = post(officer)
    [row] = [
        row
        for row in client.get(f"{LIST}?page_size=200").json()["results"]
        if row["event"] == str(event.id) and row["recurrence_id"] == "20261127T073000"
    ]
    assert row == {
        "id": str(event.occurrences.earliest("starts_at").id),
        "event": str(event.id),
        "recurrence_id": "20261127T073000",
        "kind": "block_roll_call",
        "title": "Morning roll call",
        "status": "scheduled",
        "reason": "",
        "starts_at": "2026-11-27T07:30:00-06:00",
        "ends_at": "2026-11-27T08:00:00-06:00",
        "original_starts_at": None,
        "time_zone": "America/Chicago",
        "place": {"name": "Soulard Market", "address": "730 Carroll St", "lat": 38.6113, "lon": -90.2003},
        "previous_place": None,
        "join_url": "",
        "languages": [],
        "takes_registrations": False,
        "agency": "slmpd",
        "areas": ["slmpd-beat-402"],
        "is_stale": False,
    }


def test_without_a_window_it_is_the_next_thirty_days(officer: User, client: Any, now: Any) -> None:
    event = post(officer, rrule="FREQ=WEEKLY;COUNT=9")
    assert [start[:10] for start in listed(client, event)] == [
        "2026-11-27",
        "2026-12-04",
        "2026-12-11",
        "2026-12-18",
    ]
    now.move_to(at("2026-11-27 07:59"))
    assert listed(client, event)[0] == "2026-11-27T07:30:00-06:00"  # still under way
    now.move_to(at("2026-11-27 08:00"))
    assert listed(client, event)[0] == "2026-12-04T07:30:00-06:00"


def test_pages_follow_one_another_without_gap_or_repeat(officer: User, client: Any) -> None:
    events = [post(officer, title=f"Series {n}") for n in range(3)]  # all at the same hours
    window = {**DECEMBER, "area": "slmpd-beat-402"}
    at_once = listed(client, **window)
    assert len(at_once) == Occurrence.objects.filter(
        starts_at__range=DECEMBER.values(), event__in=events
    ).count() + (len(at_once) - sum(len(listed(client, event, **window)) for event in events))
    assert listed(client, **window, page_size=2) == at_once == sorted(at_once)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"kind": "block_roll_call"}, True),
        ({"kind": "cleanup"}, False),
        ({"area": "slmpd-beat-402"}, True),
        ({"area": "slmpd-district-4"}, True),  # the area above shows it
        ({"area": "slmpd-beat-401"}, False),
        ({"area": "slcpd-precinct-1"}, False),
        ({"near": "38.6113,-90.2003", "radius_m": 1}, True),
        ({"near": "38.6203,-90.2003", "radius_m": 1050}, True),  # 1,000.8 m
        ({"near": "38.6203,-90.2003", "radius_m": 950}, False),
        ({"near": "38.6113,-90.2118", "radius_m": 1050}, True),  # 999 m
        ({"near": "38.6113,-90.2118", "radius_m": 950}, False),
    ],
)
def test_filters(officer: User, client: Any, query: dict[str, Any], found: bool) -> None:
    assert bool(listed(client, post(officer), **DECEMBER, **query)) is found


def test_what_the_area_above_does_is_shown_in_each_area_inside(captain: User, client: Any) -> None:
    event = post(captain, area="slmpd-district-4")
    assert listed(client, event, area="slmpd-beat-401")
    assert not listed(client, event, area="slmpd-district-1")


def test_near_goes_by_where_a_date_has_moved(officer: User, client: Any) -> None:
    event, first = post(officer), at("2026-11-27 07:30")
    market, library = {"near": "38.6113,-90.2003"}, {"near": "38.6307,-90.1996"}
    services.reschedule_occurrence(
        event=event,
        recurrence_id=first,
        starts_at=first,
        place=services.Place("Central Library", "1301 Olive St", 38.6307, -90.1996),
        by=officer,
    )
    assert listed(client, event, **library, radius_m=500) == ["2026-11-27T07:30:00-06:00"]
    assert "2026-11-27T07:30:00-06:00" not in listed(client, event, **market, radius_m=500)
    services.reschedule_occurrence(
        event=event, recurrence_id=first, starts_at=first, place=services.Place("Somewhere"), by=officer
    )
    assert not listed(client, event, **library, radius_m=500)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"area": "nowhere"}, "/area"),
        ({"area": "x" * 200}, "/area"),
        ({"kind": "party"}, "/kind"),
        ({"near": "downtown"}, "/near"),
        ({"near": "95,0"}, "/near"),
        ({"near": "38.6,-90.2", "radius_m": 60_000}, "/radius_m"),
        ({"start": "2026-12-01"}, "/start"),
        ({"start": "2026-12-01T00:00:00"}, "/start"),
        ({"start": "9999-12-31T23:59:59Z"}, "/start"),
        ({"start": "2026-12-01T00:00:00Z", "end": "2026-12-01T00:00:00Z"}, "/end"),
        ({"start": "2026-12-01T00:00:00Z", "end": "2027-12-03T00:00:00Z"}, "/end"),
        ({"end": "2020-01-01T00:00:00Z"}, "/end"),
        ({"cursor": "nonsense"}, "/cursor"),
        ({"cursor": "cD1ub25zZW5zZQ=="}, "/cursor"),  # p=nonsense
        ({"cursor": "cD0wMDAxLTAxLTAxKzAwJTNBMDAlM0EwMCUyQjE0JTNBMDA="}, "/cursor"),  # the year 1
    ],
)
def test_what_cannot_be_asked_names_its_field(
    city: None, client: Any, query: dict[str, Any], pointer: str
) -> None:
    response = client.get(LIST, query)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["errors"][0]["pointer"] == pointer


def test_unchanged_it_answers_304_without_asking_for_rows(
    officer: User, client: Any, django_assert_num_queries: Any
) -> None:
    post(officer)
    etag = client.get(LIST, DECEMBER)["ETag"]
    with django_assert_num_queries(2):  # the two editions
        assert client.get(LIST, DECEMBER, HTTP_IF_NONE_MATCH=etag).status_code == 304
    post(officer)
    assert client.get(LIST, DECEMBER, HTTP_IF_NONE_MATCH=etag).status_code == 200


def test_an_open_window_moves_on_with_the_clock(officer: User, client: Any, now: Any) -> None:
    post(officer)
    etag = client.get(LIST)["ETag"]
    assert client.get(LIST, HTTP_IF_NONE_MATCH=etag).status_code == 304
    now.move_to(at("2026-11-22 10:01"))
    assert client.get(LIST, HTTP_IF_NONE_MATCH=etag).status_code == 200


def test_a_page_is_one_statement(
    officer: User, client: Any, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    for n in range(12):
        services.cancel_occurrence(
            event=post(officer, title=f"Series {n}"), recurrence_id=at("2026-12-04 07:30"), by=officer
        )
    monkeypatch.setattr(editions, "FRESH_SECONDS", 60)
    query = {**DECEMBER, "area": "slmpd-district-4", "page_size": 100}
    client.get(LIST, {**query, "page_size": 1})
    with django_assert_num_queries(1) as asked:
        assert len(client.get(LIST, query).json()["results"]) >= 72
    assert isinstance(asked, CaptureQueriesContext)


def test_events_are_listed_and_read(officer: User, client: Any) -> None:
    event = post(officer)
    pages, address = [], "/api/v1/events?page_size=3"
    while address:
        answer = client.get(address).json()
        pages += answer["results"]
        address = answer["next"]
    ids = [found["id"] for found in pages]
    assert len(ids) == len(set(ids)) == Event.objects.published().count()
    [shown] = [found for found in pages if found["id"] == str(event.id)]
    response = client.get(f"/api/v1/events/{event.id}")
    assert response.json() == shown
    assert client.get(f"/api/v1/events/{event.id}", HTTP_IF_NONE_MATCH=response["ETag"]).status_code == 304
    services.cancel_event(event=event, by=officer)
    changed = client.get(f"/api/v1/events/{event.id}", HTTP_IF_NONE_MATCH=response["ETag"])
    assert changed.json()["status"] == "cancelled"
