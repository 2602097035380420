"""Files as people save them: read where it is plain what is meant, else refused in words."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backend.errors import Invalid
from backend.roster.models import Area, StaffMember
from backend.roster.services import (
    agency_named,
    import_addresses,
    import_areas,
    import_staff,
    import_stations,
)
from backend.roster.services import import_streets as import_street_features
from tests.roster import mapfiles
from tests.roster import test_imports as maps

pytestmark = pytest.mark.django_db

TODAY = maps.date(2026, 11, 25)


# --- nothing in it ------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["code,wkt\n", "code,wkt\n\n"])
def test_a_map_with_a_header_alone_ends_nothing(tmp_path: Path, content: str) -> None:
    maps.import_areas(maps.geojson(tmp_path / "d.geojson", ({"DISTNO": "1"}, maps.square(-90.30, 38.60))))
    path = tmp_path / "d.csv"
    path.write_text(content)
    for again in ({}, {"name": "2027", "since": "2027-01-01"}):
        with pytest.raises(CommandError, match=r"d\.csv has no shapes in it"):
            maps.import_areas(path, **again)
    with pytest.raises(CommandError, match=r"d\.csv has no shapes in it"):
        call_command("import_streets", str(path))
    assert Area.objects.mapped(TODAY).count() == 1


IMPORTS: dict[str, Callable[[], Any]] = {
    "areas": lambda: import_areas(
        features=[], agency=agency_named("slmpd"), kind="district", set_name="x", effective_on=TODAY
    ),
    "streets": lambda: import_street_features(features=[]),
    "addresses": lambda: import_addresses(rows=[]),
    "stations": lambda: import_stations(rows=[], source="x", today=TODAY),
    "staff": lambda: import_staff(rows=[], today=TODAY),
}


@pytest.mark.parametrize("name", IMPORTS)
def test_no_import_takes_nothing_for_all_there_is(name: str) -> None:
    with pytest.raises(Invalid, match="Nothing was imported: there is no"):
        IMPORTS[name]()


# --- CSV as people save it ----------------------------------------------------------------------------

HEADER = "name,rank,role,area,starts_on,badge_number"
ADA = "Ada Invented,Captain,district_captain,slmpd-district-4,2026-01-05,9001"


def staff(tmp_path: Path, content: str | bytes) -> str:
    path = tmp_path / "staff.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    out = maps.StringIO()
    call_command("import_staff", str(path), stdout=out)
    return out.getvalue()


SAVED = {
    "semicolons": f"{HEADER}\n{ADA}\n".replace(",", ";"),
    "tabs": f"{HEADER}\n{ADA}\n".replace(",", "\t"),
    "capitals and spaces": f"Name, Rank,ROLE,Area,Starts On,Badge Number\n{ADA}\n",
    "carriage returns alone": f"{HEADER}\r{ADA}\r",
    "rows of commas": f"{HEADER},,\n{ADA},,\n,,,,,,,\n , ,\n",
    "lines before the header": f"\n,,,\n{HEADER}\n{ADA}\n",
    "short rows": f"{HEADER},contact,watch\n{ADA}\n",
}


@pytest.mark.parametrize("form", SAVED)
def test_a_table_is_read_as_it_was_saved(city: None, tmp_path: Path, form: str) -> None:
    assert "staff: 1 added, 0 changed" in staff(tmp_path, SAVED[form])
    member = StaffMember.objects.get(is_demo=False)
    assert (member.name, member.badge_number) == ("Ada Invented", "9001")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            b"PK\x03\x04\x14\0\x06\0\x08\0",
            r"staff\.csv is not text in UTF-8 or Windows-1252; save it as UTF-8",
        ),
        (f"{HEADER}\n{ADA}\n".encode("utf-16"), "is not text in UTF-8"),
        (bytes(range(256)), "is not text in UTF-8"),
        (bytes(range(1, 256)) * 3, r"lacks the columns|is no CSV file"),
        (f"{HEADER},Name\n{ADA},Eve\n", "has the column name twice"),
        (f"{HEADER}\n,,,,\n", "has a header and no rows"),
    ],
)
def test_what_is_no_table_is_refused(city: None, tmp_path: Path, content: str | bytes, reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        staff(tmp_path, content)


def test_a_bad_row_is_named_by_the_line_on_which_it_begins(city: None, tmp_path: Path) -> None:
    long = ADA.replace("Captain", '"Captain\nof the\nFourth"')
    bad = ADA.replace("Ada", "Eve").replace("9001", "9002").replace("district_captain", "captain")
    with pytest.raises(CommandError) as refused:
        staff(tmp_path, f"{HEADER}\n\n,,,,\n{long}\n\n{bad}\n{bad.replace('9002', '9003')}\n")
    assert "Row 8: 'captain' is no role" in str(refused.value)
    assert "Row 9: 'captain' is no role" in str(refused.value)
    again = ADA.replace("Ada", "Eve").replace("01-05", "02-05")
    with pytest.raises(CommandError, match="Row 5: the badge number 9001 is Ada Invented's in a row above"):
        staff(tmp_path, f"{HEADER}\n{ADA}\n\n\n{again}\n")


def test_a_map_in_csv_says_which_row_has_no_shape(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text('DISTNO;WKT\n1;"POLYGON((-90.3 38.6, -90.2 38.6, -90.2 38.7, -90.3 38.6))"\n\n2;north\n')
    with pytest.raises(CommandError, match=r"Row 4 of d\.csv has no shape in WKT"):
        maps.import_areas(path)
    path.write_text(path.read_text().replace("2;north", ";"))
    assert "1 added" in maps.import_areas(path)
    path.write_text("DISTNO,shape\n1,x\n")
    with pytest.raises(CommandError, match=r"d\.csv needs a column `wkt`"):
        maps.import_areas(path)


# --- maps that declare what they do not mean ----------------------------------------------------------

LOCAL = 'LOCAL_CS["site",UNIT["metre",1]]'


def with_more(**more: Any) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = mapfiles.write_geojson(folder / "d.geojson")
        path.write_text(json.dumps(json.loads(path.read_text()) | more))
        return path

    return write


def damaged(folder: Path) -> Path:
    parts = mapfiles.shapefile_parts()
    return mapfiles.write_zip(
        folder / "d.zip", parts | {".shp": parts[".shp"][:108].ljust(len(parts[".shp"]), b"\xff")}
    )


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "cut short, as ArcGIS says it in GeoJSON": (
        with_more(properties={"exceededTransferLimit": True}),
        "was cut short by the server",
    ),
    "a site's own system": (
        lambda folder: mapfiles.write_esrijson(folder / "d.json", wkt=LOCAL),
        r"is in LOCAL_CS.* not known here; export it in WGS84",
    ),
    "a site's own system beside a shapefile": (
        lambda folder: mapfiles.write_zip(
            folder / "d.zip", mapfiles.shapefile_parts() | {".prj": LOCAL.encode()}
        ),
        r"is in LOCAL_CS.* not known here; export it in WGS84",
    ),
    "a list for a type": (
        with_more(type=None, geometryType=[1], spatialReference={"wkid": 4326}),
        r"holds \[1\]; maps are of polygons",
    ),
    "damaged shapes": (damaged, "is damaged or not a whole shapefile"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_map_declares_is_refused_in_words(tmp_path: Path, case: str) -> None:
    write, reason = REFUSED[case]
    with pytest.raises(CommandError, match=reason):
        maps.import_areas(write(tmp_path))
    assert not Area.objects.exists()


def test_a_slip_of_ours_is_not_called_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slip(rings: Any) -> dict[str, Any]:
        raise AttributeError("ours")

    monkeypatch.setattr("backend.roster.files.shapefiles.outline", slip)
    with pytest.raises(AttributeError, match="ours"):
        maps.import_areas(mapfiles.write_zip(tmp_path / "d.zip", mapfiles.shapefile_parts()))


def test_a_name_of_an_edition_that_is_too_long_is_refused(tmp_path: Path) -> None:
    path = maps.geojson(tmp_path / "d.geojson", ({"DISTNO": "1"}, maps.square(-90.30, 38.60)))
    with pytest.raises(CommandError, match="Nothing was imported: name is longer than 80 characters"):
        maps.import_areas(path, name="x" * 81)


@pytest.mark.parametrize("day", ["20261127", "2026-W48-5", "2026-1-5", "27.11.2026"])
def test_a_day_has_one_form(city: None, tmp_path: Path, day: str) -> None:
    with pytest.raises(CommandError, match=f"Row 2: starts_on is '{day}', not a day like 2026-11-27"):
        staff(tmp_path, f"{HEADER}\n{ADA.replace('2026-01-05', day)}\n")
    path = maps.geojson(tmp_path / "d.geojson", ({"DISTNO": "1"}, maps.square(-90.30, 38.60)))
    options = ["--agency=slmpd", "--kind=district", "--set=x", f"--effective={day}"]
    with pytest.raises(CommandError, match=f"'{day}' is not a day like 2026-11-27"):
        call_command("import_areas", str(path), *options)


def test_a_text_that_no_database_takes_is_a_bad_feature(tmp_path: Path) -> None:
    """Half of a pair, as JSON can spell it."""
    path = tmp_path / "d.geojson"
    maps.geojson(path, ({"DISTNO": "1", "NAME": "\ud83d"}, maps.square(-90.30, 38.60)))
    with pytest.raises(CommandError, match=r"Feature 1: name .* no text"):
        maps.import_areas(path)
