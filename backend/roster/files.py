"""Files as agencies send them, read whole or refused whole, with the reason. Pure but for reading the file."""

import csv
import gzip
import io
import json
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import shapely
from shapely.geometry import mapping

from backend.errors import Invalid


class Feature(NamedTuple):
    """One shape with what is said of it. `geometry` is GeoJSON."""

    properties: dict[str, Any]
    geometry: dict[str, Any]


def read_features(path: Path) -> list[Feature]:
    """The features of a GeoJSON file (`.gz` or not), or of a CSV with a `wkt` column. Raises Invalid."""
    text = read_text(path)
    if path.name.removesuffix(".gz").endswith(".csv"):
        return _csv_features(text, path.name)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid(f"{path.name} is not GeoJSON.") from None
    if (
        not isinstance(document, dict)
        or document.get("type") != "FeatureCollection"
        or not document.get("features")
    ):
        raise Invalid(f"{path.name} is not a GeoJSON FeatureCollection with features in it.")
    _refuse_other_crs(document, path.name)
    features = document["features"]
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise Invalid(f"{path.name} has something among its features that is none.")
    return [Feature(feature.get("properties") or {}, feature.get("geometry") or {}) for feature in features]


def read_rows(path: Path, *, required: tuple[str, ...]) -> list[dict[str, str]]:
    """The rows of a CSV file with a header, values stripped, `NULL` as empty. Raises Invalid."""
    reader = _table(read_text(path))
    missing = [name for name in required if name not in (reader.fieldnames or [])]
    if missing:
        raise Invalid(f"{path.name} lacks the columns {', '.join(missing)}; it needs {', '.join(required)}.")
    try:
        rows = [{k: _value(v) for k, v in row.items() if isinstance(k, str)} for row in reader]
    except csv.Error as error:
        raise Invalid(f"{path.name} is no CSV file: {error}.") from None
    if not rows:
        raise Invalid(f"{path.name} has a header and no rows.")
    return rows


def read_text(path: Path) -> str:
    """The file's text: UTF-8 with or without BOM, else Windows-1252. Raises Invalid for what is no data at all."""
    try:
        raw = path.read_bytes()
        raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise Invalid(f"{path.name} cannot be read: {error.__class__.__name__}.") from None
    if not raw.strip():
        raise Invalid(f"{path.name} is empty; download it again.")
    if raw.lstrip()[:1] == b"<":
        raise Invalid(f"{path.name} is a web page, not data; download it again.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _table(text: str) -> "csv.DictReader[str]":
    csv.field_size_limit(100_000_000)  # a district's outline as WKT is longer than the usual limit
    return csv.DictReader(io.StringIO(text))


def _value(value: str | list[str] | None) -> str:
    text = value.strip() if isinstance(value, str) else ""
    return "" if text == "NULL" else text


def _refuse_other_crs(document: dict[str, Any], name: str) -> None:
    crs = document.get("crs") or {}
    try:
        crs = str((crs.get("properties") or {}).get("name", ""))
    except AttributeError:
        raise Invalid(f"{name} names its coordinate system in no known form; export it in WGS84.") from None
    if crs and not any(known in crs for known in ("CRS84", "EPSG::4326", "EPSG:4326")):
        raise Invalid(f"{name} is in {crs}; export it in WGS84 longitude and latitude.")


def _csv_features(text: str, name: str) -> list[Feature]:
    try:
        rows = list(_table(text))
        return [Feature(row, dict(mapping(shapely.from_wkt(row["wkt"])))) for row in rows]
    except (KeyError, TypeError, csv.Error, shapely.GEOSException):
        raise Invalid(f"{name} needs a column `wkt` with a shape in every row.") from None
