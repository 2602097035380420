"""Maps to draw on: boxes of degrees, east of everything the demo has."""

from datetime import date
from typing import Any

from backend.roster.files import Feature
from backend.roster.services import agency_named, import_areas
from tests.conftest import forget_editions

M_PER_LAT, M_PER_LON = 111_006.0, 86_951.0  # at the demo's latitude, to a few parts in ten thousand


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A GeoJSON polygon, in metres from a point in the city."""
    lons, lats = [lon(west), lon(east)], [lat(south), lat(north)]
    ring = [
        [lons[0], lats[0]],
        [lons[1], lats[0]],
        [lons[1], lats[1]],
        [lons[0], lats[1]],
        [lons[0], lats[0]],
    ]
    return {"type": "Polygon", "coordinates": [ring]}


def lon(east: float) -> float:
    return round(-90.26 + east / M_PER_LON, 6)


def lat(north: float) -> float:
    return round(38.62 + north / M_PER_LAT, 6)


def draw(
    kind: str,
    outlines: dict[str, dict[str, Any]],
    *,
    agency: str = "slmpd",
    name: str = "2014",
    since: str = "2014-01-27",
) -> None:
    """Imports outlines by code as an agency's map of a kind."""
    import_areas(
        features=[
            Feature({"code": code, "name": code.title()}, outline) for code, outline in outlines.items()
        ],
        agency=agency_named(agency),
        kind=kind,
        set_name=name,
        effective_on=date.fromisoformat(since),
        code_field="code",
        name_field="name",
    )
    forget_editions()
