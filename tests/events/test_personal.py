"""A calendar of one's own places: nobody else's, at an address that nobody guesses, and gone when it is ended."""

import gzip
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import icalendar
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts import residents
from backend.accounts.models import User
from backend.events import services
from backend.events.models import Event, PersonalFeed, Registration
from tests.events.factories import at, post
from tests.events.test_registrations import neighbor

MINE = "/api/v1/me/feed"


@pytest.fixture
def series(officer: User) -> Event:
    """Fri Nov 27, Sat Nov 28 and Sun Nov 29 at 7:30, with three places each."""
    return post(officer, rrule="FREQ=WEEKLY;BYDAY=FR,SA,SU;COUNT=3", takes_registrations=True, capacity=3)


@pytest.fixture
def me(resident: User, sign_in: Any) -> Any:
    return sign_in(resident)


@pytest.fixture
def url(me: Any) -> str:
    """The path of the resident's calendar."""
    made = me.post(MINE)
    assert made.status_code == 201, made.content
    return urlsplit(made.json()["url"]).path


def register(series: Event, user: User, day: int = 0, **words: Any) -> Registration:
    return services.register(occurrence=series.occurrences.all()[day], by=user, **words)


def entries(client: Any, url: str) -> list[Any]:
    answer = client.get(url)
    assert answer.status_code == 200, answer.content
    return list(icalendar.Calendar.from_ical(answer.content).walk("VEVENT"))


def entry(client: Any, url: str) -> Any:
    (found,) = entries(client, url)
    return found


def test_a_place_is_an_entry_with_its_code_and_its_reminders(
    series: Event, resident: User, client: Any, url: str
) -> None:
    mine = register(series, resident, party_size=2, remind_hours=(2, 24))
    register(series, neighbor(1), day=1)
    found = entry(client, url)
    assert found["SUMMARY"] == "Morning roll call"
    assert found["STATUS"] == "CONFIRMED"
    assert found["DTSTART"].dt == at("2026-11-27 07:30")
    assert found["DTEND"].dt == at("2026-11-27 08:00")
    assert "RRULE" not in found
    assert "RECURRENCE-ID" not in found
    assert found["TRANSP"] == "OPAQUE"  # one is busy then
    assert mine.code in found["DESCRIPTION"]
    assert "2 people" in found["DESCRIPTION"]
    alarms = [alarm["TRIGGER"].dt for alarm in found.walk("VALARM")]
    assert alarms == [timedelta(hours=-24), timedelta(hours=-2)]
    assert all(alarm["ACTION"] == "DISPLAY" and alarm["DESCRIPTION"] for alarm in found.walk("VALARM"))


def test_a_turn_in_the_line_and_a_place_given_back_say_so(
    series: Event, resident: User, client: Any, url: str
) -> None:
    first = register(series, neighbor(1), party_size=3)
    mine = register(series, resident)
    waiting = entry(client, url)
    assert waiting["STATUS"] == "TENTATIVE"
    assert waiting["SUMMARY"] == "Waiting list: Morning roll call"
    assert not waiting.walk("VALARM")
    assert waiting["TRANSP"] == "TRANSPARENT"
    services.cancel_registration(registration=first, by=first.user)
    held = entry(client, url)
    assert held["STATUS"] == "CONFIRMED"
    assert held["SEQUENCE"] > waiting["SEQUENCE"]
    services.cancel_registration(registration=mine, by=resident)
    gone = entry(client, url)
    assert gone["STATUS"] == "CANCELLED"
    assert gone["SUMMARY"] == "Cancelled: Morning roll call"
    assert gone["SEQUENCE"] > held["SEQUENCE"]
    assert not gone.walk("VALARM")
    register(series, resident)
    again = entry(client, url)
    assert again["UID"] == waiting["UID"]
    assert again["SEQUENCE"] > gone["SEQUENCE"]


