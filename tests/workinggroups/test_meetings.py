"""A group's meetings are events: announced in time, changed by its coordinators, and neutral where it is discreet."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from backend.accounts.models import User
from backend.events.models import Event
from backend.feedback.workinggroups.models import GroupChange, Membership
from backend.feedback.workinggroups.services import meetings
from backend.roster.models import StaffMember
from tests.workinggroups.conftest import Group, make_member

pytestmark = pytest.mark.django_db
BODY = "application/json"
FRIDAY = "2026-11-20T17:00:00-06:00"
MEETING = {
    "title": "Use of Force working group",
    "agenda": "1. The policy in force",
    "first_on": "2026-12-02",
    "start_time": "18:30",
    "place": {"name": "Central Library", "address": "1301 Olive St"},
}


def post(client: Any, group: Group, **fields: Any) -> Any:
    return client.post(f"{group.at}/meetings", {**MEETING, **fields}, BODY)


# --- posting --------------------------------------------------------------------------------------------


def test_a_coordinator_announces_a_meeting_that_everybody_sees(
    force: Group, sign_in: Any, client: Any
) -> None:
    posted = post(sign_in(force.coordinator), force)
    assert posted.status_code == 201
    facts = posted.json()
    assert (facts["kind"], facts["status"], facts["working_group"]) == (
        "working_group_meeting",
        "published",
        "use-of-force",
    )
    assert (facts["areas"], facts["agency"], facts["organiser"]) == (["stl-city-st-louis"], "stl-city", None)
    assert client.get(posted["Location"]).json()["agenda"] == "1. The policy in force"
    (row,) = client.get("/api/v1/occurrences?kind=working_group_meeting").json()["results"]
    assert row["starts_at"] == "2026-12-02T18:30:00-06:00"
    assert GroupChange.objects.get().action == "meeting_posted"


def test_friday_at_five_for_monday_at_nine_is_too_short(force: Group, sign_in: Any) -> None:
    with time_machine.travel(FRIDAY):
        client = sign_in(force.coordinator)
        monday = {"first_on": "2026-11-23", "start_time": "09:00"}
        refusal = post(client, force, **monday)
        assert (refusal.status_code, refusal.json()["type"]) == (422, "too-short-notice")
        posted = post(client, force, **monday, emergency_reason="The council votes on Monday at noon.")
        assert posted.status_code == 201
    assert "council votes" in posted.json()["emergency_reason"]


def test_the_notice_is_due_of_every_group(providers: Group, collaborative: Group, sign_in: Any) -> None:
    for group in (providers, collaborative):
        refusal = post(sign_in(group.coordinator), group, first_on="2026-11-23", start_time="20:00")
        assert refusal.json()["type"] == "too-short-notice"


@pytest.mark.parametrize("who", ["officer", "captain", "liaison", "outsider", "resident", "administrator"])
def test_nobody_else_announces(city: None, who: str, request: Any, force: Group, sign_in: Any) -> None:
    client = sign_in(request.getfixturevalue(who))
    there_is_none = client.post("/api/v1/working-groups/none/meetings", MEETING, BODY)
    assert (post(client, force).status_code, post(client, force).content) == (404, there_is_none.content)


def test_members_and_strangers_do_not_either(
    force: Group, collaborative: Group, sign_in: Any, client: Any
) -> None:
    assert post(sign_in(force.member), force).status_code == 403
    assert post(sign_in(collaborative.coordinator), force).status_code == 404
    assert post(client, force).status_code == 401


def test_markup_and_a_meeting_without_a_name_are_refused(force: Group, sign_in: Any) -> None:
    client = sign_in(force.coordinator)
    assert post(client, force, agenda="<b>1.</b>").json()["errors"][0]["pointer"] == "/agenda"
    assert (
        client.post(f"{force.at}/meetings", {k: v for k, v in MEETING.items() if k != "title"}, BODY).json()[
            "errors"
        ][0]["pointer"]
        == "/title"
    )


# --- changing -------------------------------------------------------------------------------------------


def test_agenda_time_and_place_are_revised(force: Group, sign_in: Any) -> None:
    client = sign_in(force.coordinator)
    event = post(client, force).json()["id"]
    changes = {"agenda": "1. The first draft", "start_time": "19:00", "place": {"name": "Carpenter Library"}}
    revised = client.patch(f"{force.at}/meetings/{event}", changes, BODY)
    assert revised.status_code == 200
    facts = revised.json()
    assert (facts["agenda"], facts["start_time"], facts["place"]["name"]) == (
        "1. The first draft",
        "19:00",
        "Carpenter Library",
    )
    assert facts["sequence"] == 1


def test_a_meeting_is_cancelled_and_of_a_series_one_date(force: Group, sign_in: Any) -> None:
    client = sign_in(force.coordinator)
    series = post(client, force, rrule="FREQ=WEEKLY;COUNT=3").json()["id"]
    path = f"{force.at}/meetings/{series}/cancel"
    one = client.post(path, {"recurrence_id": "20261209T183000", "reason": "Holiday."}, BODY).json()
    assert (one["status"], [c["status"] for c in one["changes"]]) == ("published", ["cancelled"])
    assert client.post(path, {"recurrence_id": "20261210T183000"}, BODY).status_code == 404
    assert client.post(path, {"recurrence_id": "tomorrow"}, BODY).status_code == 404
    assert client.post(path, {"reason": "The group rests."}, BODY).json()["status"] == "cancelled"
    assert client.post(path, {}, BODY).status_code == 409


def test_minutes_are_public_once_the_meeting_has_begun(force: Group, sign_in: Any, client: Any) -> None:
    coordinator = sign_in(force.coordinator)
    event = post(coordinator, force).json()["id"]
    path = f"{force.at}/meetings/{event}/occurrences/20261202T183000/minutes"
    minutes = {"minutes": "Nine people spoke.", "attendance": 14}
    assert coordinator.post(path, minutes, BODY).json()["type"] == "not-begun"
    with time_machine.travel("2026-12-02T21:00:00-06:00"):
        coordinator = sign_in(force.coordinator)
        recorded = coordinator.post(path, minutes, BODY)
        assert recorded.status_code == 200
        shown = client.get(f"/api/v1/occurrences/{recorded.json()['occurrence']}/meeting").json()
    assert (shown["minutes"], shown["attendance"]) == ("Nine people spoke.", 14)


def test_another_groups_meeting_is_not_there(force: Group, collaborative: Group, sign_in: Any) -> None:
    event = post(sign_in(force.coordinator), force).json()["id"]
    other = sign_in(collaborative.coordinator)
    for path in (f"{force.at}/meetings/{event}", f"{collaborative.at}/meetings/{event}"):
        assert other.patch(path, {"agenda": "Ours now."}, BODY).status_code == 404


def test_officers_change_no_event_of_a_group(
    city: None, force: Group, captain: User, administrator: User, sign_in: Any
) -> None:
    event = post(sign_in(force.coordinator), force).json()["id"]
    path = f"/api/v1/events/{event}"
    assert sign_in(captain).patch(path, {"agenda": "Ours now."}, BODY).status_code == 403
    assert sign_in(captain).post(f"{path}/cancel", {}, BODY).status_code == 403
    assert sign_in(administrator).patch(path, {"agenda": "Corrected."}, BODY).status_code == 200
    today = timezone.localdate()
    assert not Event.objects.changeable_by(captain, today).filter(pk=event).exists()
    assert Event.objects.changeable_by(force.coordinator, today).filter(pk=event).exists()
    assert not Event.objects.changeable_by(force.member, today).exists()


def test_nobody_posts_an_event_as_a_groups(city: None, force: Group, captain: User, sign_in: Any) -> None:
    facts = {**MEETING, "kind": "working_group_meeting", "areas": ["slmpd-district-4"]}
    posted = sign_in(captain).post("/api/v1/events", {**facts, "working_group": "use-of-force"}, BODY)
    assert (posted.status_code, posted.json()["working_group"]) == (201, "")


def test_who_coordinates_no_more_changes_nothing(force: Group, sign_in: Any) -> None:
    client = sign_in(force.coordinator)
    event = post(client, force).json()["id"]
    Membership.objects.filter(user=force.coordinator).update(ended_at=timezone.now() - timedelta(seconds=1))
    assert client.patch(f"{force.at}/meetings/{event}", {"agenda": "Mine."}, BODY).status_code == 404


# --- discreet -------------------------------------------------------------------------------------------


def test_a_discreet_group_has_its_neutral_title_and_names_nobody(
    providers: Group, sign_in: Any, client: Any
) -> None:
    staff = User.objects.create_user(kind=User.Kind.STAFF, email="staff@city.example")
    StaffMember.objects.create(
        agency=providers.group.area.agency,
        user=staff,
        name="Jordan Coordinator",
        rank="Staff",
        is_sworn=False,
    )
    make_member(providers.group, staff, rule="provider", is_coordinator=True)
    posted = post(sign_in(staff), providers, title="Domestic violence group")
    assert (posted.status_code, posted.json()["title"]) == (201, "Service providers' group")
    assert (posted.json()["confirmed"]["by"], posted.json()["organiser"]) == ("City", None)
    feed = client.get("/feeds/working-groups/service-providers.ics").content.decode()
    assert "Roll Call: Service providers' group" in feed.replace("\r\n ", "")
    assert "Jordan" not in feed
    assert "iolence" not in feed


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"description": "For those who work with survivors."}, "/description"),
        ({"agenda": "1. Shelter beds"}, "/agenda"),
        ({"access_notes": "Behind the shelter."}, "/access_notes"),
        ({"place": {"name": "The Women's Shelter"}}, "/place/name"),
        ({"place": {"name": "Hall", "address": "1 Shelter Way"}}, "/place/address"),
        ({"join_url": "https://meet.example/stalking"}, "/join_url"),
        ({"agenda": "1. name of member.service-providers@groups.example reports"}, "/agenda"),
    ],
)
def test_no_word_tells_what_a_discreet_group_is_about_or_who_is_in_it(
    providers: Group, sign_in: Any, fields: dict[str, Any], pointer: str
) -> None:
    client = sign_in(providers.coordinator)
    refusal = post(client, providers, **fields)
    assert (refusal.status_code, refusal.json()["type"]) == (422, "not-neutral")
    assert refusal.json()["errors"][0]["pointer"] == pointer
    event = post(client, providers).json()["id"]
    assert client.patch(f"{providers.at}/meetings/{event}", fields, BODY).json()["type"] == "not-neutral"


def test_reasons_and_other_ways_to_change_it_are_held_to_the_same(
    providers: Group, administrator: User, sign_in: Any
) -> None:
    client = sign_in(providers.coordinator)
    event = post(client, providers).json()["id"]
    refusal = client.post(f"{providers.at}/meetings/{event}/cancel", {"reason": "A survivor speaks."}, BODY)
    assert (refusal.status_code, refusal.json()["errors"][0]["pointer"]) == (422, "/reason")
    admin, path = sign_in(administrator), f"/api/v1/events/{event}"
    assert admin.patch(path, {"title": "Providers"}, BODY).json()["errors"][0]["pointer"] == "/title"
    moved = {"starts_at": "2026-12-03T18:30:00-06:00", "place": {"name": "The shelter"}}
    dates = f"{path}/occurrences/20261202T183000"
    assert admin.post(f"{dates}/reschedule", moved, BODY).json()["type"] == "not-neutral"
    assert admin.post(f"{dates}/cancel", {"reason": "Abuse."}, BODY).json()["type"] == "not-neutral"


# --- the feed -------------------------------------------------------------------------------------------


def test_a_group_has_a_feed_of_its_own(force: Group, collaborative: Group, sign_in: Any, client: Any) -> None:
    post(sign_in(force.coordinator), force)
    feed = client.get("/feeds/working-groups/use-of-force.ics")
    assert feed.content.count(b"BEGIN:VEVENT") == 1
    assert feed["Content-Type"].startswith("text/calendar")
    assert client.get("/feeds/working-groups/public-safety-collaborative.ics").content.count(b"VEVENT") == 0
    assert client.get("/feeds/working-groups/none.ics").status_code == 404
    assert client.get("/feeds/qr.png?feed=working-groups/use-of-force").status_code == 200


def test_slugs_of_the_groups_whose_events_a_person_changes(force: Group, providers: Group) -> None:
    today = timezone.localdate()
    assert list(meetings.coordinated_by(force.coordinator, today)) == ["use-of-force"]
    assert list(meetings.coordinated_by(force.member, today)) == []
