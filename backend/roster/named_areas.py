"""Neighborhoods and parks as people name them instead of an address: "Tower Grove Park", "Dutchtown"."""

from collections.abc import Iterable, Iterator

from backend.roster.addresses import AddressIndex, Point
from backend.roster.atlas import Atlas
from backend.roster.geometry import LAT0, LON0, METRES_PER_LAT, METRES_PER_LON
from backend.roster.models import CHAIN, Area

LEAST_SHARE = 0.02  # of a neighborhood; less is two drawings of one line


def named_areas(atlases: Iterable[Atlas]) -> AddressIndex:
    """Finds the neighborhoods of these maps by name: one place in each deepest area that has a part of it."""
    atlases = list(atlases)
    deepest = next((kind for kind in CHAIN if any(atlas.kind == kind for atlas in atlases)), None)
    serving = [atlas for atlas in atlases if atlas.kind == deepest]
    named = [atlas for atlas in atlases if atlas.kind == Area.Kind.NEIGHBORHOOD]
    return AddressIndex((), [point for atlas in named for point in _points(atlas, serving)])


def _points(named: Atlas, serving: list[Atlas]) -> Iterator[Point]:
    for area, outline in zip(named.areas, named.outlines.shapes, strict=True):
        for atlas in serving:
            for server, shape in zip(atlas.areas, atlas.outlines.shapes, strict=True):
                part = outline.intersection(shape) if outline.intersects(shape) else None
                if part is not None and part.area >= LEAST_SHARE * outline.area:
                    inside = part.representative_point()
                    lat, lon = LAT0 + inside.y / METRES_PER_LAT, LON0 + inside.x / METRES_PER_LON
                    address = f"{area.name}, {server.name}"
                    yield from (Point(address, lat, lon, name) for name in (area.name, address))
