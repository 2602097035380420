"""Editions of a map, and the maps of one day: which areas hold a point, and which are near. Pure.

Points are metres in the plane of `geometry.to_plane`. Every answer depends on the outlines alone, never on
the order of rows or of earlier questions: a cold process says what a warm one says.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import NamedTuple

from backend.roster.geometry import GAP_METRES
from backend.roster.models import CHAIN, Area, Boundary, BoundarySet
from backend.roster.outlines import NEAR_METRES, SQUARE_METRES, Cell, Outlines, Square, square_of

# The level that one commander with a station answers for; its lines are the official ones.
ANCHORS = (Area.Kind.DISTRICT, Area.Kind.PRECINCT)

Chain = tuple[Area, ...]  # deepest first


class Atlas:
    """One boundary set: its outlines, and whose they are."""

    def __init__(
        self, boundary_set: BoundarySet, boundaries: Iterable[Boundary], known: Outlines | None = None
    ) -> None:
        """`known`: outlines made before, taken where they are of the same shapes, for making them takes long."""
        self.id = boundary_set.pk
        self.kind = Area.Kind(boundary_set.kind)
        self.agency_id = boundary_set.agency_id
        self.effective_on = boundary_set.effective_on
        self.ended_on = boundary_set.ended_on
        rows = sorted(boundaries, key=lambda b: b.area.slug)
        self.areas = [row.area for row in rows]
        self._numbers = {row.area_id: n for n, row in enumerate(rows)}
        geometries = [row.geometry for row in rows]
        self.outlines = known if known and known.geometries == geometries else Outlines(geometries)

    def in_force(self, on: date) -> bool:
        return self.effective_on <= on and (self.ended_on is None or on < self.ended_on)

    def holding(self, x: float, y: float) -> Area | None:
        """The area that holds the point, its border included; of several the first by slug."""
        n = self.outlines.holder(x, y)
        return None if n is None else self.areas[n]

    def within(
        self, x: float, y: float, metres: float, besides: Iterable[int] = ()
    ) -> list[tuple[float, Area]]:
        """(distance in metres, area) of every area at most that far (50 m at most), nearest first.

        Areas whose ids are in `besides` are left out.
        """
        left_out = [self._numbers[pk] for pk in besides if pk in self._numbers]
        # Numbers, in the order of slugs, decide between equals.
        found = sorted(self.outlines.within(x, y, metres, left_out))
        return [(distance, self.areas[n]) for distance, n in found]

    def nearest(self, x: float, y: float, margin: float) -> Area | None:
        """The area that holds the point or, with a margin in metres, the nearest that is not farther away."""
        held = self.holding(x, y)
        if held or not margin:
            return held
        return next((area for _, area in self.within(x, y, margin)), None)


@dataclass(frozen=True, slots=True)
class Served:
    """Where a point lies: its chain of command, the overlays, and what else is within 50 m, nearest first."""

    chain: Chain
    neighborhood: Area | None
    ward: Area | None
    alternatives: list[tuple[float, Chain]]


_SHOWN = (Area.Kind.NEIGHBORHOOD, Area.Kind.WARD)  # the overlays of an answer


class _Square(NamedTuple):
    """What all points of a square of the grid have in common."""

    chain: Chain  # empty: they differ
    overlays: dict[Area.Kind, Area | None]  # by kind; what is not in it differs
    is_alone: bool  # no other area is within 50 m of any of them


_NOTHING_KNOWN = _Square((), {}, False)


class Maps:
    """Maps in force together: each agency's chain of command, deepest first, and the overlays by kind."""

    def __init__(self, atlases: list[Atlas], parents: dict[int, int], areas: dict[int, Area]) -> None:
        """`parents` by area, both ids; `areas` by id."""
        self._overlays = {k: [a for a in atlases if a.kind == k] for k in Area.Kind.overlays()}
        self._commands = [_Command(own) for own in _by_agency(atlases)]
        # The County's towns stand in for its map where it has none.
        mapped = {command.agency_id for command in self._commands}
        self._unmapped = [
            atlas for atlas in self._overlays[Area.Kind.MUNICIPALITY] if atlas.agency_id not in mapped
        ]
        self.upwards: dict[int, Chain] = {
            area.id: _upwards(area, parents, areas) for atlas in atlases for area in atlas.areas
        }
        squares = {square for atlas in atlases for square in atlas.outlines.squares()}
        self._squares = {square: self._settle(square) for square in squares}

    def _settle(self, square: Square) -> "Served | _Square":
        """What all points of the square have in common; for half of the city that is the whole answer."""
        middle = [(at + 0.5) * SQUARE_METRES for at in square]
        overlays = {
            kind: self.overlay(kind, *middle)
            for kind in _SHOWN
            if all(_is_settled(atlas.outlines.cell(square)) for atlas in self._overlays[kind])
        }
        chain = self._chain_of_square(square)
        is_alone = bool(chain) and self._is_alone(chain, square)
        if is_alone and len(overlays) == len(_SHOWN):
            return Served(chain, overlays[Area.Kind.NEIGHBORHOOD], overlays[Area.Kind.WARD], [])
        return _Square(chain, overlays, is_alone)

    def _chain_of_square(self, square: Square) -> Chain:
        """The chain of all points of the square; empty where they differ, or where it takes more to tell."""
        for command in self._commands:
            cells = [atlas.outlines.cell(square) for atlas in command.atlases]
            if any(cell.crossing for cell in cells):
                return ()
            held = [
                atlas.areas[cell.whole[0]]
                for atlas, cell in zip(command.atlases, cells, strict=True)
                if len(cell.whole) == 1
            ]
            if held and len(held) == len(cells) and self.upwards[held[0].id] == tuple(held):
                return tuple(held)
            if any(cell.whole for cell in cells):
                return ()
        return ()

    def _is_alone(self, chain: Chain, square: Square) -> bool:
        """Whether no other area is within 50 m of any point of the square, which this chain holds."""
        for atlas in (*(atlas for command in self._commands for atlas in command.atlases), *self._unmapped):
            cell = atlas.outlines.cell(square)
            if cell.edges or (cell.whole and atlas.agency_id != chain[0].agency_id):
                return False
        return True

    @property
    def is_blank(self) -> bool:
        """Whether no agency has a map of whom it serves."""
        return not self._commands

    def towns(self) -> list[Area]:
        """The municipalities on the map."""
        return [area for atlas in self._overlays[Area.Kind.MUNICIPALITY] for area in atlas.areas]

    def serving(self, x: float, y: float) -> Served | None:
        """Which areas the point lies in; None where no agency's map has it."""
        square = self._squares.get(square_of(x, y), _NOTHING_KNOWN)
        return square if isinstance(square, Served) else self._work_out(x, y, square)

    def chain(self, x: float, y: float) -> Chain:
        """The chain of `serving` alone, which is found in a third of the time; empty where it has none."""
        return self._squares.get(square_of(x, y), _NOTHING_KNOWN).chain or self._chain(x, y)

    def _work_out(self, x: float, y: float, known: "_Square") -> Served | None:
        chain = known.chain or self._chain(x, y)
        if not chain:
            return None
        neighborhood, ward = (
            known.overlays[kind] if kind in known.overlays else self.overlay(kind, x, y) for kind in _SHOWN
        )
        return Served(chain, neighborhood, ward, [] if known.is_alone else self._alternatives(chain, x, y))

    def nearest(self, x: float, y: float) -> Chain:
        """The chain that is nearest to a point that no map holds, within 50 m; empty where there is none."""
        found: list[tuple[float, Chain]] = []
        for command in self._commands:
            seen: set[int] = set()
            for atlas in command.atlases:
                self._add_near(found, seen, atlas, x, y)
        return min(found, key=lambda hit: (hit[0], hit[1][0].slug))[1] if found else ()

    def overlay(self, kind: str, x: float, y: float) -> Area | None:
        """The neighborhood, ward or municipality of a point; in a sliver between two, the nearest."""
        for margin in (0.0, GAP_METRES):
            for atlas in self._overlays[kind]:
                if held := atlas.nearest(x, y, margin):
                    return held
        return None

    def _chain(self, x: float, y: float) -> Chain:
        """The areas of the agency whose map holds the point; of several agencies the first by id.

        A point that no map holds, but that is within 25 m of one, lies in a sliver: the nearest has it.
        """
        for margin in (0.0, GAP_METRES):
            for command in self._commands:
                if chain := self._chain_of(command, margin, x, y):
                    return chain
        return ()

    def _chain_of(self, command: "_Command", margin: float, x: float, y: float) -> Chain:
        """One agency's areas at a point; empty where it has none within the margin.

        The line that a captain or precinct commander answers for is the one that counts: of what is drawn
        finer, only parts of that area are taken, for beats are often drawn a metre beside it.
        """
        if (found := command.anchor.nearest(x, y, margin)) is None:
            held = (atlas.nearest(x, y, margin) for atlas in command.atlases)
            return next((self.upwards[area.id] for area in held if area), ())
        chain = self.upwards[found.id]
        for finer in command.finer:
            if part := self._part_of(chain, finer, x, y):
                chain = (part, *chain)
        return chain

    def _part_of(self, chain: Chain, finer: Atlas, x: float, y: float) -> Area | None:
        """The part of the chain's deepest area that holds the point, or is within 25 m of it."""
        held = finer.holding(x, y)
        if held and self.upwards[held.id][1:] == chain:
            return held
        near = finer.within(x, y, GAP_METRES)
        return next((part for _, part in near if self.upwards[part.id][1:] == chain), None)

    def _alternatives(self, chain: Chain, x: float, y: float) -> list[tuple[float, Chain]]:
        """Chains of this agency and of others within 50 m; and other towns, where the County has no map."""
        agency_id = chain[0].agency_id
        seen = {area.id for area in chain}
        found: list[tuple[float, Chain]] = []
        for command in sorted(self._commands, key=lambda command: command.agency_id != agency_id):
            for atlas in command.atlases:
                self._add_near(found, seen, atlas, x, y)
        for atlas in self._unmapped:
            self._add_near(found, seen, atlas, x, y)
        return sorted(found, key=lambda hit: (hit[0], hit[1][0].slug)) if found else found

    def _add_near(
        self, found: list[tuple[float, Chain]], seen: set[int], atlas: Atlas, x: float, y: float
    ) -> None:
        """Adds what of this map is near and not yet seen, with what is above it."""
        for metres, area in atlas.within(x, y, NEAR_METRES, besides=seen):
            if area.id not in seen:
                seen.update(above.id for above in self.upwards[area.id])
                found.append((metres, self.upwards[area.id]))


