"""What a person has of their own: a calendar, reminders, everything held, the end of it."""

from datetime import datetime, timedelta
from typing import Any

import icalendar
import pytest
import vobject
from django.utils import timezone

from backend.accounts.models import User
from backend.notifications.models import Message
from backend.programs.models import Application, Cohort, Form, RideSlot, Signature
from backend.programs.services.catalogue import announce_openings
from backend.programs.services.reminders import is_still_so, send_reminders, tell_of_changes
from backend.prune import prune
from tests.conftest import DocumentedClient
from tests.events.test_texts import follow
from tests.programs.factories import local, make_cohort, make_manager, make_program, make_resident
from tests.programs.test_applications import SCHEMA, apply, post
from tests.programs.test_rides import RIDER, offer, ride
from tests.programs.test_waivers import sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def month(city: None) -> Cohort:
    program = make_program("slmpd-ride-along", "ride_along", bring="Photo id.")
    return make_cohort(program, name="December", mode="first_come", starts_in=8, days=30)


@pytest.fixture
def staff(month: Cohort, sign_in: Any) -> Any:
    return sign_in(make_manager(month.program))


def calendar_of(client: Any) -> Any:
    url = post(client, "me/feed").json()["url"]
    return lambda: client.get("/feeds/" + url.partition("/feeds/")[2])


# --- one's own calendar -------------------------------------------------------------------------------


def test_the_riders_own_calendar_follows_the_ride(month: Cohort, staff: Any, sign_in: Any, now: Any) -> None:
    first, _ = offer(staff, month, ride(), ride(day="2026-12-09")).json()["ids"]
    me = sign_in(make_resident())
    read = calendar_of(me)
    path = f"applications/{apply(me, month, RIDER).json()['id']}"

    def entry() -> Any:
        body = read().content
        (event,) = icalendar.Calendar.from_ical(body).walk("VEVENT")
        (again,) = vobject.readOne(body.decode()).contents["vevent"]
        assert again.dtstart.value == event["DTSTART"].dt
        return event

    before = entry()
    assert before["DTSTART"].dt == local("2026-12-07 18:00")
    assert (str(before["STATUS"]), str(before["LOCATION"])) == ("CONFIRMED", "SLMPD District 4")
    assert "Photo id." in str(before["DESCRIPTION"])
    officer = RideSlot.objects.get(pk=first).officer.name
    assert officer not in read().content.decode().replace("\r\n ", "")
    now.shift(timedelta(minutes=1))
    post(staff, f"rides/{first}/cancel", reason="Called away.")
    moved = entry()
    assert (moved["UID"], moved["DTSTART"].dt) == (before["UID"], local("2026-12-09 18:00"))
    assert moved["SEQUENCE"] > before["SEQUENCE"]
    assert moved["DTSTAMP"].dt > before["DTSTAMP"].dt
    post(me, f"{path}/withdraw")
    off = entry()
    assert (str(off["STATUS"]), off["UID"], off["DTSTART"].dt) == (
        *("CANCELLED", before["UID"]),
        local("2026-12-09 18:00"),
    )
    assert off["SEQUENCE"] > moved["SEQUENCE"]


def test_a_place_that_is_only_kept_is_in_no_calendar(month: Cohort, staff: Any, sign_in: Any) -> None:
    month.program.rules.create(kind="screening", words="A records check.")
    offer(staff, month, ride())
    me = sign_in(make_resident())
    apply(me, month, RIDER)
    assert b"BEGIN:VEVENT" not in calendar_of(me)().content


# --- reminders ----------------------------------------------------------------------------------------


