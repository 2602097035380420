"""Every write of the roster: maps, streets, people. Each is one transaction, and re-runnable.

An import that cannot be taken whole is not taken at all; `Invalid.errors` names every bad row.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify

from backend.errors import Invalid, NotFound
from backend.roster import editions
from backend.roster.files import Feature
from backend.roster.geometry import clean_outline, plane_shape
from backend.roster.models import (
    CHAIN,
    Agency,
    Area,
    Assignment,
    Boundary,
    BoundarySet,
    StaffMember,
    StreetSegment,
)

# Field names that agencies use for an area's code, beside the kind's own name.
CODE_FIELDS = {
    Area.Kind.DISTRICT: ("DISTNO",),
    Area.Kind.NEIGHBORHOOD: ("NHD_NUM", "nhood_num"),
    Area.Kind.WARD: ("WARD",),
}
NAME_FIELDS = ("name", "NAME", "NHD_NAME")
STAFF_COLUMNS = ("name", "rank", "role", "area", "starts_on")
YES = {"1", "true", "t", "yes", "y"}
NO = {"0", "false", "f", "no", "n", ""}


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows an import would add, change and end, or did."""

    added: int = 0
    changed: int = 0
    ended: int = 0
    unchanged: int = 0

    def __str__(self) -> str:
        return f"{self.added} added, {self.changed} changed, {self.ended} ended, {self.unchanged} unchanged"


@dataclass(frozen=True, slots=True)
class Outline:
    """An area's outline as read from a file: GeoJSON, cleaned."""

    code: str
    name: str
    geometry: dict[str, Any]


def agency_named(slug: str) -> Agency:
    """Raises NotFound with the slugs there are."""
    try:
        return Agency.objects.get(slug=slug)
    except Agency.DoesNotExist:
        known = ", ".join(Agency.objects.values_list("slug", flat=True))
        raise NotFound(f"There is no agency {slug!r}; there are {known}.") from None


# --- maps ---------------------------------------------------------------------------------------------


@transaction.atomic
def import_areas(
    *,
    features: Iterable[Feature],
    agency: Agency,
    kind: str,
    set_name: str,
    effective_on: date,
    code_field: str | None = None,
    name_field: str | None = None,
    is_demo: bool = False,
    is_schematic: bool = False,
) -> Imported:
    """Makes `features` the agency's map of that kind from `effective_on`.

    The same set name replaces that set; a later date ends the former one; an earlier date is refused.
    Real data retires the demo's map of that agency and kind. Raises Invalid.
    """
    outlines = read_outlines(features, kind=kind, code_field=code_field, name_field=name_field)
    sets = BoundarySet.objects.select_for_update().filter(agency=agency, kind=kind)
    if not is_demo:
        sets.filter(is_demo=True).delete()
    boundary_set, counts = _open_set(sets, agency, kind, set_name, effective_on, is_demo, is_schematic)
    before = {b.area.code: b for b in boundary_set.boundaries.select_related("area")}
    added, changed = _write_outlines(boundary_set, outlines, before)
    gone = [b.pk for code, b in before.items() if code not in {o.code for o in outlines}]
    Boundary.objects.filter(pk__in=gone).delete()
    link_parents(agency)
    editions.bump(editions.ROSTER)
    return Imported(added, changed, counts + len(gone), len(outlines) - added - changed)


def read_outlines(
    features: Iterable[Feature], *, kind: str, code_field: str | None = None, name_field: str | None = None
) -> list[Outline]:
    """The outlines in a file, each with a code of its own. Raises Invalid naming every bad feature."""
    outlines: list[Outline] = []
    errors: list[dict[str, str]] = []
    seen: set[str] = set()
    for n, feature in enumerate(features, start=1):
        try:
            outline = _outline(feature, kind, code_field, name_field)
            if outline.code in seen:
                raise ValueError(f"the code {outline.code} is there twice")
            seen.add(outline.code)
            outlines.append(outline)
        except ValueError as error:
            errors.append(
                {"pointer": f"/features/{n - 1}", "code": "invalid", "detail": f"Feature {n}: {error}."}
            )
    _refuse_rows(errors)
    return outlines


