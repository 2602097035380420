"""One map in many forms is one map; what is no map of St. Louis is refused whole, in words."""

import json
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.core.management import CommandError
from django.test import Client
from shapely.geometry import shape

from backend.roster.geometry import in_plane, plane_shape
from backend.roster.models import Area, Boundary, BoundarySet
from tests.roster.mapfiles import (
    FEET,
    MAP,
    shapefile_parts,
    write_esrijson,
    write_geojson,
    write_zip,
)
from tests.roster.same_answers import assert_same, points_beside_lines, said_of
from tests.roster.test_imports import import_areas

pytestmark = pytest.mark.django_db

FORMS: dict[str, Callable[[Path], Path]] = {
    "geojson": lambda folder: write_geojson(folder / "d.geojson"),
    "geojson in feet": lambda folder: write_geojson(folder / "d.json", crs="urn:ogc:def:crs:EPSG::102696"),
    "geojson of Esri's": lambda folder: write_geojson(folder / "d.json", crs=FEET),
    "esrijson": lambda folder: write_esrijson(folder / "d.json"),
    "esrijson under another name": lambda folder: write_esrijson(folder / "d.geojson", wkid=102696),
    "shapefile": lambda folder: write_zip(folder / "d.zip", shapefile_parts()),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_outlines_to_the_metre(tmp_path: Path, form: str) -> None:
    assert "3 added" in import_areas(FORMS[form](tmp_path))
    for code, rings in MAP.items():
        drawn = plane_shape({"type": "Polygon", "coordinates": rings})
        stored = plane_shape(Boundary.objects.get(area__code=code).geometry)
        assert stored.hausdorff_distance(drawn) < 1
        assert len(shapely.get_coordinates(stored)) == len(shapely.get_coordinates(drawn))


@pytest.mark.parametrize("form", [form for form in FORMS if form != "geojson"])
def test_the_same_answers_to_the_metre(client: Client, tmp_path: Path, form: str) -> None:
    import_areas(FORMS["geojson"](tmp_path))
    points = points_beside_lines()
    plain = said_of(client, points)
    assert {said.near_boundary for said in plain} == {True, False}
    assert ("outside-service-area",) in {said.areas for said in plain}
    BoundarySet.objects.all().delete()
    assert "3 " in import_areas(FORMS[form](tmp_path))
    assert_same(plain, said_of(client, points))


def test_a_projection_in_words_of_its_own(tmp_path: Path) -> None:
    wkt = shapefile_parts()[".prj"].decode()
    assert "3 added" in import_areas(write_esrijson(tmp_path / "d.json", wkt=wkt))


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", b"UTF-8"), ("utf-8", None), ("cp1252", None), ("cp1252", b"1252"), ("cp850", b"ANSI 850")],
)
def test_names_in_the_encoding_that_a_shapefile_declares(
    tmp_path: Path, encoding: str, declared: bytes | None
) -> None:
    parts = shapefile_parts(name="Élan voilà", encoding=encoding)
    import_areas(write_zip(tmp_path / "d.zip", parts | ({".cpg": declared} if declared else {})))
    assert set(Area.objects.values_list("name", flat=True)) == {"Élan voilà"}


def test_a_ring_that_runs_the_wrong_way_is_an_outline(tmp_path: Path) -> None:
    path = write_esrijson(tmp_path / "d.json")
    document = json.loads(path.read_text())
    document["features"] = document["features"][:1]
    document["features"][0]["geometry"]["rings"][0].reverse()
    path.write_text(json.dumps(document))
    import_areas(path)
    outline = plane_shape(Boundary.objects.get().geometry)
    assert outline.area == pytest.approx(in_plane(shape({"type": "Polygon", "coordinates": MAP["1"]})).area)


def geojson_with(**more: Any) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = write_geojson(folder / "d.geojson")
        path.write_text(json.dumps(json.loads(path.read_text()) | more))
        return path

    return write


def raw(content: bytes, name: str = "d.geojson") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return write


