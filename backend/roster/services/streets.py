"""The map of streets."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from backend.accounts import audit
from backend.errors import Invalid
from backend.roster import editions
from backend.roster.files import Feature
from backend.roster.models import AddressPoint, StreetSegment
from backend.roster.services.rows import Imported, first, fits, missing, read_all, shrinking


@transaction.atomic
def import_streets(*, features: Iterable[Feature], is_demo: bool = False) -> Imported:
    """Makes `features` the map of streets: lines with name parts and a range of numbers for each side.

    Fields: id, pre, street, type, lf, lt, rf, rt (0 or less: no numbers), zip. A line without a street name
    is an alley or a ramp that no address is on, and is left out. Real streets retire the demo's, and its
    buildings with them. Raises Invalid.
    """
    editions.hold(editions.STREETS)
    segments = read_all(features, _segment, word="Street", key=_identity)
    rows = {segment.source_id: segment for segment in segments if segment}
    if not rows:
        raise Invalid("Nothing was imported: no line has a street name in `street`.")
    retired = 0 if is_demo else AddressPoint.objects.filter(is_demo=True).delete()[0]
    before = {s.source_id: s for s in StreetSegment.objects.all()}
    changed = [r for key, r in rows.items() if key in before and _differs(before[key], r)]
    added = [r for key, r in rows.items() if key not in before]
    ended = [s.pk for key, s in before.items() if key not in rows]
    _delete(ended + [before[r.source_id].pk for r in changed])
    StreetSegment.objects.bulk_create([*added, *changed], batch_size=500)
    audit.record("import_streets", StreetSegment)
    editions.bump(editions.STREETS)
    lines = [] if retired else shrinking(len(ended), len(before), "streets")
    unchanged = len(rows) - len(added) - len(changed)
    return Imported(len(added), len(changed), len(ended), unchanged, tuple(lines))


def _identity(segment: StreetSegment | None) -> str | None:
    return f"the id {segment.source_id}" if segment else None


def _segment(feature: Feature) -> StreetSegment | None:
    """None for a line without a street name."""
    p = feature.properties
    if not first(p, ("street",)):
        return None
    sides = {
        "left_from": _number(p, "lf"),
        "left_to": _number(p, "lt"),
        "right_from": _number(p, "rf"),
        "right_to": _number(p, "rt"),
    }
    segment = StreetSegment(
        source_id=first(p, ("id",)) or missing("id"),
        prefix=first(p, ("pre",)),
        name=first(p, ("street",)),
        suffix=first(p, ("type",)),
        zip_code=_zip(p),
        line=_line(feature.geometry),
        **_whole_sides(sides),
    )
    fits(segment)
    return segment


def _zip(properties: dict[str, Any]) -> str:
    """Five digits; 99998 and 99999 stand for "unknown" in street files."""
    text = first(properties, ("zip",))[:5]
    return "" if text.startswith("9999") else text


def _number(properties: dict[str, Any], name: str) -> int | None:
    text = first(properties, (name,)) or "0"
    try:
        number = max(int(float(text)), 0)
    except (ValueError, OverflowError):
        raise ValueError(f"`{name}` is {text!r}, not a number") from None
    if number > 1_000_000:
        raise ValueError(f"`{name}` is {text!r}, which no house has")
    return number or None


def _whole_sides(sides: dict[str, int | None]) -> dict[str, int | None]:
    """A side with one end only has no range."""
    for side in ("left", "right"):
        if None in (sides[f"{side}_from"], sides[f"{side}_to"]):
            sides[f"{side}_from"] = sides[f"{side}_to"] = None
    return sides


def _line(geometry: dict[str, Any]) -> list[list[float]]:
    coordinates = geometry.get("coordinates") or []
    if geometry.get("type") == "MultiLineString":
        coordinates = [point for part in coordinates for point in part]
    elif geometry.get("type") != "LineString":
        raise ValueError("it is not a line")
    if len(coordinates) < 2 or not all(abs(p[0]) <= 180 and abs(p[1]) <= 90 for p in coordinates):
        raise ValueError("its coordinates are not degrees of longitude and latitude")
    return [[round(p[0], 6), round(p[1], 6)] for p in coordinates]


def _differs(old: StreetSegment, new: StreetSegment) -> bool:
    names = [f.name for f in StreetSegment._meta.fields if f.name != "id"]
    return any(getattr(old, name) != getattr(new, name) for name in names)


def _delete(ids: list[int]) -> None:
    for start in range(0, len(ids), 500):
        StreetSegment.objects.filter(pk__in=ids[start : start + 500]).delete()
