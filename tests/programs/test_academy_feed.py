"""A course over the holidays and the changes of the clocks, in a member's own calendar, as two libraries read it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import icalendar
import pytest
import recurring_ical_events
import time_machine
import vobject
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import User
from backend.events import feeds
from backend.programs.models import Application, ApplicationChange, Cohort, Program, Topic
from backend.programs.services import moving
from backend.roster import editions
from tests.programs.factories import (
    local,
    make_application,
    make_cohort,
    make_manager,
    make_program,
    make_resident,
)

JSON = {"content_type": "application/json"}
SIX, SUMMER_SIX = "T18:00:00-06:00", "T18:00:00-05:00"


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(editions, "FRESH_SECONDS", -1)
    feeds.forget()
    with time_machine.travel("2026-09-01T10:00:00-05:00", tick=False) as clock:
        yield clock


def academy(is_public: bool, topics: int = 12) -> Program:
    program = make_program(has_public_sessions=is_public, access_notes="Ramp at the side door")
    for number in range(1, topics + 1):
        Topic.objects.create(program=program, number=number, title=f"Topic {number}")
    return program


def plan(staff: Any, cohort: Cohort, first_on: str) -> list[dict[str, Any]]:
    is_public = cohort.program.has_public_sessions
    more = {"areas": ["slmpd-district-4"], "place": {"name": "Academy", "address": "315 S Tucker Blvd"}}
    answer = staff.post(
        f"/api/v1/programs/{cohort.program.slug}/cohorts/{cohort.pk}/sessions",
        {
            "first_on": first_on,
            "start_time": "18:00",
            "duration_minutes": 180,
            "instructors": {"1": "Det. Example"},
            **(more if is_public else {}),
        },
        **JSON,
    )
    assert answer.status_code == 201, answer.content
    sessions: list[dict[str, Any]] = answer.json()
    return sessions


def calendar_of(me: Any) -> str:
    path: str = urlsplit(me.post("/api/v1/me/feed").json()["url"]).path
    return path


Dates = list[tuple[str, datetime, datetime, bool]]


def by_one(body: bytes) -> Dates:
    """(topic, start, end, cancelled) as icalendar and recurring_ical_events find them."""
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(body))
    return sorted(
        (str(e["SUMMARY"]), _utc(e["DTSTART"].dt), _utc(e["DTEND"].dt), e["STATUS"] == "CANCELLED")
        for e in found.between(local("2026-01-01 00:00"), local("2045-01-01 00:00"))
    )


def by_another(body: bytes) -> Dates:
    """The same by a library that shares no code with them, and by the calendar's own VTIMEZONE."""
    return sorted(
        (e.summary.value, _utc(e.dtstart.value), _utc(e.dtend.value), e.status.value == "CANCELLED")
        for e in vobject.readOne(body.decode()).vevent_list
    )


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


