"""What imports share: reading every row before refusing any, and trying without doing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model
from shapely.errors import GEOSException

from backend.errors import Invalid

Row = TypeVar("Row")
Read = TypeVar("Read")
SHOWN = 10
# What reading raises of a value that is not even of the right kind: null for an object, a word for a point.
MALFORMED = (TypeError, AttributeError, LookupError, OverflowError, RecursionError, GEOSException)


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows an import would add, change and end, or did."""

    added: int = 0
    changed: int = 0
    ended: int = 0
    unchanged: int = 0

    def __str__(self) -> str:
        return f"{self.added} added, {self.changed} changed, {self.ended} ended, {self.unchanged} unchanged"


def read_all(
    rows: Iterable[Row],
    read: Callable[[Row], Read],
    *,
    word: str,
    start: int,
    key: Callable[[Read], str] | None = None,
) -> list[Read]:
    """Each row as `read` reads it; two with the same `key` are one too many.

    Raises Invalid that names the bad rows by `word` and number, counted from `start`, with the ValueError of each.
    """
    good: list[Read] = []
    bad: list[str] = []
    seen: set[str] = set()
    for n, row in enumerate(rows, start):
        try:
            value = read(row)
            if key and (name := key(value)) in seen:
                raise ValueError(f"{name} is there twice")
        except ValueError as error:
            bad.append(f"{word} {n}: {error}.")
            continue
        except MALFORMED:
            bad.append(f"{word} {n}: it is not of the form that this import reads.")
            continue
        if key:
            seen.add(key(value))
        good.append(value)
    if bad:
        more = f" And {len(bad) - SHOWN} more." if len(bad) > SHOWN else ""
        raise Invalid(f"Nothing was imported. {' '.join(bad[:SHOWN])}{more}")
    return good


def first(properties: dict[str, Any], fields: Iterable[str]) -> str:
    """The first of the fields that has a value, as text; empty where none has."""
    values = (properties.get(name) for name in fields)
    return next((str(value).strip() for value in values if value not in (None, "")), "")


def fits(row: Model) -> None:
    """Raises ValueError where a text is too long for its column or holds NUL, which only PostgreSQL would refuse."""
    for column in row._meta.concrete_fields:
        value = getattr(row, column.attname)
        if isinstance(value, str) and (len(value) > (column.max_length or len(value)) or "\0" in value):
            raise ValueError(
                f"{column.verbose_name} is longer than {column.max_length} characters or no text"
            )


def missing(name: str) -> Any:
    raise ValueError(f"it has no `{name}`")


def trying(work: Callable[[], Imported]) -> Imported:
    """Does the work and takes it back: what `--dry-run` shows is what would happen."""
    with transaction.atomic():
        outcome = work()
        transaction.set_rollback(True)
    return outcome
