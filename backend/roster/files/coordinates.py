"""From the coordinates in which a map comes to degrees of WGS84."""

from collections.abc import Callable, Iterator
from typing import Any

from backend.errors import Invalid
from backend.roster.geometry import FARTHEST_METRES, metres_from_city

# Names of one coordinate system, most likely first: "EPSG:26996", "ESRI:102696" or WKT. Empty: WGS84.
Systems = tuple[str, ...]
Move = Callable[[list[float], list[float]], tuple[list[float], list[float]]]
DEEPEST = 4  # a MultiPolygon's coordinates: parts, rings, positions, numbers


def in_degrees(geometries: list[Any], systems: Systems, name: str) -> list[Any]:
    """The GeoJSON geometries in WGS84 (lon, lat). What is no position is left for the importer to refuse.

    Raises Invalid for a system that is not known, and for a map that does not lie around St. Louis.
    """
    if systems and not any("CRS84" in system for system in systems):
        move = _to_wgs84(systems, name)
        geometries = [_moved_geometry(geometry, move) for geometry in geometries]
    for n, geometry in enumerate(geometries, 1):
        if isinstance(geometry, dict):
            _refuse_elsewhere(geometry.get("coordinates"), f"Nothing was imported. Feature {n} of {name}")
    return geometries


def _to_wgs84(systems: Systems, name: str) -> Move:
    from pyproj import CRS, Transformer  # only imports need it, not the web server
    from pyproj.exceptions import ProjError

    for system in systems:
        try:
            transformer = Transformer.from_crs(CRS.from_user_input(system), "EPSG:4326", always_xy=True)
        except ProjError:
            continue
        return transformer.transform
    raise Invalid(
        f"{name} is in {systems[0][:80]}, a coordinate system that is not known here; "
        "export it in WGS84 longitude and latitude."
    )


def _moved_geometry(geometry: Any, move: Move) -> Any:
    if not isinstance(geometry, dict):
        return geometry
    return geometry | {"coordinates": _moved(geometry.get("coordinates"), move)}


def _moved(node: Any, move: Move, depth: int = DEEPEST) -> Any:
    if not isinstance(node, list | tuple) or depth == 0:
        return node
    if _is_position(node):
        return _moved([node], move)[0]
    if node and all(_is_position(child) for child in node):
        lons, lats = move([child[0] for child in node], [child[1] for child in node])
        return [list(position) for position in zip(lons, lats, strict=True)]
    return [_moved(child, move, depth - 1) for child in node]


def _refuse_elsewhere(coordinates: Any, feature: str) -> None:
    for lon, lat in _positions(coordinates):
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise Invalid(
                f"{feature}: its coordinates are not degrees of longitude and latitude (WGS84), "
                "and the file declares no other system that they fit; export it in WGS84."
            )
        if (metres := metres_from_city(lon, lat)) > FARTHEST_METRES:
            raise Invalid(
                f"{feature} lies {metres / 1000:,.0f} km from St. Louis: the file declares a wrong coordinate "
                "system, or is a map of elsewhere; export it in WGS84."
            )


def _positions(node: Any, depth: int = DEEPEST) -> Iterator[tuple[float, float]]:
    if not isinstance(node, list | tuple) or depth == 0:
        return
    if _is_position(node):
        yield node[0], node[1]
        return
    for child in node:
        yield from _positions(child, depth - 1)


def _is_position(node: Any) -> bool:
    return (
        isinstance(node, list | tuple)
        and len(node) >= 2
        and all(isinstance(number, int | float) for number in node[:2])
    )
