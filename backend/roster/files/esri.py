"""Esri's shapes, as EsriJSON and shapefiles have them, as GeoJSON."""

import itertools
from typing import Any

import shapely

Ring = list[list[float]]


def outline(rings: Any) -> dict[str, Any]:
    """A GeoJSON MultiPolygon: clockwise rings are outlines, the others holes in the outline around them.

    A hole with no outline around it is taken for an outline that runs the wrong way.
    Source: ESRI Shapefile Technical Description, 1998, page 8. Empty for what are no rings.
    """
    try:
        closed = [_closed(ring) for ring in rings]
        outers = [[ring] for ring in closed if _is_clockwise(ring)]
        holes = [ring for ring in closed if not _is_clockwise(ring)]
        around = [(shapely.Polygon(outer[0]), outer) for outer in outers]
        for hole in holes:
            inner = shapely.Polygon(hole).representative_point()
            holders = [
                (shape.area, parts) for shape, parts in around if shapely.contains_xy(shape, inner.x, inner.y)
            ]
            if holders:
                min(holders, key=lambda held: held[0])[1].append(hole)
            else:
                outers.append([hole])
    except (TypeError, ValueError, LookupError, shapely.errors.ShapelyError):
        return {}
    return {"type": "MultiPolygon", "coordinates": outers} if outers else {}


def lines(paths: Any) -> dict[str, Any]:
    """A GeoJSON LineString, or MultiLineString where there are several. Empty for what are no paths."""
    if not isinstance(paths, list) or not paths:
        return {}
    if len(paths) == 1:
        return {"type": "LineString", "coordinates": paths[0]}
    return {"type": "MultiLineString", "coordinates": paths}


def _closed(ring: Any) -> Ring:
    points = [[float(point[0]), float(point[1])] for point in ring]
    return points if points[0] == points[-1] else [*points, points[0]]


def _is_clockwise(ring: Ring) -> bool:
    x0, y0 = ring[0]  # near the numbers, or feet in the millions lose the small areas
    doubled = sum(
        (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0) for (x1, y1), (x2, y2) in itertools.pairwise(ring)
    )
    return doubled < 0
