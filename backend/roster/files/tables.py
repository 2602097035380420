"""Bytes, text and tables, in the encodings in which they come."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from pathlib import Path

from backend.errors import Invalid

# Unpacked; the City's whole centerline file is 12 MB. More is a packed bomb, or not a file for this.
MOST_BYTES = 300_000_000
LONGEST_FIELD = 100_000_000  # a district's outline as WKT is longer than the usual limit


class Row(dict[str, str]):
    """A row of a table, by column. `line` of the file is where it begins; the first line is 1."""

    def __init__(self, values: Iterable[tuple[str, str]], line: int) -> None:
        super().__init__(values)
        self.line = line


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


def text_of(raw: bytes, name: str) -> str:
    """The text of a file. Raises Invalid for what is none, as workbooks and UTF-16 are."""
    if b"\0" in raw:
        raise Invalid(
            f"{name} is not text in UTF-8 or Windows-1252; save it as UTF-8 (from Excel: CSV UTF-8)."
        )
    return decode(raw)


def read_rows(path: Path, *, required: tuple[str, ...]) -> Iterator[Row]:
    """The rows of a CSV file with a header (`.gz` or not), one by one: values stripped, `NULL` as empty.

    Columns are in small letters, "Badge Number" as badge_number. Raises Invalid: at once for a file that is
    none or lacks a column, later for one that breaks on the way.
    """
    columns, rows = table(text_of(read_bytes(path), path.name), path.name, spelled=_plain)
    missing = [name for name in required if name not in columns]
    if missing:
        raise Invalid(f"{path.name} lacks the columns {', '.join(missing)}; it needs {', '.join(required)}.")
    for name in columns:
        if name and columns.count(name) > 1:
            raise Invalid(f"{path.name} has the column {name} twice; take one of them out.")
    head = next(rows, None)
    if head is None:
        raise Invalid(f"{path.name} has a header and no rows.")
    return chain([head], rows)


def table(
    text: str, name: str, *, spelled: Callable[[str], str] = str.strip
) -> tuple[list[str], Iterator[Row]]:
    """The columns of a CSV text, and its rows one by one; blank ones are left out.

    The separator is the one that the header has most of: comma, semicolon or tab. Raises Invalid with the
    file's name, also on the way.
    """
    csv.field_size_limit(LONGEST_FIELD)
    lines = io.StringIO(text, newline=None)
    head = next((line for line in lines if line.strip(", \n")), "")
    lines.seek(0)
    records = _records(lines, max(",;\t", key=head.count), name)
    columns = [spelled(column) for column in next(records, (1, []))[1]]
    return columns, (
        Row(zip(columns, chain(map(_value, fields), repeat("")), strict=False), line)
        for line, fields in records
    )


def _records(lines: Iterable[str], separator: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """The line on which each record that is not blank begins, and its fields."""
    reader = csv.reader(lines, delimiter=separator)
    begins = 1
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                yield begins, fields
            begins = reader.line_num + 1
    except csv.Error as error:
        raise Invalid(f"{name} is no CSV file: {error}.") from None


def _plain(column: str) -> str:
    return "_".join(column.lower().split())


def _value(value: str) -> str:
    text = value.strip()
    return "" if text == "NULL" else text
