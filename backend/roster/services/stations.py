"""The police's own stations."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from math import inf

import shapely
from django.db import transaction

from backend.accounts import audit
from backend.errors import Invalid
from backend.roster import editions
from backend.roster.geometry import GAP_METRES, plane_shape, to_plane
from backend.roster.models import CHAIN, Agency, Area, Boundary, BoundarySet, Station
from backend.roster.services.rows import Imported, day, fits, numbered, point, read_all, upsert

STATION_COLUMNS = ("name", "address", "lat", "lon")
STATION_TYPE = "police_station"

AgencyAt = Callable[[float, float], Agency | None]  # by (lat, lon)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows may refer to."""

    agencies: dict[str, Agency]
    areas: dict[str, Area]
    agency_at: AgencyAt
    source: str


@transaction.atomic
def import_stations(*, rows: Iterable[dict[str, str]], source: str, today: date) -> Imported:
    """Makes `rows` the stations of the agencies in them; other agencies keep theirs.

    Columns: name, address, lat, lon; and, where wanted, agency (slug), phone, area (slug), source (else
    `source`), verified_on, type (with it, only rows of type police_station are stations). Without an agency
    it is the one on whose map of `today` the point lies. Raises Invalid naming every bad row.
    """
    editions.hold(editions.ROSTER)
    known = _Known(
        {agency.slug: agency for agency in Agency.objects.all()},
        {area.slug: area for area in Area.objects.all()},
        _agencies_on_the_map(today),
        source,
    )
    read = read_all(numbered(rows), lambda row: _station(row, known), word="Row", key=_identity)
    stations = [station for station in read if station]
    if not stations:
        raise Invalid(f"Nothing was imported: no row is of type {STATION_TYPE}.")
    outcomes: Counter[str] = Counter()
    for station in stations:
        key = {"agency": station.agency, "name": station.name}
        values = {name: getattr(station, name) for name in ("area", "address", "phone", "lat", "lon")}
        values |= {"source": station.source, "verified_on": station.verified_on}
        outcomes[upsert(Station.objects, key, values)[1]] += 1
    ended = _end_others(stations)
    audit.record("import_stations", Station)
    editions.bump(editions.ROSTER)
    return Imported(outcomes["added"], outcomes["changed"], ended, outcomes["unchanged"])


def _station(row: dict[str, str], known: _Known) -> Station | None:
    """None for a row about something else."""
    if row.get("type", STATION_TYPE) != STATION_TYPE:
        return None
    for column in ("name", "address"):
        if not row[column]:
            raise ValueError(f"the {column} is missing")
    where = point(row)
    if where is None:
        raise ValueError("it has no point in `lat` and `lon`")
    agency = _agency(row, where, known)
    station = Station(
        agency=agency,
        area=_area(row, agency, known),
        name=row["name"],
        address=row["address"],
        phone=row.get("phone", ""),
        lat=where[0],
        lon=where[1],
        source=row.get("source") or known.source,
        verified_on=day(row, "verified_on"),
    )
    fits(station)
    return station


def _agency(row: dict[str, str], where: tuple[float, float], known: _Known) -> Agency:
    if slug := row.get("agency"):
        if slug not in known.agencies:
            raise ValueError(f"there is no agency {slug!r}; there are {', '.join(sorted(known.agencies))}")
        return known.agencies[slug]
    agency = known.agency_at(*where)
    if agency is None:
        raise ValueError("no agency's map of today has its point; name the agency in the column `agency`")
    return agency


def _area(row: dict[str, str], agency: Agency, known: _Known) -> Area | None:
    slug = row.get("area")
    if not slug:
        return None
    if slug not in known.areas:
        raise ValueError(f"there is no area {slug!r}; areas are named like slmpd-district-4")
    if known.areas[slug].agency_id != agency.pk:
        raise ValueError(f"the area {slug!r} is not of the agency {agency.slug}")
    return known.areas[slug]


def _agencies_on_the_map(today: date) -> AgencyAt:
    """The agency whose map has a point, else the nearest within 25 m, as when a resident asks."""
    in_force = BoundarySet.objects.in_force(today).filter(kind__in=CHAIN)
    boundaries = Boundary.objects.filter(boundary_set__in=in_force).select_related("boundary_set__agency")
    shapes = [(plane_shape(b.geometry), b.boundary_set.agency) for b in boundaries]
    agencies = {agency.pk: agency for _, agency in shapes}

    def agency_at(lat: float, lon: float) -> Agency | None:
        spot = shapely.Point(to_plane(lon, lat))
        near = [(shape.distance(spot), agency.pk) for shape, agency in shapes]
        distance, pk = min(near, default=(inf, 0))
        return agencies[pk] if distance <= GAP_METRES else None

    return agency_at


def _identity(station: Station | None) -> str | None:
    return f"the station {station.name!r} of {station.agency.slug}" if station else None


def _end_others(stations: list[Station]) -> int:
    """Takes away what the agencies had besides; how many those were."""
    kept = {(station.agency_id, station.name) for station in stations}
    agencies = {agency_id for agency_id, _ in kept}
    there = Station.objects.filter(agency_id__in=agencies).values_list("pk", "agency_id", "name")
    gone = [pk for pk, agency_id, name in there if (agency_id, name) not in kept]
    Station.objects.filter(pk__in=gone).delete()
    return len(gone)