def zipped(change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> Callable[[Path], Path]:
    return lambda folder: write_zip(folder / "d.zip", change(shapefile_parts()))


def without(*endings: str) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    return lambda parts: {ending: content for ending, content in parts.items() if ending not in endings}


def two_shapefiles(folder: Path) -> Path:
    parts = shapefile_parts()
    return write_zip(folder / "d.zip", parts | {f"-2{ending}": content for ending, content in parts.items()})


def half_a_zip(folder: Path) -> Path:
    path = write_zip(folder / "d.zip", shapefile_parts())
    path.write_bytes(path.read_bytes()[:-200])
    return path


def bomb(folder: Path) -> Path:
    return write_zip(folder / "d.zip", shapefile_parts() | {".cpg": b"\0" * 300_000_001})


def counted_wrong(parts: dict[str, bytes]) -> dict[str, bytes]:
    return parts | {".dbf": parts[".dbf"][:4] + struct.pack("<I", 90) + parts[".dbf"][8:]}


def in_system(**reference: Any) -> Callable[[Path], Path]:
    return lambda folder: write_esrijson(folder / "d.json", **reference)


REFUSED = {
    "empty": (raw(b""), "is empty"),
    "a page": (raw(b"\xef\xbb\xbf\n<html>", "d.zip"), "is a web page"),
    "broken JSON": (raw(b'{"type": "FeatureCollection", '), "is not GeoJSON"),
    "an error in JSON": (raw(b'{"error": {"code": 400}}', "d.json"), "with features in it"),
    "features of no known form": (
        raw(b'{"features": [{}]}'),
        "is not a GeoJSON FeatureCollection or EsriJSON",
    ),
    "cut by the server": (geojson_with(exceededTransferLimit=True), "was cut short"),
    "unknown system": (
        geojson_with(crs={"type": "name", "properties": {"name": "EPSG:999999"}}),
        "is in EPSG:999999, a coordinate system that is not known",
    ),
    "linked system": (geojson_with(crs={"type": "link"}), "in no known form"),
    "unknown wkid": (in_system(wkid=999999), "is in EPSG:999999"),
    "no system": (in_system(latestWkid=None), "does not say in which coordinate system"),
    "feet taken for degrees": (in_system(wkid=4326), "Feature 1 of d.json: its coordinates are not degrees"),
    "another state's feet": (in_system(wkid=2263), "km from St. Louis: the file declares a wrong"),
    "metres for feet": (in_system(wkid=26996), "km from St. Louis"),
    "points": (
        raw(b'{"geometryType": "esriGeometryPoint", "spatialReference": {"wkid": 4326}, "features": [{}]}'),
        "holds esriGeometryPoint",
    ),
    "no rings": (
        raw(b'{"spatialReference": {"wkid": 4326}, "features": [{"geometry": {"rings": [[1]]}}]}'),
        "Feature 1",
    ),
    "no shapefile": (lambda folder: write_zip(folder / "d.zip", {".txt": b"x"}), "it holds none"),
    "two shapefiles": (two_shapefiles, r"it holds districts-2\.shp, districts\.shp"),
    "no prj": (zipped(without(".prj")), r"has no \.prj, which says"),
    "no dbf": (zipped(without(".dbf")), r"has no \.dbf"),
    "truncated shp": (zipped(lambda parts: parts | {".shp": parts[".shp"][:-40]}), "is cut short"),
    "truncated dbf": (zipped(lambda parts: parts | {".dbf": parts[".dbf"][:-20]}), "is cut short"),
    "wrong count": (zipped(counted_wrong), "is cut short"),
    "no header": (zipped(lambda parts: parts | {".shp": b"x"}), "is damaged"),
    "half a zip": (half_a_zip, "is damaged"),
    "bomb": (bomb, "larger than 300 MB"),
    "unknown prj": (zipped(lambda parts: parts | {".prj": b"PROJCS[moon]"}), r"is in PROJCS\[moon\]"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_file_changes_nothing(tmp_path: Path, case: str) -> None:
    write, reason = REFUSED[case]
    with pytest.raises(CommandError, match=reason):
        import_areas(write(tmp_path))
    assert not Area.objects.exists()
    assert not BoundarySet.objects.exists()


def test_the_web_server_loads_no_map_readers() -> None:
    """They cost memory in every process, and only imports need them."""
    asked = (
        "import django, sys; django.setup(); import backend.urls, backend.roster.services; "
        "assert not {'pyproj', 'shapefile'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", asked], check=True)
