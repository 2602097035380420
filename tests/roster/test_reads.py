"""What is public about the roster."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from backend.roster import editions
from backend.roster.models import Assignment, Contact


def test_agencies_and_their_numbers_with_source(client: Client, city: None) -> None:
    county, police = client.get("/api/v1/agencies").json()["results"]
    assert (police["slug"], county["slug"]) == ("slmpd", "slcpd")
    assert all(contact["source"] for agency in (county, police) for contact in agency["contacts"])
    assert sum(contact["is_disputed"] for contact in county["contacts"]) == 2


def test_areas_by_kind_agency_and_day(client: Client, city: None) -> None:
    def slugs(query: str) -> list[str]:
        return [row["slug"] for row in client.get(f"/api/v1/areas?{query}").json()["results"]]

    assert slugs("kind=patrol_area") == [f"slmpd-patrol-area-{n}" for n in ("central", "north", "south")]
    assert slugs("agency=slcpd&kind=sector")[0] == "slcpd-sector-11"
    assert slugs("kind=district&as_of=2001-01-01") == []


@pytest.mark.parametrize("query", ["kind=galaxy", "agency=nobody", "as_of=soon", "cursor=nonsense"])
def test_bad_queries_name_the_field(client: Client, city: None, query: str) -> None:
    answer = client.get(f"/api/v1/areas?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"


def test_another_lists_cursor_is_refused(client: Client, city: None) -> None:
    cursor = client.get("/api/v1/areas?page_size=2").json()["next"].partition("cursor=")[2].partition("&")[0]
    for path in ("occurrences", "events"):
        answer = client.get(f"/api/v1/{path}?cursor={cursor}")
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/cursor")


def test_an_overlay_has_no_post_to_be_vacant(client: Client, city: None) -> None:
    people = client.get("/api/v1/areas/slmpd-neighborhood-36/people").json()
    assert [p["role"] for p in people["people"]] == ["nso"]
    assert not people["vacant"]
    assert not client.get("/api/v1/areas/slmpd-ward-14/people").json()["vacant"]


def test_pages_follow_each_other(client: Client, city: None) -> None:
    seen: list[str] = []
    link = "/api/v1/areas?page_size=20"
    while link:
        page = client.get(link).json()
        seen += [row["slug"] for row in page["results"]]
        link = page["next"]
    assert seen == sorted(set(seen))
    assert len(seen) > 40


def test_people_of_an_area_on_a_day(client: Client, city: None) -> None:
    today = client.get("/api/v1/areas/slmpd-district-4/people").json()
    assert {p["role"] for p in today["people"]} == {"liaison", "sergeant", "district_captain"}
    assert not today["vacant"]
    before = client.get("/api/v1/areas/slmpd-district-4/people?as_of=2020-01-01").json()
    assert (before["people"], before["vacant"]) == ([], True)


def test_an_outline_says_that_it_is_schematic(client: Client, city: None) -> None:
    feature = client.get("/api/v1/areas/slmpd-district-5/boundary").json()
    assert feature["geometry"]["type"] == "MultiPolygon"
    assert feature["properties"]["schematic"]
    assert client.get("/api/v1/areas/slmpd-district-5/boundary?as_of=2001-01-01").status_code == 404


@pytest.mark.parametrize("path", ["areas/nowhere", "areas/nowhere/people", "areas/nowhere/boundary"])
def test_unknown_areas(client: Client, city: None, path: str) -> None:
    for headers in ({}, {"If-None-Match": "*"}):
        answer = client.get(f"/api/v1/{path}", headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (404, "not-found")


@pytest.mark.parametrize(
    "path", ["agencies", "areas", "areas/slmpd-district-4", "areas/slmpd-district-4/people", "stations"]
)
def test_unchanged_is_304_and_changed_is_not(
    client: Client, city: None, path: str, django_assert_num_queries: Any
) -> None:
    first = client.get(f"/api/v1/{path}")
    with django_assert_num_queries(0):
        again = client.get(f"/api/v1/{path}", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    editions.bump(editions.ROSTER)
    editions.forget()
    assert client.get(f"/api/v1/{path}", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_a_change_on_the_staff_pages_is_seen_at_once(client: Client, city: None, sign_in: Any) -> None:
    from backend.accounts.models import User

    administrator = User.objects.create_user(
        kind=User.Kind.STAFF, email="adm@example.org", is_administrator=True
    )
    before = client.get("/api/v1/areas/slmpd-beat-402/people")
    assignment = Assignment.objects.get(area__slug="slmpd-beat-402")
    form = {
        "staff_member": str(assignment.staff_member_id),
        "area": str(assignment.area_id),
        "role": "beat_officer",
        "starts_on": "2024-03-04",
        "ends_on": "2025-01-01",
        "confirmed_on": "2025-01-01",
    }
    answer = sign_in(administrator).post(f"/admin/roster/assignment/{assignment.pk}/change/", form)
    assert answer.status_code == 302
    editions.forget()
    after = client.get("/api/v1/areas/slmpd-beat-402/people", headers={"If-None-Match": before["ETag"]})
    assert after.json()["vacant"]


def test_the_demo_twice_is_once(client: Client, city: None) -> None:
    before = (Assignment.objects.count(), Contact.objects.count())
    call_command("demo")
    assert (Assignment.objects.count(), Contact.objects.count()) == before
