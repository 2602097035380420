"""Files as agencies send them: taken whole, taken twice without doubling, or refused with the reason."""

import gzip
import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backend.roster import editions
from backend.roster.models import (
    AddressPoint,
    Area,
    Boundary,
    BoundarySet,
    StreetSegment,
    areas_above,
)

pytestmark = pytest.mark.django_db


def square(west: float, south: float, size: float = 0.02) -> dict[str, Any]:
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def geojson(path: Path, *features: tuple[dict[str, Any], dict[str, Any]]) -> Path:
    rows = [{"type": "Feature", "properties": p, "geometry": g} for p, g in features]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    return path


def import_areas(
    path: Path,
    kind: str = "district",
    name: str = "2014",
    since: str = "2014-01-27",
    agency: str = "slmpd",
    **more: Any,
) -> str:
    out = StringIO()
    call_command(
        "import_areas",
        str(path),
        agency=agency,
        kind=kind,
        set_name=name,
        effective=date.fromisoformat(since),
        stdout=out,
        **more,
    )
    return out.getvalue()


@pytest.fixture
def two(tmp_path: Path) -> Path:
    return geojson(
        tmp_path / "districts.geojson",
        ({"DISTNO": "1", "ID1": 11}, square(-90.30, 38.60)),
        ({"DISTNO": "2", "ID1": 12}, square(-90.28, 38.60)),
    )


def test_areas_get_their_code_name_and_slug(two: Path) -> None:
    assert "2 added" in import_areas(two)
    area = Area.objects.get(slug="slmpd-district-1")
    assert (area.kind, area.code, area.name) == ("district", "1", "District 1")


def test_twice_is_once(two: Path) -> None:
    import_areas(two)
    version = editions.version(editions.ROSTER)
    assert "2 unchanged" in import_areas(two)
    assert (Area.objects.count(), Boundary.objects.count(), BoundarySet.objects.count()) == (2, 2, 1)
    editions.forget()
    assert editions.version(editions.ROSTER) != version


def test_dry_run_says_and_changes_nothing(two: Path) -> None:
    assert "2 added" in import_areas(two, dry_run=True)
    assert not Area.objects.exists()


def test_a_later_edition_ends_the_former_and_keeps_the_areas(two: Path, tmp_path: Path) -> None:
    import_areas(two)
    before = Area.objects.get(slug="slmpd-district-1").pk
    redrawn = geojson(tmp_path / "new.geojson", ({"DISTNO": "1"}, square(-90.30, 38.60, 0.04)))
    import_areas(redrawn, name="2027", since="2027-01-01")
    assert BoundarySet.objects.get(name="2014").ended_on == date(2027, 1, 1)
    assert Area.objects.get(slug="slmpd-district-1").pk == before
    assert Area.objects.mapped(date(2026, 12, 31)).count() == 2
    assert Area.objects.mapped(date(2027, 1, 1)).count() == 1


@pytest.mark.parametrize("since", ["2014-01-27", "2013-12-31"])
def test_an_edition_that_is_not_later_is_refused(two: Path, since: str) -> None:
    import_areas(two)
    with pytest.raises(CommandError, match="must begin after that day"):
        import_areas(two, name="other", since=since)


@pytest.mark.parametrize("since", ["2026-06-01", "2027-06-01"])
def test_an_edition_moved_in_time_leaves_neither_gap_nor_overlap(two: Path, since: str) -> None:
    import_areas(two)
    import_areas(two, name="2027", since="2027-01-01")
    import_areas(two, name="2027", since=since)
    assert BoundarySet.objects.get(name="2014").ended_on == date.fromisoformat(since)
    assert BoundarySet.objects.in_force(date(2026, 12, 31)).count() == 1


@pytest.mark.parametrize(
    ("properties", "geometry"),
    [
        ({"DISTNO": "1"}, {"type": "Blob", "coordinates": []}),
        ({"DISTNO": "1"}, {"type": "Polygon", "coordinates": None}),
        ({"DISTNO": "1"}, {"type": "Polygon", "coordinates": [["a", "b"]]}),
        ({"DISTNO": "x" * 50}, square(-90.3, 38.6)),
        ({"DISTNO": "1\0"}, square(-90.3, 38.6)),
        ({"DISTNO": "!!!"}, square(-90.3, 38.6)),
        ([1], square(-90.3, 38.6)),
    ],
)
def test_features_of_no_known_form(tmp_path: Path, properties: Any, geometry: Any) -> None:
    path = geojson(tmp_path / "odd.geojson", (properties, geometry))
    with pytest.raises(CommandError, match=r"imported\. Feature 1"):
        import_areas(path)
    assert not Area.objects.exists()


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {"type": "LineString", "coordinates": None},
        {"type": "LineString", "coordinates": [-90, 38]},
        {"type": "LineString", "coordinates": [["a", "b"], ["c", "d"]]},
        {"type": "LineString", "coordinates": [[float("nan"), 38], [-90, 38]]},
    ],
)
def test_lines_of_no_known_form(tmp_path: Path, geometry: Any) -> None:
    path = geojson(tmp_path / "odd.geojson", (street(1)[0], geometry))
    with pytest.raises(CommandError, match=r"imported\. (Street|Feature) 1"):
        call_command("import_streets", str(path))


