"""Dated editions of an agency's map."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from backend.accounts import audit
from backend.errors import Invalid, NotFound
from backend.roster import editions
from backend.roster.files import Feature
from backend.roster.geometry import plane_shape
from backend.roster.models import CHAIN, Agency, Area, Boundary, BoundarySet, Parent
from backend.roster.repair import repair, square_miles
from backend.roster.services.outlines import Outline, read_outlines
from backend.roster.services.rows import Imported, fits, listed

MOST_OFF = 0.01  # how far the total area may be from the expected
WORTH_A_WARNING = 0.05  # how far from the former edition's


def agency_named(slug: str) -> Agency:
    """Raises NotFound with the slugs there are."""
    try:
        return Agency.objects.get(slug=slug)
    except Agency.DoesNotExist:
        known = ", ".join(Agency.objects.values_list("slug", flat=True))
        raise NotFound(f"There is no agency {slug!r}; there are {known}.") from None


@dataclass(frozen=True, slots=True)
class _Former:
    """The map that an import replaces or follows: names and outlines by slug."""

    name: str
    names: dict[str, str]
    outlines: dict[str, dict[str, Any]]


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
    expect_count: int | None = None,
    expect_sqmi: float | None = None,
    is_demo: bool = False,
    is_schematic: bool = False,
) -> Imported:
    """Makes `features` the agency's map of that kind from `effective_on`, repaired (roster.repair).

    The same set name replaces that set; a later date ends the former one; an earlier date is refused.
    What is added, changed and ended is so against the map replaced, else against the edition before.
    Real data retires the demo's map of that agency and kind. `expect_count` areas, or `expect_sqmi` square
    miles in all (to 1 %), or nothing is imported. Raises Invalid.
    """
    editions.hold(editions.MAPS, editions.ROSTER)
    edition = BoundarySet(agency=agency, kind=kind, name=set_name, effective_on=effective_on)
    edition.is_demo, edition.is_schematic = is_demo, is_schematic
    _refuse_unfit(edition)
    outlines = read_outlines(features, agency=agency, kind=kind, code_field=code_field, name_field=name_field)
    repaired = repair({outline.slug: outline.geometry for outline in outlines})
    miles = square_miles(repaired.outlines.values())
    _refuse_unexpected(len(outlines), expect_count, miles, expect_sqmi)
    sets = BoundarySet.objects.filter(agency=agency, kind=kind)
    if not is_demo:
        sets.filter(is_demo=True).delete()
    former = _former(sets, set_name)
    boundary_set, ended_sets = _open_set(sets, edition)
    outlines = _named_since(outlines, sets.filter(effective_on__gt=effective_on))
    _write_outlines(boundary_set, outlines, repaired.outlines)
    _link_parents(boundary_set)
    audit.record("import_areas", boundary_set)
    editions.bump(editions.MAPS, editions.ROSTER)
    figures = _figures(len(outlines), miles, former)
    mended = listed("mended", [f"{o.slug} ({o.mended})" for o in outlines if o.mended])
    return _compared(outlines, repaired.outlines, former, (*figures, *mended, *repaired.report, *ended_sets))


def _refuse_unfit(edition: BoundarySet) -> None:
    try:
        fits(edition)
    except ValueError as error:
        raise Invalid(f"Nothing was imported: {error}.", field="set") from None


def _refuse_unexpected(count: int, expect_count: int | None, miles: float, expect_sqmi: float | None) -> None:
    if expect_count is not None and count != expect_count:
        raise Invalid(f"Nothing was imported: the file has {count} areas, not the expected {expect_count}.")
    if expect_sqmi is not None and abs(miles - expect_sqmi) > MOST_OFF * expect_sqmi:
        raise Invalid(
            f"Nothing was imported: the areas are {miles:,.2f} square miles together, "
            f"not the expected {expect_sqmi:,.2f} (to {MOST_OFF:.0%})."
        )


def _former(sets: QuerySet[BoundarySet], name: str) -> _Former | None:
    former = sets.filter(name=name).first() or sets.order_by("-effective_on").first()
    if former is None:
        return None
    boundaries = list(former.boundaries.select_related("area"))
    return _Former(
        former.name,
        {b.area.slug: b.area.name for b in boundaries},
        {b.area.slug: b.geometry for b in boundaries},
    )


def _figures(count: int, miles: float, former: _Former | None) -> list[str]:
    """What the new map and the former one amount to, and a warning where they differ much."""
    ours = f"{count} areas, {miles:,.2f} square miles"
    if former is None:
        return [ours]
    before = square_miles(former.outlines.values())
    lines = [
        f'{ours}; the former map "{former.name}": {len(former.outlines)} areas, {before:,.2f} square miles'
    ]
    if before and abs(miles - before) > WORTH_A_WARNING * before:
        lines.append(f"warning: the total area changes by {(miles - before) / before:+.1%}")
    return lines


def _compared(
    outlines: list[Outline],
    geometries: dict[str, dict[str, Any]],
    former: _Former | None,
    lines: tuple[str, ...],
) -> Imported:
    names, shapes = (former.names, former.outlines) if former else ({}, {})
    added = sorted(outline.slug for outline in outlines if outline.slug not in names)
    changed = sorted(
        o.slug
        for o in outlines
        if o.slug in names and (o.name != names[o.slug] or _differs(shapes[o.slug], geometries[o.slug]))
    )
    ended = sorted(names.keys() - {outline.slug for outline in outlines})
    lines = (
        *lines,
        *listed("added", added),
        *listed("changed", changed),
        *listed("ended areas", ended),
    )
    unchanged = len(outlines) - len(added) - len(changed)
    return Imported(len(added), len(changed), len(ended), unchanged, lines)


def _open_set(sets: QuerySet[BoundarySet], edition: BoundarySet) -> tuple[BoundarySet, list[str]]:
    """The stored set to write the edition to, and which sets end with its beginning, in words."""
    name, effective_on = edition.name, edition.effective_on
    facts = {
        "is_demo": edition.is_demo,
        "is_schematic": edition.is_schematic,
        "imported_at": edition.imported_at,
    }
    if again := sets.filter(name=name, effective_on=effective_on).first():
        sets.filter(pk=again.pk).update(**facts)  # it keeps its end: an older edition may be corrected, too
        return again, []
    others = sets.exclude(name=name)
    latest = others.order_by("-effective_on").first()
    if latest and effective_on <= latest.effective_on:
        raise Invalid(
            f"The set {latest.name!r} is in force from {latest.effective_on}; a new set must begin after that day, "
            "or carry that set's name to replace it.",
            field="effective",
        )
    # It is the latest now, so the one before it lasts until its first day, whatever that was before.
    ended = [latest] if latest and latest.ended_on != effective_on else []
    others.filter(pk__in=[former.pk for former in ended]).update(ended_on=effective_on)
    boundary_set, _ = BoundarySet.objects.update_or_create(
        agency=edition.agency,
        kind=edition.kind,
        name=name,
        defaults={"effective_on": effective_on, "ended_on": None, **facts},
    )
    return boundary_set, [f'ended: set "{former.name}" on {effective_on}' for former in ended]


def _named_since(outlines: list[Outline], later: QuerySet[BoundarySet]) -> list[Outline]:
    """The outlines, called as later editions call their areas: an old one renames nothing of today."""
    areas = Area.objects.filter(boundaries__boundary_set__in=later)
    known: dict[str, dict[str, Any]] = {area.slug: {"code": area.code, "name": area.name} for area in areas}
    return [replace(outline, **known.get(outline.slug, {})) for outline in outlines]


def _write_outlines(
    boundary_set: BoundarySet, outlines: list[Outline], geometries: dict[str, dict[str, Any]]
) -> None:
    before = {b.area.slug: b for b in boundary_set.boundaries.select_related("area")}
    for outline in outlines:
        area, _ = Area.objects.update_or_create(
            slug=outline.slug,
            defaults={"code": outline.code, "name": outline.name},
            create_defaults={
                "agency": boundary_set.agency,
                "kind": boundary_set.kind,
                "code": outline.code,
                "name": outline.name,
            },
        )
        geometry, old = geometries[outline.slug], before.pop(outline.slug, None)
        if old is None:
            Boundary.objects.create(boundary_set=boundary_set, area=area, geometry=geometry)
        elif _differs(old.geometry, geometry):
            Boundary.objects.filter(pk=old.pk).update(geometry=geometry)
    Boundary.objects.filter(pk__in=[gone.pk for gone in before.values()]).delete()


def _differs(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(shape(one).normalize() != shape(other).normalize())


def _link_parents(boundary_set: BoundarySet) -> None:
    """Works out which areas hold most of which, between this edition and every one of a kind above or below."""
    sets = BoundarySet.objects.filter(agency=boundary_set.agency, kind__in=CHAIN)
    Parent.objects.filter(Q(boundary__boundary_set=boundary_set) | Q(above=boundary_set)).delete()
    own = _in_the_plane(boundary_set)
    for other in sets.exclude(kind=boundary_set.kind) if boundary_set.kind in CHAIN else ():
        if CHAIN.index(Area.Kind(other.kind)) > CHAIN.index(Area.Kind(boundary_set.kind)):
            found = _held(own, other, _in_the_plane(other))
        else:
            found = _held(_in_the_plane(other), boundary_set, own)
        Parent.objects.bulk_create(found)


_Outlines = list[tuple[Boundary, BaseGeometry]]


def _in_the_plane(boundary_set: BoundarySet) -> _Outlines:
    return [(boundary, plane_shape(boundary.geometry)) for boundary in boundary_set.boundaries.all()]


def _held(lower: _Outlines, above: BoundarySet, upper: _Outlines) -> Iterator[Parent]:
    """The parent of each that has one."""
    for boundary, outline in lower:
        shares = [(whole.intersection(outline).area, holder.area_id) for holder, whole in upper]
        share, area_id = max(shares, default=(0, 0))
        if share > 0:
            yield Parent(boundary=boundary, above=above, area_id=area_id)
