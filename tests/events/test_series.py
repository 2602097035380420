"""Open series, splitting, restoring, confirming, and what the calendar keeps of a ride-along."""

from datetime import date, datetime, time
from typing import Any

import icalendar
import pytest
import time_machine

from backend.accounts.models import User
from backend.events import feeds, services
from backend.events.models import Event, Registration
from backend.notifications.models import Notice, Subscription
from backend.notifications.services import add_followers
from tests.events.factories import at, body, post

EVENTS, JSON = "/api/v1/events", {"content_type": "application/json"}
MONTHLY = {"rrule": "FREQ=MONTHLY;BYDAY=4FR", "review_on": "2027-05-01"}


def url(event: Event, tail: str = "") -> str:
    return f"{EVENTS}/{event.id}{tail}"


def starts(event: Event) -> list[str]:
    rows = event.occurrences.order_by("starts_at")
    return [f"{row.starts_at.astimezone(event.tz):%Y-%m-%d %H:%M}" for row in rows]


def vevents(event: Event) -> list[Any]:
    return icalendar.Calendar.from_ical(feeds.of_event(event.id).body).walk("VEVENT")


# --- open series --------------------------------------------------------------------------------------


def test_an_open_series_is_stored_18_months_ahead_and_published_without_an_end(
    officer: User, sign_in: Any
) -> None:
    answer = sign_in(officer).post(EVENTS, body(**MONTHLY), **JSON)
    assert answer.status_code == 201, answer.json()
    event = Event.objects.get(pk=answer.json()["id"])
    assert (answer.json()["rrule"], event.last_ends_at) == ("FREQ=MONTHLY;BYDAY=4FR", None)
    assert (starts(event)[0], starts(event)[-1]) == ("2026-11-27 07:30", "2028-04-28 07:30")
    assert len(starts(event)) == 18
    assert vevents(event)[0]["RRULE"].to_ical() == b"FREQ=MONTHLY;BYDAY=4FR"


def test_an_open_series_gets_further_dates_as_time_passes(officer: User, now: time_machine.Traveller) -> None:
    event = post(officer, rrule="FREQ=MONTHLY;BYDAY=4FR", review_on=date(2027, 5, 1))
    now.move_to(at("2027-01-25 10:00"))
    services.extend_occurrences(at("2027-01-25 10:00"))
    assert starts(event)[-1] == "2028-06-23 07:30"


def test_a_cancelled_open_series_leaves_the_feed_after_30_days(
    officer: User, now: time_machine.Traveller
) -> None:
    event = post(officer, rrule="FREQ=MONTHLY;BYDAY=4FR", review_on=date(2027, 5, 1))
    services.cancel_event(event=event, by=officer)
    now.move_to(at("2026-12-21 10:00"))
    assert str(event.id).encode() in feeds.everything().body
    now.move_to(at("2026-12-24 10:00"))
    assert str(event.id).encode() not in feeds.everything().body


# --- freshness ----------------------------------------------------------------------------------------


def test_what_nobody_confirmed_is_not_next_near_anybody_but_stays_in_list_and_feed(
    officer: User, client: Any, sign_in: Any, now: time_machine.Traveller
) -> None:
    event = post(officer, **{**MONTHLY, "review_on": date(2027, 5, 1)})
    near = "/api/v1/occurrences?near=38.6113,-90.2003&radius_m=300&q=morning+soulard"
    assert event.id.hex in str(client.get(near).json()).replace("-", "")
    now.move_to(at("2027-05-02 10:00"))  # a day after the review
    assert client.get(near).json()["results"] == []
    rows = client.get("/api/v1/occurrences?q=morning+soulard&area=slmpd-beat-402").json()["results"]
    assert [row["is_stale"] for row in rows if row["event"] == str(event.id)] == [True]
    assert str(event.id).encode() in feeds.everything().body
    shown = client.get(url(event))
    assert shown.json()["confirmed"]["is_stale"] is True
    confirmed = sign_in(officer).post(url(event, "/confirm"), {"review_on": "2027-12-01"}, **JSON).json()
    assert confirmed["confirmed"] == {
        "by": "Tester Beat.Officer",
        "at": "2027-05-02T10:00:00-05:00",
        "is_stale": False,
    }
    assert client.get(near).json()["results"] != []
    again = client.get(url(event), headers={"If-None-Match": shown["ETag"]})
    assert again.status_code == 200


