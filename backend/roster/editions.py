"""How processes that keep data in memory notice that it changed.

A writer calls `bump` in its transaction. A reader calls `version`, which asks the database at most
every half second, with one plain statement, so that a change is seen within a second everywhere.
"""

import secrets
import threading
import time

from django.db import connection, transaction

from backend.roster.models import Edition

ROSTER = "roster"
STREETS = "streets"
CALENDAR = "calendar"
FRESH_SECONDS = 0.5

_seen: dict[str, tuple[float, int]] = {}
_lock = threading.Lock()


def bump(name: str) -> None:
    """Marks the named data as changed, in the caller's transaction.

    A version is random, not counted: a database put back from yesterday never shows a number that
    already stood for something else.
    """
    Edition.objects.update_or_create(name=name, defaults={"version": secrets.randbits(62)})
    transaction.on_commit(lambda: forget(name))


def forget(name: str) -> None:
    """Makes this process look again at once."""
    with _lock:
        _seen.pop(name, None)


def version(name: str) -> int:
    """The version this process should serve: at most half a second old."""
    checked_at, known = _seen.get(name, (0.0, 0))
    now = time.monotonic()
    if now - checked_at < FRESH_SECONDS:
        return known
    with connection.cursor() as cursor:
        cursor.execute("SELECT version FROM roster_edition WHERE name = %s", [name])
        row = cursor.fetchone()
    current = row[0] if row else 0
    with _lock:
        _seen[name] = (now, current)
    return current
