"""`manage.py demo` for trials: followers, a cancelled roll call, one text each."""

from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from backend.accounts.models import User
from backend.demo.programs import load_programs
from backend.notifications.models import Message
from backend.notifications.worker import work_once
from backend.programs import draw
from backend.programs.catalogue.programs import PROGRAMS
from backend.programs.models import Attendance, Signature
from backend.roster.models import BoundarySet, StreetSegment
from tests.notifications.fakes import FakeTransport


def demo(*options: str) -> str:
    out = StringIO()
    call_command("demo", *options, stdout=out)
    return out.getvalue()


def test_one_text_to_each_follower_of_a_cancelled_roll_call(city: None) -> None:
    assert "7 followers added" in demo("--followers", "7", "--cancel")
    transport = FakeTransport()
    while work_once(transport):
        continue
    assert len({text.to for text in transport.texts}) == len(transport.texts) == 7
    assert len({text.body.partition("/m/")[0] for text in transport.texts}) == 1
    assert transport.texts[0].body.startswith("Cancelled: Morning block roll call")
    demo("--cancel")
    assert Message.objects.count() == 14


def test_followers_are_not_invented_where_they_would_be_texted_for_real(city: None, settings: Any) -> None:
    settings.TWILIO_ACCOUNT_SID = "AC" + "0" * 32
    with pytest.raises(CommandError, match="stand-in"):
        demo("--followers", "1")


def test_every_program_is_in_it_and_what_takes_months_is_under_way(city: None, client: Any) -> None:
    administrator = User.objects.get(is_administrator=True)
    load_programs(by=administrator)
    shown = client.get("/api/v1/programs?page_size=100").json()["results"]
    assert {p["slug"] for p in shown} == {p.slug for p in PROGRAMS}
    assert {p["status"] for p in shown} == {"running"}
    for program in shown:
        cohorts = client.get(f"/api/v1/programs/{program['slug']}/cohorts").json()["results"]
        has_none = program["slug"] in ("cops-4-kids", "bike-and-scooter-registry")
        assert bool(cohorts) is not has_none, program["slug"]
    # A class in mid-course: twelve sessions, some of them over, everybody's standing from them.
    (course,) = client.get("/api/v1/programs/citizens-academy/cohorts").json()["results"]
    path = f"/api/v1/programs/citizens-academy/cohorts/{course['id']}/sessions"
    sessions = client.get(path).json()
    assert len(sessions) == 12
    over = sum(datetime.fromisoformat(s["ends_at"]) < timezone.now() for s in sessions)
    assert 0 < over < 12
    assert Attendance.objects.values("number").distinct().count() == over
    # A full month of rides: drawn, no seat free, people in the line.
    (rides,) = client.get("/api/v1/programs/slmpd-ride-along/cohorts").json()["results"]
    assert (rides["given"], rides["waiting"]) == (sum(d["rides"] for d in rides["districts"]), 4)
    drawn = client.get(f"/api/v1/programs/slmpd-ride-along/cohorts/{rides['id']}/draw").json()
    assert len(drawn["applications"]) == 10
    assert draw.order(drawn["seed"], drawn["applications"]) == drawn["applications"]
    assert Signature.objects.count() == rides["given"]
    # A finished month of the award: ten chosen, of whom those are named whose guardians agreed.
    (month,) = client.get("/api/v1/programs/do-the-right-thing/honorees").json()["results"]
    assert (month["chosen"], month["shown"]) == (10, 8)
    assert client.get("/api/v1/dockets/demo-nuisance-docket").json()["results"]
    assert client.get("/api/v1/directory").json()["crisis"][0]["phone"] == "911"


@pytest.mark.django_db
def test_it_does_not_touch_a_real_city() -> None:
    StreetSegment.objects.create(source_id="1", name="ELM", line=[[-90.2, 38.6], [-90.2, 38.61]])
    with pytest.raises(CommandError, match="into a new one"):
        demo()
    assert [s.name for s in StreetSegment.objects.all()] == ["ELM"]
    assert not BoundarySet.objects.exists()


def test_nobody_signs_in_with_a_demo_account_in_production(city: None) -> None:
    from backend.demo import demo_login

    assert demo_login() == []
