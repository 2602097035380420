"""The real St. Louis, where STL_DATA names a folder of it; never part of the project."""

import csv
import random
from datetime import date

import pytest
from django.test import Client

from backend.roster.files import read_features
from backend.roster.services import agency_named, import_areas, import_streets
from tests.conftest import forget_editions
from tests.realdata import needs_data, real

MAPS = [("patrol_area", "patrol_areas"), ("district", "districts"), ("beat", "beats_derived")]

pytestmark = [pytest.mark.django_db, needs_data]


def test_real_spellings_reach_the_recorded_district(client: Client) -> None:
    """500 numbered addresses of police records: at least 98 % found, 99 % of those in their district."""
    for kind, name in MAPS:
        import_areas(
            features=read_features(real(f"{name}.geojson")),
            agency=agency_named("slmpd"),
            kind=kind,
            set_name="2014",
            effective_on=date(2014, 1, 27),
        )
    import_streets(features=read_features(real("streets.geojson.gz")))
    forget_editions()
    with real("truth.csv").open() as file:
        rows = [r for r in csv.DictReader(file) if (r["stratum"], r["kind"]) == ("random", "address")]
    found = right = 0
    for row in random.Random(7).sample(rows, 500):
        body = {"address": row["address"]}
        answer = client.post("/api/v1/lookup", body, content_type="application/json")
        if answer.status_code == 200:
            found += 1
            right += row["district"] in [a["code"] for a in answer.json()["areas"] if a["kind"] == "district"]
    assert found / 500 >= 0.98
    assert right / found >= 0.99