@pytest.mark.parametrize(
    "content", [b"\x1f\x8b\x08broken", b"[" * 100_000, b'{"type": "FeatureCollection", "features": [null]}']
)
def test_files_broken_on_the_way(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.geojson"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=r"broken\.geojson"):
        import_areas(path)


def test_an_outline_as_long_as_a_districts_in_csv(tmp_path: Path) -> None:
    points = [f"{-90.3 + n * 1e-6:.6f} {38.6 + (n % 2) * 1e-6:.6f}" for n in range(9000)]
    ring = ", ".join([*points, "-90.2 38.7", "-90.3 38.7", points[0]])
    path = tmp_path / "d.csv"
    path.write_text(f'DISTNO,wkt\n1,"POLYGON(({ring}))"\n')
    assert "1 added" in import_areas(path)


def test_parents_whichever_map_comes_first(two: Path, tmp_path: Path) -> None:
    import_areas(two)
    south = geojson(tmp_path / "areas.geojson", ({"patrol_area": "South"}, square(-90.31, 38.59, 0.06)))
    beats = geojson(tmp_path / "beats.geojson", ({"beat": "21"}, square(-90.285, 38.605, 0.01)))
    import_areas(beats, kind="beat", name="b", since="2015-01-01")
    import_areas(south, kind="patrol_area", name="p", since="2023-03-01")
    beat = Area.objects.get(slug="slmpd-beat-21")
    above = areas_above([beat.pk], date(2026, 1, 1))
    slugs = set(Area.objects.filter(pk__in=above).values_list("slug", flat=True))
    assert slugs >= {"slmpd-beat-21", "slmpd-patrol-area-south"}
    assert len(slugs & {"slmpd-district-1", "slmpd-district-2"}) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"<!DOCTYPE html><title>Error</title>", "is a web page"),
        (b"not json", "is not GeoJSON"),
        (b'{"type": "FeatureCollection", "features": []}', "features in it"),
        (b'{"type": "Feature"}', "FeatureCollection"),
    ],
)
def test_files_that_are_no_map(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "download.geojson"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=reason):
        import_areas(path)
    assert not Area.objects.exists()


def test_a_map_in_feet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="not degrees"):
        import_areas(geojson(tmp_path / "f.geojson", ({"DISTNO": "1"}, square(890_000, 1_010_000, 5000))))


def test_every_bad_feature_is_named_and_none_is_taken(two: Path, tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "bad.geojson",
        ({"DISTNO": "1"}, square(-90.3, 38.6)),
        ({"DISTNO": "1"}, square(-90.2, 38.6)),
        ({}, square(-90.2, 38.6)),
        ({"DISTNO": "4"}, {"type": "Point", "coordinates": [-90, 38]}),
        ({"DISTNO": "5"}, {}),
    )
    with pytest.raises(CommandError) as refused:
        import_areas(path)
    for word in (
        "Feature 2: the code 1 is there twice",
        "Feature 3: it has no code",
        "Feature 4",
        "Feature 5",
    ):
        assert word in str(refused.value)
    assert not Area.objects.exists()


def test_an_unknown_agency_names_those_there_are(two: Path) -> None:
    with pytest.raises(CommandError, match="slcpd, slmpd"):
        call_command(
            "import_areas",
            str(two),
            agency="nypd",
            kind="district",
            set_name="x",
            effective=date(2014, 1, 27),
        )


# --- streets ------------------------------------------------------------------------------------------


def street(n: int, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    line = {"type": "LineString", "coordinates": [[-90.2, 38.63], [-90.21, 38.63]]}
    return {
        "id": n,
        "pre": "",
        "street": "ELM",
        "type": "ST",
        "lf": 100,
        "lt": 198,
        "rf": 0,
        "rt": 0,
        **more,
    }, line


def test_streets_twice_changed_and_gone(tmp_path: Path) -> None:
    path = tmp_path / "streets.geojson"
    call_command("import_streets", str(geojson(path, street(1), street(2, lf=200, lt=298))))
    call_command("import_streets", str(geojson(path, street(1, lt=150), street(3, street=""))))
    segment = StreetSegment.objects.get()
    assert (segment.left_from, segment.left_to, segment.right_from) == (100, 150, None)


def test_a_file_that_would_end_most_streets_is_warned_of(tmp_path: Path) -> None:
    path, out = tmp_path / "streets.geojson", StringIO()
    call_command("import_streets", str(geojson(path, *(street(n) for n in range(3)))), stdout=out)
    assert "warning" not in out.getvalue()
    call_command("import_streets", str(geojson(path, street(1))), stdout=out)
    assert "warning: 2 of the 3 streets there are end; is the file whole?\n" in out.getvalue()


def test_real_streets_retire_the_demos_and_its_buildings(city: None, tmp_path: Path) -> None:
    out = StringIO()
    call_command("import_streets", str(geojson(tmp_path / "s.geojson", street(1))), stdout=out)
    assert "warning" not in out.getvalue()
    assert [s.name for s in StreetSegment.objects.all()] == ["ELM"]
    assert not AddressPoint.objects.exists()


def test_streets_gzipped_and_as_csv(tmp_path: Path) -> None:
    path = geojson(tmp_path / "s.geojson", street(1))
    packed = tmp_path / "s.geojson.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    call_command("import_streets", str(packed))
    table = tmp_path / "s.csv"
    table.write_text(
        'id,pre,street,type,lf,lt,rf,rt,zip,wkt\n1,,ELM,ST,100,198,0,0,,"LINESTRING(-90.2 38.63,-90.21 38.63)"\n'
    )
    call_command("import_streets", str(table))
    assert StreetSegment.objects.get().name == "ELM"


def test_bad_streets_are_refused_whole(tmp_path: Path) -> None:
    path = geojson(tmp_path / "s.geojson", street(1), street(1), street(2, lf="many"))
    with pytest.raises(CommandError, match=r"Street 2: the id 1 is there twice.*Street 3: `lf` is 'many'"):
        call_command("import_streets", str(path))
    assert not StreetSegment.objects.exists()
