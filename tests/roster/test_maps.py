"""Which area holds a point: on a line, in a hole, in an overlap, in a gap; the same from every process."""

import random
from typing import Any

import pytest
import shapely
from django.test import Client
from django.utils import timezone

from backend.roster.geography import Geography
from backend.roster.geometry import plane_shape, to_plane
from backend.roster.index import _build_geography, geography
from backend.roster.models import Boundary, Parent
from tests.roster.factories import box, draw, lat, lon

pytestmark = pytest.mark.django_db


def look_up(client: Client, east: float, north: float, **more: str) -> Any:
    body = {"lat": lat(north), "lon": lon(east), **more}
    return client.post("/api/v1/lookup", body, content_type="application/json")


def codes(answer: Any) -> list[str]:
    return [area["code"] for area in answer.json()["areas"]]


def others(answer: Any) -> list[tuple[str, float]]:
    return [(other["areas"][0]["code"], other["distance_m"]) for other in answer.json()["alternatives"]]


@pytest.fixture
def two_districts() -> None:
    """West and east, a line between them; beats that are drawn three metres beside it."""
    draw("patrol_area", {"all": box(0, 0, 4000, 2000)})
    draw("district", {"1": box(0, 0, 2000, 2000), "2": box(2000, 0, 4000, 2000)})
    draw("beat", {"11": box(0, 0, 2003, 2000), "21": box(2003, 0, 4000, 2000)})


def test_a_line_belongs_to_one_and_both_are_told(client: Client, two_districts: None) -> None:
    answer = look_up(client, 2000, 1000)
    assert codes(answer) == ["11", "1", "all"]
    assert answer.json()["near_boundary"]
    assert [code for code, _ in others(answer)] == ["21"]


@pytest.mark.parametrize(
    ("east", "chain", "near"),
    [
        (1940, ["11", "1"], False),
        (1960, ["11", "1"], True),
        (2040, ["21", "2"], True),
        (2060, ["21", "2"], False),
    ],
)
def test_nearer_than_fifty_metres_both_sides(
    client: Client, two_districts: None, east: float, chain: list[str], near: bool
) -> None:
    answer = look_up(client, east, 1000)
    assert codes(answer)[:2] == chain
    assert answer.json()["near_boundary"] is near
    assert len(others(answer)) == near


def test_a_beat_drawn_beside_the_districts_line_keeps_to_its_district(
    client: Client, two_districts: None
) -> None:
    """Two metres east of the line is District 2, though beat 11 of District 1 was drawn across it."""
    assert codes(look_up(client, 2002, 1000)) == ["21", "2", "all"]


def test_a_gap_of_a_few_metres_is_the_nearests_and_a_wide_one_nobodys(client: Client) -> None:
    draw("district", {"1": box(0, 0, 1000, 1000), "2": box(1030, 0, 2000, 1000)})
    assert codes(look_up(client, 1012, 500)) == ["1"]
    assert codes(look_up(client, 1018, 500)) == ["2"]
    draw("district", {"1": box(0, 0, 1000, 1000), "2": box(1060, 0, 2000, 1000)})
    outside = look_up(client, 1030, 500)
    assert (outside.status_code, outside.json()["type"]) == (404, "outside-service-area")


def test_an_overlap_is_the_firsts_by_slug_whatever_the_order_of_the_file(client: Client) -> None:
    outlines = {"1": box(0, 0, 1010, 1000), "2": box(990, 0, 2000, 1000)}
    for order in (["1", "2"], ["2", "1"]):
        draw("district", {code: outlines[code] for code in order})
        assert codes(look_up(client, 1000, 500)) == ["1"]
        assert codes(look_up(client, 1012, 500)) == ["2"]


def test_an_overlap_that_is_stored_is_the_firsts_too(client: Client) -> None:
    """An edition of before the importer cut overlaps."""
    draw("district", {"1": box(0, 0, 1000, 1000), "2": box(1000, 0, 2000, 1000)})
    Boundary.objects.filter(area__code="1").update(geometry=box(0, 0, 1010, 1000))
    assert codes(look_up(client, 1005, 500)) == ["1"]


