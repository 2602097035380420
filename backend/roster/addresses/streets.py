"""Streets as geometry: where on a street a number stands, and where two streets meet."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from .readings import Reading

STEP_OFF_M = 35.0  # from the centerline to the houses; 110 to 120 feet was best in trials
CORNER_M = 12.0  # houses do not stand on the crossing itself
REACH = 100  # a number this far beyond a range still belongs to the street
_HIGHEST_NUMBER = 99_999
_TIGHT = 2  # a range this many times as wide as another that has the number too is a map-maker's guess
WRONG_SIDE = 8  # a wrong parity weighs as much as a number this far off the range
_M_PER_DEGREE = 111_195.0
CELL = 1 / 1500  # degrees; about 74 m by 58 m in St. Louis
SAMPLE_M = 25.0

LonLat = tuple[float, float]
Range = tuple[int, int]
Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of a street between two crossings.

    Ranges are (from, to) as digitised along `line`; None where that side has no numbers.
    """

    prefix: str  # "", "N", "S", "E", "W"
    name: str  # "GRAND", "DR MARTIN LUTHER KING"; highways "INTERSTATE 44"
    suffix: str  # "BLVD", "AVE", ""
    left: Range | None
    right: Range | None
    zip_code: str  # "" unknown
    line: tuple[LonLat, ...]  # WGS84, at least two points


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One numbered side of a segment."""

    low: int
    high: int
    numbers: Range  # from, to along the line
    on_left: bool
    segment: Segment

    def has(self, number: int) -> bool:
        """Whether the number is on the range and of the right parity."""
        return self.low <= number <= self.high and not self._is_across(number)

    def distance(self, number: int) -> int:
        """0 on the range with the right parity; otherwise how far off, in house numbers."""
        gap = max(self.low - number, number - self.high, 0)
        return gap + (WRONG_SIDE if self._is_across(number) else 0)

    def point(self, number: int) -> LonLat:
        """(lon, lat) of the number: along the line by its share of the range, then off to its side."""
        first, last = self.numbers
        share = 0.5 if first == last else (number - first) / (last - first)
        across = self._is_across(number) and number % 100 != 0
        return beside(self.segment.line, min(max(share, 0.0), 1.0), self.on_left != across)

    def _is_across(self, number: int) -> bool:
        first, last = self.numbers
        return first % 2 == last % 2 and number % 2 != first % 2


@dataclass(slots=True, eq=False)
class Street:
    """Segments and points with one prefix, name and suffix; `key` and `suffix` are for comparing, `label` for people.

    Each is equal to itself alone, so that it may be a key.
    """

    prefix: str
    key: str
    suffix: str
    label: str
    # N and S, or E and W, of one name; a stretch without direction between them, too.
    has_halves: bool = False
    sides: list[Side] = field(default_factory=list)
    nodes: set[LonLat] = field(default_factory=set)
    unnumbered: list[Segment] = field(default_factory=list)
    segment_count: int = 0
    hundreds: dict[int, list[Side]] = field(default_factory=dict)
    houses: dict[int, list[Reading]] = field(default_factory=dict)  # with a point of their own, by number
    stops: list[tuple[str, LonLat]] = field(default_factory=list)  # see crossings.name_stops
    cells: dict[Cell, dict[Cell, LonLat]] = field(default_factory=dict)

    def add(self, segment: Segment) -> None:
        """Add one stretch."""
        self.segment_count += 1
        if segment.left is None and segment.right is None:
            self.unnumbered.append(segment)
        self.nodes.update((segment.line[0], segment.line[-1]))
        for point in _sampled(segment.line):
            self.cells.setdefault(cell(point, CELL), {}).setdefault(cell(point, CELL / 4), point)
        for numbers, on_left in ((segment.left, True), (segment.right, False)):
            if numbers is not None:
                self._add_side(Side(min(numbers), max(numbers), numbers, on_left, segment))

    def _add_side(self, side: Side) -> None:
        self.sides.append(side)
        for hundred in range(side.low // 100, min(side.high, _HIGHEST_NUMBER) // 100 + 1):
            self.hundreds.setdefault(hundred, []).append(side)

    def nearest_sides(self, number: int) -> tuple[int, list[Side]]:
        """How far off the number is (see Side.distance) and the sides that near; (REACH + 1, []) if none.

        A full hundred names the block: where only an odd side begins, at 1501, it has 1500 too.
        """
        if sides := self._sides_with(number):
            return 0, sides
        if number % 100 == 0 and (odd_sides := self._sides_with(number + 1)):
            return 0, odd_sides
        return self._sides_near(number)

    def _sides_with(self, number: int) -> list[Side]:
        sides = [side for side in self.hundreds.get(number // 100, ()) if side.has(number)]
        if len(sides) < 2:
            return sides
        widest = _TIGHT * min(side.high - side.low for side in sides)
        return [side for side in sides if side.high - side.low <= widest]

    def _sides_near(self, number: int) -> tuple[int, list[Side]]:
        hundred = number // 100
        around = (side for near in range(hundred - 1, hundred + 2) for side in self.hundreds.get(near, ()))
        best, sides = REACH + 1, []
        for side in dict.fromkeys(around):
            distance = side.distance(number)
            if distance < best:
                best, sides = distance, [side]
            elif distance == best and sides:
                sides.append(side)
        return best, sides

    def has(self, number: int) -> bool:
        """Whether a range or a point has the number."""
        return number in self.houses or self.nearest_sides(number)[0] == 0

    def nearest_number(self, number: int) -> int | None:
        """The number itself if it is within a range, else the nearest end of one; without ranges, a point's."""
        within = [min(max(number, side.low), side.high) for side in self.sides]
        return min(within or self.houses, key=lambda known: abs(known - number), default=None)

    def first_numbers(self) -> list[int]:
        """The first number of each of its blocks, of its ranges or else of its points."""
        firsts: dict[int, int] = {}
        for number in sorted([side.low for side in self.sides] or self.houses):
            firsts.setdefault(number // 100, number)
        return list(firsts.values())

    def block_sides(self, number: int) -> tuple[bool, list[Side]]:
        """(whether the street has numbers of this hundred, the sides in its middle or else nearest to that)."""
        middle = number - number % 100 + 50
        own = self._sides_with(middle) or self._sides_with(middle + 1) or self.hundreds.get(number // 100)
        return (True, own) if own else (False, self._sides_near(middle)[1])

    @property
    def mostly_unnumbered(self) -> bool:
        """Whether most of it has no ranges, like the drives of a large park."""
        return 2 * len(self.unnumbered) >= self.segment_count > 0


def metres_between(a: LonLat, b: LonLat) -> float:
    """Distance on a local equirectangular projection."""
    x, y = offset(a, b)
    return math.hypot(x, y)


def offset(origin: LonLat, point: LonLat) -> LonLat:
    scale = _metres_per_degree_east(origin)
    return (point[0] - origin[0]) * scale, (point[1] - origin[1]) * _M_PER_DEGREE


def _metres_per_degree_east(at: LonLat) -> float:
    return _M_PER_DEGREE * math.cos(math.radians(at[1]))


def moved(origin: LonLat, x: float, y: float) -> LonLat:
    scale = _metres_per_degree_east(origin)
    return origin[0] + x / scale, origin[1] + y / _M_PER_DEGREE


def beside(line: tuple[LonLat, ...], share: float, on_left: bool) -> LonLat:
    """The point STEP_OFF_M metres left or right of the line at `share` (0..1) of its length."""
    start, along, (x, y) = _at(line, share, CORNER_M)
    reach = STEP_OFF_M / (math.hypot(x, y) or 1.0) * (1 if on_left else -1)
    step = along / (math.hypot(x, y) or 1.0)
    return moved(start, x * step - y * reach, y * step + x * reach)


def middle(line: tuple[LonLat, ...]) -> LonLat:
    """The point halfway along the line."""
    start, along, (x, y) = _at(line, 0.5, 0.0)
    step = along / (math.hypot(x, y) or 1.0)
    return moved(start, x * step, y * step)


def _at(line: tuple[LonLat, ...], share: float, margin_m: float) -> tuple[LonLat, float, tuple[float, float]]:
    """(start of the piece, metres along it, the piece in metres), `margin_m` kept from both ends."""
    scale = _metres_per_degree_east(line[0])
    pieces = [((b[0] - a[0]) * scale, (b[1] - a[1]) * _M_PER_DEGREE) for a, b in pairwise(line)]
    lengths = [math.hypot(x, y) for x, y in pieces]
    total = sum(lengths)
    margin = min(margin_m, total / 2)
    left = min(max(share * total, margin), total - margin)
    for start, piece, length in zip(line, pieces, lengths, strict=False):
        if left <= length:
            return start, left, piece
        left -= length
    return line[-2], lengths[-1], pieces[-1]


def _sampled(line: tuple[LonLat, ...]) -> Iterator[LonLat]:
    yield line[0]
    for a, b in pairwise(line):
        count = max(1, math.ceil(metres_between(a, b) / SAMPLE_M))
        for step in range(1, count + 1):
            yield a[0] + (b[0] - a[0]) * step / count, a[1] + (b[1] - a[1]) * step / count


def cell(point: LonLat, size: float) -> Cell:
    return math.floor(point[0] / size), math.floor(point[1] / size)
