"""Streets as geometry: where on a street a number stands, and where two streets meet."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

STEP_OFF_M = 35.0  # from the centerline to the houses; 110 to 120 feet was best in trials
CROSSING_M = (22.0, 8.0)  # east, north of the crossing of the centerlines
CORNER_M = 12.0  # houses do not stand on the crossing itself
REACH = 100  # a number this far beyond a range still belongs to the street
WRONG_SIDE = 8  # a wrong parity weighs as much as a number this far off the range
_M_PER_DEGREE = 111_195.0
_CELL = 1 / 1500  # degrees; about 74 m by 58 m in St. Louis
_SAMPLE_M = 25.0

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


@dataclass(frozen=True, slots=True)
class Side:
    """One numbered side of a segment."""

    low: int
    high: int
    numbers: Range  # from, to along the line
    on_left: bool
    segment: Segment

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


@dataclass(slots=True)
class Street:
    """Segments with one prefix, name and suffix; `key` and `suffix` are for comparing, `label` for people."""

    prefix: str
    key: str
    suffix: str
    label: str
    sides: list[Side] = field(default_factory=list)
    nodes: set[LonLat] = field(default_factory=set)
    unnumbered: list[Segment] = field(default_factory=list)
    segment_count: int = 0
    cells: dict[Cell, dict[Cell, LonLat]] = field(default_factory=dict)

    def add(self, segment: Segment) -> None:
        """Add one stretch."""
        self.segment_count += 1
        if segment.left is None and segment.right is None:
            self.unnumbered.append(segment)
        self.nodes.update((segment.line[0], segment.line[-1]))
        for point in _sampled(segment.line):
            self.cells.setdefault(_cell(point, _CELL), {}).setdefault(_cell(point, _CELL / 4), point)
        for numbers, on_left in ((segment.left, True), (segment.right, False)):
            if numbers is not None:
                self.sides.append(Side(min(numbers), max(numbers), numbers, on_left, segment))

    def nearest_sides(self, number: int) -> tuple[int, list[Side]]:
        """How far off the number is (see Side.distance) and the sides that near; (REACH + 1, []) if none.

        A full hundred names the block: where only an odd side begins, at 1501, it has 1500 too.
        """
        distance, sides = self._nearest_sides(number)
        if distance and number % 100 == 0:
            odd_distance, odd_sides = self._nearest_sides(number + 1)
            return (0, odd_sides) if odd_distance == 0 else (distance, sides)
        return distance, sides

    def _nearest_sides(self, number: int) -> tuple[int, list[Side]]:
        best, sides = REACH + 1, []
        for side in self.sides:
            distance = side.distance(number)
            if distance < best:
                best, sides = distance, [side]
            elif distance == best and sides:
                sides.append(side)
        return best, sides

    @property
    def mostly_unnumbered(self) -> bool:
        """Whether most of it has no ranges, like the drives of a large park."""
        return 2 * len(self.unnumbered) >= self.segment_count > 0

    def spread(self) -> list[LonLat]:
        """Points along the whole street, a few hundred metres apart."""
        coarse = {
            (column // 5, row // 5): next(iter(points.values()))
            for (column, row), points in self.cells.items()
        }
        return list(coarse.values())


def metres_between(a: LonLat, b: LonLat) -> float:
    """Distance on a local equirectangular projection."""
    x, y = _offset(a, b)
    return math.hypot(x, y)


def beside_crossing(crossing: LonLat) -> LonLat:
    """Where the police records of St. Louis put a crossing: a little north-east of the centerlines.

    It matters where a street is itself the line between two districts.
    """
    return _moved(crossing, *CROSSING_M)


def _offset(origin: LonLat, point: LonLat) -> LonLat:
    scale = _M_PER_DEGREE * math.cos(math.radians(origin[1]))
    return (point[0] - origin[0]) * scale, (point[1] - origin[1]) * _M_PER_DEGREE


def _moved(origin: LonLat, x: float, y: float) -> LonLat:
    scale = _M_PER_DEGREE * math.cos(math.radians(origin[1]))
    return origin[0] + x / scale, origin[1] + y / _M_PER_DEGREE


def beside(line: tuple[LonLat, ...], share: float, on_left: bool) -> LonLat:
    """The point STEP_OFF_M metres left or right of the line at `share` (0..1) of its length."""
    start, along, (x, y) = _at(line, share, CORNER_M)
    reach = STEP_OFF_M / (math.hypot(x, y) or 1.0) * (1 if on_left else -1)
    step = along / (math.hypot(x, y) or 1.0)
    return _moved(start, x * step - y * reach, y * step + x * reach)


def middle(line: tuple[LonLat, ...]) -> LonLat:
    """The point halfway along the line."""
    start, along, (x, y) = _at(line, 0.5, 0.0)
    step = along / (math.hypot(x, y) or 1.0)
    return _moved(start, x * step, y * step)


def _at(line: tuple[LonLat, ...], share: float, margin_m: float) -> tuple[LonLat, float, tuple[float, float]]:
    """(start of the piece, metres along it, the piece in metres), `margin_m` kept from both ends."""
    pieces = [_offset(a, b) for a, b in pairwise(line)]
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
        count = max(1, math.ceil(metres_between(a, b) / _SAMPLE_M))
        for step in range(1, count + 1):
            yield a[0] + (b[0] - a[0]) * step / count, a[1] + (b[1] - a[1]) * step / count


def _cell(point: LonLat, size: float) -> Cell:
    return math.floor(point[0] / size), math.floor(point[1] / size)


def crossings(a: Street, b: Street) -> tuple[float, list[LonLat]]:
    """(gap in metres, points) where two streets meet: shared crossings, else where they pass nearest.

    (inf, []) if they do neither within about 60 m.

    A highway shares no crossing with the streets it bridges, hence the second way.
    """
    shared = a.nodes & b.nodes
    if shared:
        return 0.0, clusters(sorted(shared), 150.0)
    return _nearest(*sorted((a, b), key=lambda street: len(street.cells)))


def _nearest(small: Street, large: Street) -> tuple[float, list[LonLat]]:
    close: list[tuple[float, LonLat]] = []
    for (column, row), points in small.cells.items():
        for cell in ((column + x, row + y) for x in (-1, 0, 1) for y in (-1, 0, 1)):
            if cell in large.cells:
                close += [
                    (metres_between(own, other), own)
                    for own in points.values()
                    for other in large.cells[cell].values()
                ]
    best = min((gap for gap, _ in close), default=math.inf)
    return best, clusters((point for gap, point in sorted(close) if gap <= best + _SAMPLE_M), 300.0)


def clusters(points: Iterable[LonLat], within_m: float) -> list[LonLat]:
    """The middle of each group of points that lie within `within_m` metres of the group's first."""
    groups: list[list[LonLat]] = []
    for point in points:
        home = next((group for group in groups if metres_between(group[0], point) <= within_m), None)
        if home is None:
            groups.append([point])
        else:
            home.append(point)
    return [
        (sum(p[0] for p in group) / len(group), sum(p[1] for p in group) / len(group)) for group in groups
    ]