def test_a_rider_is_reminded_a_day_before_and_once(month: Cohort, staff: Any, sign_in: Any, now: Any) -> None:
    resident = make_resident(phone="+13145550142")
    slot = RideSlot.objects.get(pk=offer(staff, month, ride()).json()["ids"][0])
    apply(sign_in(resident), month, RIDER)
    for moment, texts in [
        ("2026-12-06 15:59", 0),
        ("2026-12-06 18:01", 1),
        ("2026-12-06 18:06", 1),
        ("2026-12-07 09:00", 1),
    ]:
        now.move_to(local(moment))
        send_reminders(timezone.now())
        found = Message.objects.filter(notice__kind="program_reminder")
        assert found.count() == texts, moment
    notice = found.get().notice
    assert notice.body == "Reminder: Ride along, Mon Dec 7, 6:00 pm, District 4. {link}"
    assert is_still_so(notice.subject_id, timezone.now())
    RideSlot.objects.filter(pk=slot.pk).update(starts_at=slot.starts_at + timedelta(hours=1))
    assert not is_still_so(notice.subject_id, timezone.now())


def test_a_private_session_reminds_its_members(city: None, sign_in: Any, now: Any) -> None:
    cohort = make_cohort(make_program("police-explorers", "explorers"), mode="first_come", starts_in=7)
    staff = sign_in(make_manager(cohort.program))
    plan = {"first_on": "2026-12-02", "start_time": "18:00", "duration_minutes": 60, "topics": ["Weekly"] * 3}
    planned = post(staff, f"programs/police-explorers/cohorts/{cohort.pk}/sessions", **plan)
    assert planned.status_code == 201, planned.content
    resident = make_resident(phone="+13145550142")
    apply(sign_in(resident), cohort, RIDER)
    now.move_to(local("2026-12-01 18:01"))
    send_reminders(timezone.now())
    notice = Message.objects.get(notice__kind="program_reminder").notice
    assert notice.body.startswith("Reminder: Program session, Wed Dec 2, 6:00 pm")
    assert is_still_so(notice.subject_id, timezone.now())
    session = cohort.sessions.get(number=1)
    boss = sign_in(make_manager(cohort.program, "b@example.org"))
    assert post(boss, f"sessions/{session.pk}/cancel").status_code == 200
    assert not is_still_so(notice.subject_id, timezone.now())


def test_members_hear_once_of_a_public_session_that_moves(city: None, sign_in: Any, now: Any) -> None:
    program = make_program(has_public_sessions=True)
    cohort = make_cohort(program, mode="first_come", starts_in=7)
    staff = sign_in(make_manager(program))
    plan = {"first_on": "2026-12-02", "start_time": "18:00", "duration_minutes": 60, "topics": ["A", "B"]}
    where = {"areas": ["slmpd-district-4"], "place": {"name": "Academy"}}
    first = post(staff, f"programs/citizens-academy/cohorts/{cohort.pk}/sessions", **plan, **where).json()[0]
    apply(sign_in(make_resident(phone="+13145550142")), cohort, RIDER)
    told = Message.objects.filter(notice__kind="program_update", notice__key__contains="session:")
    tell_of_changes(timezone.now())
    assert told.count() == 0
    moved = post(
        staff,
        f"events/{first['event']}/occurrences/20261202T180000/reschedule",
        starts_at="2026-12-03T18:00:00-06:00",
    )
    assert moved.status_code == 200, moved.content
    for _ in range(2):
        tell_of_changes(timezone.now())
        assert told.count() == 1


# --- following ----------------------------------------------------------------------------------------


def test_who_follows_a_program_hears_of_the_next_intake(
    city: None, client: DocumentedClient, sign_in: Any, now: Any
) -> None:
    program = make_program()
    assert (
        post(client, "subscriptions", phone="314-555-0142", topics=["program:citizens-academy"]).status_code
        == 202
    )
    follow("program:citizens-academy")
    refused = post(client, "subscriptions", phone="314-555-0143", topics=["program:no-such"])
    assert refused.status_code == 400
    opened = post(
        sign_in(make_manager(program)),
        "programs/citizens-academy/cohorts",
        name="Spring",
        mode="review",
        starts_on="2027-02-03",
        ends_on="2027-04-28",
        opens_at="2026-11-24T09:00:00-06:00",
        closes_at="2027-01-03T17:00:00-06:00",
        places=30,
    )
    assert opened.status_code == 201, opened.content
    opened_news = Message.objects.filter(notice__kind="program_opened")
    announce_openings(timezone.now())
    assert opened_news.count() == 0
    for moment in ("2026-11-24 09:01", "2026-11-24 09:06"):  # told once, when it has opened
        now.move_to(local(moment))
        announce_openings(timezone.now())
    told = opened_news.get()
    assert told.notice.body == "Roll Call: there is an update. {link}"


