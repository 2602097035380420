"""Shapes behind a grid: which of them holds a point, and how far the others are. Pure.

Points are metres in the plane of `geometry.to_plane`. Most squares of the grid lie in one shape, far from
every line; the others keep the few edges near them, for to ask a whole shape takes long.
"""

import math
from collections import defaultdict
from collections.abc import Container, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy
import shapely
from shapely.geometry.base import BaseGeometry

from backend.roster.geometry import plane_shape

NEAR_METRES = 50.0  # so near a line, both sides are given
SQUARE_METRES = 125.0

Square = tuple[int, int]  # column, row of the grid that all maps share
Edge = tuple[
    float, float, float, float, float
]  # where it begins, how far it goes east and north, its length squared


def square_of(x: float, y: float) -> Square:
    return int(x // SQUARE_METRES), int(y // SQUARE_METRES)


class Cell(NamedTuple):
    """What there is in a square: numbers of the outlines that hold all of it, of those with an edge through
    it, and the edges within 50 m of it by outline."""

    whole: tuple[int, ...] = ()
    crossing: tuple[int, ...] = ()
    edges: tuple[tuple[int, tuple[Edge, ...]], ...] = ()


NOTHING = Cell()


class Outlines:
    """The shapes of GeoJSON outlines, numbered as given. Never changes once built."""

    def __init__(self, geometries: list[dict[str, Any]]) -> None:
        self.geometries = geometries
        self.shapes: list[BaseGeometry] = [plane_shape(geometry) for geometry in geometries]
        shapely.prepare(self.shapes)
        self._cells = dict(self._draw_grid()) if geometries else {}

    def _draw_grid(self) -> Iterator[tuple[Square, Cell]]:
        bounds = shapely.total_bounds(self.shapes)
        west, south = (numpy.floor((bounds[:2] - NEAR_METRES) / SQUARE_METRES) - 1).astype(int)
        east, north = (numpy.ceil((bounds[2:] + NEAR_METRES) / SQUARE_METRES) + 1).astype(int)
        columns, rows = numpy.meshgrid(numpy.arange(west, east), numpy.arange(south, north))
        lefts, bottoms = columns.ravel() * SQUARE_METRES, rows.ravel() * SQUARE_METRES
        near, through = self._edges_at(lefts, bottoms)
        middles: Any = shapely.points(lefts + SQUARE_METRES / 2, bottoms + SQUARE_METRES / 2)
        tree = shapely.STRtree(middles)
        holding: dict[int, list[int]] = defaultdict(list)
        for n, shape in enumerate(self.shapes):
            for at in tree.query(shape, predicate="intersects").tolist():
                holding[at].append(n)
        kinds: dict[Cell, Cell] = {}
        for at, square in enumerate(zip(columns.ravel().tolist(), rows.ravel().tolist(), strict=True)):
            crossing = tuple(sorted(through[at])) if at in through else ()
            cell = Cell(
                whole=tuple(n for n in holding.get(at, ()) if n not in crossing),
                crossing=crossing,
                edges=tuple((n, tuple(edges)) for n, edges in sorted(near[at].items())) if at in near else (),
            )
            if cell != NOTHING:
                yield square, kinds.setdefault(cell, cell)

    def _edges_at(
        self, lefts: Any, bottoms: Any
    ) -> tuple[dict[int, dict[int, list[Edge]]], dict[int, set[int]]]:
        """By square: the edges within 50 m by outline, and the outlines with an edge through it."""
        owners, ends = zip(*self._all_edges(), strict=True)
        lines = shapely.linestrings(numpy.array(ends).reshape(-1, 2, 2))
        near: dict[int, dict[int, list[Edge]]] = defaultdict(lambda: defaultdict(list))
        for edge, square in (
            _squares(lefts, bottoms, NEAR_METRES).query(lines, predicate="intersects").T.tolist()
        ):
            x1, y1, x2, y2 = ends[edge]
            dx, dy = x2 - x1, y2 - y1
            near[square][owners[edge]].append((x1, y1, dx, dy, dx * dx + dy * dy))
        through: dict[int, set[int]] = defaultdict(set)
        for edge, square in _squares(lefts, bottoms, 0.0).query(lines, predicate="intersects").T.tolist():
            through[square].add(owners[edge])
        return near, through

    def _all_edges(self) -> Iterator[tuple[int, tuple[float, float, float, float]]]:
        for n, shape in enumerate(self.shapes):
            for ring in shapely.get_parts(shapely.boundary(shape)):
                for (x1, y1), (x2, y2) in pairwise(shapely.get_coordinates(ring).tolist()):
                    yield n, (x1, y1, x2, y2)

    def cell(self, square: Square) -> Cell:
        return self._cells.get(square, NOTHING)

    def squares(self) -> Iterator[Square]:
        """Every square with something in it or near it."""
        return iter(self._cells)

    def holder(self, x: float, y: float) -> int | None:
        """The first outline that holds the point, its border included."""
        cell = self.cell(square_of(x, y))
        if not cell.crossing:
            return cell.whole[0] if cell.whole else None
        candidates = sorted((*cell.whole, *cell.crossing))
        return next((n for n in candidates if n in cell.whole or self._holds(n, x, y)), None)

    def within(
        self, x: float, y: float, metres: float, besides: Container[int] = ()
    ) -> Iterator[tuple[float, int]]:
        """(distance in metres, outline) of every other outline at most that far (50 m at most), in no order."""
        cell = self.cell(square_of(x, y))
        for n in cell.whole:
            if n not in besides:
                yield 0.0, n
        for n, edges in cell.edges:
            if n not in besides and n not in cell.whole:
                held = n in cell.crossing and self._holds(n, x, y)
                distance = 0.0 if held else _distance(x, y, edges)
                if distance <= metres:
                    yield distance, n

    def _holds(self, n: int, x: float, y: float) -> bool:
        return bool(shapely.intersects_xy(self.shapes[n], x, y))


def _squares(lefts: Any, bottoms: Any, metres: float) -> shapely.STRtree:
    """The squares with so many metres around each, and a little more than rounding can move a point."""
    around = metres + 0.01
    rights, tops = lefts + SQUARE_METRES + around, bottoms + SQUARE_METRES + around
    return shapely.STRtree(shapely.box(lefts - around, bottoms - around, rights, tops))


def _distance(x: float, y: float, edges: tuple[Edge, ...]) -> float:
    """Metres from the point to the nearest of the edges."""
    best = math.inf
    for x1, y1, dx, dy, length_squared in edges:
        px, py = x - x1, y - y1
        share = (px * dx + py * dy) / length_squared if length_squared else 0.0
        share = 0.0 if share < 0.0 else 1.0 if share > 1.0 else share
        px, py = px - share * dx, py - share * dy
        best = min(best, px * px + py * py)
    return math.sqrt(best)