# --- this and following -------------------------------------------------------------------------------


def test_this_and_following_ends_the_series_and_begins_another(
    officer: User, client: Any, sign_in: Any
) -> None:
    event = post(officer)
    services.cancel_occurrence(event=event, recurrence_id=at("2026-12-06 07:30"), by=officer)
    add_followers(topic=f"event:{event.id}", numbers=["+13142000001"], source="demo")
    answer = sign_in(officer).post(
        url(event, "/occurrences/20261204T073000/split"), {"start_time": "08:00"}, **JSON
    )
    assert answer.status_code == 201, answer.json()
    new = Event.objects.get(pk=answer.json()["id"])
    event.refresh_from_db()
    assert starts(event) == [f"2026-11-{day} 07:30" for day in (27, 28, 29)]
    assert starts(new) == [f"2026-12-{day} 08:00" for day in ("04", "05", "06", 11, 12, 13)]
    assert [row.status for row in new.occurrences.all()][2] == "cancelled"
    assert event.rrule.endswith("UNTIL=20261129T133000Z")
    assert vevents(new)[0]["RELATED-TO"] == event.uid
    assert (answer.json()["follows"], new.uid != event.uid) == (str(event.id), True)
    assert Subscription.objects.filter(topic=f"event:{new.id}").count() == 1
    told = Notice.objects.get(kind="series_split")
    assert told.body == (
        "New times: Morning roll call goes on from Fri Dec 4, 8:00 am, Soulard Market. {link}"
    )
    page = client.get(f"/e/{event.id}").content.decode()
    assert f"/e/{new.id}" in page


@pytest.mark.parametrize(
    ("day", "status", "type"),
    [
        ("20261127T073000", 409, "whole-series"),
        ("20261128T080000", 404, "not-found"),
    ],
)
def test_what_cannot_be_split(officer: User, sign_in: Any, day: str, status: int, type: str) -> None:
    answer = sign_in(officer).post(url(post(officer), f"/occurrences/{day}/split"), {}, **JSON)
    assert (answer.status_code, answer.json()["type"]) == (status, type)


def test_a_new_series_does_not_begin_before_the_old_one_ends(officer: User, sign_in: Any) -> None:
    answer = sign_in(officer).post(
        url(post(officer), "/occurrences/20261204T073000/split"), {"first_on": "2026-11-28"}, **JSON
    )
    assert answer.json()["errors"][0]["pointer"] == "/first_on"


def test_people_who_are_registered_go_with_their_day(officer: User, resident: User) -> None:
    event = post(officer, takes_registrations=True)
    date_of = event.occurrences.get(recurrence_id=at("2026-12-05 07:30"))
    place = services.register(occurrence=date_of, by=resident)
    new = services.split_event(
        event=event, recurrence_id=at("2026-12-04 07:30"), by=officer, start_time=time(8)
    )
    held = Registration.objects.get(pk=place.pk).occurrence
    assert (held.event_id, held.starts_at) == (new.pk, at("2026-12-05 08:00"))


# --- restoring ----------------------------------------------------------------------------------------


def test_a_cancelled_date_is_on_again_and_followers_hear_it(officer: User, client: Any, sign_in: Any) -> None:
    event, day = post(officer), "/occurrences/20261127T073000"
    staff = sign_in(officer)
    staff.post(url(event, f"{day}/cancel"), {"reason": "Rain"}, **JSON)
    answer = staff.post(url(event, f"{day}/restore"), **JSON)
    assert answer.status_code == 200, answer.json()
    assert (answer.json()["changes"], answer.json()["sequence"]) == ([], 2)
    assert len(vevents(event)) == 1
    assert Notice.objects.filter(kind="occurrence_restored").count() == 1
    assert staff.post(url(event, f"{day}/restore"), **JSON).status_code == 404


# --- ride-alongs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("area", ["slmpd-beat-402", "slmpd-district-4"])
def test_a_ride_along_is_of_a_district_never_of_a_beat(captain: User, sign_in: Any, area: str) -> None:
    me = sign_in(captain)
    made = me.post("/api/v1/events", body(kind="ride_along", areas=[area], rrule=""), **JSON).json()
    assert made["areas"] == ["slmpd-district-4"]
    assert "beat" not in str(made).lower()
    one = f"/api/v1/events/{made['id']}"
    assert me.patch(one, {"areas": ["slmpd-beat-402"]}, **JSON).json()["areas"] == ["slmpd-district-4"]


