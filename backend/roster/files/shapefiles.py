"""A zip that holds one shapefile."""

import io
import itertools
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any

from backend.errors import Invalid
from backend.roster.files.coordinates import Systems
from backend.roster.files.esri import lines, outline
from backend.roster.files.tables import MOST_BYTES, decode

# The types of shapes (polylines and polygons, flat, with Z, with M), by their numbers in the file.
POLYLINES, POLYGONS = (3, 13, 23), (5, 15, 25)
NEEDED = (".shp", ".dbf", ".prj")
# What zipfile and the headers raise of a damaged archive, and what the package raises of damaged shapes.
BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError)
BROKEN_SHAPES = (
    *(struct.error, OSError, ValueError, OverflowError, MemoryError),
    *(TypeError, LookupError, AttributeError),
)

Rows = list[tuple[dict[str, Any], dict[str, Any]]]


def read_shapefile(raw: bytes, name: str) -> tuple[Rows, Systems]:
    """(properties, GeoJSON geometry) of every shape, in the file's own coordinates, and the system of those.

    Text is in the encoding that the `.cpg` names, else UTF-8, else Windows-1252. Raises Invalid.
    """
    with _whole(name, *BROKEN_ARCHIVE):
        parts = _parts(raw, name)
        _refuse_truncated(parts, name)
    with _whole(name, *BROKEN_SHAPES):
        items = _items(parts)
    encoding = _encoding(decode(parts.get(".cpg", b"")), items)
    rows = [(_decoded(record, encoding), _geometry(shape)) for record, shape in items]
    return rows, (decode(parts[".prj"]).strip(),)


@contextmanager
def _whole(name: str, *damage: type[Exception]) -> Iterator[None]:
    try:
        yield
    except damage:
        raise Invalid(f"{name} is damaged or not a whole shapefile; download it again.") from None


def _parts(raw: bytes, name: str) -> dict[str, bytes]:
    """The files of the archive's one shapefile, by their extensions."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        entries = [entry for entry in archive.infolist() if "__MACOSX" not in entry.filename]
        shapes = [entry for entry in entries if entry.filename.lower().endswith(".shp")]
        if len(shapes) != 1:
            found = ", ".join(sorted(PurePosixPath(entry.filename).name for entry in shapes)) or "none"
            raise Invalid(f"{name} must hold one shapefile (.shp); it holds {found}.")
        stem = shapes[0].filename[:-4].lower()
        ours = {
            entry.filename[-4:].lower(): entry for entry in entries if entry.filename[:-4].lower() == stem
        }
        if sum(entry.file_size for entry in ours.values()) > MOST_BYTES:
            raise Invalid(f"{name} is larger than {MOST_BYTES // 1_000_000} MB unpacked.")
        missing = [ending for ending in NEEDED if ending not in ours]
        if ".prj" in missing:
            raise Invalid(
                f"{name} has no .prj, which says in which coordinate system it is; export it with one."
            )
        if missing:
            raise Invalid(f"{name} has no {' and no '.join(missing)}; a shapefile needs {', '.join(NEEDED)}.")
        wanted = (*NEEDED, ".shx", ".cpg")
        return {ending: archive.read(entry) for ending, entry in ours.items() if ending in wanted}


def _refuse_truncated(parts: dict[str, bytes], name: str) -> None:
    """Holds the lengths that the headers name against what is there."""
    words = struct.unpack(">i", parts[".shp"][24:28])[0]
    records, header_size, record_size = struct.unpack("<IHH", parts[".dbf"][4:12])
    if len(parts[".shp"]) < 2 * words or len(parts[".dbf"]) < header_size + records * record_size:
        raise Invalid(f"{name} is cut short; download it again.")


def _items(parts: dict[str, bytes]) -> list[tuple[dict[str, Any], Any]]:
    """(record, shape) each. Text is as in latin-1, which has a character for every byte: which encoding it
    is shows when all is read. Raises one of BROKEN_SHAPES.
    """
    import shapefile  # only imports need it, not the web server

    files = {
        ending: io.BytesIO(parts[f".{ending}"]) for ending in ("shp", "shx", "dbf") if f".{ending}" in parts
    }
    try:
        with shapefile.Reader(**files, encoding="latin-1") as reader:
            if len(reader.shapes()) != len(reader):
                raise ValueError("shapes and records differ in number")
            return [(item.record.as_dict(), item.shape) for item in reader.iterShapeRecords()]
    except shapefile.ShapefileException as error:
        raise ValueError("not a shapefile") from error


def _encoding(declared: str, items: list[tuple[dict[str, Any], Any]]) -> str:
    """The declared one where it fits ("UTF-8", "ISO-8859-1", "1252", "ANSI 1252"), else UTF-8, else Windows-1252."""
    texts = [text for record, _ in items for pair in record.items() for text in pair]
    packed = b"\n".join(text.encode("latin-1") for text in texts if isinstance(text, str))
    page = "".join(character for character in declared if character.isdigit())
    for candidate in (declared.strip(), "utf-8" if page == "65001" else f"cp{page}", "utf-8"):
        try:
            packed.decode(candidate)
        except (LookupError, ValueError):
            continue
        return candidate
    return "cp1252"


def _decoded(record: dict[str, Any], encoding: str) -> dict[str, Any]:
    def decoded(value: Any) -> Any:
        return value.encode("latin-1").decode(encoding, "replace") if isinstance(value, str) else value

    return {decoded(name): decoded(value) for name, value in record.items()}


def _geometry(shape: Any) -> dict[str, Any]:
    """Empty for what is neither polygon nor line, so that the import refuses it by its number."""
    if shape.shapeType not in POLYLINES + POLYGONS:
        return {}
    starts = [*shape.parts, len(shape.points)]
    pieces = [
        [[point[0], point[1]] for point in shape.points[start:end]]
        for start, end in itertools.pairwise(starts)
    ]
    return outline(pieces) if shape.shapeType in POLYGONS else lines(pieces)