@pytest.mark.parametrize("is_public", [True, False])
@pytest.mark.parametrize(
    ("planned_on", "evenings"),
    [
        pytest.param(
            "2026-09-01",
            "2026-10-15 2026-10-22 2026-10-29 | 2026-11-05 2026-11-12 2026-11-19 "
            "2026-12-03 2026-12-10 2026-12-17 2026-12-24 2026-12-31 2027-01-07",
            id="Thursdays over Thanksgiving, the clocks go back",
        ),
        pytest.param(
            "2030-10-01",
            "2030-10-16 2030-10-23 2030-10-30 | 2030-11-06 2030-11-13 2030-11-20 "
            "2030-11-27 2030-12-04 2030-12-11 2030-12-18 2031-01-08 2031-01-15",
            id="Wednesdays over Christmas and New Year's Day, the last two behind them",
        ),
        pytest.param(
            "2029-05-01",
            "2029-05-16 2029-05-23 2029-05-30 2029-06-06 2029-06-13 2029-06-20 "
            "2029-06-27 2029-07-11 2029-07-18 2029-07-25 2029-08-01 2029-08-08 |",
            id="Wednesdays over Independence Day",
        ),
        pytest.param(
            "2027-01-04",
            "| 2027-02-03 2027-02-10 2027-02-17 2027-02-24 2027-03-03 2027-03-10 | "
            "2027-03-17 2027-03-24 2027-03-31 2027-04-07 2027-04-14 2027-04-21 |",
            id="Wednesdays over 2027-03-14, the clocks go forward",
        ),
        pytest.param(
            "2027-09-01",
            "2027-10-06 2027-10-13 2027-10-20 2027-10-27 2027-11-03 | 2027-11-10 "
            "2027-11-17 2027-11-24 2027-12-01 2027-12-08 2027-12-15 2027-12-22",
            id="Wednesdays over 2027-11-07, the clocks go back",
        ),
        pytest.param(
            "2027-01-04",
            "| 2027-01-31 2027-02-07 2027-02-14 2027-02-21 2027-02-28 2027-03-07 | "
            "2027-03-14 2027-03-21 2027-03-28 2027-04-04 2027-04-11 2027-04-18 |",
            id="Sundays, one of them the day itself",
        ),
    ],
)
def test_twelve_sessions_on_the_right_evenings(
    city: None, client: Any, sign_in: Any, now: Any, planned_on: str, evenings: str, is_public: bool
) -> None:
    now.move_to(local(f"{planned_on} 10:00"))
    expected = starts(evenings)
    assert len(expected) == 12
    program = academy(is_public)
    cohort, member = make_cohort(program, starts_in=7), make_resident()
    planned = plan(sign_in(make_manager(program)), cohort, expected[0][:10])
    assert [session["starts_at"] for session in planned] == expected
    make_application(cohort, member, status="accepted")
    body = client.get(calendar_of(sign_in(member))).content
    wanted = sorted(
        (f"Topic {n}", _utc(start), _utc(end), False)
        for n, (start, end) in enumerate(map(evening, expected), start=1)
    )
    assert by_one(body) == wanted
    assert by_another(body) == wanted
    if is_public:
        public = client.get("/feeds/programs/citizens-academy.ics").content
        titled = sorted((f"Citizens academy: {topic}", *rest) for topic, *rest in wanted)
        assert by_one(public) == by_another(public) == titled


def evening(start: str) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(start), datetime.fromisoformat(start.replace("T18", "T21"))


def starts(evenings: str) -> list[str]:
    """In summer time until the first bar, in winter time until the next, and so on; all at 18:00 by the wall."""
    found = []
    for n, part in enumerate(evenings.split("|")):
        found += [day + (SIX if n % 2 else SUMMER_SIX) for day in part.split()]
    return found


# --- what happens to an entry ---------------------------------------------------------------------------


@pytest.fixture
def member(city: None) -> User:
    return make_resident()


def course(is_public: bool, member: User) -> tuple[Cohort, Application, User]:
    program = academy(is_public, topics=3)
    cohort = make_cohort(program, starts_in=7, place_name="North Patrol")
    return cohort, make_application(cohort, member, status="accepted"), make_manager(program)


def entries(client: Any, url: str) -> dict[str, Any]:
    found = icalendar.Calendar.from_ical(client.get(url).content).walk("VEVENT")
    return {str(entry["SUMMARY"]): entry for entry in found}


@pytest.mark.parametrize("is_public", [True, False])
def test_an_entry_follows_its_session_without_the_code(
    member: User, client: Any, sign_in: Any, now: Any, is_public: bool
) -> None:
    cohort, mine, boss = course(is_public, member)
    staff, url = sign_in(boss), calendar_of(sign_in(member))
    first, second, third = plan(staff, cohort, "2026-09-09")
    seen = entries(client, url)
    entry = seen["Topic 1"]
    assert entry["UID"] == f"{first['id']}-{mine.pk}@{settings.PUBLIC_HOST}"
    assert "With Det. Example." in entry["DESCRIPTION"]
    assert "Ramp at the side door" in entry["DESCRIPTION"]
    assert entry["LOCATION"].startswith("Academy" if is_public else "North Patrol")
    assert (entry["STATUS"], entry["TRANSP"]) == ("CONFIRMED", "OPAQUE")
    codes = [staff.get(f"/api/v1/sessions/{s['id']}/code").json()["code"] for s in (first, second, third)]
    assert not [code for code in codes if code.encode() in client.get(url).content]
    now.move_to(local("2026-09-02 10:00"))
    staff, to = sign_in(boss), {"starts_at": "2026-09-10T19:30:00-05:00"}
    if is_public:
        date = "/occurrences/20260909T180000/reschedule"
        moved = staff.post(f"/api/v1/events/{first['event']}{date}", to, **JSON)
        off = staff.post(f"/api/v1/events/{second['event']}/cancel", **JSON)
    else:
        moved = staff.post(f"/api/v1/sessions/{first['id']}/move", to, **JSON)
        off = staff.post(f"/api/v1/sessions/{second['id']}/cancel", **JSON)
    assert (moved.status_code, off.status_code) == (200, 200)
    body = client.get(url).content
    assert by_one(body) == by_another(body)
    after = entries(client, url)
    assert set(after) == {"Topic 1", "Cancelled: Topic 2", "Topic 3"}
    assert after["Topic 1"]["DTSTART"].dt == local("2026-09-10 19:30")
    assert after["Topic 1"]["DTEND"].dt == local("2026-09-10 22:30")
    assert after["Topic 1"]["UID"] == entry["UID"]
    assert after["Topic 1"]["SEQUENCE"] > entry["SEQUENCE"]
    assert after["Topic 1"]["LAST-MODIFIED"].dt > entry["LAST-MODIFIED"].dt
    cancelled = after["Cancelled: Topic 2"]
    assert (cancelled["STATUS"], cancelled["DTSTART"].dt) == ("CANCELLED", local("2026-09-16 18:00"))
    assert cancelled["SEQUENCE"] > seen["Topic 2"]["SEQUENCE"]
    assert after["Topic 3"] == seen["Topic 3"]
    now.move_to(local("2026-10-16 12:00"))
    assert set(entries(client, url)) == {"Topic 1", "Cancelled: Topic 2", "Topic 3"}
    now.move_to(local("2026-10-17 12:00"))
    assert set(entries(client, url)) == {"Topic 1", "Topic 3"}


