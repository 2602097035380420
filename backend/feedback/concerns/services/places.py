"""Where a concern is: an address, a point or an area, and the chain of areas that holds it."""

from dataclasses import dataclass
from datetime import date

from backend.errors import Invalid, NotFound
from backend.feedback.concerns.models import command_of
from backend.roster.index import find_address, geography
from backend.roster.models import CHAIN, Area


@dataclass(frozen=True, slots=True)
class Place:
    """Where a concern is: an address or position with the chain of areas that holds it, deepest first.

    `is_near_border`: within 50 m of another command (models.command_of), or just outside of all.
    """

    chain: tuple[Area, ...] = ()
    address: str = ""
    lat: float | None = None
    lon: float | None = None
    is_near_border: bool = False


def place_of_address(text: str, on: date) -> Place:
    """Raises NotFound or Unprocessable as roster.index.find_address does, and as `place_of_point` does."""
    match = find_address(text, on)
    place = place_of_point(match.lat, match.lon, on)
    return Place(place.chain, text, match.lat, match.lon, place.is_near_border)


def place_of_point(lat: float, lon: float, on: date) -> Place:
    """The areas of a point; within 50 m of the limit the nearest ones.

    Raises NotFound where no department of this app serves: a concern there would have no reader.
    """
    maps = geography()
    if served := maps.serving(lat, lon, on):
        chain = tuple(served.chain)
        commands = {command_of(other[0].pk, on) for _, other in served.alternatives}
        return Place(chain, "", lat, lon, bool(commands - {command_of(chain[0].pk, on)}))
    if chain := maps.nearest(lat, lon, on):
        return Place(chain, "", lat, lon, True)
    raise NotFound(
        "This place is outside the area of the departments in this app, and nobody here would read it. "
        "In an emergency call 911. If it is not about a place, send it without one.",
        type="outside-service-area",
        title="Outside the service area",
    )


def place_of_area(slug: str, on: date) -> Place:
    maps = geography()
    area = maps.by_slug.get(slug)
    if area is None or not maps.is_mapped(area, on):
        raise Invalid(f"There is no area {slug!r} on the map of today.", field="area", code="unknown")
    if area.kind not in CHAIN:
        raise Invalid(
            "A neighborhood or ward may lie in two districts; send an address, a position or a district.",
            field="area",
            code="not-a-command",
        )
    return Place((area, *maps.above(area, on)))
