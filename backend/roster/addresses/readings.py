"""What goes into the index beside streets, and what comes out of it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """One address with its own coordinates; `place` is the building's name, if it has one."""

    address: str  # "1915 OLIVE ST"
    lat: float
    lon: float
    place: str = ""  # "Police headquarters"


@dataclass(frozen=True, slots=True)
class Match:
    """One reading. `kind` is "address", "block", "intersection" or "place"; coordinates are WGS84 degrees.

    `confidence` is 0..1; from 0.9 on the number is on a range (or has its own point) of a street that was
    spelt right or unmistakably.
    """

    address: str
    kind: str
    lat: float
    lon: float
    confidence: float


class AddressNotFound(Exception):
    """The text names no address of this index; `suggestions` are up to five spellings worth trying."""

    def __init__(self, suggestions: Iterable[str] = ()) -> None:
        self.suggestions: tuple[str, ...] = tuple(dict.fromkeys(suggestions))[:5]
        super().__init__("address not found")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text may mean, with what speaks against it: `doubt` from 0, the sum of the doubts of its parts."""

    doubt: float
    address: str
    kind: str
    lon: float
    lat: float
    zip_code: str = ""
    ends: tuple[tuple[float, float], ...] = ()  # crossings (lon, lat) at both ends of its stretch of street

    def match(self) -> Match:
        return Match(self.address, self.kind, self.lat, self.lon, round(max(0.0, 0.99 - self.doubt), 3))
