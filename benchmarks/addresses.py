"""Real spellings looked up over HTTP: how many are found, how many in the right district, how many wrongly sure.

    STL_DATA=… python benchmarks/addresses.py [--points]

All rows of truth.csv and messy_addresses.csv, by their columns, against the real districts, patrol areas,
derived beats, neighborhoods and streets in a new database; with --points also the address points and the
places by name. Then 500 invented streets, and the CPU that one address costs in the process.

Right: the recorded `district` is among the areas, or, for messy rows, among those of a candidate. Confident:
at least 0.9 and not near a line. Rows with `default_location` (police buildings) or outside the city are in no
headline figure. Ends with 1, saying which, where a figure misses its bar.
"""

import argparse
import csv
import gzip
import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import service
from invented import invented_addresses
from streets_of import city_segments

from backend.roster.addresses import AddressIndex, AddressNotFound, Point

Row = dict[str, str]
NUMBERED = ("address", "block_or_addr")


@dataclass
class Answer:
    """What the service said of one row; `districts` are those of all candidates where it asks back."""

    row: Row
    status: int
    districts: set[str]
    confident: bool = False

    def is_right(self, column: str) -> bool:
        return self.row[column] in self.districts


@dataclass
class Report:
    """Prints figures and remembers the bars they miss."""

    missed: list[str] = field(default_factory=list)

    def line(self, name: str, share: float, rows: int, at_least: float = 0.0, at_most: float = 1.0) -> None:
        bar = f"bar ≥ {at_least:.1%}" if at_least else f"bar ≤ {at_most:.1%}" if at_most < 1 else ""
        print(f"{name:46}{share:8.2%} of {rows:5}  {bar}")
        if not at_least <= share <= at_most:
            self.missed.append(name)


def main() -> None:
    options = argparse.ArgumentParser(description="Looks up real spellings over HTTP.")
    options.add_argument("--points", action="store_true", help="import address points and places too")
    with_points = options.parse_args().points
    data = service.city_data()
    truth, messy = _rows(data / "truth.csv"), _rows(data / "messy_addresses.csv")
    invented = invented_addresses(500, [segment.name for segment in city_segments(data)])
    report = Report()
    with service.real_city(data) as url:
        if with_points:
            _import_points(data)
        _report_truth(report, _Service(url), truth)
        _report_messy(report, _Service(url), messy)
        _report_invented(report, _Service(url), invented)
    points = list(_points(data)) if with_points else []
    texts = [row["address"] for row in truth] + [row["raw"] for row in messy]
    _report_cpu(report, AddressIndex(city_segments(data), points), texts)
    if report.missed:
        sys.exit(f"missed: {'; '.join(report.missed)}")


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def _import_points(data: Path) -> None:
    """Into the running service, which serves them within a second."""
    for name in ("addresses.csv.gz", "places.csv"):
        command = [sys.executable, "manage.py", "import_addresses", str(data / name)]
        subprocess.run(command, cwd=service.ROOT, check=True, stdout=subprocess.DEVNULL)
    time.sleep(2)


def _points(data: Path) -> Iterator[Point]:
    with gzip.open(data / "addresses.csv.gz", "rt") as file:
        yield from (Point(r["address"], float(r["lat"]), float(r["lon"])) for r in csv.DictReader(file))
    for row in _rows(data / "places.csv"):
        if row["lat"]:  # else the service does not have it either
            yield Point(row["address"], float(row["lat"]), float(row["lon"]), row["name"])


def _report_truth(report: Report, looker: "_Service", rows: list[Row]) -> None:
    in_city = [row for row in rows if row["in_city"] == "1" and row["default_location"] == "0"]
    print(f"{len(rows) - len(in_city)} of {len(rows)} rows are outside the city or a default location")
    headline = [r for r in in_city if r["stratum"] in ("random", "nibrs_random") and r["kind"] in NUMBERED]
    _report_rows(report, "numbered", looker.look_up(headline, "address"), (0.98, 0.99, 0.005))
    crossings = [r for r in in_city if r["stratum"] == "intersection"]
    _report_rows(report, "intersections", looker.look_up(crossings, "address"), (0.92, 0.975, 1.0))
    for stratum in ("near_boundary", "disagree", "outside_city"):
        others = [row for row in rows if row["stratum"] == stratum]
        _report_rows(report, f"{stratum} (for information)", looker.look_up(others, "address"))


