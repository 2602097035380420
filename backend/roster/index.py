"""The roster in memory: which areas hold a point, who serves them, where an address is.

Built once per edition and shared by the threads of a process; `current()` follows a change within a
second (roster.editions). Dates are whole days in America/Chicago.
"""

import gc
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from math import dist
from typing import Any, NamedTuple

from backend.errors import NotFound, Unprocessable
from backend.roster import editions
from backend.roster.addresses import (
    AddressIndex,
    AddressNotFound,
    Completions,
    Match,
    Point,
    Segment,
)
from backend.roster.atlas import Atlas
from backend.roster.geography import Geography, Parentage
from backend.roster.geometry import to_plane
from backend.roster.models import (
    AddressPoint,
    Agency,
    Area,
    Assignment,
    Boundary,
    BoundarySet,
    Contact,
    Parent,
    Station,
    StreetSegment,
)
from backend.roster.outlines import NEAR_METRES

MOST_REMEMBERED = 5000
MOST_CANDIDATES = 8  # what a person can choose from; of more, evenly many along the street


@dataclass(slots=True)
class RosterIndex:
    """The maps, and who serves on them, as of one edition."""

    geography: Geography
    assignments: dict[int, list[Assignment]] = field(default_factory=lambda: defaultdict(list))
    contacts: dict[int, list[Contact]] = field(default_factory=lambda: defaultdict(list))
    stations: dict[int, list[Station]] = field(default_factory=lambda: defaultdict(list))
    # What was worked out of this edition, by day and areas; gone with it.
    _remembered: dict[Any, Any] = field(default_factory=dict)

    def remember(self, key: tuple[Any, ...], work_out: Callable[[], Any]) -> Any:
        """`work_out()`, once per key: what depends on this edition, a day and areas, and on nothing else."""
        if key not in self._remembered:
            if len(self._remembered) >= MOST_REMEMBERED:  # anybody may ask about any day
                self._remembered.clear()
            self._remembered[key] = work_out()
        return self._remembered[key]

    def people(self, area: Area, on: date) -> list[Assignment]:
        """Assignments in force in the area that day, in order of role; none where it is not on that day's map."""
        if not self.geography.is_mapped(area, on):
            return []
        return [
            a
            for a in self.assignments.get(area.pk, [])
            if a.starts_on <= on and (a.ends_on is None or on <= a.ends_on)
        ]

    def is_vacant(self, area: Area, on: date) -> bool:
        """Whether the post that leads such an area is held by nobody. Overlays have no such post."""
        leads = Assignment.LEADS.get(Area.Kind(area.kind), ())
        return bool(leads) and not any(a.role in leads for a in self.people(area, on))

    def next_commander(self, area: Area, on: date) -> Assignment | None:
        """The nearest commander above an area."""
        above = (a for higher in self.geography.above(area, on) for a in self.people(higher, on))
        return next((a for a in above if a.role in Assignment.COMMANDERS), None)


def _build_geography(former: Geography | None) -> Geography:
    """Areas are read last: none is ever taken away, so that each outline's is among them."""
    known = {atlas.id: atlas.outlines for atlas in former.atlases} if former else {}
    sets = list(BoundarySet.objects.order_by("agency_id", "kind", "effective_on"))
    columns = "boundary__boundary_set_id", "boundary__area_id", "above_id", "area_id", "above__kind"
    parentages = [Parentage(*row) for row in Parent.objects.values_list(*columns)]
    boundaries = list(Boundary.objects.all())
    agencies = {agency.pk: agency for agency in Agency.objects.all()}
    areas = {area.pk: area for area in Area.objects.all()}
    for area in areas.values():
        area.agency = agencies[area.agency_id]
    by_set: dict[int, list[Boundary]] = defaultdict(list)
    for boundary in boundaries:
        boundary.area = areas[boundary.area_id]
        by_set[boundary.boundary_set_id].append(boundary)
    return Geography([Atlas(s, by_set[s.pk], known.get(s.pk)) for s in sets], areas.values(), parentages)


def _build_roster(former: RosterIndex | None) -> RosterIndex:
    index = RosterIndex(geography())
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


def _build_addresses(former: "Addresses | None") -> "Addresses":
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
    index = AddressIndex(segments, points)
    return Addresses(index, Completions(index.streets, index.places))


def _range(start: int | None, end: int | None) -> tuple[int, int] | None:
    return (start, end) if start is not None and end is not None else None


