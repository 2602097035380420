"""Recorded addresses, and places by name."""

import math
from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from backend.accounts import audit
from backend.errors import Invalid
from backend.roster import editions
from backend.roster.geometry import to_plane
from backend.roster.models import AddressPoint
from backend.roster.services.rows import Imported, fits, numbered, point, read_all, shrinking

ADDRESS_COLUMNS = ("address", "lat", "lon")
SAME_SPOT_METRES = 100.0
BATCH = 500

Key = tuple[str, str]  # (address, place)


@transaction.atomic
def import_addresses(*, rows: Iterable[dict[str, str]]) -> Imported:
    """Makes `rows` the recorded addresses; with a column `name` instead the places by name.

    Columns: address, lat, lon, and for places name. Neither kind touches the other; both retire the demo's
    buildings. A place without an address goes by its name. Rows without a point are left out; the same
    address again is counted, and the first kept. Raises Invalid naming every bad row.
    """
    editions.hold(editions.STREETS)
    after, lines = _once(read_all(numbered(rows), _read, word="Row"))
    if not after:
        raise Invalid("Nothing was imported: no row has a point in `lat` and `lon`.")
    AddressPoint.objects.filter(is_demo=True).delete()
    is_places = any(place for _, place in after)
    stored = AddressPoint.objects.exclude(place="") if is_places else AddressPoint.objects.filter(place="")
    before = stored.count()
    added, changed, ended, unchanged = _replace(stored, after)
    audit.record("import_addresses", AddressPoint)
    editions.bump(editions.STREETS)
    lines += shrinking(ended, before, "places by name" if is_places else "addresses")
    return Imported(added, changed, ended, unchanged, tuple(lines))


def _read(row: dict[str, str]) -> AddressPoint | None:
    """None where the row has no point."""
    where = point(row)
    if where is None:
        return None
    place, address = (" ".join(row.get(column, "").split()) for column in ("name", "address"))
    if "name" in row and not place:
        raise ValueError("the name is missing")
    if not (address or place):
        raise ValueError("the address is missing")
    found = AddressPoint(address=address or place, place=place, lat=where[0], lon=where[1])
    fits(found)
    return found


def _once(points: list[AddressPoint | None]) -> tuple[dict[Key, AddressPoint], list[str]]:
    """The points, each address once, and in words what was left out."""
    kept: dict[Key, AddressPoint] = {}
    pointless = again = apart = 0
    for row in points:
        if row is None:
            pointless += 1
        elif (first := kept.setdefault((row.address, row.place), row)) is not row:
            far = _metres(first, row) > SAME_SPOT_METRES
            apart += far
            again += not far
    said = [
        (pointless, "without a point left out"),
        (again, "with an address that is there already counted once"),
        (apart, f"with another point for an address, over {SAME_SPOT_METRES:.0f} m away; the first was kept"),
    ]
    return kept, [f"{count} row{'s' if count > 1 else ''} {words}" for count, words in said if count]


def _metres(one: AddressPoint, other: AddressPoint) -> float:
    return math.dist(to_plane(one.lon, one.lat), to_plane(other.lon, other.lat))


def _replace(stored: QuerySet[AddressPoint], after: dict[Key, AddressPoint]) -> tuple[int, int, int, int]:
    """(added, changed, ended, unchanged)."""
    columns = stored.values_list("address", "place", "lat", "lon", "pk")
    before = {(address, place): (lat, lon, pk) for address, place, lat, lon, pk in columns.iterator(5000)}
    added = [row for key, row in after.items() if key not in before]
    changed = [row for key, row in after.items() if key in before and before[key][:2] != (row.lat, row.lon)]
    ended = [pk for key, (_, _, pk) in before.items() if key not in after]
    gone = ended + [before[row.address, row.place][2] for row in changed]
    for start in range(0, len(gone), BATCH):
        AddressPoint.objects.filter(pk__in=gone[start : start + BATCH]).delete()
    AddressPoint.objects.bulk_create([*added, *changed], batch_size=BATCH)
    return len(added), len(changed), len(ended), len(after) - len(added) - len(changed)
