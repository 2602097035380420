"""What an import of a map says, what it expects, and what lives through a redraw."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from shapely import Point

from backend.roster.geometry import plane_shape, to_plane
from backend.roster.models import Area, Assignment, Boundary, BoundarySet, parents
from tests.factories import make_staff
from tests.roster.test_imports import geojson, import_areas, square

pytestmark = pytest.mark.django_db

Row = tuple[dict[str, Any], dict[str, Any]]


def column(code: str, n: int, size: float = 0.02) -> Row:
    return {"DISTNO": code}, square(-90.30 + n * 0.02, 38.60, size)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "d.geojson"


def test_figures_and_names(path: Path) -> None:
    out = import_areas(geojson(path, column("1", 0), column("2", 1)))
    assert "2 areas, 2.99 square miles\n" in out
    assert "added: slmpd-district-1, slmpd-district-2\n" in out


def test_ten_names_a_line_and_the_rest_counted(path: Path) -> None:
    out = import_areas(
        geojson(path, *(column(f"{n:02}", n % 5) for n in range(5))), kind="ward", code="DISTNO"
    )
    assert "added: slmpd-ward-00, slmpd-ward-01" in out
    many = [({"beat": f"{n:02}"}, square(-90.30 + n * 0.01, 38.60, 0.01)) for n in range(12)]
    assert "slmpd-beat-09 and 2 more\n" in import_areas(geojson(path, *many), kind="beat", name="b")


@pytest.mark.parametrize(
    ("expected", "reason"),
    [
        ({"expect_count": 9}, "the file has 2 areas, not the expected 9"),
        ({"expect_sqmi": 3.05}, r"are 2\.99 square miles together, not the expected 3\.05"),
    ],
)
def test_an_unexpected_map_is_refused(path: Path, expected: dict[str, Any], reason: str) -> None:
    geojson(path, column("1", 0), column("2", 1))
    with pytest.raises(CommandError, match=reason):
        import_areas(path, **expected)
    assert not Area.objects.exists()
    assert "2 added" in import_areas(path, expect_count=2, expect_sqmi=3.0)


def test_overlaps_are_reported_and_cut(path: Path) -> None:
    geojson(path, ({"DISTNO": "2"}, square(-90.281, 38.60)), column("1", 0))
    out = import_areas(path)
    assert "repaired: 1 overlap (193,0" in out
    assert "largest slmpd-district-1/slmpd-district-2" in out
    assert "large overlap: slmpd-district-1 and slmpd-district-2" in out
    west = min(p[0] for p in Boundary.objects.get(area__code="2").geometry["coordinates"][0][0])
    assert west == -90.28


def test_what_was_mended_of_one_outline_is_said(path: Path) -> None:
    """Both pieces hold the point in the middle, and so does the area."""
    pieces = [square(west, south)["coordinates"] for west, south in ((-90.30, 38.60), (-90.29, 38.61))]
    geojson(path, ({"DISTNO": "1"}, {"type": "MultiPolygon", "coordinates": pieces}), column("2", 3))
    out = import_areas(path)
    assert "2 areas, 4.11 square miles" in out
    assert "mended: slmpd-district-1 (pieces of it share 965,2" in out
    stored = plane_shape(Boundary.objects.get(area__code="1").geometry)
    assert stored.covers(Point(to_plane(-90.285, 38.615)))


def test_an_area_within_another_is_refused(path: Path) -> None:
    with pytest.raises(CommandError, match="slmpd-district-2 lies wholly within slmpd-district-1"):
        import_areas(geojson(path, column("1", 0), ({"DISTNO": "2"}, square(-90.295, 38.605, 0.005))))
    assert not Area.objects.exists()


def test_a_bad_day_is_refused_in_words(path: Path) -> None:
    geojson(path, column("1", 0))
    options = ["--agency=slmpd", "--kind=district", "--set=x", "--effective=2014-13-01"]
    with pytest.raises(CommandError, match="'2014-13-01' is not a day like 2026-11-27"):
        call_command("import_areas", str(path), *options)
    assert not BoundarySet.objects.exists()


def test_towns_are_named_as_they_write_themselves(path: Path) -> None:
    names = {
        "TAC": ("TOWN & COUNTRY", "Town and Country"),
        "STA": ("ST. ANN", "St. Ann"),
        "BLN": ("BEL-NOR", "Bel-Nor"),
        "OFA": ("O'FALLON", "O'Fallon"),
        "UNI": ("UNINCORPORATED", "Unincorporated St. Louis County"),
        "MIX": ("McKinley", "McKinley"),
    }
    rows = [
        ({"name": name, "MUNI": code}, square(-90.5 + n * 0.02, 38.6))
        for n, (code, (name, _)) in enumerate(names.items())
    ]
    import_areas(geojson(path, *rows), kind="municipality", agency="slcpd")
    towns = Area.objects.filter(kind="municipality")
    assert dict(towns.values_list("code", "name")) == {code: name for code, (_, name) in names.items()}
    assert towns.get(code="STA").slug == "slcpd-municipality-sta"


def test_a_number_and_a_code_in_another_spelling_are_the_same_area(path: Path) -> None:
    import_areas(
        geojson(path, ({"DISTNO": 1.0}, square(-90.3, 38.6)), ({"DISTNO": "A 1"}, square(-90.2, 38.6)))
    )
    out = import_areas(
        geojson(path, ({"DISTNO": "1"}, square(-90.3, 38.6)), ({"DISTNO": "a-1"}, square(-90.2, 38.6)))
    )
    assert "0 added" in out
    assert Area.objects.count() == 2


# --- a redraw -----------------------------------------------------------------------------------------


def test_a_redraw_says_what_ends_and_keeps_what_hangs_on_areas(path: Path) -> None:
    old = geojson(path.with_name("old.geojson"), *(column(str(n), n) for n in range(1, 5)))
    new = geojson(path, column("1", 1, 0.03), column("2", 2), column("9", 4, 0.04))
    import_areas(old, name="1960s", since="2010-01-01")
    areas = dict(Area.objects.values_list("slug", "pk"))
    captain = make_staff("captain@example.org", "slmpd-district-1", "district_captain")
    dry, out = (import_areas(new, dry_run=dry_run) for dry_run in (True, False))
    for said in (dry, out):
        assert "1 added, 2 changed, 2 ended, 0 unchanged" in said
        assert 'the former map "1960s": 4 areas, 5.97 square miles' in said
        assert "warning: the total area changes by +" in said
        assert 'ended: set "1960s" on 2014-01-27\n' in said
        assert "ended areas: slmpd-district-3, slmpd-district-4\n" in said
        assert "added: slmpd-district-9\n" in said
        assert "changed: slmpd-district-1, slmpd-district-2\n" in said
    assert areas.items() <= dict(Area.objects.values_list("slug", "pk")).items()
    assert Assignment.objects.get(staff_member__user=captain).area.slug == "slmpd-district-1"
    assert on_the_map(date(2014, 1, 26)) == ["1", "2", "3", "4"]
    assert on_the_map(date(2014, 1, 27)) == ["1", "2", "9"]
    again = import_areas(new)
    assert "0 added, 0 changed, 0 ended, 3 unchanged" in again
    assert "ended" not in again.splitlines()[1:]


def on_the_map(day: date) -> list[str]:
    return list(Area.objects.filter(kind="district").mapped(day).values_list("code", flat=True))


def test_a_former_edition_may_be_imported_again(path: Path) -> None:
    old = geojson(path.with_name("old.geojson"), column("1", 0), column("3", 2))
    new = geojson(path, column("1", 0))
    for _ in range(2):
        import_areas(old, name="1960s", since="2010-01-01")
        import_areas(new)
    assert BoundarySet.objects.get(name="1960s").ended_on == date(2014, 1, 27)
    assert "2 unchanged" in import_areas(old, name="1960s", since="2010-01-01")


def test_a_former_edition_renames_nothing_of_today(path: Path) -> None:
    """But what only the former one has is named by it."""

    def edition(name: str, *codes: str) -> Path:
        rows = [
            ({"DISTNO": code, "NAME": f"{name} {code}"}, column("", n)[1]) for n, code in enumerate(codes)
        ]
        return geojson(path, *rows)

    import_areas(edition("Old", "a-1", "3"), name="1960s", since="2010-01-01")
    import_areas(edition("New", "A 1"))
    for again in (1, 2):
        out = import_areas(edition("Older", "a-1", "3"), name="1960s", since="2010-01-01")
        assert f"0 added, {2 - again} changed, 0 ended" in out
    names = Area.objects.order_by("code").values_list("code", "name")
    assert dict(names) == {"A 1": "New A 1", "3": "Older 3"}
    import_areas(edition("Newer", "A 1"))
    assert Area.objects.get(code="A 1").name == "Newer A 1"


def test_each_edition_has_its_own_parents(path: Path) -> None:
    """District 1 was in the south until 2014 and is in the north since; its beat with it, unmoved."""
    for name, since, south, north in [("old", "2010-01-01", "1", "2"), ("new", "2014-01-27", "2", "1")]:
        areas = geojson(
            path,
            ({"patrol_area": "South"}, square(-90.30 + (int(south) - 1) * 0.02, 38.60)),
            ({"patrol_area": "North"}, square(-90.30 + (int(north) - 1) * 0.02, 38.60)),
        )
        import_areas(areas, kind="patrol_area", name=name, since=since)
        import_areas(geojson(path, column("1", 0), column("2", 1)), name=name, since=since)
    assert [
        Area.objects.get(pk=parents(day)[Area.objects.get(slug="slmpd-district-1").pk]).slug
        for day in (date(2014, 1, 26), date(2014, 1, 27))
    ] == ["slmpd-patrol-area-south", "slmpd-patrol-area-north"]
