"""Bytes, text and tables, in the encodings in which they come."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from backend.errors import Invalid

# Unpacked; the City's whole centerline file is 12 MB. More is a packed bomb, or not a file for this.
MOST_BYTES = 300_000_000


def read_bytes(path: Path) -> bytes:
    """The file, unpacked if it is gzip. Raises Invalid for what is no data at all: nothing, or a web page."""
    try:
        raw = path.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(raw)) as packed:
                raw = packed.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Invalid(f"{path.name} cannot be read: {error.__class__.__name__}.") from None
    if len(raw) > MOST_BYTES:
        raise Invalid(f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB unpacked.")
    if not raw.strip():
        raise Invalid(f"{path.name} is empty; download it again.")
    if raw.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        raise Invalid(f"{path.name} is a web page, not data; download it again.")
    return raw


def decode(raw: bytes) -> str:
    """UTF-8 with or without BOM, else Windows-1252."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def read_text(path: Path) -> str:
    """The file's text. Raises Invalid for what is no data at all."""
    return decode(read_bytes(path))


def read_rows(path: Path, *, required: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """The rows of a CSV file with a header (`.gz` or not), one by one: values stripped, `NULL` as empty.

    Raises Invalid: at once for a file that is none or lacks a column, later for one that breaks on the way.
    """
    reader = table(read_text(path))
    missing = [name for name in required if name not in (reader.fieldnames or [])]
    if missing:
        raise Invalid(f"{path.name} lacks the columns {', '.join(missing)}; it needs {', '.join(required)}.")
    rows = _rows(reader, path.name)
    head = next(rows, None)
    if head is None:
        raise Invalid(f"{path.name} has a header and no rows.")
    return chain([head], rows)


def table(text: str) -> "csv.DictReader[str]":
    csv.field_size_limit(100_000_000)  # a district's outline as WKT is longer than the usual limit
    reader = csv.DictReader(io.StringIO(text))
    reader.fieldnames = [name.strip() for name in reader.fieldnames or []]
    return reader


def _rows(reader: "csv.DictReader[str]", name: str) -> Iterator[dict[str, str]]:
    try:
        for row in reader:
            yield {column: _value(value) for column, value in row.items() if isinstance(column, str)}
    except csv.Error as error:
        raise Invalid(f"{name} is no CSV file: {error}.") from None


def _value(value: str | list[str] | None) -> str:
    text = value.strip() if isinstance(value, str) else ""
    return "" if text == "NULL" else text
