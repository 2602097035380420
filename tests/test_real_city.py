"""The real St. Louis, where STL_DATA names a folder of it; never part of the project."""

import csv
import os
import random
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from backend.roster.files import read_features
from backend.roster.services import agency_named, import_areas, import_streets
from tests.conftest import forget_editions

DATA = Path(os.environ.get("STL_DATA", "nowhere"))
MAPS = [("patrol_area", "patrol_areas"), ("district", "districts"), ("beat", "beats_derived")]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not (DATA / "truth.csv").exists(), reason="STL_DATA names no folder of St. Louis data"
    ),
]


def test_real_spellings_reach_the_recorded_district(client: Client) -> None:
    """500 numbered addresses of police records: at least 93 % found, 98.5 % of those in their district."""
    for kind, name in MAPS:
        import_areas(
            features=read_features(DATA / f"{name}.geojson"),
            agency=agency_named("slmpd"),
            kind=kind,
            set_name="2014",
            effective_on=date(2014, 1, 27),
        )
    import_streets(features=read_features(DATA / "streets.geojson.gz"))
    forget_editions()
    with (DATA / "truth.csv").open() as file:
        rows = [r for r in csv.DictReader(file) if (r["stratum"], r["kind"]) == ("random", "address")]
    found = right = 0
    for row in random.Random(7).sample(rows, 500):
        body = {"address": row["address"]}
        answer = client.post("/api/v1/lookup", body, content_type="application/json")
        if answer.status_code == 200:
            found += 1
            right += row["district"] in [a["code"] for a in answer.json()["areas"] if a["kind"] == "district"]
    assert found / 500 >= 0.93
    assert right / found >= 0.985
