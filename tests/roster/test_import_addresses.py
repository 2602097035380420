"""Address points and places by name, from CSV as it comes."""

import gzip
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.roster import editions
from backend.roster.models import AddressPoint
from tests.test_lookup import look_up

pytestmark = pytest.mark.django_db

ELM = "100 ELM ST,38.63,-90.2\n"
OAK = "200 OAK AV,38.64,-90.21\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "points.csv"


def import_addresses(path: Path, rows: str, header: str = "address,lat,lon", **more: Any) -> str:
    path.write_text(f"{header}\n{rows}")
    out = StringIO()
    call_command("import_addresses", str(path), stdout=out, **more)
    return out.getvalue()


def stored() -> set[tuple[str, str]]:
    return set(AddressPoint.objects.values_list("address", "place"))


def test_added_changed_ended_and_unchanged(path: Path) -> None:
    assert "2 added" in import_addresses(path, ELM + OAK)
    kept = AddressPoint.objects.get(address="100 ELM ST").pk
    out = import_addresses(path, ELM + "300 ASH ST,38.65,-90.22\n")
    assert "1 added, 0 changed, 1 ended, 1 unchanged" in out
    assert AddressPoint.objects.get(address="100 ELM ST").pk == kept
    assert "1 changed" in import_addresses(path, ELM.replace("38.63", "38.631"))
    assert stored() == {("100 ELM ST", "")}


def test_a_file_that_would_end_most_is_warned_of(path: Path) -> None:
    rows = [f"{n} ELM ST,38.63,-90.2\n" for n in range(1, 5)]
    import_addresses(path, "".join(rows))
    assert "warning" not in import_addresses(path, "".join(rows[:2]), dry_run=True)
    out = import_addresses(path, rows[0] + ELM, dry_run=True)
    assert "warning: 3 of the 4 addresses there are end; is the file whole?\n" in out
    import_addresses(path, f"Elm Park,{rows[0]}Elm School,{rows[0]}", header="name,address,lat,lon")
    out = import_addresses(path, f"Oak Park,{rows[0]}", header="name,address,lat,lon")
    assert "warning: 2 of the 2 places by name there are end" in out


def test_dry_run_changes_nothing(path: Path) -> None:
    assert "1 added, 0 changed, 0 ended, 0 unchanged (dry run)" in import_addresses(path, ELM, dry_run=True)
    assert not stored()


def test_an_import_is_a_new_edition_and_retires_the_demos_buildings(city: None, path: Path) -> None:
    before = editions.version(editions.STREETS)
    import_addresses(path, ELM)
    editions.forget()
    assert editions.version(editions.STREETS) != before
    assert stored() == {("100 ELM ST", "")}


def test_places_and_addresses_leave_each_other_alone(path: Path) -> None:
    import_addresses(path, ELM)
    places = "Elm Library,100 ELM ST,38.63,-90.2\nElm School,100 ELM ST,38.63,-90.2\nElm Park,,38.631,-90.2\n"
    assert "3 added" in import_addresses(path, places, header="name,address,lat,lon")
    assert stored() == {
        ("100 ELM ST", ""),
        ("100 ELM ST", "Elm Library"),
        ("100 ELM ST", "Elm School"),
        ("Elm Park", "Elm Park"),
    }
    assert "0 ended" in import_addresses(path, OAK + ELM)
    assert "2 ended" in import_addresses(path, places[:35], header="name,address,lat,lon")
    assert stored() == {("100 ELM ST", ""), ("200 OAK AV", ""), ("100 ELM ST", "Elm Library")}


def test_a_place_without_an_address_is_found_by_its_name(client: Client, city: None, path: Path) -> None:
    import_addresses(path, "Elm Park,,38.6320,-90.2077\n", header="name,address,lat,lon")
    editions.forget()
    match = look_up(client, address="Elm Park").json()["match"]
    assert (match["kind"], match["address"]) == ("place", "Elm Park")


@pytest.mark.parametrize("where", [",", "NULL,NULL", "0,0", "0.0,0", "38.63,"])
def test_rows_without_a_point_are_left_out_and_counted(path: Path, where: str) -> None:
    assert "1 row without a point left out" in import_addresses(path, f"1 ELM ST,{where}\n{ELM}")
    assert stored() == {("100 ELM ST", "")}


def test_an_address_again_is_counted_and_the_first_kept(path: Path) -> None:
    out = import_addresses(path, ELM + ELM + ELM.replace("38.63", "38.6302") + ELM.replace("38.63", "38.66"))
    assert "2 rows with an address that is there already counted once" in out
    assert "1 row with another point for an address, over 100 m away; the first was kept" in out
    assert AddressPoint.objects.get().lat == 38.63


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1 ELM ST,north,-90.2", "Row 3: 'north', '-90.2' are no coordinates"),
        ("1 ELM ST,nan,-90.2", "Row 3: nan, -90.2 are no degrees"),
        ("1 ELM ST,95,-90.2", "Row 3: 95.0, -90.2 are no degrees"),
        ("1 ELM ST,-90.2,38.63", r"Row 3: -90\.2, 38\.63 are no degrees"),
        ("1 ELM ST,41.8,-87.6", "Row 3: 41.8, -87.6 is more than 100 km from St. Louis"),
        (",38.63,-90.2", "Row 3: the address is missing"),
        ("x" * 121 + ",38.63,-90.2", "Row 3: address is longer than 120 characters"),
    ],
)
def test_a_bad_row_refuses_the_file(path: Path, row: str, reason: str) -> None:
    import_addresses(path, OAK)
    with pytest.raises(CommandError, match=reason):
        import_addresses(path, f"{ELM}{row}\n")
    assert stored() == {("200 OAK AV", "")}


def test_a_place_needs_a_name(path: Path) -> None:
    with pytest.raises(CommandError, match="Row 2: the name is missing"):
        import_addresses(path, ",1 ELM ST,38.63,-90.2\n", header="name,address,lat,lon")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"<html></html>", "is a web page"),
        (b"address,lat\n1 ELM ST,38.63\n", "lacks the columns lon"),
        (b"address,lat,lon\n", "a header and no rows"),
        (b"address,lat,lon\n1 ELM ST,,\n", "no row has a point"),
    ],
)
def test_files_that_hold_no_addresses(path: Path, content: bytes, reason: str) -> None:
    import_addresses(path, OAK)
    path.write_bytes(content)
    with pytest.raises(CommandError, match=reason):
        call_command("import_addresses", str(path))
    assert stored() == {("200 OAK AV", "")}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_encodings_and_gzip(path: Path, encoding: str) -> None:
    text = "address,lat,lon,src\n1 CAFÉ ST,38.63,-90.2,x\n"
    packed = path.with_suffix(".csv.gz")
    packed.write_bytes(gzip.compress(text.encode(encoding)))
    call_command("import_addresses", str(packed))
    assert stored() == {("1 CAFÉ ST", "")}


def test_thousands_of_addresses_are_a_few_statements(path: Path) -> None:
    """Some for each batch of rows, never some for each row; none to write what is there already."""
    rows = "".join(f"{n} ELM ST,{38.6 + n * 1e-6:.6f},-90.2\n" for n in range(1, 5001))
    with CaptureQueriesContext(connection) as first:
        import_addresses(path, rows)
    with CaptureQueriesContext(connection) as again:
        assert "5000 unchanged" in import_addresses(path, rows)
    assert len(first) <= 5000 / 100
    assert len(again) <= 20