def _outline(feature: Feature, kind: str, code_field: str | None, name_field: str | None) -> Outline:
    fields = (code_field,) if code_field else (*CODE_FIELDS.get(Area.Kind(kind), ()), kind, "code")
    code = _first(feature.properties, fields)
    if not code:
        raise ValueError(f"it has no code in {' or '.join(fields)}; name the field with --code")
    name = _first(feature.properties, (name_field,) if name_field else NAME_FIELDS)
    return Outline(
        code, name or f"{Area.Kind(kind).label.capitalize()} {code}", clean_outline(feature.geometry)
    )


def _first(properties: dict[str, Any], fields: Iterable[str]) -> str:
    values = (properties.get(name) for name in fields)
    return next((str(value).strip() for value in values if value not in (None, "")), "")


def _open_set(
    sets: QuerySet[BoundarySet],
    agency: Agency,
    kind: str,
    name: str,
    effective_on: date,
    is_demo: bool,
    is_schematic: bool,
) -> tuple[BoundarySet, int]:
    """The set to write to, and how many sets it ends."""
    others = sets.exclude(name=name)
    latest = others.order_by("-effective_on").first()
    if latest and effective_on <= latest.effective_on:
        raise Invalid(
            f"The set {latest.name!r} is in force from {latest.effective_on}; a new set must begin after that day, "
            "or carry that set's name to replace it.",
            field="effective",
        )
    ended = others.filter(ended_on=None).update(ended_on=effective_on)
    boundary_set, _ = BoundarySet.objects.update_or_create(
        agency=agency,
        kind=kind,
        name=name,
        defaults={"effective_on": effective_on, "is_demo": is_demo, "is_schematic": is_schematic},
    )
    return boundary_set, ended


def _write_outlines(
    boundary_set: BoundarySet, outlines: list[Outline], before: dict[str, Boundary]
) -> tuple[int, int]:
    """(added, changed) of a set's boundaries."""
    added = changed = 0
    for outline in outlines:
        area = _area(boundary_set, outline)
        old = before.get(outline.code)
        if old is None:
            Boundary.objects.create(boundary_set=boundary_set, area=area, geometry=outline.geometry)
            added += 1
        elif plane_shape(old.geometry).normalize() != plane_shape(outline.geometry).normalize():
            Boundary.objects.filter(pk=old.pk).update(geometry=outline.geometry)
            changed += 1
    return added, changed


def _area(boundary_set: BoundarySet, outline: Outline) -> Area:
    slug = slugify(f"{boundary_set.agency.slug}-{boundary_set.kind.replace('_', '-')}-{outline.code}")
    area, _ = Area.objects.update_or_create(
        agency=boundary_set.agency,
        kind=boundary_set.kind,
        code=outline.code,
        defaults={"name": outline.name},
        create_defaults={"name": outline.name, "slug": slug},
    )
    return area


def link_parents(agency: Agency) -> None:
    """Gives each boundary its parent: the area that holds most of it, of the next kind above with a map.

    Of several editions above, the latest that shares a day with the boundary's own edition.
    """
    sets = list(BoundarySet.objects.filter(agency=agency, kind__in=CHAIN).prefetch_related("boundaries"))
    for boundary_set in sets:
        above = _set_above(boundary_set, sets)
        for boundary in boundary_set.boundaries.all():
            parent_id = _holder(boundary, above) if above else None
            if parent_id != boundary.parent_id:
                Boundary.objects.filter(pk=boundary.pk).update(parent=parent_id)


def _set_above(boundary_set: BoundarySet, sets: list[BoundarySet]) -> BoundarySet | None:
    for kind in CHAIN[CHAIN.index(Area.Kind(boundary_set.kind)) + 1 :]:
        shared = [s for s in sets if s.kind == kind and _share_a_day(s, boundary_set)]
        if shared:
            return max(shared, key=lambda s: s.effective_on)
    return None


def _share_a_day(one: BoundarySet, other: BoundarySet) -> bool:
    return (one.ended_on is None or one.ended_on > other.effective_on) and (
        other.ended_on is None or other.ended_on > one.effective_on
    )


def _holder(boundary: Boundary, above: BoundarySet) -> int | None:
    outline = plane_shape(boundary.geometry)
    shares = [(plane_shape(b.geometry).intersection(outline).area, b.area_id) for b in above.boundaries.all()]
    share, area_id = max(shares, default=(0, 0))
    return area_id if share > 0 else None


# --- streets ------------------------------------------------------------------------------------------


