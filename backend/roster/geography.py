"""All editions of all maps, and what is worked out of those in force together. Pure; days are whole days."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from backend.roster.addresses import AddressIndex, AddressNotFound, Match, town_at_end, town_words
from backend.roster.atlas import Atlas, Maps, Served
from backend.roster.geometry import to_plane
from backend.roster.models import Area, nearest_parents
from backend.roster.named_areas import named_areas


@dataclass(frozen=True, slots=True)
class Parentage:
    """An area's parent while two editions, its own and one above it, are in force together. All are ids."""

    edition: int
    area: int
    above: int
    parent: int
    kind: str  # the parent's


@dataclass(frozen=True, slots=True)
class _Day:
    """The maps in force together, their neighborhoods by name, and their towns by name."""

    maps: Maps
    named: AddressIndex
    towns: dict[str, Area]


class Geography:
    """The areas and their maps. Never changes once built; threads may share it."""

    def __init__(
        self, atlases: Iterable[Atlas], areas: Iterable[Area], parentages: Iterable[Parentage]
    ) -> None:
        self.atlases = list(atlases)
        self.areas = {area.pk: area for area in areas}
        self.by_slug = {area.slug: area for area in self.areas.values()}
        self._parentages = list(parentages)
        self._days: dict[tuple[int, ...], _Day] = {}
        self._lock = threading.Lock()

    def maps(self, on: date) -> Maps:
        """The maps in force that day."""
        return self._day(on).maps

    def _day(self, on: date) -> _Day:
        """Most days share theirs with many; what is worked out takes a second."""
        key = tuple(atlas.id for atlas in self.atlases if atlas.in_force(on))
        if key not in self._days:
            with self._lock:
                if key not in self._days:
                    self._days[key] = self._work_out(key)
        return self._days[key]

    def _work_out(self, in_force: tuple[int, ...]) -> _Day:
        atlases = [atlas for atlas in self.atlases if atlas.id in in_force]
        parents = nearest_parents(
            (row.area, row.parent, row.kind)
            for row in self._parentages
            if row.edition in in_force and row.above in in_force
        )
        maps = Maps(atlases, parents, self.areas)
        return _Day(maps, named_areas(atlases), {town_words(area.name): area for area in maps.towns()})

    def serving(self, lat: float, lon: float, on: date) -> Served | None:
        """Which areas the point lies in on that day; None where no agency's map has it."""
        return self.maps(on).serving(*to_plane(lon, lat))

    def nearest(self, lat: float, lon: float, on: date) -> tuple[Area, ...]:
        """The chain of the nearest area within 50 m that day; empty where there is none."""
        return self.maps(on).nearest(*to_plane(lon, lat))

    def deepest(self, lat: float, lon: float, on: date) -> Area | None:
        """The area that is the first in the point's chain that day."""
        return next(iter(self.maps(on).chain(*to_plane(lon, lat))), None)

    def municipality(self, lat: float, lon: float, on: date) -> Area | None:
        """The city or town of the County (or its unincorporated rest) that the point lies in."""
        return self.maps(on).overlay(Area.Kind.MUNICIPALITY, *to_plane(lon, lat))

    def town_named(self, address: str, on: date) -> Area | None:
        """The town that an address ends with ("7900 Forsyth Blvd, Clayton MO"), if it is on the map that day."""
        towns = self._day(on).towns
        return towns.get(town_at_end(address, towns))

    def called(self, name: str, on: date) -> list[Match]:
        """The neighborhoods of just that name that day, once for each deepest area that has a part of one."""
        return self._day(on).named.places_called(name)

    def perhaps_called(self, name: str, on: date) -> list[Match]:
        """The same where the name is misspelt, or more is said ("Heron Park - bandstand")."""
        try:
            return self._day(on).named.locate(name)
        except AddressNotFound:
            return []

    def above(self, area: Area, on: date) -> tuple[Area, ...]:
        """The areas above this one in the chain of command that day, nearest first."""
        return self.maps(on).upwards.get(area.pk, ())[1:]

    def is_mapped(self, area: Area, on: date) -> bool:
        """Whether the area is on the map in force that day."""
        return area.pk in self.maps(on).upwards
