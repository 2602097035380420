"""My address → my officers → their next roll call."""

import logging
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.roster import editions
from backend.roster.files import Feature
from backend.roster.models import Assignment, BoundarySet, StreetSegment
from backend.roster.services import import_areas


def look_up(client: Any, **body: Any) -> Any:
    return client.post("/api/v1/lookup", body, content_type="application/json")


def test_an_address_has_its_people_deepest_first_the_major_included(client: Client, city: None) -> None:
    answer = look_up(client, address="1915 Olive St")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    body = answer.json()
    assert body["match"]["address"] == "1915 OLIVE ST"
    assert body["match"]["confidence"] >= 0.9
    assert [a["slug"] for a in body["areas"]] == [
        "slmpd-beat-402",
        "slmpd-district-4",
        "slmpd-patrol-area-central",
    ]
    roles = [person["role"] for area in body["areas"] for person in area["people"]]
    assert roles == ["beat_officer", "liaison", "sergeant", "district_captain", "major"]
    assert body["neighborhood"]["name"] == "Downtown West"
    assert body["ward"]["code"] == "14"
    assert body["contacts"]["emergency"] == "911"
    assert body["stations"][0]["address"] == "1915 Olive St"
    assert len(body["next_occurrences"]) == 3
    assert body["feeds"]["district"].endswith("/feeds/areas/slmpd-district-4.ics")
    assert client.get(body["feeds"]["district"].removeprefix("https://rollcall.example")).status_code == 200


def test_a_point_is_the_same_as_its_address(client: Client, city: None) -> None:
    by_address, by_point = (
        look_up(client, address="1915 Olive St").json(),
        look_up(client, lat=38.632, lon=-90.2077).json(),
    )
    assert by_point["areas"] == by_address["areas"]
    assert by_point["match"]["kind"] == "point"


@pytest.mark.parametrize(
    "spelling",
    [
        "1915 olive",
        "1915 OLIVE STREET",
        "1915 Olive St., St. Louis, MO 63103",
        "1915 Olvie St",
        "Police Headquarters",
    ],
)
def test_spellings(client: Client, city: None, spelling: str) -> None:
    assert look_up(client, address=spelling).json()["areas"][0]["slug"] == "slmpd-beat-402"


def test_the_county_is_the_other_department(client: Client, city: None) -> None:
    body = look_up(client, address="7900 Forsyth Blvd").json()
    assert [a["kind"] for a in body["areas"]] == ["beat", "sector", "precinct"]
    assert {a["agency"] for a in body["areas"]} == {"slcpd"}
    disputed = [c["value"] for c in body["contacts"]["details"] if c["is_disputed"]]
    assert len(disputed) == 2


def test_a_vacant_post_names_the_next_commander_up(client: Client, city: None) -> None:
    body = look_up(client, address="1106 N Union Blvd").json()
    district = next(a for a in body["areas"] if a["kind"] == "district")
    major = next(p for a in body["areas"] for p in a["people"] if p["role"] == "major")
    assert district["slug"] == "slmpd-district-5"
    assert district["vacant"]
    assert district["next_commander"] == major


def test_an_ended_assignment_is_vacant_never_a_stale_name(client: Client, city: None) -> None:
    Assignment.objects.filter(area__slug="slmpd-beat-402").update(ends_on=date(2025, 6, 30))
    editions.bump(editions.ROSTER)
    beat = look_up(client, address="1915 Olive St").json()["areas"][0]
    assert (beat["people"], beat["vacant"]) == ([], True)
    assert beat["next_commander"]["role"] == "district_captain"
    then = look_up(client, address="1915 Olive St", as_of="2025-06-30").json()["areas"][0]
    assert not then["vacant"]


def test_before_the_first_map_nobody_served(client: Client, city: None) -> None:
    answer = look_up(client, address="1915 Olive St", as_of="2001-01-01")
    assert (answer.status_code, answer.json()["type"]) == (404, "outside-service-area")
    assert "first map is of" in answer.json()["detail"]


def test_near_a_line_both_sides_are_given(client: Client, city: None) -> None:
    body = look_up(client, lat=38.632, lon=-90.2349).json()
    assert body["near_boundary"]
    assert body["alternatives"][0]["areas"][1]["slug"] == "slmpd-district-5"
    assert body["alternatives"][0]["distance_m"] < 20
    assert not look_up(client, lat=38.632, lon=-90.2077).json()["near_boundary"]


def test_two_streets_of_that_name_in_different_areas_are_candidates(client: Client, city: None) -> None:
    shared = {
        "suffix": "BLVD",
        "name": "TWIN",
        "left_from": 100,
        "left_to": 198,
        "right_from": 101,
        "right_to": 199,
    }
    for n, (prefix, lat) in enumerate([("N", 38.65), ("S", 38.60)]):
        line = [[-90.205, lat], [-90.205, lat + 0.001]]
        StreetSegment.objects.create(source_id=f"twin-{n}", prefix=prefix, line=line, **shared)
    editions.bump(editions.STREETS)
    answer = look_up(client, address="150 Twin Blvd")
    assert (answer.status_code, answer.json()["type"]) == (422, "ambiguous-address")
    assert {c["address"] for c in answer.json()["candidates"]} == {"150 N TWIN BLVD", "150 S TWIN BLVD"}
    assert all(c["area"]["kind"] == "beat" for c in answer.json()["candidates"])
    assert look_up(client, address="150 N Twin Blvd").status_code == 200