@transaction.atomic
def import_streets(*, features: Iterable[Feature], is_demo: bool = False) -> Imported:
    """Makes `features` the map of streets: lines with name parts and a range of numbers for each side.

    Fields: id, pre, street, type, lf, lt, rf, rt (0 or less: no numbers), zip. A line without a street name
    is an alley or a ramp that no address is on, and is left out. Raises Invalid.
    """
    rows: dict[str, StreetSegment] = {}
    errors: list[dict[str, str]] = []
    for n, feature in enumerate(features, start=1):
        if not _first(feature.properties, ("street",)):
            continue
        try:
            row = _segment(feature, is_demo)
            if row.source_id in rows:
                raise ValueError(f"the id {row.source_id} is there twice")
            rows[row.source_id] = row
        except ValueError as error:
            errors.append(
                {"pointer": f"/features/{n - 1}", "code": "invalid", "detail": f"Feature {n}: {error}."}
            )
    _refuse_rows(errors)
    if not rows:
        raise Invalid("Nothing was imported: no line has a street name in `street`.")
    before = {s.source_id: s for s in StreetSegment.objects.all()}
    changed = [r for key, r in rows.items() if key in before and _differs(before[key], r)]
    added = [r for key, r in rows.items() if key not in before]
    ended = [s.pk for key, s in before.items() if key not in rows]
    _replace(StreetSegment, ended + [before[r.source_id].pk for r in changed])
    StreetSegment.objects.bulk_create([*added, *changed], batch_size=500)
    editions.bump(editions.STREETS)
    return Imported(len(added), len(changed), len(ended), len(rows) - len(added) - len(changed))


def _segment(feature: Feature, is_demo: bool) -> StreetSegment:
    p = feature.properties
    sides = {
        "left_from": _number(p, "lf"),
        "left_to": _number(p, "lt"),
        "right_from": _number(p, "rf"),
        "right_to": _number(p, "rt"),
    }
    return StreetSegment(
        source_id=_first(p, ("id",)) or _missing("id"),
        prefix=_first(p, ("pre",)),
        name=_first(p, ("street",)),
        suffix=_first(p, ("type",)),
        zip_code=_zip(p),
        line=_line(feature.geometry),
        is_demo=is_demo,
        **_whole_sides(sides),
    )


def _zip(properties: dict[str, Any]) -> str:
    """Five digits; 99998 and 99999 stand for "unknown" in street files."""
    text = _first(properties, ("zip",))[:5]
    return "" if text.startswith("9999") else text


def _missing(name: str) -> str:
    raise ValueError(f"it has no `{name}`")


def _number(properties: dict[str, Any], name: str) -> int | None:
    text = _first(properties, (name,)) or "0"
    try:
        return max(int(float(text)), 0) or None
    except ValueError:
        raise ValueError(f"`{name}` is {text!r}, not a number") from None


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
    if len(coordinates) < 2 or any(abs(p[0]) > 180 or abs(p[1]) > 90 for p in coordinates):
        raise ValueError("its coordinates are not degrees of longitude and latitude")
    return [[round(p[0], 6), round(p[1], 6)] for p in coordinates]


def _differs(old: StreetSegment, new: StreetSegment) -> bool:
    names = [f.name for f in StreetSegment._meta.fields if f.name != "id"]
    return any(getattr(old, name) != getattr(new, name) for name in names)


def _replace(model: type[StreetSegment], ids: list[int]) -> None:
    for start in range(0, len(ids), 500):
        model.objects.filter(pk__in=ids[start : start + 500]).delete()


# --- people -------------------------------------------------------------------------------------------


@transaction.atomic
def import_staff(*, rows: list[dict[str, str]], today: date, is_demo: bool = False) -> Imported:
    """Adds or changes people and their assignments.

    Columns: name, rank, role, area (a slug), starts_on; and, where wanted, badge_number, is_sworn (yes),
    contact, watch, ends_on, is_acting (no), confirmed_on (today). Dates are YYYY-MM-DD. The same person
    (by badge number, else by name) in the same role, area and starting day is the same assignment.
    Real people retire the demo's people of that agency. Raises Invalid naming every bad row.
    """
    areas = {area.slug: area for area in Area.objects.select_related("agency")}
    parsed: list[_StaffRow] = []
    errors: list[dict[str, str]] = []
    for n, row in enumerate(rows, start=2):
        try:
            parsed.append(_staff_row(row, areas, today))
        except ValueError as error:
            errors.append({"pointer": f"/rows/{n}", "code": "invalid", "detail": f"Row {n}: {error}."})
    _refuse_rows(errors)
    if not is_demo:
        _retire_demo_staff({entry.area.agency_id for entry in parsed})
    counts: dict[str, int] = defaultdict(int)
    for entry in parsed:
        counts[_save_assignment(entry, is_demo)] += 1
    editions.bump(editions.ROSTER)
    return Imported(counts["added"], counts["changed"], 0, counts["unchanged"])


