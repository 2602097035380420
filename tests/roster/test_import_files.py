"""Files as people save them: read where it is plain what is meant, else refused in words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backend.errors import Invalid
from backend.roster.models import Area
from backend.roster.services import (
    agency_named,
    import_addresses,
    import_areas,
    import_staff,
    import_stations,
)
from backend.roster.services import import_streets as import_street_features
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
