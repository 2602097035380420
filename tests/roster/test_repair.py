"""A table of slips of the pen, in metres, and what becomes of them."""

from typing import Any

import pytest
from shapely.geometry import MultiPolygon, Polygon, mapping

from backend.errors import Invalid
from backend.roster.geometry import (
    LAT0,
    LON0,
    METRES_PER_LAT,
    METRES_PER_LON,
    clean_outline,
    in_plane,
    plane_shape,
)
from backend.roster.repair import Repaired, mended, repair, square_miles

Box = tuple[float, float, float, float]


def drawn(*parts: Box, holes: tuple[Box, ...] = ()) -> dict[str, Any]:
    """A GeoJSON outline of boxes (west, south, east, north) in metres; holes are the first one's."""
    polygons = [
        Polygon(_ring(box), [_ring(h) for h in holes] if n == 0 else []) for n, box in enumerate(parts)
    ]
    return clean_outline(dict(mapping(MultiPolygon(polygons))))


def _ring(box: Box) -> list[tuple[float, float]]:
    west, south, east, north = box
    corners = [(west, south), (east, south), (east, north), (west, north)]
    return [(LON0 + x / METRES_PER_LON, LAT0 + y / METRES_PER_LAT) for x, y in corners]


def sizes(repaired: Repaired) -> dict[str, int]:
    """Square metres of each area, to the nearest thousand."""
    return {slug: round(plane_shape(g).area, -3) for slug, g in repaired.outlines.items()}


LEFT, RIGHT = (0, 0, 1000, 1000), (1000, 0, 2000, 1000)

