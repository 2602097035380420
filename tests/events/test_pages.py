"""The plain page of a series, the list of calendars, and QR codes for posters."""

import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from backend.accounts.models import User
from backend.errors import NotAllowed
from backend.events import services
from backend.roster.models import Area
from tests.events.factories import AREA, at, post
from tests.programs.factories import make_program

JSON = {"content_type": "application/json"}


def page(client: Any, event: Any) -> str:
    answer = client.get(f"/e/{event.id}")
    assert answer.status_code == 200
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    text: str = answer.content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", text.partition("<body>")[2]).split())


def test_the_page_says_what_when_where_and_what_changed(officer: User, client: Any) -> None:
    event = post(
        officer,
        agenda="1. Lights",
        access_notes="Ramp on the left",
        languages=["es", "ase"],
        description="Come & see",
    )
    services.cancel_occurrence(event=event, recurrence_id=at("2026-11-27 07:30"), by=officer, reason="Rain.")
    services.reschedule_occurrence(
        event=event,
        recurrence_id=at("2026-11-28 07:30"),
        starts_at=at("2026-11-28 09:00"),
        place=services.Place("Library"),
        by=officer,
    )
    said = page(client, event)
    for words in (
        "Morning roll call",
        "Cancelled: Fri Nov 27, 7:30 am Soulard Market, 730 Carroll St Rain.",
        "Sat Nov 28, 9:00 am instead of Sat Nov 28, 7:30 am Library (another place than usual)",
        "Sun Nov 29, 7:30 am Soulard Market",
        "Agenda 1. Lights",
        "Access: Ramp on the left",
        "Offered in: Spanish, American Sign Language",
        "reply STOP",
        "Confirmed by Tester Beat.Officer on November 22, 2026",
    ):
        assert words in said
    source = client.get(f"/e/{event.id}").content.decode()
    assert "Come &amp; see" in source
    assert "<script" not in source
    assert f"webcal://rollcall.example/feeds/events/{event.id}.ics" in source


def test_a_cancelled_series_says_so_first(officer: User, client: Any) -> None:
    event = post(officer)
    services.cancel_event(event=event, by=officer, reason="The building closes.")
    assert "Cancelled. The building closes. When and where" in page(client, event)


def test_a_draft_and_nothing_look_the_same(officer: User, client: Any) -> None:
    draft = client.get(f"/e/{post(officer, status='draft').id}")
    nothing = client.get(f"/e/{uuid4()}")
    assert (draft.status_code, draft.content) == (404, nothing.content)
    assert client.post(f"/e/{uuid4()}").status_code == 405


def test_every_feed_comes_with_its_links(city: None, client: Any) -> None:
    answer = client.get("/api/v1/feeds").json()
    assert "subscribes" in answer["help"]
    by_url = {feed["url"]: feed for feed in answer["feeds"]}
    feed = by_url["https://rollcall.example/feeds/areas/slmpd-district-4.ics"]
    assert feed["webcal"] == "webcal://rollcall.example/feeds/areas/slmpd-district-4.ics"
    assert feed["google"].endswith(
        "?cid=webcal%3A%2F%2Frollcall.example%2Ffeeds%2Fareas%2Fslmpd-district-4.ics"
    )
    for url in by_url:
        assert client.get(url.removeprefix("https://rollcall.example")).status_code == 200, url
        assert len(url) < 256
    one = client.get("/api/v1/feeds?area=slmpd-beat-402").json()["feeds"]
    assert [f["name"] for f in one] == ["SLMPD Beat 402"]
    assert client.get("/api/v1/feeds?area=nowhere").status_code == 404


