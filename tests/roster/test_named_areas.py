"""Neighborhoods and parks named instead of an address."""

from datetime import date

import pytest

from backend.errors import NotFound, Unprocessable
from backend.roster import index
from backend.roster.models import Area
from tests.roster.factories import box, draw

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


def test_a_name_that_no_neighborhood_has_is_refused(heron_park):
    with pytest.raises(NotFound):
        index.find_address("Bittern Park", TODAY)
