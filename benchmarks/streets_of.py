"""Streets for benchmarks that need no database: the real city's, or an invented grid."""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from backend.roster.addresses import Segment

_NAMES = ["ALDER", "BEECH", "CEDAR", "DOGWOOD", "ELM", "GINKGO", "HICKORY", "LARCH", "MAPLE", "OAK", "PINE"]


def city_segments(folder: Path) -> Iterator[Segment]:
    """The streets of streets.geojson.gz, as the importer reads them."""
    with gzip.open(folder / "streets.geojson.gz", "rt") as file:
        features = json.load(file)["features"]
    for feature in features:
        properties = feature["properties"]
        if name := _text(properties, "street"):
            zip_code = _text(properties, "zip")[:5]
            yield Segment(
                prefix=_text(properties, "pre"),
                name=name,
                suffix=_text(properties, "type"),
                left=_range(properties, "lf", "lt"),
                right=_range(properties, "rf", "rt"),
                zip_code="" if zip_code.startswith("9999") else zip_code,
                line=tuple((round(p[0], 6), round(p[1], 6)) for p in _points(feature["geometry"])),
            )


def invented_segments() -> Iterator[Segment]:
    """Eleven avenues and eleven numbered streets that cross, two hundred metres apart."""
    for row, name in enumerate(_NAMES):
        for column in range(len(_NAMES)):
            lon, lat, hundred = -90.25 + column / 400, 38.63 + row / 500, 100 * (column + 1)
            ranges = (hundred, hundred + 98), (hundred + 1, hundred + 99)
            yield Segment("", name, "AVE", *ranges, "63100", ((lon, lat), (lon + 1 / 400, lat)))
            north = ((lon, lat), (lon, lat + 1 / 500))
            yield Segment("N", f"{column + 1}TH", "ST", *ranges, "63100", north)


def _text(properties: dict[str, object], name: str) -> str:
    return str(properties.get(name) or "").strip()


def _range(properties: dict[str, object], start: str, end: str) -> tuple[int, int] | None:
    ends = [int(float(_text(properties, name) or 0)) for name in (start, end)]
    return (ends[0], ends[1]) if min(ends) > 0 else None


def _points(geometry: dict[str, object]) -> list[list[float]]:
    lines = geometry["coordinates"] if geometry["type"] == "MultiLineString" else [geometry["coordinates"]]
    return [point for line in lines for point in line]  # type: ignore[attr-defined]
