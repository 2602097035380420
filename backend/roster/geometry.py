"""Degrees to metres and back, near St. Louis, and outlines as the roster keeps them. Pure."""

import math
from collections.abc import Iterator
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry

# An equirectangular plane around the city: within 30 km of here it is true to a few parts in ten thousand.
LON0, LAT0 = -90.25, 38.64
DECIMALS = 6  # of a degree, in which outlines are kept: a tenth of a metre
METRES_PER_LAT = 111_006.0
METRES_PER_LON = 111_320.0 * math.cos(math.radians(LAT0))


def to_plane(lon: float, lat: float) -> tuple[float, float]:
    """(x, y) in metres east and north of (LON0, LAT0)."""
    return (lon - LON0) * METRES_PER_LON, (lat - LAT0) * METRES_PER_LAT


# A point in no area, but this close to one, lies in a gap between two drawings: the nearest has it.
GAP_METRES = 25.0
# A map of St. Louis and its County has nothing farther from (LON0, LAT0) than this.
FARTHEST_METRES = 100_000.0


def metres_from_city(lon: float, lat: float) -> float:
    """Distance from (LON0, LAT0); far away only roughly."""
    return math.hypot(*to_plane(lon, lat))


def plane_shape(geometry: dict[str, Any]) -> BaseGeometry:
    """A GeoJSON outline (WGS84) as a shape in metres."""
    return in_plane(shape(geometry))


def in_plane(degrees: BaseGeometry) -> BaseGeometry:
    """A shape in degrees as one in metres."""
    return shapely.transform(
        degrees, lambda points: (points - (LON0, LAT0)) * (METRES_PER_LON, METRES_PER_LAT)
    )


def clean_outline(geometry: dict[str, Any]) -> dict[str, Any]:
    """A valid GeoJSON MultiPolygon of the same outline, to 6 decimals. Raises ValueError.

    What several pieces cover, or a line that crosses itself goes around twice, is inside.
    """
    try:
        whole = shapely.union_all(list(polygons(valid(shape(geometry)))))
        repaired = shapely.set_precision(whole, 10.0**-DECIMALS)
    except (AttributeError, KeyError, TypeError, IndexError, shapely.errors.ShapelyError) as error:
        raise ValueError("the geometry is not a polygon") from error
    if not list(polygons(repaired)):
        raise ValueError("the geometry has no area")
    west, south, east, north = repaired.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise ValueError("the coordinates are not degrees of longitude and latitude (WGS84)")
    return dict(mapping(rounded(repaired)))


def rounded(degrees: BaseGeometry) -> MultiPolygon:
    """The shape's polygons, valid and to 6 decimals. Raises ValueError where nothing is left of it.

    Rounding can make a line cross itself, and mending that can move a point off the decimals: hence again.
    """
    while True:
        outline = MultiPolygon(list(polygons(degrees)))
        outline = shapely.transform(outline, lambda points: points.round(DECIMALS))
        if outline.is_empty:
            raise ValueError("the geometry has no area")
        if outline.is_valid:
            return outline
        degrees = shapely.set_precision(valid(outline), 10.0**-DECIMALS)


def valid(outline: BaseGeometry) -> BaseGeometry:
    """The outline without lines that cross: pieces united, and holes taken out of them."""
    return shapely.make_valid(outline, method="structure", keep_collapsed=False)


def polygons(item: BaseGeometry) -> Iterator[Polygon]:
    """The polygons in a shape of any kind that have an area."""
    if isinstance(item, Polygon):
        if item.area > 0:
            yield item
    elif hasattr(item, "geoms"):
        for part in item.geoms:
            yield from polygons(part)
