"""The maps of the real St. Louis, where STL_DATA names a folder of them; never part of the project."""

from io import StringIO

import pytest
import shapely
from django.core.management import call_command
from django.test import Client

from backend.roster.files import read_features
from backend.roster.geometry import plane_shape
from backend.roster.models import AddressPoint, Area, Boundary, BoundarySet, Station
from tests.realdata import needs_data, real
from tests.roster.same_answers import assert_same, points_beside_lines, said_of

pytestmark = [pytest.mark.django_db, needs_data]

# (file, agency, kind, areas, square miles).
MAPS = [
    ("districts.geojson", "slmpd", "district", 6, 63.84),
    ("districts_stateplane_shp.zip", "slmpd", "district", 6, 63.84),
    ("districts_esrijson.json", "slmpd", "district", 6, 63.84),
    ("patrol_areas.geojson", "slmpd", "patrol_area", 3, 63.84),
    ("beats_derived.geojson", "slmpd", "beat", 54, 63.83),
    ("neighborhoods.geojson", "slmpd", "neighborhood", 88, 62.10),
    ("wards.geojson", "slmpd", "ward", 14, 66.19),
    ("county_municipalities.geojson", "slcpd", "municipality", 91, 523.8),
]


def import_map(file: str, agency: str, kind: str, count: int, miles: float) -> str:
    out = StringIO()
    options = {"agency": agency, "kind": kind, "set_name": "now", "effective": "2014-01-27"}
    call_command(
        "import_areas", str(real(file)), stdout=out, expect_count=count, expect_sqmi=miles, **options
    )
    return out.getvalue()


@pytest.mark.parametrize("row", MAPS, ids=[row[0] for row in MAPS])
def test_every_map_has_its_codes_and_size_and_shares_no_ground(row: tuple[str, str, str, int, float]) -> None:
    assert f"{row[3]} added" in import_map(*row)
    shapes = [plane_shape(boundary.geometry) for boundary in Boundary.objects.all()]
    assert all(shape.is_valid for shape in shapes)
    assert sum(s.area for s in shapes) == pytest.approx(shapely.union_all(shapes).area, abs=1)
    assert f"{row[3]} unchanged" in import_map(*row)


def test_towns_by_name() -> None:
    import_map(*MAPS[-1])
    names = set(Area.objects.values_list("name", flat=True))
    assert names >= {"St. Ann", "Bel-Nor", "Town and Country", "Unincorporated St. Louis County"}


@pytest.mark.parametrize("file", ["districts_stateplane_shp.zip", "districts_esrijson.json"])
def test_state_plane_feet_are_the_same_corners_to_the_metre(file: str) -> None:
    plain, feet = (
        {str(f.properties["DISTNO"]): plane_shape(f.geometry) for f in read_features(real(name))}
        for name in ("districts.geojson", file)
    )
    assert plain.keys() == feet.keys()
    for code, shape in plain.items():
        assert shape.normalize().hausdorff_distance(feet[code].normalize()) < 1
        assert shapely.get_num_coordinates(shape) == shapely.get_num_coordinates(feet[code])


def test_all_three_files_give_the_same_answers_to_the_metre(client: Client) -> None:
    import_map(*MAPS[0])
    points = points_beside_lines(every=37)
    plain = said_of(client, points)
    assert len(points) > 300
    assert {said.near_boundary for said in plain} == {True, False}
    for row in MAPS[1:3]:
        BoundarySet.objects.all().delete()
        import_map(*row)
        assert_same(plain, said_of(client, points))


def test_addresses_places_and_stations() -> None:
    import_map(*MAPS[0])
    for command, file in [
        ("import_addresses", "addresses.csv.gz"),
        ("import_addresses", "places.csv"),
        ("import_stations", "places.csv"),
    ]:
        call_command(command, str(real(file)), stdout=StringIO())
    plain = AddressPoint.objects.filter(place="")
    assert (plain.count(), AddressPoint.objects.count() - plain.count()) == (74_747, 402)
    assert Station.objects.filter(agency__slug="slmpd").count() == 4