def test_a_ride_along_tells_its_district_and_day_alone(captain: User, client: Any, sign_in: Any) -> None:
    staff = sign_in(captain)
    secret = body(
        kind="ride_along",
        areas=["slmpd-district-4"],
        title="With Officer Secretperson",
        description="Car SECRET12, second watch",
        agenda="SECRET12",
        access_notes="SECRET12",
        start_time="15:00",
        organiser=str(captain.staff_member.id),
        rrule="FREQ=WEEKLY;BYDAY=FR;COUNT=3",
        place={"name": "SECRET12 garage", "lat": 38.6, "lon": -90.2},
    )
    posted = staff.post(EVENTS, secret, **JSON)
    assert posted.status_code == 201, posted.json()
    event = Event.objects.get(pk=posted.json()["id"])
    day = "/occurrences/20261127T000000"
    moved = {"starts_at": "2026-12-01T16:00:00-06:00", "reason": "SECRET12", "place": {"name": "SECRET12"}}
    assert staff.post(url(event, f"{day}/reschedule"), moved, **JSON).status_code == 200
    cancelled = staff.post(url(event, "/occurrences/20261204T000000/cancel"), {"reason": "SECRET12"}, **JSON)
    assert cancelled.status_code == 200
    pages = [
        url(event),
        "/api/v1/occurrences?kind=ride_along&start=2026-11-26T00:00:00-06:00",
        f"/e/{event.id}",
    ]
    pages += [f"/feeds/events/{event.id}.ics", "/feeds/all.ics"]
    said = [client.get(page).content.decode() for page in pages] + [n.body for n in Notice.objects.all()]
    for words in said:
        assert "secret" not in words.lower().replace("\r\n ", "")
        assert "15:00" not in words
        assert "16:00" not in words
        assert captain.staff_member.name not in words
    master, *changed = vevents(event)
    assert master["DTSTART"].dt == date(2026, 11, 27)
    assert master["RRULE"].to_ical() == b"FREQ=WEEKLY;COUNT=3;BYDAY=FR"
    assert [e["RECURRENCE-ID"].dt for e in changed] == [date(2026, 11, 27), date(2026, 12, 4)]
    assert changed[0]["DTSTART"].dt == date(2026, 12, 1)
    assert not isinstance(master["DTEND"].dt, datetime)


# --- notice of public bodies --------------------------------------------------------------------------

WORKING_GROUP = {"kind": "working_group_meeting", "areas": ["slmpd-district-4"], "rrule": ""}


@pytest.mark.parametrize(
    ("posted_at", "first_on", "start", "status"),
    [
        ("2026-11-24 10:00", "2026-11-25", "10:00", 201),
        ("2026-11-24 10:01", "2026-11-25", "10:00", 422),
        ("2026-11-25 17:00", "2026-11-27", "16:59", 422),  # Thanksgiving between them
        ("2026-11-25 17:00", "2026-11-27", "17:00", 201),
        ("2026-11-20 17:00", "2026-11-23", "09:00", 422),  # Friday evening for Monday morning
        ("2026-11-21 12:00", "2026-11-24", "00:00", 201),  # from Saturday: Monday's 24 hours
        ("2026-12-24 10:00", "2026-12-28", "09:30", 422),
        ("2026-12-24 10:00", "2026-12-28", "10:00", 201),
    ],
)
def test_a_public_body_gives_24_hours_notice(
    captain: User,
    sign_in: Any,
    now: time_machine.Traveller,
    posted_at: str,
    first_on: str,
    start: str,
    status: int,
) -> None:
    now.move_to(at(posted_at))
    answer = sign_in(captain).post(EVENTS, body(**WORKING_GROUP, first_on=first_on, start_time=start), **JSON)
    assert answer.status_code == status, answer.json()
    if status == 422:
        assert answer.json()["type"] == "too-short-notice"


def test_short_notice_needs_a_reason_which_is_published(
    captain: User, client: Any, sign_in: Any, now: time_machine.Traveller
) -> None:
    now.move_to(at("2026-11-24 10:00"))
    staff, soon = sign_in(captain), {"first_on": "2026-11-24", "start_time": "18:00"}
    draft = staff.post(EVENTS, body(**WORKING_GROUP, **soon, status="draft"), **JSON)
    assert draft.status_code == 201
    mine = f"{EVENTS}/{draft.json()['id']}"
    assert staff.patch(mine, {"status": "published"}, **JSON).status_code == 422
    why = {"status": "published", "emergency_reason": "The court wants an answer tomorrow."}
    assert staff.patch(mine, why, **JSON).status_code == 200
    assert "The court wants" in client.get(f"/e/{draft.json()['id']}").content.decode()
    assert b"short notice" in client.get(f"/feeds/events/{draft.json()['id']}.ics").content


