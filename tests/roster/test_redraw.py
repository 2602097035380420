"""A city that went from nine districts to six on 27 January 2014, asked about on either side of the day."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from backend.accounts.models import User
from backend.notifications.models import Subscription
from backend.roster.models import Area, Assignment, areas_within
from tests.events import factories as events
from tests.factories import make_staff
from tests.roster.factories import box, draw, lat, lon
from tests.test_lookup import look_up

pytestmark = pytest.mark.django_db
BEFORE, AFTER = "2014-01-26", "2014-01-27"


@pytest.fixture
def redrawn() -> None:
    """Nine columns of 1,000 metres until then; six of 1,500 from then on. Codes 1 to 6 lived through it."""
    nine = {str(n + 1): box(1000 * n, 0, 1000 * n + 1000, 3000) for n in range(9)}
    six = {str(n + 1): box(1500 * n, 0, 1500 * n + 1500, 3000) for n in range(6)}
    draw("district", nine, name="nine", since="1970-01-01")
    draw("district", six, name="six", since=AFTER)


def district(client: Client, east: float, **more: str) -> str:
    answer = look_up(client, lat=lat(1500), lon=lon(east), **more).json()
    return str(answer["areas"][0]["code"])


@pytest.mark.parametrize(("east", "then", "now"), [(500, "1", "1"), (1200, "2", "1"), (8500, "9", "6")])
def test_an_address_was_elsewhere(client: Client, redrawn: None, east: float, then: str, now: str) -> None:
    assert district(client, east, as_of=BEFORE) == then
    assert district(client, east, as_of=AFTER) == now
    assert district(client, east) == now


@pytest.fixture
def beats_and_a_redraw_to_come(redrawn: None) -> None:
    """Beats that were never redrawn, one a column of 500 metres; and four districts from 2031 on."""
    draw("beat", {str(100 + n): box(500 * n, 0, 500 * n + 500, 3000) for n in range(18)}, since="1970-01-01")
    four = {str(n + 1): box(2250 * n, 0, 2250 * n + 2250, 3000) for n in range(4)}
    draw("district", four, name="four", since="2031-01-01")


@pytest.mark.parametrize(
    ("day", "districts"),
    [(BEFORE, "2/3/5"), (AFTER, "1/2/3"), ("2030-12-31", "1/2/3"), ("2031-01-01", "1/1/2")],
)
def test_a_beat_that_was_not_redrawn_is_in_the_district_of_the_day(
    client: Client, beats_and_a_redraw_to_come: None, day: str, districts: str
) -> None:
    chains = [
        [area["code"] for area in look_up(client, lat=lat(1500), lon=lon(east), as_of=day).json()["areas"]]
        for east in (1250, 2250 - 10, 4250)
    ]
    assert chains == [[beat, d] for beat, d in zip(("102", "104", "108"), districts.split("/"), strict=True)]


@pytest.mark.parametrize(("day", "beats"), [(BEFORE, 2), (AFTER, 3), ("2031-01-01", 5)])
def test_whoever_answers_for_a_district_answers_for_its_beats_of_the_day(
    beats_and_a_redraw_to_come: None, day: str, beats: int
) -> None:
    district = Area.objects.get(slug="slmpd-district-1").pk
    within = areas_within([district], date.fromisoformat(day))
    assert within == {district} | {Area.objects.get(slug=f"slmpd-beat-{100 + n}").pk for n in range(beats)}


def test_lines_of_another_day_are_not_near(client: Client, redrawn: None) -> None:
    def near(**more: str) -> bool:
        return bool(look_up(client, lat=lat(1500), lon=lon(1000), **more).json()["near_boundary"])

    assert near(as_of=BEFORE)
    assert not near(as_of=AFTER)


def test_areas_of_either_day(client: Client, redrawn: None) -> None:
    def slugs(day: str) -> list[str]:
        return [row["slug"] for row in client.get(f"/api/v1/areas?kind=district{day}").json()["results"]]

    assert slugs(f"&as_of={BEFORE}") == [f"slmpd-district-{n}" for n in range(1, 10)]
    assert slugs(f"&as_of={AFTER}") == slugs("") == [f"slmpd-district-{n}" for n in range(1, 7)]


def test_an_outline_of_either_day(client: Client, redrawn: None) -> None:
    def edition(slug: str, day: str) -> Any:
        return client.get(f"/api/v1/areas/{slug}/boundary?as_of={day}")

    assert edition("slmpd-district-2", BEFORE).json()["properties"]["edition"] == "nine"
    assert edition("slmpd-district-2", AFTER).json()["properties"]["effective_on"] == AFTER
    assert edition("slmpd-district-9", BEFORE).status_code == 200
    assert edition("slmpd-district-9", AFTER).status_code == 404


def test_who_served_then_and_a_gap_is_vacant(client: Client, redrawn: None) -> None:
    captain = make_staff("captain@example.org", "slmpd-district-2", "district_captain").staff_member
    Assignment.objects.filter(staff_member=captain).update(starts_on="2010-01-01", ends_on="2014-01-31")
    Assignment.objects.create(
        staff_member=captain,
        area=Area.objects.get(slug="slmpd-district-2"),
        role="district_captain",
        starts_on="2014-02-02",
        confirmed_on="2014-02-02",
    )
    vacant = {
        day: client.get(f"/api/v1/areas/slmpd-district-2/people?as_of={day}").json()["vacant"]
        for day in (BEFORE, AFTER, "2014-01-31", "2014-02-01", "2014-02-02")
    }
    assert vacant == {
        BEFORE: False,
        AFTER: False,
        "2014-01-31": False,
        "2014-02-01": True,
        "2014-02-02": False,
    }


def test_a_district_that_is_no_more_has_nobody(client: Client, redrawn: None) -> None:
    make_staff("ninth@example.org", "slmpd-district-9", "district_captain", since=date(2010, 1, 1))
    then, now = (
        client.get(f"/api/v1/areas/slmpd-district-9/people?as_of={day}").json() for day in (BEFORE, AFTER)
    )
    assert (len(then["people"]), then["vacant"]) == (1, False)
    assert (now["people"], now["vacant"]) == ([], True)


def test_feeds_and_followers_live_through_it(client: Client, city: None, officer: User) -> None:
    """The demo's City redrawn into halves: District 4 stays itself, and what hangs on it stays on it."""
    events.post(officer, area="slmpd-beat-402", title="Before the redraw")
    feed = "/feeds/areas/slmpd-district-4.ics"
    assert b"Before the redraw" in client.get(feed).content
    followed = {"phone": "314-555-0142", "topics": ["area:slmpd-district-4", "area:slmpd-district-5"]}
    client.post("/api/v1/subscriptions", followed, content_type="application/json")
    before = Area.objects.get(slug="slmpd-district-4").pk, list(Subscription.objects.values_list("topic"))
    assert len(before[1]) == 2
    draw(
        "district",
        {"1": box(-6000, -10000, 8000, -3000), "4": box(-6000, -3000, 8000, 20000)},
        name="halves",
        since="2026-11-01",
    )
    after = Area.objects.get(slug="slmpd-district-4").pk, list(Subscription.objects.values_list("topic"))
    assert after == before
    assert b"Before the redraw" in client.get(feed).content
    gone = client.get("/feeds/areas/slmpd-district-5.ics")
    assert (gone.status_code, b"BEGIN:VCALENDAR" in gone.content) == (200, True)
    assert client.get("/api/v1/areas/slmpd-district-5").status_code == 200
    assert client.get("/api/v1/areas/slmpd-district-5/boundary").status_code == 404
