"""A map as drawn, made one that gives every point to one area. Pure; shapes are in degrees, measures in metres.

In this order: sliver parts are dropped, pin-holes filled, overlaps cut. What an overlap covers belongs to the
first area by slug, as it does when a point is looked up. Gaps between areas stay: a point in one is the nearest
area's (`atlas.Atlas.nearest`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations, compress
from typing import Any, NamedTuple

import shapely
from shapely.geometry import MultiPolygon, Polygon, mapping, shape

from backend.errors import Invalid
from backend.roster.geometry import DECIMALS, GAP_METRES, in_plane, polygons, rounded, valid

SMALL_M2 = 500.0  # a smaller hole or part is a slip of the pen
THIN_METRES = 1.0  # and so is a thinner one
PEN_METRES = 0.25  # no line is drawn more exactly than this
NOISE_M2 = 1.0  # what rounding to a tenth of a metre makes of a shared border
LARGE_SHARE = 0.01  # of the smaller area: an overlap that somebody should look at
SQUARE_METRES_PER_MILE = 1609.344**2

Shapes = dict[str, MultiPolygon]  # by slug, in order of slugs


class Repaired(NamedTuple):
    """GeoJSON MultiPolygons by slug, valid and to 6 decimals, and what was done to them, in words."""

    outlines: dict[str, dict[str, Any]]
    report: list[str]


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two areas share: it stays with `first`, `second` loses it."""

    first: str
    second: str
    m2: float
    share: float  # of the smaller of the two


def repair(outlines: dict[str, dict[str, Any]]) -> Repaired:
    """`outlines` are GeoJSON polygons of one map by slug, each valid and to 6 decimals (`clean_outline`).

    Raises Invalid where other areas cover one whole.
    """
    shapes: Shapes = {slug: MultiPolygon(list(polygons(shape(outlines[slug])))) for slug in sorted(outlines)}
    shapes, slivers = _without_slivers(shapes)
    shapes, holes = _without_pin_holes(shapes)
    overlaps = _overlaps(shapes)
    if overlaps:
        whole = shapes
        shapes, cut_off = _without_slivers(_cut(shapes))
        slivers += cut_off
        _refuse_covered(whole, shapes, overlaps)
    shapes = {slug: rounded(outline) for slug, outline in shapes.items()}
    done = [
        _in_words("pin-hole", holes),
        _in_words("sliver", slivers),
        _in_words("overlap", [o.m2 for o in overlaps], _largest(overlaps)),
    ]
    report = [f"repaired: {', '.join(filter(None, done))}"] if any(done) else []
    report += [_large(overlap) for overlap in overlaps if overlap.share > LARGE_SHARE]
    if gaps := _in_words("gap", _gaps(shapes), f"no wider than {GAP_METRES:.0f} m"):
        report.append(f"left as they are: {gaps} between areas; a point in one is the nearest area's")
    return Repaired({slug: dict(mapping(outline)) for slug, outline in shapes.items()}, report)


def mended(geometry: dict[str, Any]) -> str:
    """What `clean_outline` has to mend of one GeoJSON outline, in words; empty for nothing."""
    parts = shapely.get_parts(shape(geometry))
    pieces = [in_plane(valid(part)) for part in parts]
    shared = sum(piece.area for piece in pieces) - shapely.union_all(pieces).area
    said = [
        "" if all(part.is_valid for part in parts) else "its lines cross",
        f"pieces of it share {shared:,.0f} m²" if shared >= NOISE_M2 else "",
    ]
    return " and ".join(filter(None, said))


def square_miles(outlines: Iterable[dict[str, Any]]) -> float:
    """The total area of GeoJSON outlines, on the ellipsoid of WGS84."""
    from pyproj import Geod  # only imports need it, not the web server

    ellipsoid = Geod(ellps="WGS84")
    parts = [shapely.geometry.polygon.orient(part) for o in outlines for part in polygons(shape(o))]
    return sum(ellipsoid.geometry_area_perimeter(part)[0] for part in parts) / SQUARE_METRES_PER_MILE


# --- slivers and pin-holes: each returns the shapes without them, and their sizes in square metres --------


def _without_slivers(shapes: Shapes) -> tuple[Shapes, list[float]]:
    """Of an area of slivers alone the largest stays: it is all there is of that area."""
    dropped: list[float] = []
    kept: Shapes = {}
    for slug, outline in shapes.items():
        parts = sorted(outline.geoms, key=_m2, reverse=True)
        slips = [_is_slip(part) for part in parts]
        if parts and all(slips):
            slips[0] = False
        dropped += [_m2(part) for part in compress(parts, slips)]
        kept[slug] = MultiPolygon([part for part, slip in zip(parts, slips, strict=True) if not slip])
    return kept, dropped