class _Command:
    """One agency's maps of its chain of command, deepest first."""

    def __init__(self, atlases: list[Atlas]) -> None:
        self.agency_id = atlases[0].agency_id
        self.atlases = atlases
        anchor = next((n for n, atlas in enumerate(atlases) if atlas.kind in ANCHORS), 0)
        self.anchor = atlases[anchor]
        self.finer = atlases[:anchor][::-1]


def _by_agency(atlases: list[Atlas]) -> Iterator[list[Atlas]]:
    """Each agency's maps of areas that somebody commands, deepest first."""
    commanded = sorted(
        (atlas for atlas in atlases if atlas.kind in CHAIN),
        key=lambda atlas: (atlas.agency_id, CHAIN.index(atlas.kind)),
    )
    for _, own in groupby(commanded, key=lambda atlas: atlas.agency_id):
        yield list(own)


def _is_settled(cell: Cell) -> bool:
    """Whether the same outline holds all points of the square, or none is near any of them."""
    return not (cell.crossing if cell.whole else cell.edges)


def _upwards(area: Area, parents: dict[int, int], areas: dict[int, Area]) -> Chain:
    """The area and those above it."""
    chain = [area]
    while (parent := parents.get(chain[-1].id)) is not None:
        chain.append(areas[parent])
    return tuple(chain)