@pytest.mark.parametrize(("metres_apart", "status"), [(90, 200), (120, 422)])
def test_one_number_on_both_sides_of_a_line_is_one_place_near_it(
    client: Client, city: None, metres_apart: int, status: int
) -> None:
    """Nobody can tell two such candidates apart; farther from each other, they are two places."""
    line = -90.235  # between the demo's districts 4 and 5
    for n, side in enumerate((-1, 1)):
        at = line + side * (metres_apart / 2 + 35) / 86_951  # houses stand 35 m off their street, to the line
        own = {"left_from": None, "left_to": None, "right_from": 101, "right_to": 199}
        other = {"left_from": 101, "left_to": 199, "right_from": None, "right_to": None}
        StreetSegment.objects.create(
            source_id=f"edge-{n}",
            name="EDGE",
            suffix="ST",
            line=[[at, 38.632], [at, 38.633]],
            **(other if side == 1 else own),
        )
    editions.bump(editions.STREETS)
    answer = look_up(client, address="151 Edge St")
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["near_boundary"]
        assert "slmpd-district-5" in str(answer.json()["alternatives"]) + str(answer.json()["areas"])


@pytest.mark.parametrize(
    ("body", "status", "type"),
    [
        ({}, 400, "invalid-request"),
        ({"address": ""}, 400, "invalid-request"),
        ({"address": "1915 Olive St", "lat": 38.6, "lon": -90.2}, 400, "invalid-request"),
        ({"lat": 38.6}, 400, "invalid-request"),
        ({"lat": 91, "lon": 0}, 400, "invalid-request"),
        ({"lat": "nan", "lon": "inf"}, 400, "invalid-request"),
        ({"lat": None, "lon": 0}, 400, "invalid-request"),
        ({"address": None}, 400, "invalid-request"),
        ({"address": "1915 Olive St", "lon": -90.2}, 400, "invalid-request"),
        ({"address": "x" * 301}, 400, "invalid-request"),
        ({"address": "1915 Olive St", "as_of": "soon"}, 400, "invalid-request"),
        ({"address": "1 Nowhere Blvd"}, 404, "address-not-found"),
        ({"address": "????"}, 404, "address-not-found"),
        ({"lat": 41.88, "lon": -87.63}, 404, "outside-service-area"),
    ],
)
def test_refusals(client: Client, city: None, body: dict[str, Any], status: int, type: str) -> None:
    answer = look_up(client, **body)
    assert (answer.status_code, answer.json()["type"]) == (status, type)
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"lat": NaN, "lon": 0}', b"[" * 5000, b"\xff\xfe"])
def test_bodies_that_are_no_request(client: Client, city: None, raw: bytes) -> None:
    answer = client.generic("POST", "/api/v1/lookup", raw, content_type="application/json")
    assert answer.status_code == 400


def test_too_much_and_the_wrong_kind(client: Client, city: None) -> None:
    big = client.generic("POST", "/api/v1/lookup", b'"' + b"x" * 1_000_001, content_type="application/json")
    assert (big.status_code, big.json()["type"]) == (413, "too-large")
    form = client.post("/api/v1/lookup", {"address": "1915 Olive St"})
    assert (form.status_code, form.json()["type"]) == (415, "unsupported-media-type")


def test_one_statement_when_warm(client: Client, city: None) -> None:
    look_up(client, address="1915 Olive St")
    with CaptureQueriesContext(connection) as queries:
        look_up(client, address="1915 Olive St")
    assert len(queries) <= 1


def test_real_maps_retire_the_demos(client: Client, city: None) -> None:
    square = [[[-90.4, 38.5], [-90.1, 38.5], [-90.1, 38.8], [-90.4, 38.8], [-90.4, 38.5]]]
    import_areas(
        features=[Feature({"DISTNO": "9"}, {"type": "Polygon", "coordinates": square})],
        agency=BoundarySet.objects.filter(agency__slug="slmpd").first().agency,  # type: ignore[union-attr]
        kind="district",
        set_name="real",
        effective_on=date(2014, 1, 27),
    )
    district = next(
        a for a in look_up(client, address="1915 Olive St").json()["areas"] if a["kind"] == "district"
    )
    assert district["slug"] == "slmpd-district-9"


def everything_stored() -> str:
    rows = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            rows.append(str(cursor.fetchall()))
    return "\n".join(rows)


def test_the_address_is_nowhere_afterwards(
    client: Client, city: None, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """No table, log record, cache key or value, header: for a found, an ambiguous and an unknown one alike."""
    rows = [("one", "zyxwv", 38.65), ("two", "quxqux", 38.65), ("three", "quxqux", 38.60)]
    for n, (prefix, name, lat) in enumerate(rows):
        StreetSegment.objects.create(
            source_id=f"s{n}",
            prefix={"two": "N", "three": "S"}.get(prefix, ""),
            name=name.upper(),
            suffix="BLVD",
            left_from=100,
            left_to=198,
            line=[[-90.205, lat], [-90.205, lat + 0.001]],
        )
    editions.bump(editions.STREETS)
    answers = [look_up(client, address="150 Zyxwv Blvd")]
    # Known to the index in memory by now; what is found below was put down by the asking.
    StreetSegment.objects.filter(source_id__startswith="s", name__in=["ZYXWV", "QUXQUX"]).delete()
    caplog.set_level(logging.DEBUG)
    capfd.readouterr()
    answers += [look_up(client, address=a) for a in ("150 Zyxwv Blvd", "150 Quxqux Blvd", "7 Qwertz Gardens")]
    assert [a.status_code for a in answers] == [200, 200, 422, 404]
    kept = everything_stored() + caplog.text + str(vars(cache._cache) if hasattr(cache, "_cache") else "")
    kept += str(capfd.readouterr()) + str([a.headers for a in answers])
    assert [trace for trace in ("qwertz", "zyxwv", "quxqux") if trace in kept.casefold()] == []
