"""Real spellings looked up over HTTP: how many are found, how many in the right district, how many wrongly sure.

    STL_DATA=… python benchmarks/addresses.py

All rows of truth.csv and messy_addresses.csv, by their columns, against the real maps and streets in a new
database; then 500 invented streets, and the CPU that one address costs, from its text to its place or
candidates. All of it twice: with streets only, and again after the address points and the places by name have
been imported into the same running service. Every figure that has a bar must meet it both times, and the shares
of the headline strata, of messy rows and of invented streets must be no worse with points than without.

Right: the recorded `district` is among the areas, or, for messy rows, among those of a candidate. Confident:
at least 0.9 and not near a line. Rows with `default_location` (police buildings) or outside the city are in no
headline figure. Ends with 1, saying which, where a figure misses its bar.
"""

import csv
import http.client
import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import service
from invented import invented_addresses

Row = dict[str, str]
NUMBERED = ("address", "block_or_addr")
CPU_MS = 1.0


class Bars(NamedTuple):
    """What a stratum must reach: shares matched, right of matched, wrong and confident."""

    matched: float
    right: float
    wrong: float = 1.0


@dataclass
class Answer:
    """What the service said of one row; `districts` are those of all candidates where it asks back."""

    row: Row
    status: int
    districts: set[str]
    confident: bool = False
    candidates: int = 0

    def is_right(self, column: str) -> bool:
        return self.row[column] in self.districts

    @property
    def is_wrong(self) -> bool:
        return self.status == 200 and not self.is_right("district")

    @property
    def is_surely_wrong(self) -> bool:
        return self.confident and self.is_wrong


@dataclass
class Report:
    """Prints figures; remembers the bars they miss, and where they are worse than in the report before."""

    before: "Report | None" = None
    figures: dict[str, float] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)  # addresses, and those surely wrong with a mark
    missed: list[str] = field(default_factory=list)

    def line(self, name: str, share: float, rows: int, bar: str = "") -> None:
        print(f"{name:50}{share:8.2%} of {rows:5}  {bar}")

    def at_least(self, least: float, name: str, share: float, rows: int) -> None:
        self._compared(name, share, rows, f"bar ≥ {least:.1%}", share >= least, sign=1)

    def at_most(self, most: float, name: str, share: float, rows: int) -> None:
        bar = f"bar ≤ {most:.1%}" if most < 1 else ""
        self._compared(name, share, rows, bar, share <= most, sign=-1)

    def _compared(self, name: str, share: float, rows: int, bar: str, reached: bool, sign: int) -> None:
        self.figures[name] = share
        former = self.before.figures.get(name) if self.before else None
        worse = former is not None and sign * share < sign * former
        was = "" if former is None else f"  {'WORSE than' if worse else 'was'} {former:.2%}"
        self.line(name, share, rows, bar + ("" if reached else " MISSED") + was)
        if not reached:
            self.missed.append(name)
        if worse:
            self.missed.append(f"{name}: worse")

    def remember(self, answers: list[Answer]) -> None:
        """Names the addresses that the report before had not wrong, or less surely."""
        wrong = {answer.row["address"]: answer for answer in answers if answer.is_wrong}
        sure = {f"{address} (sure)" for address, answer in wrong.items() if answer.is_surely_wrong}
        self.wrong |= wrong.keys() | sure
        for address in sorted((wrong.keys() | sure) - self.before.wrong) if self.before else ():
            print(f"  wrong with points only: {address}")


def main() -> None:
    data = service.city_data()
    truth, messy = _rows(data / "truth.csv"), _rows(data / "messy_addresses.csv")
    with service.database():
        service.import_city(data)
        invented = invented_addresses(500, _street_names())
        with service.served() as url:
            print("== streets only")
            streets = _report(Report(), _Service(url), truth, messy, invented)
            _import_points(data)
            print("\n== with address points and places")
            points = _report(Report(streets), _Service(url), truth, messy, invented)
    missed = [f"{name} (streets only)" for name in streets.missed] + [
        f"{name} (with points)" for name in points.missed
    ]
    if missed:
        sys.exit(f"missed: {'; '.join(missed)}")


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def _street_names() -> set[str]:
    from backend.roster.models import StreetSegment

    return set(StreetSegment.objects.values_list("name", flat=True))


def _import_points(data: Path) -> None:
    """Into the running service, which serves them within a second."""
    for name in ("addresses.csv.gz", "places.csv"):
        service.manage("import_addresses", str(data / name))
    time.sleep(1)


