"""The roster in memory: which areas hold a point, who serves them, where an address is.

Built once per edition and shared by the threads of a process; `current()` follows a change within a
second (roster.editions). Dates are whole days in America/Chicago.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from backend.errors import NotFound, Unprocessable
from backend.roster import editions
from backend.roster.addresses import AddressIndex, AddressNotFound, Match, Point, Segment
from backend.roster.geometry import plane_shape, to_plane
from backend.roster.models import (
    CHAIN,
    AddressPoint,
    Agency,
    Area,
    Assignment,
    Boundary,
    BoundarySet,
    Contact,
    Station,
    StreetSegment,
)

NEAR_METRES = 50.0
SLIVER_METRES = 25.0


class Atlas:
    """One boundary set's outlines, ready to be asked which of them holds a point."""

    def __init__(self, boundary_set: BoundarySet, boundaries: Iterable[Boundary]) -> None:
        self.kind = boundary_set.kind
        self.agency_id = boundary_set.agency_id
        self.effective_on = boundary_set.effective_on
        self.ended_on = boundary_set.ended_on
        rows = sorted(boundaries, key=lambda b: b.area.slug)
        self.areas = [row.area for row in rows]
        self.parents = {row.area_id: row.parent_id for row in rows}
        self.shapes: list[BaseGeometry] = [plane_shape(row.geometry) for row in rows]
        self.boxes = [shape.bounds for shape in self.shapes]
        shapely.prepare(self.shapes)

    def in_force(self, on: date) -> bool:
        return self.effective_on <= on and (self.ended_on is None or on < self.ended_on)

    def holding(self, x: float, y: float) -> Area | None:
        """The area that holds the point, its border included; of several the first by slug.

        A point in none, but within 25 m of one, lies in a sliver between two drawings: the nearest has it.
        """
        point = shapely.Point(x, y)
        for n in self._boxed(x, y, 0):
            if self.shapes[n].intersects(point):
                return self.areas[n]
        near = self.within(x, y, SLIVER_METRES)
        return near[0][1] if near else None

    def within(self, x: float, y: float, metres: float) -> list[tuple[float, Area]]:
        """(distance in metres, area) of every outline at most that far, nearest first."""
        point = shapely.Point(x, y)
        found = [(self.shapes[n].distance(point), self.areas[n]) for n in self._boxed(x, y, metres)]
        return sorted([hit for hit in found if hit[0] <= metres], key=lambda hit: (hit[0], hit[1].slug))

    def _boxed(self, x: float, y: float, margin: float) -> list[int]:
        return [
            n
            for n, (west, south, east, north) in enumerate(self.boxes)
            if west - margin <= x <= east + margin and south - margin <= y <= north + margin
        ]


@dataclass(frozen=True, slots=True)
class Served:
    """Where a point lies: its chain of command deepest first, the overlays, and what is close by."""

    chain: list[Area]
    neighborhood: Area | None
    ward: Area | None
    alternatives: list[tuple[float, list[Area]]]


@dataclass(slots=True)
class RosterIndex:
    """Everything of the roster but streets, as of one edition."""

    atlases: list[Atlas] = field(default_factory=list)
    areas: dict[int, Area] = field(default_factory=dict)
    by_slug: dict[str, Area] = field(default_factory=dict)
    assignments: dict[int, list[Assignment]] = field(default_factory=lambda: defaultdict(list))
    contacts: dict[int, list[Contact]] = field(default_factory=lambda: defaultdict(list))
    stations: dict[int, list[Station]] = field(default_factory=lambda: defaultdict(list))

    def serving(self, lat: float, lon: float, on: date) -> Served | None:
        """Which areas the point lies in on that day; None where no agency's map has it."""
        x, y = to_plane(lon, lat)
        atlases = [atlas for atlas in self.atlases if atlas.in_force(on)]
        held = {atlas.kind: atlas.holding(x, y) for atlas in atlases if atlas.kind in Area.Kind.overlays()}
        chain = self._chain([a for a in atlases if a.kind in CHAIN], x, y)
        if not chain:
            return None
        own = [a for a in atlases if a.agency_id == chain[0].agency_id and a.kind in CHAIN]
        return Served(
            chain=chain,
            neighborhood=held.get(Area.Kind.NEIGHBORHOOD),
            ward=held.get(Area.Kind.WARD),
            alternatives=self._alternatives(own, chain, x, y),
        )

    def _chain(self, atlases: list[Atlas], x: float, y: float) -> list[Area]:
        """The areas of the first agency (by id) that has the point, deepest first."""
        found: dict[int, list[Area]] = defaultdict(list)
        for atlas in sorted(atlases, key=lambda a: CHAIN.index(Area.Kind(a.kind))):
            if area := atlas.holding(x, y):
                found[atlas.agency_id].append(area)
        return found[min(found)] if found else []

    def _alternatives(
        self, atlases: list[Atlas], chain: list[Area], x: float, y: float
    ) -> list[tuple[float, list[Area]]]:
        """Chains that begin within 50 m in a different deepest area, nearest first."""
        deepest = [atlas for atlas in atlases if atlas.kind == chain[0].kind]
        near = [hit for atlas in deepest for hit in atlas.within(x, y, NEAR_METRES) if hit[1] != chain[0]]
        return [(metres, _upwards(area, atlases, self.areas)) for metres, area in near]

    def above(self, area: Area, on: date) -> list[Area]:
        """The areas above this one in the chain of command that day, nearest first."""
        return _upwards(area, [atlas for atlas in self.atlases if atlas.in_force(on)], self.areas)[1:]

    def people(self, area: Area, on: date) -> list[Assignment]:
        """Assignments in force in the area that day, in order of role."""
        return [
            a
            for a in self.assignments.get(area.pk, [])
            if a.starts_on <= on and (a.ends_on is None or on <= a.ends_on)
        ]

    def is_mapped(self, area: Area, on: date) -> bool:
        """Whether the area is on the map in force that day."""
        return any(area.pk in atlas.parents for atlas in self.atlases if atlas.in_force(on))

    def is_vacant(self, area: Area, on: date) -> bool:
        """Whether the post that leads such an area is held by nobody. Overlays have no such post."""
        leads = Assignment.LEADS.get(Area.Kind(area.kind), ())
        return bool(leads) and not any(a.role in leads for a in self.people(area, on))

    def next_commander(self, area: Area, on: date) -> Assignment | None:
        """The nearest commander above an area."""
        above = (a for higher in self.above(area, on) for a in self.people(higher, on))
        return next((a for a in above if a.role in Assignment.COMMANDERS), None)