def test_what_happens_to_the_date_happens_to_the_entry_and_its_number_never_falls(
    series: Event, officer: User, resident: User, client: Any, url: str
) -> None:
    register(series, resident, day=2)
    start = series.occurrences.all()[2].recurrence_id
    seen = [entry(client, url)]

    def step() -> Any:
        seen.append(entry(client, url))
        assert seen[-1]["UID"] == seen[0]["UID"]
        assert seen[-1]["SEQUENCE"] > seen[-2]["SEQUENCE"]
        assert seen[-1]["LAST-MODIFIED"].dt >= seen[-2]["LAST-MODIFIED"].dt
        return seen[-1]

    def change(service: Any, **words: Any) -> Any:
        service(event=Event.objects.get(occurrences__recurrence_id=start), by=officer, **words)
        return step()

    moved = change(
        services.reschedule_occurrence, recurrence_id=start, starts_at=at("2026-11-29 09:00"), reason="Snow"
    )
    assert moved["DTSTART"].dt == at("2026-11-29 09:00")
    assert moved["DESCRIPTION"].startswith("Moved from Sun Nov 29, 7:30 am, Soulard Market")
    assert change(services.restore_occurrence, recurrence_id=start)["DTSTART"].dt == at("2026-11-29 07:30")
    assert change(services.revise_event, title="Roll call")["SUMMARY"] == "Roll call"
    split = change(services.split_event, recurrence_id=start, place_name="Library")
    assert split["LOCATION"].startswith("Library")
    off = change(services.cancel_occurrence, recurrence_id=start, reason="Ice")
    assert off["STATUS"] == "CANCELLED"
    assert off["DESCRIPTION"].startswith("Cancelled: Ice")


def test_the_calendar_is_served_as_the_public_ones_but_kept_by_nobody_else(
    series: Event, resident: User, client: Any, url: str
) -> None:
    empty = client.get(url)
    assert icalendar.Calendar.from_ical(empty.content).walk("VEVENT") == []
    register(series, resident)
    answer = client.get(url)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "private, max-age=0, must-revalidate"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies
    assert client.get(url, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert client.get(url, headers={"If-None-Match": empty["ETag"]}).status_code == 200
    zipped = client.get(url, headers={"Accept-Encoding": "gzip"})
    assert zipped["ETag"] != answer["ETag"]
    assert gzip.decompress(zipped.content) == answer.content
    assert client.get(url).content == answer.content  # the same state, the same bytes
    head = client.head(url)
    assert head["ETag"] == answer["ETag"]
    assert head.content == b""
    assert client.post(url).status_code == 405


def test_the_address_is_shown_once_and_a_new_one_ends_the_old(
    me: Any, client: Any, url: str, resident: User, caplog: Any
) -> None:
    token = url.removeprefix("/feeds/personal/").removesuffix(".ics")
    assert len(token) >= 43
    assert len(me.post(MINE).json()["url"]) < 256
    assert client.get(url).status_code == 404
    assert client.get(url).content == client.get("/feeds/personal/nobody.ics").content
    shown = me.post(MINE).json()
    assert shown["webcal"].startswith("webcal://")
    assert shown["url"].endswith(".ics")
    assert "cid=webcal%3A%2F%2F" in shown["google"]
    assert set(me.get(MINE).json()) == {"made_at"}
    stored = PersonalFeed.objects.get()
    assert shown["url"].rpartition("/")[2].removesuffix(".ics") not in str(vars(stored))
    path = "/feeds/personal/" + shown["url"].rpartition("/")[2]
    assert client.get(path).status_code == 200
    User.objects.filter(pk=resident.pk).update(is_active=False)
    assert client.get(path).status_code == 404
    User.objects.filter(pk=resident.pk).update(is_active=True)
    assert me.delete(MINE).status_code == 204
    assert me.delete(MINE).status_code == 204
    assert client.get(path).status_code == 404
    assert me.get(MINE).json() == {"made_at": None}
    assert path.removesuffix(".ics").rpartition("/")[2] not in caplog.text


def test_the_calendar_goes_with_the_account(
    series: Event, resident: User, me: Any, client: Any, url: str
) -> None:
    register(series, resident)
    assert "personal_calendar_made_at" in me.get("/api/v1/me/export").json()["events"]
    residents.delete(resident)
    assert client.get(url).status_code == 404
    assert not PersonalFeed.objects.exists()


def test_cancelled_entries_go_after_thirty_days_and_the_number_of_statements_stays(
    series: Event, resident: User, client: Any, url: str
) -> None:
    mine = register(series, resident)
    with CaptureQueriesContext(connection) as one:
        entry(client, url)
    for day in (1, 2):
        register(series, resident, day=day)
    with CaptureQueriesContext(connection) as three:
        assert len(entries(client, url)) == 3
    assert len(three) == len(one)
    services.cancel_registration(registration=mine, by=resident)
    with time_machine.travel(at("2026-12-27 12:00"), tick=False):
        assert len(entries(client, url)) == 3
    with time_machine.travel(at("2026-12-28 12:00"), tick=False):
        assert len(entries(client, url)) == 2
