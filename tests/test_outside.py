"""Addresses and positions beyond the City's maps: the County as far as its map goes, else the town by name."""

import pytest
from django.test import Client

from tests.roster.factories import box, draw, lat, lon
from tests.test_lookup import look_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def county(city: None) -> None:
    """West of the demo's maps: a town, and what belongs to none (the County's code for it is UNI)."""
    towns = {"ELM": box(-20000, 0, -16000, 4000), "ST. X GROVE": box(-16000, 0, -15200, 4000)}
    draw(
        "municipality", {**towns, "UNI": box(-20000, 4000, -15200, 9000)}, agency="slcpd", since="2015-01-01"
    )


def test_a_town_by_name_and_whom_to_call(client: Client, county: None) -> None:
    answer = look_up(client, lat=lat(2000), lon=lon(-18000))
    body = answer.json()
    assert (answer.status_code, body["type"]) == (404, "outside-service-area")
    assert (body["place"], body["agency"]) == ("Elm", None), (
        "whose police serve a town is not on a map of towns"
    )
    assert body["contacts"]["emergency"] == "911"
    assert body["contacts"]["non_emergency"] in body["detail"]
    assert "Elm" in body["detail"]


def test_what_belongs_to_no_town_is_the_countys(client: Client, county: None) -> None:
    body = look_up(client, lat=lat(6000), lon=lon(-18000)).json()
    assert (body["type"], body["agency"]) == ("outside-service-area", "slcpd")
    assert body["contacts"]["non_emergency"] in body["detail"]


def test_where_the_county_has_a_map_its_people_answer(client: Client, county: None) -> None:
    draw("precinct", {"9": box(-20000, 0, -15200, 4000)}, agency="slcpd", name="later", since="2026-01-01")
    answer = look_up(client, lat=lat(2000), lon=lon(-18000))
    assert answer.status_code == 200
    assert answer.json()["areas"][0]["slug"] == "slcpd-precinct-9"


def test_beyond_every_map_there_is_still_911(client: Client, county: None) -> None:
    body = look_up(client, lat=41.88, lon=-87.63).json()
    assert (body["type"], body["contacts"]) == ("outside-service-area", {"emergency": "911"})
    assert "place" not in body


@pytest.mark.parametrize(
    "address",
    [
        "100 Main St, Elm",
        "100 Main St, Elm, MO 63999",
        "100 Main St Elm Missouri",
        "100 Main Street Elm",
        "12 Oak Ave, Saint X Grove, MO",
    ],
)
def test_an_address_of_another_town_is_outside_by_name(client: Client, county: None, address: str) -> None:
    body = look_up(client, address=address).json()
    assert body["type"] == "outside-service-area"
    assert body["place"] in address.replace("Saint", "St.")


@pytest.mark.parametrize("address", ["100 Elm", "100 N Elm", "Elm", "1 Nowhere Blvd, St Louis MO", "63999"])
def test_a_street_called_like_a_town_is_no_town(client: Client, county: None, address: str) -> None:
    assert look_up(client, address=address).json()["type"] == "address-not-found"


def test_a_known_address_stays_in_the_city(client: Client, county: None) -> None:
    assert look_up(client, address="1915 Olive St, St. Louis, MO 63103").status_code == 200