def _upwards(area: Area, atlases: list[Atlas], areas: dict[int, Area]) -> list[Area]:
    """The area and those above it, by the parents that these outlines name."""
    parents = {child: parent for atlas in atlases for child, parent in atlas.parents.items()}
    chain = [area]
    while (parent := parents.get(chain[-1].pk)) is not None:
        chain.append(areas[parent])
    return chain


def _build_roster() -> RosterIndex:
    index = RosterIndex()
    agencies = {agency.pk: agency for agency in Agency.objects.all()}
    for area in Area.objects.all():
        area.agency = agencies[area.agency_id]
        index.areas[area.pk] = index.by_slug[area.slug] = area
    by_set: dict[int, list[Boundary]] = defaultdict(list)
    for boundary in Boundary.objects.all():
        boundary.area = index.areas[boundary.area_id]
        by_set[boundary.boundary_set_id].append(boundary)
    index.atlases = [
        Atlas(s, by_set[s.pk]) for s in BoundarySet.objects.order_by("agency_id", "kind", "effective_on")
    ]
    rank = {role: n for n, role in enumerate(Assignment.Role)}
    for assignment in sorted(
        Assignment.objects.select_related("staff_member"),
        key=lambda a: (rank[a.role], a.watch, a.pk),  # type: ignore[index]
    ):
        index.assignments[assignment.area_id].append(assignment)
    for contact in Contact.objects.all():
        index.contacts[contact.agency_id].append(contact)
    for station in Station.objects.all():
        index.stations[station.agency_id].append(station)
    return index


def _build_addresses() -> AddressIndex:
    segments = (
        Segment(
            prefix=row.prefix,
            name=row.name,
            suffix=row.suffix,
            left=_range(row.left_from, row.left_to),
            right=_range(row.right_from, row.right_to),
            zip_code=row.zip_code,
            line=tuple((lon, lat) for lon, lat in row.line),
        )
        for row in StreetSegment.objects.iterator(2000)
    )
    points = (Point(row.address, row.lat, row.lon, row.place) for row in AddressPoint.objects.iterator(2000))
    return AddressIndex(segments, points)


def _range(start: int | None, end: int | None) -> tuple[int, int] | None:
    return (start, end) if start is not None and end is not None else None


_built: dict[str, tuple[int, Any]] = {}
_lock = threading.Lock()


def _of_edition(name: str, build: Any) -> Any:
    version = editions.version(name)
    if (held := _built.get(name)) and held[0] == version:
        return held[1]
    with _lock:
        if (held := _built.get(name)) and held[0] == version:
            return held[1]
        built = build()
        _built[name] = (version, built)
        return built


def current() -> RosterIndex:
    """The roster as of now, at most a second old."""
    index: RosterIndex = _of_edition(editions.ROSTER, _build_roster)
    return index


def find_address(text: str, on: date) -> Match:
    """The one place an address means.

    Raises NotFound (`address-not-found`, with `suggestions`) and Unprocessable (`ambiguous-address`,
    with `candidates` that lie in different areas).
    """
    addresses: AddressIndex = _of_edition(editions.STREETS, _build_addresses)
    try:
        readings = addresses.locate(text)
    except AddressNotFound as error:
        raise NotFound(
            "This address is not on our map of streets. Check the number and the spelling, or send your position.",
            type="address-not-found",
            title="Address not found",
            suggestions=list(error.suggestions),
        ) from None
    if len({_deepest(match, on) for match in readings}) == 1:
        return readings[0]
    raise Unprocessable(
        "This could be more than one place; send one of the candidates.",
        type="ambiguous-address",
        title="More than one place fits",
        candidates=[{"address": m.address, "lat": m.lat, "lon": m.lon} for m in readings],
    )


def _deepest(match: Match, on: date) -> str | None:
    served = current().serving(match.lat, match.lon, on)
    return served.chain[0].slug if served else None