def _report(
    report: Report, looker: "_Service", truth: list[Row], messy: list[Row], invented: list[str]
) -> Report:
    _report_truth(report, looker, truth)
    _report_messy(report, looker, messy)
    _report_invented(report, looker, invented)
    _report_cpu(report, [row["address"] for row in truth] + [row["raw"] for row in messy])
    return report


def _report_truth(report: Report, looker: "_Service", rows: list[Row]) -> None:
    in_city = [row for row in rows if row["in_city"] == "1" and row["default_location"] == "0"]
    print(f"{len(rows) - len(in_city)} of {len(rows)} rows are outside the city or a default location")
    headline = [r for r in in_city if r["stratum"] in ("random", "nibrs_random") and r["kind"] in NUMBERED]
    _report_rows(report, "numbered", looker.look_up(headline, "address"), Bars(0.98, 0.99, 0.005))
    crossings = [r for r in in_city if r["stratum"] == "intersection"]
    _report_rows(report, "intersections", looker.look_up(crossings, "address"), Bars(0.92, 0.975))
    for stratum in ("near_boundary", "disagree", "outside_city"):
        others = [row for row in rows if row["stratum"] == stratum]
        _report_rows(report, f"{stratum} (for information)", looker.look_up(others, "address"))


def _report_rows(report: Report, name: str, answers: list[Answer], bars: Bars | None = None) -> None:
    matched = [answer for answer in answers if answer.status == 200]
    right = [answer for answer in matched if answer.is_right("district")]
    wrong = [answer for answer in matched if answer.is_surely_wrong]
    asked = [answer for answer in answers if answer.status == 422]
    shares = (
        (f"{name}: matched", len(matched) / max(1, len(answers)), len(answers)),
        (f"{name}: right, of matched", len(right) / max(1, len(matched)), len(matched)),
        (f"{name}: wrong and confident", len(wrong) / max(1, len(answers)), len(answers)),
    )
    if bars:
        report.at_least(bars.matched, *shares[0])
        report.at_least(bars.right, *shares[1])
        report.at_most(bars.wrong, *shares[2])
        report.remember(answers)
    else:
        for share in shares:
            report.line(*share)
    print(
        f"{name}: asked back {len(asked)}, the right one among the candidates in "
        f"{sum(answer.is_right('district') for answer in asked)}"
    )


def _report_messy(report: Report, looker: "_Service", rows: list[Row]) -> None:
    recorded = [row for row in rows if row["recorded_district"]]
    answers = looker.look_up(recorded, "raw")
    right = [answer for answer in answers if answer.is_right("recorded_district")]
    name = "messy: right, or among the candidates"
    report.at_least(0.95, name, len(right) / len(answers), len(answers))
    for answer in answers:
        if answer not in right:
            print(f"  {answer.status} {answer.row['kind']}: {answer.row['raw']}")


def _report_invented(report: Report, looker: "_Service", addresses: list[str]) -> None:
    """Candidates are accepted too: whoever is asked which of two places it is believes that it is one of them."""
    answers = looker.look_up([{"address": address} for address in addresses], "address")
    accepted = [answer for answer in answers if answer.status == 200 or answer.candidates]
    report.at_most(0.01, "invented streets: accepted", len(accepted) / len(answers), len(answers))


def _report_cpu(report: Report, texts: list[str]) -> None:
    """In this process, by the service's own index of the same database; the first address builds it."""
    _milliseconds(texts[0])
    first = [_milliseconds(text) for text in texts]
    spent = sorted(
        min(_milliseconds(text) for _ in range(3)) if once > CPU_MS else once
        for text, once in zip(texts, first, strict=True)
    )
    p99 = spent[int(0.99 * len(spent))]
    print(
        f"CPU of one address, ms: mean {sum(spent) / len(spent):.3f}, p50 {spent[len(spent) // 2]:.3f}, "
        f"p99 {p99:.3f} (bar ≤ {CPU_MS:.0f}), max {spent[-1]:.2f}; over {CPU_MS:.0f} ms: "
        f"{sum(s > CPU_MS for s in spent)} of {len(spent)}, {sum(s > CPU_MS for s in first)} at first; "
        "measured once, those over it again: the least of three"
    )
    if p99 > CPU_MS:
        report.missed.append("p99 of CPU")


def _milliseconds(text: str) -> float:
    from django.utils import timezone

    from backend.errors import NotFound, Unprocessable
    from backend.roster.index import find_address

    today = timezone.localdate()
    start = time.thread_time_ns()
    with suppress(NotFound, Unprocessable):
        find_address(text, today)
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
        districts = {code for answer in there for code in _districts(answer)}
        return Answer(row, status, districts, candidates=len(candidates))

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
