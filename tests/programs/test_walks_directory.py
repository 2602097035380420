"""The directory as those who need it use it: found by word, tag and area, with source, date and crisis lines."""

from collections.abc import Callable
from typing import Any

import pytest

from backend.accounts.models import User
from backend.programs.services.importing import import_catalogue
from tests.programs.walking import JSON

CRISIS = [
    "911",
    "988-lifeline",
    "domestic-violence-hotline",
    "cops-and-clinicians",
    "office-of-violence-prevention",
]
UNCONFIRMED = "Nobody has confirmed this"


@pytest.fixture
def administrator(city: None, now: Any) -> User:
    import_catalogue()
    return User.objects.create_user(kind=User.Kind.STAFF, email="admin@example.org", is_administrator=True)


def look(client: Any, query: str) -> dict[str, dict[str, Any]]:
    """What is found, by slug. Crisis lines come with it, complete and in their order, whatever was asked for."""
    found: dict[str, dict[str, Any]] = {}
    path = f"/api/v1/directory?page_size=100&{query}"
    while path:
        page = client.get(path).json()
        assert [entry["slug"] for entry in page["crisis"]] == CRISIS
        found |= {entry["slug"]: entry for entry in page["results"]}
        path = page["next"]
    return found


@pytest.mark.parametrize(
    ("query", "slug", "told"),
    [
        pytest.param("tag=substance-use", "community-health-partners", "dozens of groups", id="partners"),
        pytest.param(
            "q=crisis+intervention", "crisis-intervention-team", "when you call 911, say", id="crisis-teams"
        ),
        pytest.param("tag=veterans", "veterans-response-team", "988", id="veterans"),
        pytest.param("tag=employees", "critical-incident-stress-management", "ask their", id="stress"),
        pytest.param("tag=recruiting", "ethical-society-of-police", "minorities", id="ethical-society"),
        pytest.param("tag=jobs", "police-recruitment-team", "interest list", id="recruitment-team"),
        pytest.param("tag=complaint", "civilian-oversight-board", "not in this app", id="oversight"),
        pytest.param("tag=whistleblower", "police-employee-reports", "not a resident", id="whistleblower"),
        pytest.param("q=outreach", "office-of-community-engagement", "Coordinates", id="engagement"),
        pytest.param("tag=immigrants", "community-liaisons", "LGBTQ", id="communities"),
        pytest.param("tag=interpreter", "language-access", "sign language", id="languages"),
        pytest.param("tag=grief", "homicide-ministers", "Nobody is signed up here", id="ministers"),
        pytest.param("tag=vacant", "problem-properties-task-force", "Report the address", id="properties"),
        pytest.param("tag=court&kind=bulletin", "neighborhood-impact-statements", "judge", id="statements"),
        pytest.param("tag=streetlights", "citizens-service-bureau", "number of your request", id="bureau"),
        pytest.param("q=stabilization", "neighborhood-stabilization-officers", "aldermen", id="nso"),
        pytest.param(
            "tag=domestic-violence", "domestic-violence-fatality-review", "public records", id="reviews"
        ),
        pytest.param("tag=reform&kind=bulletin", "policing-equity-report", "town hall", id="equity-report"),
        pytest.param("tag=working-groups", "center-for-policing-equity", "policingequity.org", id="equity"),
        pytest.param("q=broker", "public-safety-collaborative", "independent of City", id="collaborative"),
        pytest.param("tag=station", "county-police-stations", "beat officers", id="stations"),
        pytest.param("q=889-2341", "county-police-non-emergency", "(636) 529-8210", id="two-numbers"),
        pytest.param("tag=deaf", "county-police-tdd", "text telephone", id="tdd"),
        pytest.param("q=forsyth", "county-police-headquarters", "63105", id="headquarters"),
        pytest.param("tag=insurance", "county-telephone-reports", "half an hour", id="telephone-reports"),
    ],
)
def test_an_entry_is_found_read_and_confirmed(
    client: Any,
    administrator: User,
    sign_in: Callable[[User], Any],
    query: str,
    slug: str,
    told: str,
) -> None:
    found = look(client, query)[slug]
    assert told in found["what"]
    assert (found["status"], found["verified_on"]) == ("unconfirmed", None)
    assert found["source"]
    assert found["notice"].startswith(UNCONFIRMED)
    path = f"/api/v1/directory/{slug}"
    assert client.get(path).json() == found
    confirmed = sign_in(administrator).patch(path, {"confirm": True, "languages": ["en", "es"]}, **JSON)
    assert confirmed.status_code == 200, confirmed.content
    found = look(client, f"{query}&language=es")[slug]
    assert (found["status"], found["verified_on"], found["notice"]) == ("confirmed", "2026-11-23", "")


def test_help_in_a_crisis_comes_first(client: Any, administrator: User, sign_in: Any) -> None:
    page = client.get("/api/v1/directory?q=nothing-like-it&area=slmpd-beat-402").json()
    assert page["results"] == []
    lines = {entry["slug"]: entry for entry in page["crisis"]}
    assert list(lines) == CRISIS
    assert {entry["notice"] for entry in lines.values()} == {""}  # whoever needs it must not hesitate
    assert [lines[slug]["phone"] for slug in CRISIS[:3]] == ["911", "988", "1-800-799-7233"]
    assert "clinicians" in lines["cops-and-clinicians"]["what"]
    assert "988" in lines["cops-and-clinicians"]["what"]
    assert "July 2022" in lines["office-of-violence-prevention"]["what"]
    number = {"phone": "314-555-0100", "hours": "Weekdays 8 to 5", "confirm": True}
    path = "/api/v1/directory/office-of-violence-prevention"
    assert sign_in(administrator).patch(path, number, **JSON).status_code == 200
    told = client.get("/api/v1/directory").json()["crisis"][4]
    assert (told["phone"], told["hours"], told["verified_on"]) == (
        *("314-555-0100", "Weekdays 8 to 5"),
        "2026-11-23",
    )


def test_an_entry_of_one_area_is_found_there_and_in_no_other(
    client: Any, administrator: User, sign_in: Any
) -> None:
    path = "/api/v1/directory/community-liaisons"
    moved = sign_in(administrator).patch(path, {"area": "slmpd-district-4", "confirm": True}, **JSON)
    assert moved.json()["area"] == "slmpd-district-4"
    assert "community-liaisons" in look(client, "tag=liaison&area=slmpd-beat-402")
    assert "community-liaisons" not in look(client, "tag=liaison&area=slmpd-district-2")
    assert "neighborhood-stabilization-officers" in look(client, "tag=liaison&area=slmpd-district-2")


def test_what_has_ended_is_found_no_more(client: Any, administrator: User, sign_in: Any) -> None:
    path = "/api/v1/directory/center-for-policing-equity"
    assert sign_in(administrator).patch(path, {"ended_on": "2026-11-23"}, **JSON).status_code == 200
    assert "center-for-policing-equity" not in look(client, "tag=equity")
    assert client.get(path).status_code == 404