@dataclass(frozen=True, slots=True)
class _StaffRow:
    area: Area
    person: dict[str, Any]
    role: str
    starts_on: date
    details: dict[str, Any]


def _staff_row(row: dict[str, str], areas: dict[str, Area], today: date) -> _StaffRow:
    if row["area"] not in areas:
        raise ValueError(f"there is no area {row['area']!r}; areas are named like slmpd-district-4")
    if row["role"] not in Assignment.Role.values:
        raise ValueError(f"{row['role']!r} is no role; roles are {', '.join(Assignment.Role.values)}")
    if not row["name"]:
        raise ValueError("the name is missing")
    starts_on = _day(row, "starts_on") or _missing_day("starts_on")
    ends_on = _day(row, "ends_on")
    if ends_on and ends_on < starts_on:
        raise ValueError(f"it ends on {ends_on}, before it starts")
    person = {
        "name": row["name"],
        "rank": row["rank"],
        "badge_number": row.get("badge_number", ""),
        "is_sworn": _yes(row, "is_sworn", default=True),
        "contact": row.get("contact", ""),
    }
    details = {
        "watch": row.get("watch", ""),
        "ends_on": ends_on,
        "is_acting": _yes(row, "is_acting", default=False),
        "confirmed_on": _day(row, "confirmed_on") or today,
    }
    return _StaffRow(areas[row["area"]], person, row["role"], starts_on, details)


def _day(row: dict[str, str], name: str) -> date | None:
    text = row.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError(f"{name} is {text!r}, not a day like 2026-11-27") from None


def _missing_day(name: str) -> date:
    raise ValueError(f"{name} is missing")


def _yes(row: dict[str, str], name: str, *, default: bool) -> bool:
    text = row.get(name, "").lower()
    if not text:
        return default
    if text not in YES | NO:
        raise ValueError(f"{name} is {text!r}, not yes or no")
    return text in YES


def _retire_demo_staff(agency_ids: set[int]) -> None:
    retired = StaffMember.objects.filter(agency_id__in=agency_ids, is_demo=True)
    Assignment.objects.filter(staff_member__in=retired).delete()


def _save_assignment(row: _StaffRow, is_demo: bool) -> str:
    """`added`, `changed` or `unchanged`."""
    badge = row.person["badge_number"]
    known: dict[str, Any] = (
        {"badge_number": badge} if badge else {"badge_number": "", "name": row.person["name"]}
    )
    member, _ = _upsert(
        StaffMember.objects, {"agency": row.area.agency, "is_demo": is_demo, **known}, row.person
    )
    key = {"staff_member": member, "area": row.area, "role": row.role, "starts_on": row.starts_on}
    _, outcome = _upsert(Assignment.objects, key, row.details)
    return outcome


def _upsert(manager: Any, key: dict[str, Any], values: dict[str, Any]) -> tuple[Any, str]:
    """The row with this key, made or brought to these values, and what that took."""
    row, created = manager.get_or_create(**key, defaults=values)
    if created:
        return row, "added"
    changes = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changes:
        return row, "unchanged"
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    return row, "changed"


def _refuse_rows(errors: list[dict[str, str]]) -> None:
    if errors:
        shown = " ".join(e["detail"] for e in errors[:10])
        more = f" And {len(errors) - 10} more." if len(errors) > 10 else ""
        raise Invalid(f"Nothing was imported. {shown}{more}", errors=errors)


def trying(work: Callable[[], Imported]) -> Imported:
    """Does the work and takes it back: what `--dry-run` shows is what would happen."""
    with transaction.atomic():
        outcome = work()
        transaction.set_rollback(True)
    return outcome