@pytest.mark.parametrize(("form", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_a_qr_code_of_each_form(city: None, client: Any, form: str, begins: bytes) -> None:
    [feed] = client.get("/api/v1/feeds?area=slmpd-district-4").json()["feeds"]
    answer = client.get(feed[f"qr_{form}"].removeprefix("https://rollcall.example"))
    assert (answer.status_code, answer.content[: len(begins)]) == (200, begins)
    assert answer.content != client.get(f"/feeds/qr.{form}?feed=all").content


@pytest.mark.parametrize(
    "asked", ["", "?feed=", "?feed=//evil.example/x", "?feed=areas/../../x", "?feed=all%0a"]
)
def test_a_qr_code_leads_to_our_feeds_alone(city: None, client: Any, asked: str) -> None:
    assert client.get(f"/feeds/qr.png{asked}").status_code == 400
    assert client.get("/feeds/qr.gif?feed=all").status_code == 404


def test_a_program_has_a_feed_of_the_events_that_its_staff_say_are_its(officer: User, client: Any) -> None:
    address = "/feeds/programs/citizens-academy.ics"
    assert client.get(address).status_code == 404
    program = make_program("citizens-academy")
    assert b"BEGIN:VEVENT" not in client.get(address).content
    with pytest.raises(NotAllowed):
        post(officer, program="citizens-academy")
    program.seats.create(user=officer, role="manager", since=date(2026, 1, 1))
    with pytest.raises(NotAllowed):
        post(officer, program="no-such-program")
    event = post(officer, program="citizens-academy")
    answer = client.get(address)
    assert answer.status_code == 200
    assert str(event.id).encode() in answer.content
    assert b"NAME:Roll Call: Citizens academy" in answer.content


def said_by(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode().partition("<body>")[2]).split())


def test_an_areas_page_is_its_week_to_print(officer: User, captain: User, client: Any, now: Any) -> None:
    now.move_to(at("2026-11-27 07:00"))
    area = Area.objects.get(slug=AREA)
    event = post(officer, title="Roll call here")
    services.cancel_occurrence(event=event, recurrence_id=at("2026-11-28 07:30"), by=officer, reason="Rain")
    now.move_to(at("2026-11-27 09:00"))
    services.record_meeting(occurrence=event.occurrences.all()[0], by=officer, attendance=12, newcomers=5)
    made = services.make_commitment(
        area=area,
        by=officer,
        promise="We will fix the light.",
        promised_by="Captain",
        due_on=date(2026, 12, 1),
    )
    services.add_priority(
        area=area, by=officer, title="Speeding", action="Radar", action_on=date(2026, 12, 5)
    )
    said = said_by(client, f"/a/{AREA}")
    for words in (
        "Cancelled: Sat Nov 28, 7:30 am Roll call here Soulard Market, 730 Carroll St Rain",
        "Sun Nov 29, 7:30 am Roll call here",
        "12 people came, 5 of them for the first time",
        "We will fix the light. Captain, by December 1, 2026 Open",
        "Speeding: Radar, by December 5, 2026",
    ):
        assert words in said
    assert "Fri Dec 4, 7:30 am Roll call here" not in said  # the week ends before
    assert "We will fix the light." in said_by(client, "/a/slmpd-district-4")
    assert "We will fix the light. (Captain, by December 1, 2026)" in said_by(client, f"/e/{event.id}")
    now.move_to(at("2026-12-02 09:00"))
    assert "Overdue" in said_by(client, f"/a/{AREA}")
    assert "overdue" in said_by(client, f"/e/{event.id}")
    services.cancel_event(event=event, by=officer)
    event.delete()
    assert "We will fix the light." in said_by(client, f"/a/{AREA}")  # no meeting takes it along
    services.close_commitment(commitment=made, by=officer, status="kept", outcome="It shines.")
    assert "Kept: It shines." in said_by(client, f"/a/{AREA}")
    source = client.get(f"/a/{AREA}").content.decode()
    assert "<script" not in source
    assert f'src="/feeds/qr.svg?feed=areas/{AREA}"' in source


def test_pages_answer_304_until_something_changes(officer: User, client: Any) -> None:
    event = post(officer)
    for path in (f"/a/{AREA}", f"/e/{event.id}"):
        tag = client.get(path)["ETag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
        services.revise_event(event=event, by=officer, title=f"Another of {path}")
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 200
    for path in ("/a/nowhere", f"/e/{uuid4()}"):
        assert client.get(path, headers={"If-None-Match": "*"}).status_code == 404
        assert client.post(path).status_code == 405
