"""Every corner and every edge's middle of the real districts, where STL_DATA names a folder of them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.test import Client

from backend.roster.files import read_features
from backend.roster.geometry import plane_shape, to_plane
from backend.roster.models import Boundary
from backend.roster.services import agency_named, import_areas
from tests.conftest import forget_editions
from tests.realdata import needs_data, real

pytestmark = [pytest.mark.django_db, needs_data]

Point = tuple[float, float]


@pytest.fixture
def districts() -> dict[str, Any]:
    """The six, by code: shapes in metres as they are stored."""
    import_areas(
        features=read_features(real("districts.geojson")),
        agency=agency_named("slmpd"),
        kind="district",
        set_name="2014",
        effective_on=date(2014, 1, 27),
    )
    forget_editions()
    return {b.area.code: plane_shape(b.geometry) for b in Boundary.objects.select_related("area")}


def corners_and_middles() -> Iterator[Point]:
    """(lon, lat) as the City publishes them, rounded and repaired by nobody."""
    for feature in json.loads(real("districts.geojson").read_text())["features"]:
        for line in shapely.get_parts(shapely.boundary(shapely.geometry.shape(feature["geometry"]))):
            for (x1, y1), (x2, y2) in pairwise(line.coords):
                yield x1, y1
                yield (x1 + x2) / 2, (y1 + y2) / 2


def test_each_has_one_right_answer_and_the_other_side(districts: dict[str, Any]) -> None:
    """The area that holds it, else the nearest within 25 m; whatever else is within 50 m is told."""
    client = Client()
    asked = list(dict.fromkeys(corners_and_middles()))
    assert len(asked) > 1000
    for lon, lat in asked:
        answer = client.post(
            "/api/v1/lookup", {"lat": lat, "lon": lon}, content_type="application/json"
        ).json()
        point = shapely.Point(*to_plane(lon, lat))
        metres = {code: shape.distance(point) for code, shape in districts.items()}
        nearest = min(metres.values())
        got = answer["areas"][0]["code"]
        assert metres[got] <= nearest + 1e-6, (lon, lat)
        told = {other["areas"][0]["code"] for other in answer["alternatives"]} | {got}
        assert told == {code for code, away in metres.items() if away <= 50}
        assert answer["near_boundary"] is (len(told) > 1)


ASK = """
import json, random, sys
import django
django.setup()
from django.test import Client
points, seed = json.load(sys.stdin), int(sys.argv[1])
client, answers = Client(), {}
for n in random.Random(seed).sample(range(len(points)), len(points)):
    lon, lat = points[n]
    body = client.post("/api/v1/lookup", {"lat": lat, "lon": lon}, content_type="application/json").json()
    answers[n] = [[a["slug"] for a in body["areas"]], body["alternatives"]]
print(json.dumps([answers[n] for n in range(len(points))]))
"""


def test_processes_agree_whatever_they_were_asked_before(tmp_path: Path) -> None:
    """Two new processes on one database, each asked in an order of its own: cold for one is warm for another."""
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/borders.sqlite3"}
    options = ["--agency=slmpd", "--kind=district", "--set=2014", "--effective=2014-01-27"]
    for words in (["migrate"], ["import_areas", str(real("districts.geojson")), *options]):
        command = [sys.executable, "manage.py", *words, "--settings=tests.settings"]
        subprocess.run(command, env=environment, check=True, capture_output=True)
    points = json.dumps(list(corners_and_middles()))
    environment["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    answers = {
        subprocess.run(
            [sys.executable, "-c", ASK, seed],
            env=environment,
            input=points,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.splitlines()[-1]
        for seed in ("1", "2")
    }
    assert len(answers) == 1
