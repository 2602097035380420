"""Neighborhoods and parks named instead of an address."""

from datetime import date

import pytest

from backend.errors import NotFound, Unprocessable
from backend.roster import editions, index
from backend.roster.models import AddressPoint, Area
from tests.roster.factories import box, draw, lat, lon

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 5)


@pytest.fixture
def heron_park():
    """A park across two beats, and a sliver of a third."""
    draw("beat", {"901": box(0, 0, 500, 500), "902": box(500, 0, 1000, 500), "903": box(0, 500, 1000, 900)})
    draw("neighborhood", {"heron park": box(200, 100, 800, 501)})
    return Area.objects.get(kind=Area.Kind.NEIGHBORHOOD, code="heron park")


def test_a_park_across_beats_is_asked_back_and_each_part_is_found(heron_park):
    with pytest.raises(Unprocessable) as asked:
        index.find_address("Heron Park - bandstand", TODAY)
    candidates = asked.value.extra["candidates"]
    assert [c["address"] for c in candidates] == ["Heron Park, 901", "Heron Park, 902"]
    for candidate in candidates:
        assert index.find_address(candidate["address"], TODAY).address == candidate["address"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Near North Bend", "Near North Bend, 902"),  # "near" parts streets, not this name
        ("North Bend", "North Bend, 901"),
        ("Heron Park", "Heron Park, 901"),
        ("Olive Square", "Olive Square, 902"),  # Olive St is there, and no such square
        ("Olive St", "1800 BLOCK OF OLIVE ST"),
    ],
)
def test_a_neighborhoods_own_name_is_the_neighborhood(city: None, text: str, address: str):
    draw("beat", {"901": box(0, 0, 500, 500), "902": box(500, 0, 1000, 500)}, name="2026", since="2026-01-01")
    draw(
        "neighborhood",
        {
            "heron park": box(100, 0, 400, 500),
            "north bend": box(0, 0, 100, 500),
            "near north bend": box(500, 0, 600, 500),
            "olive square": box(600, 0, 900, 500),
        },
        name="2026",
        since="2026-01-01",
    )
    AddressPoint.objects.create(address="Heron Park", place="Heron Park", lat=lat(250), lon=lon(700))
    editions.bump(editions.STREETS)
    assert index.find_address(text, TODAY).address == address


def test_a_name_that_no_neighborhood_has_is_refused(heron_park):
    with pytest.raises(NotFound):
        index.find_address("Bittern Park", TODAY)