class Addresses(NamedTuple):
    """What is worked out of one edition of the streets."""

    reader: AddressIndex
    completions: Completions


def _addresses() -> Addresses:
    addresses: Addresses = _of_edition(editions.STREETS, _build_addresses)
    return addresses


def completions(typed: str) -> list[str]:
    """Up to 8 addresses, streets or places that begin as typed, or nearly."""
    return _addresses().completions.of(typed)


_built: dict[str, tuple[int, Any]] = {}
_locks = {name: threading.Lock() for name in (editions.MAPS, editions.ROSTER, editions.STREETS)}


def _of_edition(name: str, build: Callable[[Any], Any]) -> Any:
    """What `build` makes of the named edition, once per edition; it is given what it made of the one before.

    While one thread builds, the others wait: what is answered is never older than a second.
    """
    version = editions.version(name)
    if (held := _built.get(name)) and held[0] == version:
        return held[1]
    with _locks[name]:
        while True:
            version, held = editions.latest(name), _built.get(name)
            if held and held[0] == version:
                return held[1]
            built = build(held and held[1])
            if editions.latest(name) == version:  # else it was read while an import came between
                _built[name] = (version, built)
                gc.freeze()  # it stays for long, and is large: the collector need not walk through it


def geography() -> Geography:
    """The areas and maps as of now, at most a second old."""
    found: Geography = _of_edition(editions.MAPS, _build_geography)
    return found


def current() -> RosterIndex:
    """Maps, people, contacts and stations as of now, at most a second old."""
    index: RosterIndex = _of_edition(editions.ROSTER, _build_roster)
    return index


def prepare(today: date) -> None:
    """Builds what lookups of that day need: it takes seconds, which the first of them would wait."""
    current().geography.maps(today)
    _addresses()


def area_out(area: Area) -> dict[str, Any]:
    """AreaOut of an area, without a query."""
    return {
        "slug": area.slug,
        "kind": area.kind,
        "code": area.code,
        "name": area.name,
        "agency": area.agency.slug,
    }


def find_address(text: str, on: date) -> Match:
    """The one place an address means; of places on both sides of a line, one that is near it.

    Raises NotFound (`address-not-found`, with `suggestions`) and Unprocessable (`ambiguous-address`,
    with `candidates` that lie in different areas).
    """
    maps = geography()
    readings = _readings(maps, text, on)
    if len(readings) == 1:
        return readings[0]
    nearest: dict[Area | None, Match] = {}
    for match in readings:
        nearest.setdefault(maps.deepest(match.lat, match.lon, on), match)
    if len(nearest) == 1:
        return readings[0]
    if found := next((m for m in nearest.values() if _tells_of_all(maps, m, nearest, on)), None):
        return found
    candidates = list(nearest.items())
    raise Unprocessable(
        "This could be more than one place; send one of the candidates.",
        type="ambiguous-address",
        title="More than one place fits",
        candidates=[
            {"address": match.address, "lat": match.lat, "lon": match.lon, "area": area and area_out(area)}
            for area, match in candidates[:: (len(candidates) - 1) // MOST_CANDIDATES + 1]
        ],
    )


def _readings(maps: Geography, text: str, on: date) -> list[Match]:
    """What the text may mean: an address, or the neighborhood of that name. Raises NotFound."""
    suggestions: tuple[str, ...] = ()
    try:
        readings = _addresses().reader.locate(text)
    except AddressNotFound as error:
        readings, suggestions = [], error.suggestions
    if not readings or readings[0].kind in ("place", "block"):
        # A park is more than the point that a file gives it, and "Carondelet" is no boulevard.
        readings = maps.called(text, on) or readings or maps.perhaps_called(text, on)
    if not readings:
        raise NotFound(
            "This address is not on our map of streets. Check the number and the spelling, "
            "or send your position.",
            type="address-not-found",
            title="Address not found",
            suggestions=list(suggestions),
        )
    return readings


def _tells_of_all(maps: Geography, match: Match, places: dict[Area | None, Match], on: date) -> bool:
    """Whether all the places are at this one, at most on the other side of a line that its answer names."""
    here = to_plane(match.lon, match.lat)
    others = {area: other for area, other in places.items() if other is not match}
    if any(dist(here, to_plane(m.lon, m.lat)) > 2 * NEAR_METRES for m in others.values()):
        return False
    served = maps.serving(match.lat, match.lon, on)
    return served is not None and others.keys() <= {chain[0] for _, chain in served.alternatives}