# --- everything held, and the end ---------------------------------------------------------------------


def test_the_export_holds_it_and_the_end_of_the_account_takes_it(
    month: Cohort, staff: Any, sign_in: Any
) -> None:
    offer(staff, month, ride())
    waiver = post(staff, "programs/slmpd-ride-along/waivers", text="At my own risk.").json()
    me, waits = sign_in(make_resident()), sign_in(make_resident("waits@example.org"))
    path = f"applications/{apply(me, month, RIDER).json()['id']}"
    sign(me, path, waiver["sha256"], name="Alex Example")
    other = apply(waits, month, RIDER | {"name": "Other"}).json()
    assert other["status"] == "waitlisted"
    held = me.get("/api/v1/me/export").json()["programs"]["applications"][0]
    assert (held["name"], held["signatures"][0]["text"]) == ("Alex Example", "At my own risk.")
    ended = me.delete("/api/v1/me").json()
    assert "applications" in str(ended)
    gone = Application.objects.get(pk=path.partition("/")[2])
    assert (gone.applicant, gone.name, gone.born_on, gone.status) == (None, "", "", "withdrawn")
    assert len(gone.person_index) == 64  # a keyed hash: once a year is once, whatever the account
    assert Signature.objects.get().name == "Alex Example"  # kept while an action may be brought
    promoted = Application.objects.get(pk=other["id"])
    assert (promoted.status, promoted.has_place) == ("under_review", True)


def test_what_was_told_ends_with_its_time(city: None, sign_in: Any, now: Any) -> None:
    program = make_program("summer-camp", "camp", rules=[("guardian", None, 18)])
    Form.objects.create(program=program, number=1, schema=SCHEMA)
    cohort = make_cohort(program, mode="first_come", starts_in=10, days=5)
    made = apply(
        sign_in(make_resident()),
        cohort,
        {"name": "Sam Example", "born_on": "2015-01-01"},
        is_for_self=False,
        guardian={"name": "Pat Example", "contact": "pat@example.org"},
        answers={"why": "Fun", "allergies": "Peanuts"},
    ).json()
    ends = datetime.combine(cohort.ends_on, datetime.min.time())
    for days, left in [(30, ("Sam Example", True)), (31, ("Sam Example", False)), (731, ("", False))]:
        now.move_to(timezone.make_aware(ends + timedelta(days=days, hours=12)))
        User.objects.update(last_login=timezone.now())
        prune(timezone.now())
        row = Application.objects.get(pk=made["id"])
        assert (row.name, bool(row.closed_answers)) == left, days
    assert (row.answers, row.guardian_name, row.guardian_contact, row.person_index) == ("", "", "", "")
    assert (row.status, row.has_place) == ("accepted", True)  # places stay, for quotas and figures


def test_safe_at_home_takes_addresses_out_of_answers(city: None, sign_in: Any) -> None:
    program = make_program("locks", "interest")
    schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "city_address": {"type": "string", "maxLength": 90},
            "use": {"type": "string", "maxLength": 9},
        },
    }
    Form.objects.create(program=program, number=1, schema=schema)
    me = sign_in(make_resident())
    answers = {"city_address": "1915 Olive St", "use": "Car"}
    made = apply(me, make_cohort(program), RIDER, answers=answers).json()
    me.patch("/api/v1/me", {"safe_at_home": True}, content_type="application/json")
    shown = me.get(f"/api/v1/applications/{made['id']}").json()
    assert shown["answers"] == {"use": "Car"}