def test_moving_such_a_meeting_is_a_new_notice(
    captain: User, sign_in: Any, now: time_machine.Traveller
) -> None:
    event = post(captain, area="slmpd-district-4", kind="working_group_meeting", rrule="")
    now.move_to(at("2026-11-25 10:00"))
    day = url(event, "/occurrences/20261127T073000/reschedule")
    answer = sign_in(captain).post(day, {"starts_at": "2026-11-27T08:30:00-06:00"}, **JSON)
    assert (answer.status_code, answer.json()["type"]) == (422, "too-short-notice")
    assert "Fri Nov 27, 10:00 am" in answer.json()["detail"]
    because = {"starts_at": "2026-11-27T08:30:00-06:00", "emergency_reason": "The hall burned."}
    assert sign_in(captain).post(day, because, **JSON).status_code == 200


# --- warnings -----------------------------------------------------------------------------------------


def test_posting_warns_of_what_is_in_the_way(officer: User, captain: User, sign_in: Any) -> None:
    staff = sign_in(officer)
    organiser = str(officer.staff_member.id)
    first = staff.post(EVENTS, body(title="First", organiser=organiser), **JSON).json()
    assert [w for w in first["warnings"] if w["title"] != "First"] == first["warnings"]
    second = staff.post(EVENTS, body(title="Second", organiser=organiser, start_time="07:45"), **JSON).json()
    mine = {w["kind"] for w in second["warnings"] if w["event"] == first["id"]}
    assert mine == {"place", "organiser", "beat"}
    elsewhere = body(start_time="07:59", place={"name": "Library"}, areas=["slmpd-district-4"])
    third = sign_in(captain).post(EVENTS, elsewhere, **JSON).json()
    assert not [w for w in third["warnings"] if w["event"] in (first["id"], second["id"])]


def test_a_warning_tells_nothing_of_drafts_that_are_not_ones_own(
    officer: User, outsider: User, sign_in: Any
) -> None:
    elsewhere = {"area": "slcpd-precinct-1", "place_name": "Library", "lat": None, "lon": None}
    post(outsider, title="Secret draft", status="draft", **elsewhere)
    answer = sign_in(officer).post(EVENTS, body(place={"name": "Library"}), **JSON)
    assert answer.status_code == 201
    assert "Secret draft" not in answer.content.decode()


def test_an_emergency_of_yesterday_is_none_of_today(
    captain: User, sign_in: Any, now: time_machine.Traveller
) -> None:
    now.move_to(at("2026-11-24 10:00"))
    weekly = {
        **WORKING_GROUP,
        "rrule": "FREQ=WEEKLY;COUNT=3",
        "emergency_reason": "The court wants an answer.",
    }
    made = sign_in(captain).post(EVENTS, body(**weekly, first_on="2026-11-24", start_time="18:00"), **JSON)
    assert made.status_code == 201, made.json()
    now.move_to(at("2026-11-30 10:00"))
    day = f"{EVENTS}/{made.json()['id']}/occurrences/20261201T180000/reschedule"
    answer = sign_in(captain).post(day, {"starts_at": "2026-12-01T08:00:00-06:00"}, **JSON)
    assert (answer.status_code, answer.json()["type"]) == (422, "too-short-notice")


@pytest.mark.parametrize(("was", "becomes"), [("other", "ride_along"), ("ride_along", "other")])
def test_a_ride_along_keeps_its_kind(captain: User, sign_in: Any, was: str, becomes: str) -> None:
    event = post(captain, area="slmpd-district-4", kind=was, start_time=time(0), rrule="FREQ=WEEKLY;COUNT=3")
    staff, second = sign_in(captain), "/occurrences/20261204T000000/split"
    for answer in (
        staff.patch(url(event), {"kind": becomes}, **JSON),
        staff.post(url(event, second), {"kind": becomes}, **JSON),
    ):
        assert answer.json()["errors"][0]["pointer"] == "/kind"