def _without_pin_holes(shapes: Shapes) -> tuple[Shapes, list[float]]:
    filled: list[float] = []
    mended: Shapes = {}
    for slug, outline in shapes.items():
        others = [other for key, other in shapes.items() if key != slug]
        slips = [
            hole
            for part in outline.geoms
            for hole in map(Polygon, part.interiors)
            if _is_slip(hole) and not _is_covered(hole, others)
        ]
        filled += [_m2(hole) for hole in slips]
        united = shapely.union_all([outline, *slips]) if slips else outline
        mended[slug] = MultiPolygon(list(polygons(united)))
    return mended, filled


def _is_slip(polygon: Polygon) -> bool:
    plane = in_plane(polygon)
    return plane.area < SMALL_M2 or plane.simplify(PEN_METRES).buffer(-THIN_METRES / 2).is_empty


def _is_covered(hole: Polygon, others: Iterable[MultiPolygon]) -> bool:
    """Whether others have most of it: then it is an enclave and no slip."""
    return any(other.intersects(hole) and other.intersection(hole).area > hole.area / 2 for other in others)


def _m2(outline: Polygon | MultiPolygon) -> float:
    return float(in_plane(outline).area)


# --- overlaps ---------------------------------------------------------------------------------------------


def _overlaps(shapes: Shapes) -> list[Overlap]:
    found = []
    for (first, one), (second, other) in combinations(shapes.items(), 2):
        if not one.intersects(other):
            continue
        m2 = in_plane(one.intersection(other)).area
        if m2 >= NOISE_M2:
            found.append(Overlap(first, second, m2, m2 / min(_m2(one), _m2(other))))
    return found


def _cut(shapes: Shapes) -> Shapes:
    """The same map as a partition: each face between the lines belongs to the first area that has it.

    Cutting one outline by another would leave them apart again after rounding; faces share their points.
    """
    borders = shapely.union_all([outline.boundary for outline in shapes.values()], grid_size=10.0**-DECIMALS)
    faces: dict[str, list[Polygon]] = {slug: [] for slug in shapes}
    shapely.prepare(list(shapes.values()))
    for face in polygons(shapely.polygonize([borders])):
        inner = face.representative_point()
        owner = next((slug for slug, outline in shapes.items() if outline.contains(inner)), None)
        if owner is not None:
            faces[owner].append(face)
    return {slug: MultiPolygon(list(polygons(shapely.union_all(own)))) for slug, own in faces.items()}


def _refuse_covered(before: Shapes, after: Shapes, overlaps: list[Overlap]) -> None:
    bad = []
    for slug, outline in after.items():
        if any(not _is_slip(part) for part in outline.geoms):
            continue
        lost = [overlap for overlap in overlaps if overlap.second == slug]
        if outline.is_empty or (lost and any(not _is_slip(part) for part in before[slug].geoms)):
            bad.append(f"{slug} lies wholly within {max(lost, key=lambda overlap: overlap.m2).first}.")
    if bad:
        raise Invalid(f"Nothing was imported. {' '.join(bad)} Take one of the two out of the file.")


# --- the report -------------------------------------------------------------------------------------------


def _gaps(shapes: Shapes) -> list[float]:
    """Sizes of the places between two areas or more that are no wider than 25 m: what closing fills."""
    planes = [in_plane(outline) for outline in shapes.values()]
    union = shapely.union_all(planes).simplify(PEN_METRES)  # a jagged line takes minutes to close
    reach = GAP_METRES / 2
    closed = union.buffer(reach, join_style="mitre").buffer(-reach, join_style="mitre")
    pieces = [piece for piece in polygons(closed.difference(union)) if piece.area >= NOISE_M2]
    tree = shapely.STRtree(planes)
    return [
        piece.area
        for piece in pieces
        if len(tree.query(piece, predicate="dwithin", distance=2 * PEN_METRES)) > 1
    ]


def _in_words(noun: str, sizes: list[float], note: str = "") -> str:
    """ "3 pin-holes (12 m²)"; empty for none."""
    if not sizes:
        return ""
    plural = "s" if len(sizes) > 1 else ""
    return f"{len(sizes)} {noun}{plural} ({sum(sizes):,.0f} m²{', ' if note else ''}{note})"


def _largest(overlaps: list[Overlap]) -> str:
    largest = max(overlaps, key=lambda overlap: overlap.m2, default=None)
    return f"largest {largest.first}/{largest.second}" if largest else ""


def _large(overlap: Overlap) -> str:
    return (
        f"large overlap: {overlap.first} and {overlap.second} share {overlap.m2:,.0f} m², "
        f"{overlap.share:.1%} of the smaller; it stays with {overlap.first}"
    )