@pytest.mark.parametrize("is_public", [True, False])
def test_a_place_given_back_is_cancelled_in_the_calendar(
    member: User, client: Any, sign_in: Any, now: Any, is_public: bool
) -> None:
    cohort, mine, boss = course(is_public, member)
    ApplicationChange.objects.create(application=mine, move="accept", status="accepted")
    url = calendar_of(sign_in(member))
    plan(sign_in(boss), cohort, "2026-09-09")
    before = entries(client, url)
    now.move_to(local("2026-09-10 10:00"))  # after the first
    moving.withdraw(application=mine, by=member)
    after = entries(client, url)
    assert set(after) == {"Topic 1", "Cancelled: Topic 2", "Cancelled: Topic 3"}
    assert after["Cancelled: Topic 2"]["UID"] == before["Topic 2"]["UID"]
    assert after["Cancelled: Topic 2"]["SEQUENCE"] > before["Topic 2"]["SEQUENCE"]
    now.move_to(local("2026-11-10 10:00"))
    assert set(entries(client, url)) == {"Topic 1"}


def test_only_who_has_or_had_a_place_has_the_sessions(member: User, client: Any, sign_in: Any) -> None:
    cohort, _, boss = course(False, make_resident("other@example.org"))
    plan(sign_in(boss), cohort, "2026-09-09")
    url = calendar_of(sign_in(member))
    application = make_application(cohort, member, name="Sam", status="under_review", has_place=True)
    assert entries(client, url) == {}
    Application.objects.filter(pk=application.pk).update(status="declined", has_place=False)
    assert entries(client, url) == {}
    Application.objects.filter(pk=application.pk).update(status="completed", has_place=True)
    assert set(entries(client, url)) == {"Topic 1", "Topic 2", "Topic 3"}


def test_the_number_of_statements_stays(member: User, client: Any, sign_in: Any) -> None:
    cohort, _, boss = course(True, member)
    url = calendar_of(sign_in(member))
    plan(sign_in(boss), cohort, "2026-09-09")
    with CaptureQueriesContext(connection) as one:
        assert len(entries(client, url)) == 3
    second = make_cohort(cohort.program, starts_in=7, name="Second")
    plan(sign_in(boss), second, "2026-09-10")
    make_application(second, member, name="Sam", status="accepted")
    with CaptureQueriesContext(connection) as two:
        found = icalendar.Calendar.from_ical(client.get(url).content).walk("VEVENT")
    assert len(found) == 6
    assert len(two) == len(one)


def test_a_sensitive_topic_is_not_shown_on_a_locked_screen(member: User, client: Any, sign_in: Any) -> None:
    cohort, _, boss = course(False, member)
    Topic.objects.filter(number=1).update(title="Domestic violence")
    url = calendar_of(sign_in(member))
    plan(sign_in(boss), cohort, "2026-09-09")
    assert b"iolence" not in client.get(url).content
    assert set(entries(client, url)) == {"Academy session", "Topic 2", "Topic 3"}