CASES = {
    "nothing to do": ({"a": drawn(LEFT), "b": drawn(RIGHT)}, [1_000_000, 1_000_000], ""),
    "a small hole": ({"a": drawn(LEFT, holes=((500, 500, 510, 510),))}, [1_000_000], "1 pin-hole (100 m²)"),
    "a long thin hole": (
        {"a": drawn(LEFT, holes=((100, 500, 900, 500.8),))},
        [1_000_000],
        "1 pin-hole (6",
    ),
    "a hole to be kept": ({"a": drawn(LEFT, holes=((400, 400, 500, 500),))}, [990_000], ""),
    "a small enclave": (
        {"a": drawn(LEFT, holes=((500, 500, 520, 520),)), "b": drawn((500, 500, 520, 520))},
        [1_000_000, 0],
        "",
    ),
    "a sliver": ({"a": drawn(LEFT, (3000, 0, 3010, 10))}, [1_000_000], "1 sliver (1"),
    "a thin sliver": ({"a": drawn(LEFT, (3000, 0, 3000.8, 900))}, [1_000_000], "1 sliver (7"),
    "an overlap": (
        {"b": drawn((990, 0, 2000, 1000)), "a": drawn(LEFT)},
        [1_000_000, 1_000_000],
        "1 overlap (10,0",
    ),
    "one upon two": (
        {"a": drawn(LEFT), "b": drawn(RIGHT), "c": drawn((900, 900, 1100, 2000))},
        [1_000_000, 1_000_000, 200_000],
        "2 overlaps (20,0",
    ),
    "crossing": (
        {"a": drawn((0, 400, 1000, 600)), "b": drawn((400, 0, 600, 1000))},
        [200_000, 160_000],
        "1 overlap (40,0",
    ),
    "a cut that leaves a sliver": (
        {"a": drawn((0, 0, 1000, 990)), "b": drawn(RIGHT, (500, 900, 520, 1000))},
        [990_000, 1_000_000],
        "1 sliver (2",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_slips_of_the_pen(case: str) -> None:
    outlines, expected, said = CASES[case]
    repaired = repair(outlines)
    assert list(sizes(repaired).values()) == expected
    assert (said in repaired.report[0]) if said else not repaired.report
    shapes = [plane_shape(geometry) for geometry in repaired.outlines.values()]
    assert all(shape.is_valid for shape in shapes)
    assert all(one is other or one.intersection(other).area == 0 for one in shapes for other in shapes)
    assert repair(repaired.outlines).outlines == repaired.outlines


def test_an_overlap_is_the_firsts_whatever_the_order_of_the_file() -> None:
    a, b = drawn(LEFT), drawn((800, 0, 2000, 1000))
    assert repair({"a": a, "b": b}) == repair({"b": b, "a": a})
    assert sizes(repair({"a": a, "b": b})) == {"a": 1_000_000, "b": 1_000_000}
    assert sizes(repair({"z": a, "b": b})) == {"b": 1_200_000, "z": 800_000}


def test_a_large_overlap_has_a_line_of_its_own() -> None:
    report = repair({"a": drawn(LEFT), "b": drawn((800, 0, 2000, 1000))}).report
    assert report[1].startswith("large overlap: a and b share 199,996 m²")
    assert "20.0% of the smaller; it stays with a" in report[1]


def test_gaps_are_left_and_reported() -> None:
    outlines = {"a": drawn(LEFT), "b": drawn((1020, 0, 2000, 1000)), "c": drawn((0, 1030, 1000, 2000))}
    repaired = repair(outlines)
    assert sizes(repaired) == {"a": 1_000_000, "b": 980_000, "c": 970_000}
    assert len(repaired.report) == 1
    assert repaired.report[0].startswith("left as they are: 1 gap (2")
    assert "no wider than 25 m" in repaired.report[0]


@pytest.mark.parametrize("outer", [LEFT, (100, 100, 1000, 1000), (99.8, 100, 400, 400)])
def test_an_area_wholly_within_another_is_refused(outer: Box) -> None:
    with pytest.raises(Invalid, match="b lies wholly within a"):
        repair(
            {
                "a": drawn(outer),
                "b": drawn((99.5, 100, 400, 400)) if outer[0] == 99.8 else drawn((100, 100, 400, 400)),
            }
        )


def test_a_tiny_area_of_its_own_stays() -> None:
    assert not repair({"a": drawn((0, 0, 10, 10))}).report


# --- slips within one outline -----------------------------------------------------------------------------

QUARTER = ((0, 0, 1000, 1000), (500, 500, 1500, 1500))


def raw(kind: str, *boxes: Box) -> dict[str, Any]:
    """Boxes as they come, not cleaned: pieces, or an outline (the first) and its holes."""
    rings = [[*_ring(box), _ring(box)[0]] for box in boxes]
    return {"type": kind, "coordinates": rings if kind == "Polygon" else [[ring] for ring in rings]}


def crossing(*points: tuple[float, float]) -> dict[str, Any]:
    ring = [(LON0 + x / METRES_PER_LON, LAT0 + y / METRES_PER_LAT) for x, y in points]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


SLIPS = {
    "none": (raw("Polygon", LEFT), 1_000_000, ""),
    "pieces that overlap": (raw("MultiPolygon", *QUARTER), 1_750_000, "pieces of it share 250,0"),
    "a piece twice": (raw("MultiPolygon", LEFT, LEFT), 1_000_000, "pieces of it share 1,000,0"),
    "pieces that touch": (raw("MultiPolygon", LEFT, RIGHT), 2_000_000, ""),
    "a collection": (
        {"type": "GeometryCollection", "geometries": [raw("Polygon", box) for box in QUARTER]},
        1_750_000,
        "pieces of it share 250,0",
    ),
    "a bow tie": (
        crossing((0, 0), (1000, 1000), (1000, 0), (0, 1000)),
        500_000,
        "its lines cross",
    ),
    "a loop": (
        crossing(
            (0, 0), (1000, 0), (1000, 1000), (400, 1000), (400, -200), (600, -200), (600, 600), (0, 600)
        ),
        880_000,
        "its lines cross",
    ),
    "holes that overlap": (
        raw("Polygon", LEFT, (100, 100, 500, 500), (300, 300, 800, 800)),
        630_000,
        "its lines cross",
    ),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_an_outline_holds_what_it_goes_around(slip: str) -> None:
    geometry, m2, said = SLIPS[slip]
    cleaned = plane_shape(clean_outline(geometry))
    assert cleaned.is_valid
    assert round(cleaned.area, -3) == m2
    assert mended(geometry).startswith(said)
    assert bool(mended(geometry)) == bool(said)


def test_square_miles_are_of_the_ellipsoid() -> None:
    """A degree square here is 111.0 by 87.2 km."""
    square = {"type": "Polygon", "coordinates": [[[-90, 38], [-89, 38], [-89, 39], [-90, 39], [-90, 38]]]}
    assert square_miles([square]) == pytest.approx(111.0 * 87.24 / 1.609344**2, rel=0.001)


def test_rounding_never_leaves_an_outline_that_crosses_itself() -> None:
    """A spike narrower than the sixth decimal folds onto itself when rounded."""
    ring = [(-90.3, 38.6), (-90.2, 38.6), (-90.2, 38.7), (-90.2500001, 38.7), (-90.25, 38.6000001)]
    ring += [(-90.2500004, 38.7), (-90.3, 38.7)]
    cleaned = clean_outline({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})
    assert plane_shape(cleaned).is_valid
    assert in_plane(plane_shape(cleaned)).area > 0
