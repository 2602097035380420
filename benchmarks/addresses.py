"""Real spellings, looked up over HTTP: how many are found, and how many in the right district.

    STL_DATA=… python benchmarks/addresses.py

2,000 rows of truth.csv (stratum `random`, numbered), drawn with a fixed seed, against the real districts,
patrol areas, derived beats and streets in a new database. Confident: at least 0.9 and not near a line.
"""

import csv
import http.client
import json
import random
from typing import Any

from service import city_data, real_city

ROWS = 2000


def main() -> None:
    data = city_data()
    with (data / "truth.csv").open() as file:
        rows = [
            row for row in csv.DictReader(file) if row["stratum"] == "random" and row["kind"] == "address"
        ]
    rows = random.Random(2014).sample(rows, ROWS)
    with real_city(data) as url:
        answers = [(row, *_look_up(url, row["address"])) for row in rows]
    found = [(row, body) for row, status, body in answers if status == 200]
    right = [body for row, body in found if _district(body) == row["district"]]
    wrong = [body for row, body in found if _district(body) != row["district"]]
    confident = [b for b in wrong if b["match"]["confidence"] >= 0.9 and not b["near_boundary"]]
    print(f"addresses looked up over HTTP   {len(rows)}")
    print(f"matched                         {len(found) / len(rows):.2%}")
    print(f"right district, of matched      {len(right) / len(found):.2%}")
    print(f"wrong and confident             {len(confident) / len(rows):.2%}")


def _look_up(url: str, address: str) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
    body = json.dumps({"address": address})
    connection.request("POST", "/api/v1/lookup", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def _district(body: dict[str, Any]) -> str:
    return next((str(area["code"]) for area in body["areas"] if area["kind"] == "district"), "")


if __name__ == "__main__":
    main()
