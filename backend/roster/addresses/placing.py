"""From streets that are meant to readings: a number, a hundred-block, a crossing, or all along a street."""

from dataclasses import replace

from .crossings import beside_crossing, crossings
from .names import Named
from .readings import Reading
from .streets import REACH, LonLat, Side, Street, middle

# What each doubt takes off the confidence.
OFF_RANGE, _WHOLE_STREET, _PASSING, _FAR_PASSING = 0.10, 0.40, 0.04, 0.12
EQUAL = 0.02  # readings this close in doubt are equally good
_MOST_READINGS, _MOST_PASSING = 30, 3
_MEETING_M = 45.0  # farther apart, two streets only pass near each other


def by_range(street: Street, doubt: float, number: int, is_block: bool) -> list[Reading]:
    if is_block:
        return _block(street, doubt, number)
    distance, sides = street.nearest_sides(number)
    if distance:
        doubt += OFF_RANGE + distance / REACH / 10
    label = f"{number} {street.label}"
    return [
        Reading(doubt, label, "address", *side.point(number), side.segment.zip_code, _ends(side))
        for side in sides
    ]


def _block(street: Street, doubt: float, number: int) -> list[Reading]:
    has_numbers, sides = street.block_sides(number)
    label = f"{number - number % 100} BLOCK OF {street.label}"
    return [_in_middle(doubt + (0.0 if has_numbers else OFF_RANGE), label, side) for side in sides]


def _in_middle(doubt: float, label: str, side: Side) -> Reading:
    return Reading(doubt, label, "block", *middle(side.segment.line), side.segment.zip_code, _ends(side))


def _ends(side: Side) -> tuple[LonLat, LonLat]:
    return side.segment.line[0], side.segment.line[-1]


def whole(named: Named) -> list[Reading]:
    """Places all along the likeliest of these streets."""
    most = min(named.values(), default=0.0) + EQUAL
    likeliest = [(street, doubt) for street, doubt in named.items() if doubt <= most]
    return _evenly([_along(street, doubt + _WHOLE_STREET, street.label) for street, doubt in likeliest])


def _evenly(streets: list[list[Reading]]) -> list[Reading]:
    """Of too many readings every so many of each street, its first in any case."""
    step = sum(map(len, streets)) // _MOST_READINGS + 1
    return [reading for readings in streets for reading in readings[::step]]


def _along(street: Street, doubt: float, label: str) -> list[Reading]:
    """Its hundred-blocks, its crossings where it has no numbers, else its stretches, or points where it has none."""
    if not street.segment_count:
        own = (house for _, houses in sorted(street.houses.items()) for house in houses)
        return [replace(house, doubt=doubt) for house in own]
    if street.mostly_unnumbered:
        if street.stops:
            return [Reading(doubt, stop, "block", *beside_crossing(point)) for stop, point in street.stops]
        return [Reading(doubt, label, "block", *middle(segment.line)) for segment in street.unnumbered]
    hundreds = sorted(street.hundreds)
    return [
        _block(street, doubt, hundred * 100)[0]
        for hundred in hundreds[:: len(hundreds) // _MOST_READINGS + 1]
    ]


def on_unnumbered(number: int, named: Named) -> list[Reading]:
    """Anywhere on a street, spelt right, of which most has no ranges."""
    streets = [street for street, doubt in named.items() if not doubt and street.mostly_unnumbered]
    return _evenly([_along(street, _WHOLE_STREET, f"{number} {street.label}") for street in streets])


def nearby(number: int, named: Named) -> list[str]:
    """The same streets with the nearest number they have."""
    near = ((street.nearest_number(number), street.label) for street in sorted(named, key=named.__getitem__))
    return [label if nearest is None else f"{nearest} {label}" for nearest, label in near]


def met(one: Named, other: Named) -> list[Reading]:
    """Where any of these streets share a crossing, or else pass near each other (bridges, ramps, map gaps).

    Passing is costly to find, so only the likeliest are asked, and only where likelier than any that share one.
    """
    couples = sorted(_different(one, other), key=lambda couple: couple[2])
    sharing = [couple for couple in couples if not couple[0].nodes.isdisjoint(couple[1].nodes)]
    likelier = [couple for couple in couples if not sharing or couple[2] + EQUAL < sharing[0][2]]
    return [reading for couple in [*sharing, *likelier[:_MOST_PASSING]] for reading in _at_crossing(*couple)]


def _different(one: Named, other: Named) -> list[tuple[Street, Street, float]]:
    return [
        (a, b, doubt_a + doubt_b)
        for a, doubt_a in one.items()
        for b, doubt_b in other.items()
        if a is not b and (a.key != b.key or not doubt_a + doubt_b)
    ]


def _at_crossing(a: Street, b: Street, doubt: float) -> list[Reading]:
    gap, points = crossings(a, b)
    if gap:
        doubt += _PASSING if gap <= _MEETING_M else _FAR_PASSING
    label = f"{a.label} / {b.label}"
    return [Reading(doubt, label, "intersection", *beside_crossing(point)) for point in points]
