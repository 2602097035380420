"""A lookup by address, end to end, beside a bare view on the same server in the same run.

    STL_DATA=… python benchmarks/lookup.py

Real districts, beats, patrol areas, neighborhoods, wards and streets; addresses of truth.csv (stratum
`random`), drawn with a fixed seed. Blocks of requests to either view take turns on one connection; the ratio
is the median over pairs of blocks. Statements and the share of point-in-polygon are measured in this process.
"""

import csv
import http.client
import json
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from service import ROOT, city_data, real_city

ROUNDS, BLOCK = 60, 100
RATIO, SHARE, STATEMENTS = 0.80, 0.10, 1


def main() -> None:
    data = city_data()
    with (data / "truth.csv").open() as file:
        rows = [row["address"] for row in csv.DictReader(file) if row["stratum"] == "random"]
    bodies = [json.dumps({"address": address}) for address in random.Random(2014).sample(rows, 2000)]
    with tempfile.NamedTemporaryFile("w") as answer:
        os.environ["BARE_ANSWER"] = answer.name
        with real_city(data, settings="bare_settings") as url:
            seconds, ratio = _rates(url, bodies, Path(answer.name))
            statements, polygon_seconds = _inside(bodies[:500])
    share = polygon_seconds / seconds
    print(f"lookup by address               {seconds * 1e6:.0f} microseconds a request")
    print(f"rate of lookup / bare view      {ratio:.2f}   (at least {RATIO})")
    print(f"SQL statements, warm process    {statements}      (at most {STATEMENTS})")
    print(
        f"point in polygon / request      {share:.1%}  ({polygon_seconds * 1e6:.0f} microseconds; at most {SHARE:.0%})"
    )
    sys.exit(ratio < RATIO or statements > STATEMENTS or share > SHARE)


def _rates(url: str, bodies: list[str], answer: Path) -> tuple[float, float]:
    """(seconds a lookup, rate of lookups / rate of the bare view): medians over the rounds."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
    sizes = [_post(connection, "/api/v1/lookup", body) for body in bodies[: 5 * BLOCK]]
    answer.write_text("x" * round(statistics.mean(sizes) - len('{"answer":""}')))
    lookups, ratios = [], []
    for turn in range(ROUNDS):
        block = [bodies[(turn * BLOCK + n) % len(bodies)] for n in range(BLOCK)]
        ours, bare = [_timed(connection, path, block) for path in ("/api/v1/lookup", "/api/v1/bare")]
        lookups.append(ours / BLOCK)
        ratios.append(bare / ours)
    return statistics.median(lookups), statistics.median(ratios)


def _timed(connection: http.client.HTTPConnection, path: str, bodies: list[str]) -> float:
    started = time.perf_counter()
    for body in bodies:
        _post(connection, path, body)
    return time.perf_counter() - started


def _post(connection: http.client.HTTPConnection, path: str, body: str) -> int:
    """The length of the answer, of whatever status."""
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    return len(connection.getresponse().read())


def _inside(bodies: list[str]) -> tuple[int, float]:
    """(most SQL statements of a warm lookup, seconds of point-in-polygon a lookup), in this process."""
    sys.path.append(str(ROOT))
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from backend.roster.index import current

    client, most, points = Client(), 0, []
    for warm in (False, True):
        for body in bodies:
            with CaptureQueriesContext(connection) as captured:
                response = client.post("/api/v1/lookup", body, content_type="application/json")
            if warm:
                most = max(most, len(captured))
            if response.status_code == 200:
                points.append((response.json()["match"]["lat"], response.json()["match"]["lon"]))
    index, today = current(), timezone.localdate()
    started = time.perf_counter()
    for lat, lon in points:
        index.serving(lat, lon, today)
    return most, (time.perf_counter() - started) / len(points)


if __name__ == "__main__":
    main()
