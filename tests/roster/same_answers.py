"""What the service says of points near and far from lines: to compare two imports of one map, to the metre."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import dist
from typing import Any, NamedTuple

import pytest
import shapely
from django.test import Client

from backend.roster.geometry import LAT0, LON0, METRES_PER_LAT, METRES_PER_LON, plane_shape
from backend.roster.models import Boundary
from tests.conftest import forget_editions

Point = tuple[float, float]  # lon, lat

# Metres beside a line; at 25 and 50 the answer changes.
BESIDE = (3.0, 12.0, 22.0, 30.0, 45.0, 55.0, 120.0, 400.0)
THRESHOLDS = (0.0, 25.0, 50.0)


class Said(NamedTuple):
    """Which areas, or the type of the refusal; whether near a line, and which others at how many metres."""

    areas: tuple[str, ...]
    near_boundary: bool
    others: dict[str, float]


def points_beside_lines(every: int = 1) -> list[Point]:
    """On both sides of the middles of the stored map's edges, every so many; none that a metre's difference moves."""
    shapes = [plane_shape(boundary.geometry) for boundary in Boundary.objects.order_by("area__slug")]
    beside = [point for shape in shapes for point in _beside_edges(shape)]
    return [to_degrees(*xy) for xy in beside[::every] if _is_clear(shapes, shapely.Point(xy))]


def to_degrees(x: float, y: float) -> Point:
    return LON0 + x / METRES_PER_LON, LAT0 + y / METRES_PER_LAT


def _beside_edges(shape: Any) -> Iterator[tuple[float, float]]:
    for ring in shapely.get_parts(shapely.boundary(shape)):
        for (x1, y1), (x2, y2) in pairwise(ring.coords):
            length = dist((x1, y1), (x2, y2))
            if length > 1:
                for metres in (*BESIDE, *(-metres for metres in BESIDE)):
                    yield (
                        (x1 + x2) / 2 + (y2 - y1) / length * metres,
                        (y1 + y2) / 2 - (x2 - x1) / length * metres,
                    )


def _is_clear(shapes: list[Any], point: Any) -> bool:
    """Whether no outline is within a metre of a distance at which the answer changes."""
    metres = [shapely.boundary(shape).distance(point) for shape in shapes]
    return all(abs(away - threshold) > 1 for away in metres for threshold in THRESHOLDS)


def said_of(client: Client, points: Iterable[Point]) -> list[Said]:
    forget_editions()
    return [_said(client, lon, lat) for lon, lat in points]


def _said(client: Client, lon: float, lat: float) -> Said:
    body = client.post("/api/v1/lookup", {"lat": lat, "lon": lon}, content_type="application/json").json()
    if "areas" not in body:
        return Said((body["type"],), False, {})
    others = {other["areas"][0]["slug"]: other["distance_m"] for other in body["alternatives"]}
    return Said(tuple(area["slug"] for area in body["areas"]), body["near_boundary"], others)


def assert_same(one: list[Said], other: list[Said]) -> None:
    """The same areas, as near a line, with the same others at the same distance to the metre."""
    assert [said[:2] for said in one] == [said[:2] for said in other]
    for said, again in zip(one, other, strict=True):
        assert said.others == pytest.approx(again.others, abs=1)