def _report_rows(
    report: Report,
    name: str,
    answers: list[Answer],
    bars: tuple[float, float, float] = (0.0, 0.0, 1.0),
) -> None:
    matched = [answer for answer in answers if answer.status == 200]
    right = [answer for answer in matched if answer.is_right("district")]
    wrong = [answer for answer in matched if answer.confident and not answer.is_right("district")]
    asked = [answer for answer in answers if answer.status == 422]
    report.line(f"{name}: matched", len(matched) / max(1, len(answers)), len(answers), at_least=bars[0])
    report.line(
        f"{name}: right, of matched", len(right) / max(1, len(matched)), len(matched), at_least=bars[1]
    )
    report.line(
        f"{name}: wrong and confident", len(wrong) / max(1, len(answers)), len(answers), at_most=bars[2]
    )
    print(
        f"{name}: asked back {len(asked)}, the right one among the candidates in "
        f"{sum(answer.is_right('district') for answer in asked)}"
    )


def _report_messy(report: Report, looker: "_Service", rows: list[Row]) -> None:
    recorded = [row for row in rows if row["recorded_district"]]
    answers = looker.look_up(recorded, "raw")
    right = [answer for answer in answers if answer.is_right("recorded_district")]
    report.line(
        "messy: right, or among the candidates", len(right) / len(answers), len(answers), at_least=0.95
    )
    for answer in answers:
        if answer not in right:
            print(f"  {answer.status} {answer.row['kind']}: {answer.row['raw']}")


def _report_invented(report: Report, looker: "_Service", addresses: list[str]) -> None:
    answers = looker.look_up([{"address": address} for address in addresses], "address")
    accepted = [answer for answer in answers if answer.status == 200]
    report.line("invented streets: accepted", len(accepted) / len(answers), len(answers), at_most=0.01)


def _report_cpu(report: Report, index: AddressIndex, texts: list[str]) -> None:
    spent = sorted(
        min(_milliseconds(index, text) for _ in range(3)) for text in texts
    )  # the machine is shared
    p99 = spent[int(0.99 * len(spent))]
    print(
        f"CPU of one address, ms: mean {sum(spent) / len(spent):.3f}, p50 {spent[len(spent) // 2]:.3f}, "
        f"p99 {p99:.3f} (bar ≤ 1), max {spent[-1]:.2f}"
    )
    if p99 > 1:
        report.missed.append("p99 of CPU")


def _milliseconds(index: AddressIndex, text: str) -> float:
    start = time.thread_time_ns()
    with suppress(AddressNotFound):
        index.locate(text)
    return (time.thread_time_ns() - start) / 1e6


class _Service:
    """Looks rows up over a few connections that stay open."""

    def __init__(self, url: str, threads: int = 3) -> None:
        self._host = url.removeprefix("http://")
        self._threads = threads

    def look_up(self, rows: list[Row], column: str) -> list[Answer]:
        """Closes its connections, or the server would wait for them when it is told to end."""
        self._local, self._open = threading.local(), list[http.client.HTTPConnection]()
        with ThreadPoolExecutor(self._threads) as pool:
            answers = list(pool.map(lambda row: self._answer(row, row[column]), rows))
        for connection in self._open:
            connection.close()
        return answers

    def _answer(self, row: Row, address: str) -> Answer:
        status, body = self._post({"address": address})
        if status == 200:
            confident = body["match"]["confidence"] >= 0.9 and not body["near_boundary"]
            return Answer(row, status, _districts(body), confident)
        candidates = body.get("candidates", []) if status == 422 else []
        there = [self._post({"lat": c["lat"], "lon": c["lon"]})[1] for c in candidates]
        return Answer(row, status, {code for answer in there for code in _districts(answer)})

    def _post(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if not hasattr(self._local, "connection"):
            self._local.connection = http.client.HTTPConnection(self._host, timeout=30)
            self._open.append(self._local.connection)
        connection = self._local.connection
        connection.request("POST", "/api/v1/lookup", json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def _districts(body: dict[str, Any]) -> set[str]:
    return {str(area["code"]) for area in body.get("areas", []) if area["kind"] == "district"}


if __name__ == "__main__":
    main()
