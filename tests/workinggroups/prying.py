"""Looking for what joins two rows: in tables, in their physical order, in tokens, in what was written beside."""

import base64
from collections.abc import Sequence
from typing import Any

from django.core.cache import cache
from django.db import connection
from prometheus_client import REGISTRY, generate_latest

TABLE = "workinggroups_testimony"
HIDDEN = {"sqlite": "rowid", "postgresql": "ctid::text, xmin::text"}


def fetch(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def everything() -> dict[str, set[tuple[Any, ...]]]:
    """All rows of all tables, with what the database itself knows of each, and its counters."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    hidden = HIDDEN[connection.vendor]
    found = {t: {tuple(map(str, row)) for row in fetch(f'SELECT {hidden}, * FROM "{t}"')} for t in tables}
    counters = {
        "sqlite": "SELECT name, seq FROM sqlite_sequence",
        "postgresql": "SELECT sequencename, last_value FROM pg_sequences",
    }
    found["counters"] = set(fetch(counters[connection.vendor]))
    return found


def physical_order(table: str = TABLE, key: str = "body") -> list[str]:
    """One column of a table as the rows lie."""
    place = {"sqlite": "rowid", "postgresql": "ctid"}[connection.vendor]
    return [row[0] for row in fetch(f'SELECT {key} FROM "{table}" ORDER BY {place}')]


def writers(table: str = TABLE) -> set[str]:
    """The transactions that wrote the rows there are; none on SQLite, which keeps no such number."""
    if connection.vendor == "sqlite":
        return set()
    return {row[0] for row in fetch(f'SELECT DISTINCT xmin::text FROM "{table}"')}


def shared(one: Sequence[Any], other: Sequence[Any], all_rows: Sequence[Sequence[Any]]) -> list[Any]:
    """What two rows have in common and not every row has."""
    same = [(n, a) for n, (a, b) in enumerate(zip(one, other, strict=True)) if a == b]
    return [value for n, value in same if any(row[n] != value for row in all_rows)]


def written_at(token: str) -> int:
    """The time in a Fernet token, in seconds since 1970 (github.com/fernet/spec)."""
    return int.from_bytes(base64.urlsafe_b64decode(token)[1:9], "big")


def counted() -> list[str]:
    """What /metrics says of requests."""
    return [
        line for line in generate_latest(REGISTRY).decode().splitlines() if line.startswith("rollcall_re")
    ]


def remembered() -> set[str]:
    """The cache's keys."""
    return set(cache._cache)
