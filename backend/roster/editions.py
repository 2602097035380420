"""How processes that keep data in memory notice that it changed.

A writer calls `bump` in its transaction. A reader calls `version`, which asks the database at most
every half second, with one plain statement, so that a change is seen within a second everywhere.
"""

import secrets
import threading
import time

from django.db import connection, transaction

from backend.roster.models import Edition

MAPS = "maps"  # areas and their outlines
ROSTER = "roster"  # those, and people, contacts, stations
STREETS = "streets"
CALENDAR = "calendar"
PROGRAMS = "programs"
WORKING_GROUPS = "working-groups"
FRESH_SECONDS = 0.5

_lock = threading.Lock()
_checked_at = float("-inf")
_seen: dict[str, int] = {}


def bump(*names: str) -> None:
    """Marks the named data as changed, in the caller's transaction.

    A version is random, not counted: a database put back from yesterday never shows a number that
    already stood for something else.
    """
    for name in names:
        Edition.objects.update_or_create(name=name, defaults={"version": secrets.randbits(62)})
    transaction.on_commit(forget)


def hold(*names: str) -> None:
    """Keeps other imports of the named data out until the caller's transaction ends.

    Two that each replaced what they saw would leave the union of both on PostgreSQL.
    """
    for name in names:
        Edition.objects.get_or_create(name=name, defaults={"version": 0})
        Edition.objects.select_for_update().get(name=name)


def forget() -> None:
    """Makes this process look again at once."""
    global _checked_at
    with _lock:
        _checked_at = float("-inf")


def version(name: str) -> int:
    """The version this process should serve: at most half a second old; 0 for what never changed."""
    if time.monotonic() - _checked_at >= FRESH_SECONDS:
        return latest(name)
    return _seen.get(name, 0)


def latest(name: str) -> int:
    """The version as the database has it now."""
    global _checked_at, _seen
    now = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, version FROM roster_edition")
        rows = dict(cursor.fetchall())
    with _lock:
        _seen, _checked_at = rows, now
    return rows.get(name, 0)