def test_a_pin_hole_is_no_hole(client: Client) -> None:
    ring = box(0, 0, 1000, 1000)
    ring["coordinates"].append(box(500, 500, 501, 501)["coordinates"][0])
    draw("district", {"1": ring})
    assert codes(look_up(client, 500.5, 500.5)) == ["1"]


def test_the_edge_of_the_city_tells_of_the_other_department(client: Client) -> None:
    draw("district", {"1": box(0, 0, 1000, 1000)})
    draw("precinct", {"7": box(-1000, 0, 0, 1000)}, agency="slcpd")
    city, county = look_up(client, 30, 500), look_up(client, -10, 500)
    assert [a["agency"] for a in city.json()["areas"]] == ["slmpd"]
    assert [a["agency"] for a in county.json()["areas"]] == ["slcpd"], (
        "nearer than a sliver, but the County's own"
    )
    assert [code for code, _ in others(city)] == ["7"]
    assert [code for code, _ in others(county)] == ["1"]
    assert county.json()["contacts"]["non_emergency"] != city.json()["contacts"]["non_emergency"]


def points() -> list[tuple[float, float]]:
    """Corners, middles of edges, a metre and a centimetre beside each, and anywhere."""
    chance = random.Random(27)
    steps = [-1000.0, 0.0, 500.0, 1000.0, 1500.0, 2000.0, 2003.0, 3000.0, 4000.0]
    exact = [(x, y) for x in steps for y in (0.0, 1000.0, 2000.0)]
    beside = [(x + chance.choice((-1, 1, -0.01, 0.01)), y + chance.choice((-1, 1))) for x, y in exact]
    return exact + beside + [(chance.uniform(-200, 4200), chance.uniform(-200, 2200)) for _ in range(300)]


def said(index: Geography, east: float, north: float) -> Any:
    served = index.serving(lat(north), lon(east), timezone.localdate())
    return served and ([a.slug for a in served.chain], [(d, c[0].slug) for d, c in served.alternatives])


def test_a_cold_process_says_what_a_warm_one_says(two_districts: None) -> None:
    """Whatever was asked before, in whichever order, and whatever the order of the rows."""
    asked = points()
    first = [said(geography(), *point) for point in asked]
    for seed in range(3):
        shuffled = random.Random(seed).sample(asked, len(asked))
        cold = _build_geography(None)
        later = {point: said(cold, *point) for point in shuffled}
        assert [later[point] for point in asked] == first
    number_anew()
    assert [said(_build_geography(None), *point) for point in asked] == first


def number_anew() -> None:
    """The same outlines and parents in another order of rows."""
    rows = list(Boundary.objects.order_by("-pk").prefetch_related("parents"))
    Boundary.objects.all().delete()
    for row in rows:
        parents = list(row.parents.all())
        row.pk = None
        row.save()
        Parent.objects.bulk_create(
            [Parent(boundary=row, above_id=parent.above_id, area_id=parent.area_id) for parent in parents]
        )


def test_the_grid_says_what_the_outlines_say(two_districts: None) -> None:
    """Squares that keep their answer, against the shapes themselves, one by one."""
    shapes = {
        b.area.code: plane_shape(b.geometry)
        for b in Boundary.objects.filter(area__kind="district").order_by("area__code")
    }
    for east, north in points():
        point = shapely.Point(*to_plane(lon(east), lat(north)))
        holding = [code for code, shape in shapes.items() if shape.intersects(point)]
        near = sorted((shape.distance(point), code) for code, shape in shapes.items())
        answer = said(geography(), east, north)
        expected = (holding or [code for metres, code in near if metres <= 25])[:1]
        assert [slug.rpartition("-")[2] for slug in (answer or [[]])[0] if "district" in slug] == expected
