"""The areas that a map file holds: their codes, names and outlines, whatever its fields are called."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.text import slugify

from backend.roster.files import Feature
from backend.roster.geometry import clean_outline
from backend.roster.models import Agency, Area
from backend.roster.repair import mended
from backend.roster.services.rows import first, fits, read_all

# Field names that agencies use for an area's code, beside the kind's own name.
CODE_FIELDS = {
    Area.Kind.DISTRICT: ("DISTNO",),
    Area.Kind.NEIGHBORHOOD: ("NHD_NUM", "nhood_num"),
    Area.Kind.WARD: ("WARD",),
    Area.Kind.MUNICIPALITY: ("MUNI",),
}
NAME_FIELDS = ("name", "NAME", "NHD_NAME")
_LOWER = {"and", "of", "the"}


@dataclass(frozen=True, slots=True)
class Outline:
    """An area's outline as read from a file: GeoJSON, cleaned; `mended`: what of it, in words."""

    slug: str
    code: str
    name: str
    geometry: dict[str, Any]
    mended: str


def read_outlines(
    features: Iterable[Feature],
    *,
    agency: Agency,
    kind: str,
    code_field: str | None = None,
    name_field: str | None = None,
) -> list[Outline]:
    """The outlines in a file, each with a code of its own. Raises Invalid naming every bad feature.

    An area that is known by its code keeps its slug; a new one is called after agency, kind and code.
    """
    known = dict(Area.objects.filter(agency=agency, kind=kind).values_list("code", "slug"))
    codes = (code_field,) if code_field else (*CODE_FIELDS.get(Area.Kind(kind), ()), kind, "code")
    names = (name_field,) if name_field else NAME_FIELDS

    def read(feature: Feature) -> Outline:
        code = first(feature.properties, codes)
        if not code:
            raise ValueError(f"it has no code in {' or '.join(codes)}; name the field with --code")
        if not slugify(code):
            raise ValueError(f"the code {code!r} has neither letter nor digit")
        name = _name(first(feature.properties, names), code, kind, agency)
        slug = known.get(code) or slugify(f"{agency.slug}-{kind.replace('_', '-')}-{code}")
        fits(Area(kind=kind, code=code, name=name, slug=slug))
        return Outline(slug, code, name, clean_outline(feature.geometry), mended(feature.geometry))

    return read_all(features, read, word="Feature", key=lambda outline: f"the code {slugify(outline.code)}")


def _name(text: str, code: str, kind: str, agency: Agency) -> str:
    if kind == Area.Kind.MUNICIPALITY and text.lower() == "unincorporated":
        return f"Unincorporated {agency.city}"
    if kind == Area.Kind.MUNICIPALITY and text.isupper():
        return _title(text)
    return text or f"{Area.Kind(kind).label.capitalize()} {code}"


def _title(text: str) -> str:
    """ "TOWN & COUNTRY" as "Town and Country", "BEL-NOR" as "Bel-Nor", "O'FALLON" as "O'Fallon"."""
    words = text.lower().replace("&", "and").split()
    return " ".join(
        word
        if n and word in _LOWER
        else re.sub(r"[^\W\d_]+(?:'s\b)?", lambda part: part[0].capitalize(), word)
        for n, word in enumerate(words)
    )
