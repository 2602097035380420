"""Officers post, change and cancel, over HTTP."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from backend.accounts.models import User
from backend.events.models import Event, EventChange, Occurrence, OccurrenceOverride
from backend.roster import editions
from backend.roster.models import Assignment, StaffMember
from tests.events.factories import at, body, post

JSON = {"content_type": "application/json"}
EVENTS = "/api/v1/events"
FIRST, SECOND = "20261127T073000", "20261128T073000"


def url(event: Event, rest: str = "") -> str:
    return f"{EVENTS}/{event.id}{rest}"


def dates(event: Event) -> list[tuple[str, str]]:
    rows = event.occurrences.order_by("recurrence_id")
    return [(f"{row.starts_at.astimezone(event.tz):%m-%d %H:%M}", row.status) for row in rows]


# --- posting ------------------------------------------------------------------------------------------


def test_an_officer_posts_a_series(officer: User, sign_in: Any) -> None:
    response = sign_in(officer).post(EVENTS, body(), **JSON)
    assert response.status_code == 201
    answer = response.json()
    event = Event.objects.get(pk=answer["id"])
    assert answer["url"] == f"https://rollcall.example/e/{event.id}"
    assert response["Location"] == f"/api/v1/events/{event.id}"
    assert answer["status"] == "published"
    assert answer["rrule"] == "FREQ=WEEKLY;BYDAY=FR,SA,SU;UNTIL=20261213T133000Z"
    assert event.uid == f"{event.id}@rollcall.example"
    assert (event.sequence, event.agency.slug) == (0, "slmpd")
    assert len(dates(event)) == 9
    change = EventChange.objects.get(event=event)
    assert (change.action, change.by) == ("posted", officer)


def test_posting_lets_readers_know(officer: User) -> None:
    before = editions.version(editions.CALENDAR)
    post(officer)
    assert editions.version(editions.CALENDAR) != before


def test_the_same_key_posts_once(officer: User, sign_in: Any) -> None:
    client, key = sign_in(officer), {"HTTP_IDEMPOTENCY_KEY": str(uuid4())}
    first = client.post(EVENTS, body(title="Once"), **JSON, **key)
    again = client.post(EVENTS, body(title="Once"), **JSON, **key)
    assert first.json() == again.json()
    assert again["Location"] == first["Location"]
    assert Event.objects.filter(title="Once").count() == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"rrule": "FREQ=WEEKLY;BYDAY=FR"}, "/review_on"),
        ({"rrule": "FREQ=WEEKLY;BYDAY=FR", "review_on": "2028-01-01"}, "/review_on"),
        ({"capacity": 5}, "/capacity"),
        ({"languages": ["xx"]}, "/languages/0"),
        ({"first_on": "2026-11-26"}, "/first_on"),
        ({"first_on": "2026-11-20"}, "/first_on"),  # a Friday, but past
        ({"start_time": "02:30", "rrule": "FREQ=WEEKLY;BYDAY=FR,SA,SU;UNTIL=20270401"}, "/start_time"),
        ({"start_time": "half past"}, "/start_time"),
        ({"kind": "party"}, "/kind"),
        ({"areas": ["nowhere"]}, "/areas"),
        ({"areas": []}, "/areas"),
        ({"title": "<b>Roll</b> call"}, "/title"),
        ({"title": ""}, "/title"),
        ({"place": {"name": "<i>Here</i>"}}, "/place/name"),
        ({"place": {"name": "Here", "lat": 38.6}}, "/place/lat"),
        ({"place": {"name": "Here", "lat": 138.6, "lon": 1}}, "/place/lat"),
        ({"time_zone": "Europe/Paris"}, "/time_zone"),
        ({"duration_minutes": 1441}, "/duration_minutes"),
        ({"organiser": str(uuid4())}, "/organiser"),
        ({"status": "cancelled"}, "/status"),
        ({"join_url": "javascript:alert(1)"}, "/join_url"),
    ],
)
def test_what_cannot_be_posted_names_its_field(
    officer: User, sign_in: Any, change: dict[str, Any], pointer: str
) -> None:
    response = sign_in(officer).post(EVENTS, body(**change), **JSON)
    assert response.status_code == 400
    pointers = [error["pointer"] for error in response.json()["errors"]]
    assert any(found.startswith(pointer) for found in pointers), pointers


def test_words_stay_plain(officer: User, sign_in: Any) -> None:
    sent = body(title=" Roll\n call  <3 ", description="Write to <desk@example.org>; 5 < 6.")
    answer = sign_in(officer).post(EVENTS, sent, **JSON).json()
    assert answer["title"] == "Roll call <3"
    assert answer["description"] == "Write to <desk@example.org>; 5 < 6."


def test_an_organiser_is_of_the_same_agency(officer: User, outsider: User, sign_in: Any) -> None:
    foreign, own = (StaffMember.objects.get(user=user) for user in (outsider, officer))
    client = sign_in(officer)
    assert client.post(EVENTS, body(organiser=str(foreign.id)), **JSON).status_code == 400
    answer = client.post(EVENTS, body(organiser=str(own.id)), **JSON).json()
    assert answer["organiser"]["name"] == own.name


def test_whom_one_rides_along_with_is_never_named(officer: User) -> None:
    own = StaffMember.objects.get(user=officer)
    event = post(officer, kind="ride_along", organiser=own)
    assert own.name.encode() not in bytes(event.ics)
    assert event.shown_organiser is None


# --- who ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("area", "status"),
    [
        ("slmpd-beat-402", 201),  # the officer's own
        ("slmpd-district-4", 201),  # one above
        ("slmpd-patrol-area-central", 403),  # two above
        ("slmpd-beat-401", 403),  # beside
        ("slcpd-precinct-1", 403),
    ],
)
def test_a_beat_officer_posts_for_the_beat_and_its_district(
    officer: User, sign_in: Any, area: str, status: int
) -> None:
    assert sign_in(officer).post(EVENTS, body(areas=[area]), **JSON).status_code == status


def test_a_captain_posts_for_all_beats_but_for_every_area_named(captain: User, sign_in: Any) -> None:
    client = sign_in(captain)
    assert client.post(EVENTS, body(areas=["slmpd-beat-401", "slmpd-beat-402"]), **JSON).status_code == 201
    mixed = client.post(EVENTS, body(areas=["slmpd-beat-401", "slcpd-precinct-1"]), **JSON)
    assert mixed.status_code == 403
    assert "slcpd-precinct-1" in mixed.json()["detail"]


def test_an_administrator_posts_everywhere(city: None, sign_in: Any) -> None:
    chief = User.objects.create_user(kind="staff", email="chief@example.org", is_administrator=True)
    assert sign_in(chief).post(EVENTS, body(areas=["slcpd-precinct-1"]), **JSON).status_code == 201


def test_who_no_longer_holds_the_post_does_not_post(officer: User, sign_in: Any) -> None:
    Assignment.objects.filter(staff_member__user=officer).update(ends_on=date(2026, 11, 21))
    assert sign_in(officer).post(EVENTS, body(), **JSON).status_code == 403


WRITES = [
    ("post", ""),
    ("patch", "/{id}"),
    ("post", "/{id}/cancel"),
    ("post", f"/{{id}}/occurrences/{FIRST}/cancel"),
    ("post", f"/{{id}}/occurrences/{FIRST}/reschedule"),
]


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_nobody_writes_without_a_session(officer: User, client: Any, method: str, path: str) -> None:
    address = EVENTS + path.format(id=post(officer).id)
    response = getattr(client, method)(address, body(), **JSON)
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_a_resident_writes_nothing(
    officer: User, resident: User, sign_in: Any, method: str, path: str
) -> None:
    address = EVENTS + path.format(id=post(officer).id)
    assert getattr(sign_in(resident), method)(address, body(), **JSON).status_code == 403


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_staff_of_another_area_change_nothing(
    officer: User, outsider: User, sign_in: Any, method: str, path: str
) -> None:
    event = post(officer)
    sent = body(title="Mine now", starts_at="2026-11-27T09:00:00-06:00", status="published")
    response = getattr(sign_in(outsider), method)(EVENTS + path.format(id=event.id), sent, **JSON)
    assert response.status_code == 403
    event.refresh_from_db()
    assert (event.title, event.sequence) == ("Morning roll call", 0)


@pytest.mark.parametrize(("method", "path"), [("get", "/{id}"), *WRITES[1:]])
def test_a_draft_of_others_is_the_same_as_nothing(
    officer: User, outsider: User, sign_in: Any, method: str, path: str
) -> None:
    draft, client = post(officer, status="draft"), sign_in(outsider)
    hidden = getattr(client, method)(EVENTS + path.format(id=draft.id), body(), **JSON)
    missing = getattr(client, method)(EVENTS + path.format(id=uuid4()), body(), **JSON)
    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content


def test_a_draft_is_public_nowhere(officer: User, client: Any) -> None:
    draft = post(officer, status="draft", title="Not yet")
    for address in (
        f"{EVENTS}?page_size=200",
        "/api/v1/occurrences?page_size=200",
        "/feeds/all.ics",
        "/feeds/areas/slmpd-beat-402.ics",
    ):
        assert b"Not yet" not in client.get(address).content, address
    assert client.get(url(draft)).status_code == 404
    assert client.get(url(draft), HTTP_IF_NONE_MATCH="*").status_code == 404
    assert client.get(f"/feeds/events/{draft.id}.ics").status_code == 404


def test_its_author_sees_a_draft_and_publishes_it(officer: User, client: Any, sign_in: Any) -> None:
    draft, author = post(officer, status="draft"), sign_in(officer)
    assert author.get(url(draft)).json()["status"] == "draft"
    assert author.patch(url(draft), {"status": "published"}, **JSON).json()["status"] == "published"
    assert client.get(url(draft)).json()["sequence"] == 1
    assert client.get(f"/feeds/events/{draft.id}.ics").status_code == 200


def test_a_draft_whose_first_date_has_passed_is_not_published(officer: User, sign_in: Any, now: Any) -> None:
    draft = post(officer, status="draft")
    now.move_to(at("2026-11-28 12:00"))
    response = sign_in(officer).patch(url(draft), {"status": "published"}, **JSON)
    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "/first_on"


# --- changing -----------------------------------------------------------------------------------------


def test_a_change_is_a_new_revision(officer: User, client: Any, sign_in: Any) -> None:
    event = post(officer)
    answer = sign_in(officer).patch(url(event), {"place": {"name": "Library"}}, **JSON).json()
    assert answer["place"] == {"name": "Library", "address": "", "lat": None, "lon": None}
    assert answer["sequence"] == 1
    assert answer["revised_at"] > event.revised_at.astimezone(event.tz).isoformat()
    change = EventChange.objects.get(event=event, action="revised")
    assert change.details["place_name"] == ["Soulard Market", "Library"]
    assert {**client.get(url(event)).json(), "warnings": []} == answer


def test_the_same_again_changes_nothing(officer: User, sign_in: Any) -> None:
    event = post(officer)
    answer = sign_in(officer).patch(url(event), body(status="published"), **JSON)
    assert (answer.status_code, answer.json()["sequence"]) == (200, 0)
    assert EventChange.objects.filter(event=event).count() == 1


def test_another_time_of_day_keeps_days_rows_and_changes(officer: User, sign_in: Any) -> None:
    event, client = post(officer), sign_in(officer)
    client.post(url(event, f"/occurrences/{SECOND}/cancel"), {}, **JSON)
    rows = {row.recurrence_id.astimezone(event.tz).date(): row.pk for row in event.occurrences.all()}
    answer = client.patch(url(event), {"start_time": "08:15"}, **JSON).json()
    assert answer["rrule"].endswith("UNTIL=20261213T141500Z")
    assert dates(event)[:3] == [
        ("11-27 08:15", "scheduled"),
        ("11-28 08:15", "cancelled"),
        ("11-29 08:15", "scheduled"),
    ]
    assert len(dates(event)) == 9
    assert rows == {row.recurrence_id.astimezone(event.tz).date(): row.pk for row in event.occurrences.all()}
    assert answer["changes"][0]["recurrence_id"] == "20261128T081500"


def test_a_changed_day_that_leaves_the_rule_is_dropped_and_noted(officer: User, sign_in: Any) -> None:
    event, client = post(officer), sign_in(officer)
    client.post(url(event, f"/occurrences/{SECOND}/cancel"), {}, **JSON)
    client.patch(url(event), {"rrule": "FREQ=WEEKLY;BYDAY=FR;COUNT=2"}, **JSON)
    assert dates(event) == [("11-27 07:30", "scheduled"), ("12-04 07:30", "scheduled")]
    assert not OccurrenceOverride.objects.filter(event=event).exists()
    dropped = EventChange.objects.get(event=event, action="revised").details["dropped_changes"]
    assert dropped[0].startswith("2026-11-28T13:30")


def test_what_has_begun_is_not_rewritten(officer: User, sign_in: Any, now: Any) -> None:
    event = post(officer)
    now.move_to(at("2026-11-28 12:00"))
    client = sign_in(officer)
    refused = client.patch(url(event), {"start_time": "09:00"}, **JSON)
    assert (refused.status_code, refused.json()["type"]) == (409, "already-begun")
    shorter = client.patch(url(event), {"rrule": "FREQ=WEEKLY;BYDAY=FR,SA,SU;UNTIL=20261130"}, **JSON)
    assert shorter.status_code == 200
    assert len(dates(event)) == 3


def test_another_area_is_another_reach(captain: User, sign_in: Any) -> None:
    event = post(captain)
    answer = sign_in(captain).patch(url(event), {"areas": ["slmpd-beat-401"]}, **JSON)
    assert answer.json()["areas"] == ["slmpd-beat-401"]
    refused = sign_in(captain).patch(url(event), {"areas": ["slcpd-precinct-1"]}, **JSON)
    assert refused.status_code == 403


# --- cancelling and moving ----------------------------------------------------------------------------


def test_one_date_is_cancelled_once(officer: User, client: Any, sign_in: Any) -> None:
    event, staff = post(officer), sign_in(officer)
    address = url(event, f"/occurrences/{FIRST}/cancel")
    answer = staff.post(address, {"reason": "Street repairs."}, **JSON)
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["starts_at"]) == ("cancelled", "2026-11-27T07:30:00-06:00")
    again = staff.post(address, {}, **JSON)
    assert (again.status_code, again.json()["type"]) == (409, "already-cancelled")
    row = client.get("/api/v1/occurrences?area=slmpd-beat-402&end=2026-11-27T08:00:00-06:00").json()[
        "results"
    ][0]
    assert (row["event"], row["status"], row["reason"]) == (str(event.id), "cancelled", "Street repairs.")
    event.refresh_from_db()
    assert event.sequence == 1


def test_one_date_is_moved_and_says_from_where(officer: User, client: Any, sign_in: Any) -> None:
    event, staff = post(officer), sign_in(officer)
    sent = {"starts_at": "2026-11-27T16:00:00Z", "place": {"name": "Library"}, "duration_minutes": 45}
    answer = staff.post(url(event, f"/occurrences/{FIRST}/reschedule"), sent, **JSON)
    assert answer.json()["starts_at"] == "2026-11-27T10:00:00-06:00"
    window = "start=2026-11-27T00:00:00-06:00&end=2026-11-28T00:00:00-06:00"
    [row] = client.get(f"/api/v1/occurrences?area=slmpd-beat-402&{window}").json()["results"]
    assert row["status"] == "moved"
    assert row["original_starts_at"] == "2026-11-27T07:30:00-06:00"
    assert row["ends_at"] == "2026-11-27T10:45:00-06:00"
    assert (row["place"]["name"], row["previous_place"]["name"]) == ("Library", "Soulard Market")
    assert row["place"]["lat"] is None


def test_a_moved_date_is_cancelled_where_it_is(officer: User, sign_in: Any) -> None:
    event, staff = post(officer), sign_in(officer)
    staff.post(
        url(event, f"/occurrences/{FIRST}/reschedule"), {"starts_at": "2026-11-27T10:00:00-06:00"}, **JSON
    )
    answer = staff.post(url(event, f"/occurrences/{FIRST}/cancel"), {}, **JSON).json()
    assert (answer["status"], answer["starts_at"]) == ("cancelled", "2026-11-27T10:00:00-06:00")
    assert dates(event)[0] == ("11-27 10:00", "cancelled")


@pytest.mark.parametrize(
    ("starts_at", "word"),
    [
        ("2026-11-27T07:30:00-06:00", "already"),
        ("2026-11-20T07:30:00-06:00", "past"),
        ("2027-11-07T06:30:00Z", "twice"),
        ("2026-11-27T09:00:00", "offset"),
        ("0001-01-01T00:00:00+14:00", "2000"),
    ],
)
def test_a_date_is_not_moved_anywhere(officer: User, sign_in: Any, starts_at: str, word: str) -> None:
    response = sign_in(officer).post(
        url(post(officer), f"/occurrences/{FIRST}/reschedule"), {"starts_at": starts_at}, **JSON
    )
    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "/starts_at"
    assert word in response.json()["errors"][0]["detail"]


@pytest.mark.parametrize("name", ["20261126T073000", "20261127T080000", "tomorrow", "20261327T073000"])
def test_a_date_that_the_series_does_not_have_is_not_found(officer: User, sign_in: Any, name: str) -> None:
    response = sign_in(officer).post(url(post(officer), f"/occurrences/{name}/cancel"), {}, **JSON)
    assert response.status_code == 404


def test_what_is_over_stays(officer: User, sign_in: Any, now: Any) -> None:
    event = post(officer)
    now.move_to(at("2026-11-27 08:00"))
    response = sign_in(officer).post(url(event, f"/occurrences/{FIRST}/cancel"), {}, **JSON)
    assert (response.status_code, response.json()["type"]) == (409, "already-over")


def test_a_whole_series_is_cancelled_from_now_on(officer: User, client: Any, sign_in: Any, now: Any) -> None:
    event = post(officer)
    now.move_to(at("2026-11-28 12:00"))
    answer = sign_in(officer).post(url(event, "/cancel"), {"reason": "No officers."}, **JSON).json()
    assert (answer["status"], answer["cancel_reason"]) == ("cancelled", "No officers.")
    assert [status for _, status in dates(event)] == ["scheduled"] * 2 + ["cancelled"] * 7
    row = client.get("/api/v1/occurrences?area=slmpd-beat-402").json()["results"][0]
    assert (row["status"], row["reason"]) == ("cancelled", "No officers.")


@pytest.mark.parametrize(
    ("method", "rest"), [("post", "/cancel"), ("patch", ""), ("post", f"/occurrences/{FIRST}/cancel")]
)
def test_a_cancelled_series_does_not_change(officer: User, sign_in: Any, method: str, rest: str) -> None:
    event, client = post(officer), sign_in(officer)
    client.post(url(event, "/cancel"), {}, **JSON)
    response = getattr(client, method)(url(event, rest), {"title": "Back again"}, **JSON)
    assert (response.status_code, response.json()["type"]) == (409, "already-cancelled")


def test_a_draft_is_not_cancelled(officer: User, sign_in: Any) -> None:
    response = sign_in(officer).post(url(post(officer, status="draft"), "/cancel"), {}, **JSON)
    assert response.status_code == 409


def test_sequence_and_revision_never_stand_still(officer: User, sign_in: Any) -> None:
    event, client, seen = post(officer), sign_in(officer), []
    for title in ("One", "Two", "Three"):  # within one second
        answer = client.patch(url(event), {"title": title}, **JSON).json()
        seen.append((answer["sequence"], answer["revised_at"]))
    assert seen == sorted(set(seen))
    assert len({revised for _, revised in seen}) == 3


def test_occurrences_of_others_are_untouched(officer: User, sign_in: Any) -> None:
    other = post(officer, title="Other")
    before = list(Occurrence.objects.filter(event=other).values())
    sign_in(officer).post(url(post(officer), "/cancel"), {}, **JSON)
    assert list(Occurrence.objects.filter(event=other).values()) == before
