"""Maps: GeoJSON, EsriJSON, zipped shapefiles and CSV with WKT, told apart by what is in them."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import shapely
from shapely.geometry import mapping

from backend.errors import Invalid
from backend.roster.files.coordinates import Systems, in_degrees
from backend.roster.files.esri import lines, outline
from backend.roster.files.shapefiles import read_shapefile
from backend.roster.files.tables import read_bytes, table, text_of


class Feature(NamedTuple):
    """One shape with what is said of it. `geometry` is GeoJSON, in degrees of WGS84 (lon, lat)."""

    properties: dict[str, Any]
    geometry: dict[str, Any]


def read_features(path: Path) -> list[Feature]:
    """The features of a map in any coordinate system that it declares.

    GeoJSON (WGS84 unless it has a `crs`), EsriJSON, a zip with one shapefile and its `.prj`, or CSV with a
    `wkt` column (WGS84); packed with gzip or not. Raises Invalid, also for a map that is not of St. Louis.
    """
    raw, name = read_bytes(path), path.name
    if raw[:2] == b"PK":
        rows, systems = read_shapefile(raw, name)
    else:
        rows, systems = _text_features(text_of(raw, name), name)
    if not rows:
        raise Invalid(f"{name} has no shapes in it; export it again.")
    geometries = in_degrees([geometry for _, geometry in rows], systems, name)
    return [Feature(properties, geometry) for (properties, _), geometry in zip(rows, geometries, strict=True)]


Rows = list[tuple[dict[str, Any], dict[str, Any]]]


def _text_features(text: str, name: str) -> tuple[Rows, Systems]:
    if not text.lstrip().startswith(("{", "[")) and name.removesuffix(".gz").lower().endswith(".csv"):
        return _csv_features(text, name), ()
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid(
            f"{name} is not GeoJSON, EsriJSON, a zipped shapefile or CSV; export it again."
        ) from None
    if not isinstance(document, dict) or not document.get("features"):
        raise Invalid(f"{name} is not a GeoJSON FeatureCollection or EsriJSON with features in it.")
    features = document["features"]
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise Invalid(f"{name} has something among its features that is none.")
    about = document.get("properties")  # where ArcGIS says it in GeoJSON
    if any(said.get("exceededTransferLimit") for said in (document, about) if isinstance(said, dict)):
        raise Invalid(f"{name} was cut short by the server that made it; export it in parts or whole.")
    if document.get("type") == "FeatureCollection":
        rows = [(feature.get("properties") or {}, feature.get("geometry") or {}) for feature in features]
        return rows, _declared(document.get("crs"), name)
    if "spatialReference" in document or "geometryType" in document:
        return _esri_features(document, name), _reference(document.get("spatialReference"), name)
    raise Invalid(f"{name} is not a GeoJSON FeatureCollection or EsriJSON with features in it.")


def _declared(crs: Any, name: str) -> Systems:
    """The systems that a GeoJSON `crs` member (of 2008) may mean, most likely first; none: WGS84."""
    if crs is None:
        return ()
    try:
        text = str(crs["properties"]["name"])
    except (TypeError, LookupError):
        raise Invalid(f"{name} names its coordinate system in no known form; export it in WGS84.") from None
    return (text, text.replace("EPSG", "ESRI"))


def _reference(reference: Any, name: str) -> Systems:
    """The systems that an Esri `spatialReference` may mean: a wkid is EPSG's, or Esri's own."""
    reference = reference if isinstance(reference, dict) else {}
    numbers = [reference[key] for key in ("latestWkid", "wkid") if reference.get(key)]
    texts = [str(reference[key]) for key in ("wkt2", "wkt") if reference.get(key)]
    systems = (*(f"{who}:{n}" for n in numbers for who in ("EPSG", "ESRI")), *texts)
    if not systems:
        raise Invalid(f"{name} does not say in which coordinate system it is; export it in WGS84.")
    return systems


def _esri_features(document: dict[str, Any], name: str) -> Rows:
    kind = str(document.get("geometryType", "esriGeometryPolygon"))
    read = {"esriGeometryPolygon": _rings, "esriGeometryPolyline": _paths}.get(kind)
    if read is None:
        raise Invalid(f"{name} holds {kind}; maps are of polygons, streets of polylines.")
    return [
        (feature.get("attributes") or {}, read(feature.get("geometry") or {}))
        for feature in document["features"]
    ]


def _rings(geometry: Any) -> dict[str, Any]:
    return outline(geometry.get("rings")) if isinstance(geometry, dict) else {}


def _paths(geometry: Any) -> dict[str, Any]:
    return lines(geometry.get("paths")) if isinstance(geometry, dict) else {}


def _csv_features(text: str, name: str) -> Rows:
    columns, rows = table(text, name)
    column = next((column for column in columns if column.lower() == "wkt"), None)
    if column is None:
        raise Invalid(f"{name} needs a column `wkt` with the shapes.")
    return [(dict(row), _from_wkt(row[column], f"Row {row.line} of {name}")) for row in rows]


def _from_wkt(text: str, row: str) -> dict[str, Any]:
    try:
        return dict(mapping(shapely.from_wkt(text)))
    except shapely.GEOSException:
        raise Invalid(f"Nothing was imported. {row} has no shape in WKT.") from None
