"""One invented map in the forms in which agencies send maps."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import shapefile
from pyproj import CRS, Transformer

FEET = "ESRI:102696"  # Missouri East, US survey feet
Ring = list[list[float]]

# Outer rings anticlockwise, holes clockwise, as GeoJSON has them: an L, a square with an enclave, the enclave.
MAP: dict[str, list[Ring]] = {
    "1": [
        [
            *([-90.30, 38.60], [-90.26, 38.60], [-90.26, 38.62], [-90.28, 38.62], [-90.28, 38.64]),
            *([-90.30, 38.64], [-90.30, 38.60]),
        ]
    ],
    "2": [
        [[-90.26, 38.60], [-90.22, 38.60], [-90.22, 38.64], [-90.26, 38.64], [-90.26, 38.60]],
        [[-90.25, 38.61], [-90.25, 38.62], [-90.24, 38.62], [-90.24, 38.61], [-90.25, 38.61]],
    ],
    "3": [[[-90.25, 38.61], [-90.24, 38.61], [-90.24, 38.62], [-90.25, 38.62], [-90.25, 38.61]]],
}


def in_feet(rings: list[Ring]) -> list[Ring]:
    move = Transformer.from_crs("EPSG:4326", FEET, always_xy=True).transform
    return [[list(move(*point)) for point in ring] for ring in rings]


def esri(rings: list[Ring]) -> list[Ring]:
    """Outer rings clockwise and holes anticlockwise: the other way round."""
    return [ring[::-1] for ring in rings]


def write_geojson(path: Path, crs: str = "") -> Path:
    """In degrees, or in feet where `crs` says so."""
    rings = {code: in_feet(shape) if crs else shape for code, shape in MAP.items()}
    features = [
        {
            "type": "Feature",
            "properties": {"DISTNO": code},
            "geometry": {"type": "Polygon", "coordinates": shape},
        }
        for code, shape in rings.items()
    ]
    document: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if crs:
        document["crs"] = {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps(document))
    return path


def write_esrijson(path: Path, **reference: Any) -> Path:
    document = {
        "geometryType": "esriGeometryPolygon",
        "spatialReference": reference or {"wkid": 102696, "latestWkid": 102696},
        "features": [
            {"attributes": {"DISTNO": code}, "geometry": {"rings": in_feet(esri(shape))}}
            for code, shape in MAP.items()
        ],
    }
    path.write_text(json.dumps(document))
    return path


def shapefile_parts(*, name: str = "", encoding: str = "utf-8") -> dict[str, bytes]:
    """The files of a shapefile in feet, by extension; every area is called `name`."""
    files = {ending: io.BytesIO() for ending in ("shp", "shx", "dbf")}
    with shapefile.Writer(**files, encoding=encoding) as writer:
        writer.field("DISTNO", "C", size=4)
        writer.field("NAME", "C", size=40)
        for code, shape in MAP.items():
            writer.poly(in_feet(esri(shape)))
            writer.record(code, name)
    parts = {f".{ending}": file.getvalue() for ending, file in files.items()}
    return parts | {".prj": CRS.from_user_input(FEET).to_wkt("WKT1_ESRI").encode()}


def write_zip(path: Path, parts: dict[str, bytes], stem: str = "maps/districts") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for ending, content in parts.items():
            archive.writestr(f"{stem}{ending}", content)
    return path
