"""Degrees to metres and back, near St. Louis, and outlines as the roster keeps them. Pure."""

import math
from collections.abc import Iterable
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry

# An equirectangular plane around the city: within 30 km of here it is true to a few parts in ten thousand.
LON0, LAT0 = -90.25, 38.64
METRES_PER_LAT = 111_006.0
METRES_PER_LON = 111_320.0 * math.cos(math.radians(LAT0))


def to_plane(lon: float, lat: float) -> tuple[float, float]:
    """(x, y) in metres east and north of (LON0, LAT0)."""
    return (lon - LON0) * METRES_PER_LON, (lat - LAT0) * METRES_PER_LAT


def plane_shape(geometry: dict[str, Any]) -> BaseGeometry:
    """A GeoJSON outline (WGS84) as a shape in metres."""
    return shapely.transform(
        shape(geometry),
        lambda points: (points - (LON0, LAT0)) * (METRES_PER_LON, METRES_PER_LAT),
    )


def clean_outline(geometry: dict[str, Any]) -> dict[str, Any]:
    """A valid GeoJSON MultiPolygon of the same outline, to 6 decimals. Raises ValueError."""
    try:
        repaired = shapely.set_precision(shapely.make_valid(shape(geometry)), 1e-6)
    except (AttributeError, KeyError, TypeError, IndexError, shapely.errors.ShapelyError) as error:
        raise ValueError("the geometry is not a polygon") from error
    parts = list(_polygons([repaired]))
    if not parts:
        raise ValueError("the geometry has no area")
    west, south, east, north = repaired.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise ValueError("the coordinates are not degrees of longitude and latitude (WGS84)")
    rounded = shapely.transform(MultiPolygon(parts), lambda points: points.round(6))
    return dict(mapping(rounded))


def _polygons(shapes: Iterable[BaseGeometry]) -> Iterable[Polygon]:
    for item in shapes:
        if isinstance(item, Polygon):
            if item.area > 0:
                yield item
        elif hasattr(item, "geoms"):
            yield from _polygons(item.geoms)
