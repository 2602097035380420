"""Dated editions of an agency's map."""

from collections.abc import Iterable
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
from backend.roster.models import CHAIN, Agency, Area, Boundary, BoundarySet
from backend.roster.services.rows import Imported, first, fits, read_all

# Field names that agencies use for an area's code, beside the kind's own name.
CODE_FIELDS = {
    Area.Kind.DISTRICT: ("DISTNO",),
    Area.Kind.NEIGHBORHOOD: ("NHD_NUM", "nhood_num"),
    Area.Kind.WARD: ("WARD",),
}
NAME_FIELDS = ("name", "NAME", "NHD_NAME")


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
    fits(BoundarySet(name=set_name))
    outlines = read_outlines(features, kind=kind, code_field=code_field, name_field=name_field)
    sets = BoundarySet.objects.select_for_update().filter(agency=agency, kind=kind)
    if not is_demo:
        sets.filter(is_demo=True).delete()
    boundary_set, ended_sets = _open_set(sets, agency, kind, set_name, effective_on, is_demo, is_schematic)
    before = {b.area.code: b for b in boundary_set.boundaries.select_related("area")}
    added, changed = _write_outlines(boundary_set, outlines, before)
    gone = [b.pk for code, b in before.items() if code not in {o.code for o in outlines}]
    Boundary.objects.filter(pk__in=gone).delete()
    link_parents(agency)
    editions.bump(editions.ROSTER)
    return Imported(added, changed, ended_sets + len(gone), len(outlines) - added - changed)


def read_outlines(
    features: Iterable[Feature], *, kind: str, code_field: str | None = None, name_field: str | None = None
) -> list[Outline]:
    """The outlines in a file, each with a code of its own. Raises Invalid naming every bad feature."""
    return read_all(
        features,
        lambda feature: _outline(feature, kind, code_field, name_field),
        word="Feature",
        start=1,
        key=lambda outline: f"the code {slugify(outline.code)}",
    )


def _outline(feature: Feature, kind: str, code_field: str | None, name_field: str | None) -> Outline:
    fields = (code_field,) if code_field else (*CODE_FIELDS.get(Area.Kind(kind), ()), kind, "code")
    code = first(feature.properties, fields)
    if not code:
        raise ValueError(f"it has no code in {' or '.join(fields)}; name the field with --code")
    name = first(feature.properties, (name_field,) if name_field else NAME_FIELDS)
    name = name or f"{Area.Kind(kind).label.capitalize()} {code}"
    fits(Area(kind=kind, code=code, name=name))
    if not slugify(code):
        raise ValueError(f"the code {code!r} has neither letter nor digit")
    return Outline(code, name, clean_outline(feature.geometry))


def _open_set(
    sets: QuerySet[BoundarySet],
    agency: Agency,
    kind: str,
    name: str,
    effective_on: date,
    is_demo: bool,
    is_schematic: bool,
) -> tuple[BoundarySet, int]:
    """The set to write to, and how many sets end with its beginning."""
    others = sets.exclude(name=name)
    latest = others.order_by("-effective_on").first()
    if latest and effective_on <= latest.effective_on:
        raise Invalid(
            f"The set {latest.name!r} is in force from {latest.effective_on}; a new set must begin after that day, "
            "or carry that set's name to replace it.",
            field="effective",
        )
    others.filter(ended_on=None).update(ended_on=effective_on)
    boundary_set, _ = BoundarySet.objects.update_or_create(
        agency=agency,
        kind=kind,
        name=name,
        defaults={
            "effective_on": effective_on,
            "ended_on": None,
            "is_demo": is_demo,
            "is_schematic": is_schematic,
        },
    )
    # It is the latest now, so the one before it lasts until its first day, whatever that was before.
    return boundary_set, others.filter(pk=latest.pk).update(ended_on=effective_on) if latest else 0


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
