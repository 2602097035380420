"""What imports share: reading every row before refusing any, and trying without doing."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model
from shapely.errors import GEOSException

from backend.errors import Invalid
from backend.roster.files import Row
from backend.roster.geometry import DECIMALS, FARTHEST_METRES, metres_from_city

Item = TypeVar("Item")
Read = TypeVar("Read")
SHOWN = 10
NO_TEXT = re.compile("[\0\ud800-\udfff]")  # NUL, and halves of pairs, which JSON can spell
# What reading raises of a value that is not even of the right kind: null for an object, a word for a point.
MALFORMED = (TypeError, AttributeError, LookupError, OverflowError, RecursionError, GEOSException)


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows an import would add, change and end, or did; `lines` say which, and what else is to be known."""

    added: int = 0
    changed: int = 0
    ended: int = 0
    unchanged: int = 0
    lines: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.added} added, {self.changed} changed, {self.ended} ended, {self.unchanged} unchanged"


def listed(word: str, names: Iterable[str], separator: str = ", ") -> list[str]:
    """One line for the report, ten names at most; none where there are no names."""
    names = list(names)
    if not names:
        return []
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return [f"{word}: {separator.join(names[:SHOWN])}{more}"]


def numbered(rows: Iterable[dict[str, str]]) -> Iterator[Row]:
    """The rows with the lines that refusals name; rows of no file are counted below a header."""
    return (row if isinstance(row, Row) else Row(row.items(), n) for n, row in enumerate(rows, 2))


def shrinking(ended: int, before: int, noun: str) -> list[str]:
    """A warning for the report where more than half of what was there ends."""
    if 2 * ended <= before:
        return []
    return [f"warning: {ended} of the {before} {noun} there are end; is the file whole?"]


def read_all(
    items: Iterable[Item],
    read: Callable[[Item], Read],
    *,
    word: str,
    key: Callable[[Read], str | None] | None = None,
) -> list[Read]:
    """Each item as `read` reads it; two with the same `key` are one too many.

    Raises Invalid that names the bad ones by `word` and number (rows: their lines), with the ValueError of each;
    and where there are none at all, or an empty file would end all that is there.
    """
    good: list[Read] = []
    bad: list[str] = []
    seen: set[str] = set()
    for n, item in enumerate(items, 1):
        try:
            value = read(item)
            name = key(value) if key else None
            if name in seen:
                raise ValueError(f"{name} is there twice")
        except (ValueError, *MALFORMED) as error:
            bad.append(f"{word} {item.line if isinstance(item, Row) else n}: {_reason(error)}.")
            continue
        seen |= {name} if name else set()
        good.append(value)
    refuse(bad)
    if not good:
        raise Invalid(f"Nothing was imported: there is no {word.lower()} to import.")
    return good


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, ValueError) else "it is not of the form that this import reads"


def refuse(bad: list[str]) -> None:
    """Raises Invalid with the sentences about bad rows, if there are any."""
    if bad:
        more = f" And {len(bad) - SHOWN} more." if len(bad) > SHOWN else ""
        raise Invalid(f"Nothing was imported. {' '.join(bad[:SHOWN])}{more}")


def first(properties: dict[str, Any], fields: Iterable[str]) -> str:
    """The first of the fields that has a value, as text; empty where none has. 7.0 is "7", as in other formats."""
    texts = (_text(properties.get(name)) for name in fields)
    return next((text for text in texts if text), "")


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()


def to_day(text: str) -> date:
    """The day that is written like 2026-11-27. Raises ValueError, also for the other forms of ISO 8601."""
    read = date.fromisoformat(text)
    if read.isoformat() != text:
        raise ValueError("another form")
    return read


def day(row: dict[str, str], name: str) -> date | None:
    """The day in a column, None where it is empty. Raises ValueError."""
    text = row.get(name, "")
    try:
        return to_day(text) if text else None
    except ValueError:
        raise ValueError(f"{name} is {text!r}, not a day like 2026-11-27") from None


def point(row: dict[str, str]) -> tuple[float, float] | None:
    """(lat, lon) to 6 decimals; None where there is none, which files also write as 0,0. Raises ValueError."""
    if not row["lat"] or not row["lon"]:
        return None
    try:
        lat, lon = round(float(row["lat"]), DECIMALS), round(float(row["lon"]), DECIMALS)
    except ValueError:
        raise ValueError(f"{row['lat']!r}, {row['lon']!r} are no coordinates") from None
    if (lat, lon) == (0, 0):
        return None
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        raise ValueError(f"{lat}, {lon} are no degrees of latitude and longitude")
    if metres_from_city(lon, lat) > FARTHEST_METRES:
        raise ValueError(f"{lat}, {lon} is more than {FARTHEST_METRES / 1000:.0f} km from St. Louis")
    return lat, lon


def fits(row: Model) -> None:
    """Raises ValueError where a text is too long for its column or holds what no database takes as text."""
    for column in row._meta.concrete_fields:
        value = getattr(row, column.attname)
        if isinstance(value, str) and (
            len(value) > (column.max_length or len(value)) or NO_TEXT.search(value)
        ):
            raise ValueError(
                f"{column.verbose_name} is longer than {column.max_length} characters or no text"
            )


def upsert(manager: Any, key: dict[str, Any], values: dict[str, Any]) -> tuple[Any, str]:
    """The row with this key, made or brought to these values, and what that took: added, changed, unchanged."""
    row, created = manager.get_or_create(**key, defaults=values)
    return row, "added" if created else "changed" if bring(row, values) else "unchanged"


def bring(row: Model, values: dict[str, Any]) -> list[str]:
    """Gives a stored row these values; returns the names of those that it did not have."""
    changes = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changes:
        return []
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    return list(changes)


def missing(name: str) -> Any:
    raise ValueError(f"it has no `{name}`")


def trying(work: Callable[[], Imported]) -> Imported:
    """Does the work and takes it back: what `--dry-run` shows is what would happen."""
    with transaction.atomic():
        outcome = work()
        transaction.set_rollback(True)
    return outcome
