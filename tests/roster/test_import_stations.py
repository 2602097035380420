"""The police's stations from CSV, whose agency the map knows."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backend.roster import editions
from backend.roster.models import Station
from tests.roster.factories import box, draw, lat, lon

pytestmark = pytest.mark.django_db

HEADER = "name,address,lat,lon"
CENTRAL = "Central,1 Elm St,38.6320,-90.2077\n"
SOUTH = "South,2 Oak St,38.5563,-90.2512\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "stations.csv"


def import_stations(path: Path, rows: str, header: str = HEADER, **more: Any) -> str:
    path.write_text(f"{header}\n{rows}")
    out = StringIO()
    call_command("import_stations", str(path), stdout=out, **more)
    return out.getvalue()


def names(agency: str = "slmpd") -> list[str]:
    return list(Station.objects.filter(agency__slug=agency).values_list("name", flat=True))


def test_an_agencys_stations_are_replaced_and_others_left(city: None, path: Path) -> None:
    assert "2 added, 0 changed, 1 ended" in import_stations(path, CENTRAL + SOUTH)
    assert (names(), names("slcpd")) == (["Central", "South"], ["Headquarters"])
    assert Station.objects.get(name="Central").source == "stations.csv"
    version = editions.version(editions.ROSTER)
    out = import_stations(path, CENTRAL.replace("1 Elm", "3 Elm"))
    assert "0 added, 1 changed, 1 ended, 0 unchanged" in out
    editions.forget()
    assert editions.version(editions.ROSTER) != version
    assert "1 unchanged" in import_stations(path, CENTRAL.replace("1 Elm", "3 Elm"))


def test_dry_run_changes_nothing(city: None, path: Path) -> None:
    assert "(dry run)" in import_stations(path, CENTRAL, dry_run=True)
    assert names() == ["Headquarters"]


def test_all_that_may_be_said_of_a_station(city: None, path: Path) -> None:
    header = f"{HEADER},agency,phone,area,source,verified_on"
    row = "North,3 Ash St,38.70,-90.50,slcpd,(314) 555-0100,slcpd-precinct-1,the department,2026-03-01\n"
    import_stations(path, row, header=header)
    station = Station.objects.get(name="North")
    assert (station.agency.slug, station.area.slug if station.area else "") == ("slcpd", "slcpd-precinct-1")
    assert (station.phone, station.source, str(station.verified_on)) == (
        "(314) 555-0100",
        "the department",
        "2026-03-01",
    )


def test_of_a_file_of_places_only_stations_are_read(city: None, path: Path) -> None:
    rows = "Central,police_station,1 Elm St,38.6320,-90.2077\nA School,school,NULL,,\n"
    assert "1 added" in import_stations(path, rows, header="name,type,address,lat,lon")
    with pytest.raises(CommandError, match="no row is of type police_station"):
        import_stations(path, "A School,school,1 Elm St,38.6,-90.2\n", header="name,type,address,lat,lon")


def test_beside_a_line_it_is_the_agencys_that_has_the_point(city: None, path: Path) -> None:
    """10 metres inside the County, and so within the 25 that a gap may be wide."""
    draw("district", {"7": box(50_000, 0, 51_000, 1000)})
    draw("precinct", {"7": box(51_000, 0, 52_000, 1000)}, agency="slcpd")
    import_stations(path, f"Line,1 Elm St,{lat(500)},{lon(51_010)}\n")
    assert Station.objects.get(name="Line").agency.slug == "slcpd"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (CENTRAL, "Row 3: the station 'Central' of slmpd is there twice"),
        (",1 Elm St,38.6320,-90.2077,,,", "Row 3: the name is missing"),
        ("X,,38.6320,-90.2077,,,", "Row 3: the address is missing"),
        ("X,1 Elm St,0,0,,,", "Row 3: it has no point"),
        ("X,1 Elm St,38.40,-90.90,,,", "Row 3: no agency's map of today has its point; name the agency"),
        ("X,1 Elm St,38.6320,-90.2077,nypd,,", "Row 3: there is no agency 'nypd'; there are slcpd, slmpd"),
        ("X,1 Elm St,38.6320,-90.2077,slmpd,nowhere,", "Row 3: there is no area 'nowhere'"),
        ("X,1 Elm St,38.6320,-90.2077,slmpd,slcpd-precinct-1,", "is not of the agency slmpd"),
        ("X,1 Elm St,38.6320,-90.2077,slmpd,,March", "Row 3: verified_on is 'March', not a day"),
    ],
)
def test_a_bad_row_refuses_the_file(city: None, path: Path, row: str, reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        import_stations(
            path, f"{CENTRAL.strip()},,,\n{row.strip()}\n", header=f"{HEADER},agency,area,verified_on"
        )
    assert names() == ["Headquarters"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "is empty"), (b"<html>", "is a web page"), (b"name\nx\n", "lacks the columns")],
)
def test_files_that_hold_no_stations(city: None, path: Path, content: bytes, reason: str) -> None:
    path.write_bytes(content)
    with pytest.raises(CommandError, match=reason):
        call_command("import_stations", str(path))
    assert names() == ["Headquarters"]
