"""Of all that a text may mean, what is kept: the best readings, each told from those like it."""

from collections.abc import Iterable
from dataclasses import replace

from .names import NO_DIRECTION, OTHER_NAME, WRONG_DIRECTION, WRONG_SUFFIX, Named
from .placing import EQUAL
from .readings import Reading
from .streets import LonLat, Street, metres_between

NEARLY = 0.115  # readings this close in doubt are nearly as good
# What each doubt takes off the confidence.
_ANOTHER_EXISTS = 0.06  # the street is there as it was said, but without that number
_RUNNER_UP = 0.10  # another reading is nearly as good
_SAME_SPOT_M, _SAME_SPOT_DEGREES = 60.0, 0.0006


def likely(named: Named) -> Named:
    """Without streets that differ too much from what was said, where a street is there that does not."""
    least = min(named.values(), default=0.0)
    if least == 0:
        return {
            street: doubt + (_ANOTHER_EXISTS if doubt else 0.0)
            for street, doubt in named.items()
            if doubt < NO_DIRECTION + WRONG_SUFFIX
        }
    most = WRONG_DIRECTION if least < OTHER_NAME else least + WRONG_DIRECTION
    return {street: doubt for street, doubt in named.items() if doubt < most}


def best(readings: list[Reading]) -> list[Reading]:
    """The readings that are equally good, each at a spot of its own, best first."""
    if len(readings) == 1:
        return readings
    kept: list[Reading] = []
    for reading in sorted(readings, key=lambda reading: reading.doubt):
        if kept and reading.doubt > kept[0].doubt + NEARLY:
            break
        if any(_is_same_spot(reading, other) for other in kept):
            continue
        # "4210 Alder" is there, and so is 4210 W Alder.
        if kept and reading.doubt > kept[0].doubt + EQUAL:
            return [replace(reading, doubt=reading.doubt + _RUNNER_UP) for reading in kept]
        kept.append(reading)
    return kept


def _is_same_spot(a: Reading, b: Reading) -> bool:
    if abs(a.lat - b.lat) > _SAME_SPOT_DEGREES:  # cheap, and true of most
        return False
    return metres_between((a.lon, a.lat), (b.lon, b.lat)) <= _SAME_SPOT_M


class CrossStreets:
    """The streets at either end of every stretch."""

    def __init__(self, streets: Iterable[Street]) -> None:
        self._at: dict[LonLat, list[Street]] = {}
        for street in streets:
            for node in street.nodes:
                self._at.setdefault(node, []).append(street)

    def of(self, reading: Reading) -> list[Street]:
        """The streets at the nearer end of the reading's stretch, then those at the farther."""
        here = reading.lon, reading.lat
        ends = sorted(reading.ends, key=lambda end: metres_between(here, end))
        return [street for end in ends for street in self._at.get(end, ())]

    def told_apart(self, readings: list[Reading]) -> list[Reading]:
        """Readings of one address say what they are near. Two crossings of the same two streets cannot."""
        told = []
        for reading in readings:
            alike = [other for other in readings if other.address == reading.address and other is not reading]
            address = self._with_cross_street(reading, alike) if alike else reading.address
            told.append(replace(reading, address=address))
        return told

    def _with_cross_street(self, reading: Reading, alike: list[Reading]) -> str:
        """The address with a cross street that those like it do not have, if there is one."""
        others = {street for other in alike for street in self.of(other)}
        own = reading.address.replace(" ", "")
        crossed = [street for street in self.of(reading) if street.key not in own]
        crossed.sort(key=lambda street: street in others)
        return f"{reading.address} NEAR {crossed[0].label}" if crossed else reading.address
