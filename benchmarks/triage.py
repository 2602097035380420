"""A page of the triage desk among a million concerns, beside the same page among a thousand.

    python benchmarks/triage.py [--server postgres://…/postgres] [--concerns 1000000]

A district's liaison, an officer with 20 concerns and a Major each ask for the first page, one in the middle, the first
by target and the first by change: end to end through the project's own handler, middleware included. Bars: a page takes
at most 1.2 times as long, its SQL at most 2 times. The two take turns; medians. The two databases are new and hold the
same people on the demo's maps; `--server` makes them on PostgreSQL instead of SQLite. 3 % of the million are open, and
in a second round all are; the thousand always, or a page by target would have fewer rows than the one beside it.
"""

import argparse
import logging
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import service

FEW, ROUNDS = 1_000, 25
BAR_PAGE, BAR_SQL = 1.2, 2.0
SPAN = 5 * 365 * 86_400  # seconds over which they were told
ASSIGNED, WALLED = 20, 20
DESK = "/api/v1/triage/concerns"
# (name, post, role), and the pages that each asks for; "" is the second page of the first.
PEOPLE = [
    ("liaison", "slmpd-district-4", "liaison"),
    ("officer", "slmpd-beat-402", "beat_officer"),
    ("Major", "slmpd-patrol-area-central", "major"),
]
PAGES = {
    "first": DESK,
    "middle": "",
    "by target": f"{DESK}?order=target",
    "by change": f"{DESK}?order=changed",
}


def hire() -> dict[str, str]:
    """The session of each person."""
    from tests.factories import make_session, make_staff

    sessions = {}
    for name, area, role in PEOPLE:
        user = make_staff(f"{name}@example.org", area, role, is_sworn=role != "liaison")
        sessions[name] = str(make_session(user).session_key)
    return sessions


# --- two databases in one process -------------------------------------------------------------------------


def use(database: Any) -> None:
    from django.db import connections

    connections["default"] = database


def _wrapper(name: str) -> Any:
    """A connection to the database of that name, without a pool, which goes by alias."""
    from django.db import connections

    ours = connections["default"]
    options = {key: value for key, value in ours.settings_dict["OPTIONS"].items() if key != "pool"}
    return type(ours)(
        {**ours.settings_dict, "NAME": name, "OPTIONS": options, "CONN_MAX_AGE": None}, "default"
    )


@contextmanager
def two() -> Iterator[tuple[Any, Any]]:
    """The database as it is, and a copy of it."""
    from django.db import connection

    name, vendor = str(connection.settings_dict["NAME"]), connection.vendor
    twin = name.replace(".sqlite3", "_2.sqlite3") if vendor == "sqlite" else f"{name}_2"
    few, many = _wrapper(name), _wrapper(twin)
    connection.close()
    if vendor == "sqlite":
        shutil.copy(name, twin)
        yield few, many
        return
    connection.close_pool()
    use(_wrapper("postgres"))
    maintenance = connection.cursor()
    maintenance.execute(f"CREATE DATABASE {twin} TEMPLATE {name}")
    try:
        yield few, many
    finally:
        many.close()
        few.close()
        maintenance.execute(f"DROP DATABASE {twin} WITH (FORCE)")


# --- concerns ---------------------------------------------------------------------------------------------


def fill(count: int, open_share: float) -> None:
    """Replaces all by so many over all beats, each on its district's desk, by one INSERT … SELECT.

    Each is a copy of one that the model makes, words as ciphertext included, but for what `_columns` gives.
    """
    from django.db import connection

    from backend.feedback.concerns.models import Concern
    from backend.roster.models import Area, StaffMember

    liaison = StaffMember.objects.get(rank="Tester", assignments__role="liaison")
    officer = StaffMember.objects.get(rank="Tester", assignments__role="beat_officer")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM concerns_concern")
    Concern.objects.create(category_id="traffic", description="Cars run the light here.")
    _copy(count, open_share)
    mine = Concern.objects.filter(desk__slug="slmpd-district-4").order_by("-submitted_at")
    mine.update(assigned_to=liaison)
    Concern.objects.filter(pk__in=list(mine.values_list("pk", flat=True)[:WALLED])).update(is_walled=True)
    beat = Concern.objects.filter(area=Area.objects.get(slug="slmpd-beat-402"), is_walled=False)
    some = list(beat.order_by("-submitted_at").values_list("pk", flat=True)[:ASSIGNED])
    Concern.objects.filter(pk__in=some).update(assigned_to=officer)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)" if connection.vendor == "postgresql" else "ANALYZE")
    connection.close()  # a connection of SQLite reads its statistics when it begins


def _copy(count: int, open_share: float) -> None:
    from django.db import connection
    from django.utils import timezone

    from backend.feedback.concerns.models import Concern
    from backend.roster.index import geography
    from backend.roster.models import Area

    above = {a.pk: geography().above(a, timezone.localdate()) for a in Area.objects.filter(kind="beat")}
    beats = [(beat, chain[0].pk) for beat, chain in above.items() if chain]
    numbers = "SELECT n FROM generate_series(0, %s::bigint - 1) AS n"
    if connection.vendor == "sqlite":
        numbers = "WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c LIMIT %s) SELECT n FROM c"
    given = _columns(connection.vendor, SPAN / count, max(FEW, int(count * open_share)))
    names = [field.column for field in Concern._meta.concrete_fields]
    quoted = ", ".join(map(connection.ops.quote_name, names))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE beats (k integer PRIMARY KEY, area bigint, desk bigint)")
        cursor.executemany(
            "INSERT INTO beats VALUES (%s, %s, %s)", [(k, *beat) for k, beat in enumerate(beats)]
        )
        cursor.execute(
            f"INSERT INTO concerns_concern ({quoted}) SELECT {', '.join(given.get(n, f'one.{n}') for n in names)} "
            f"FROM ({numbers}) AS numbers JOIN beats ON beats.k = numbers.n %% {len(beats)} "
            f"CROSS JOIN (SELECT * FROM concerns_concern) AS one",
            [count],
        )
        cursor.execute("DROP TABLE beats")


def _columns(vendor: str, apart: float, open_ones: int) -> dict[str, str]:
    """What differs, by column, in SQL: the newest are open, and none changed in the order in which they were told."""

    def ago(seconds: str) -> str:
        if vendor == "postgresql":
            return f"now() - ({seconds}) * interval '1 second'"
        return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', -({seconds}) || ' seconds')"

    is_open = f"numbers.n < {open_ones}"
    return {
        "id": "gen_random_uuid()" if vendor == "postgresql" else "lower(hex(randomblob(16)))",
        "area_id": "beats.area",
        "desk_id": "beats.desk",
        "submitted_at": ago(f"numbers.n * {apart}"),
        "changed_at": ago(f"(numbers.n * 7919 %% 10007) * {SPAN / 10007}"),
        "target_at": ago(f"numbers.n * {apart} - 864000"),
        "status": f"CASE WHEN {is_open} THEN 'triaged' ELSE 'closed' END",
        "disposition": f"CASE WHEN {is_open} THEN '' ELSE 'resolved' END",
        "closed_at": f"CASE WHEN {is_open} THEN NULL ELSE {ago('0')} END",
    }


# --- measuring --------------------------------------------------------------------------------------------


def ask(session: str, path: str) -> Any:
    from django.conf import settings
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1"})
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    answer = client.get(path, secure=True)
    assert answer.status_code == 200, answer.content
    return answer.json()


def clocked(session: str, path: str) -> tuple[float, float]:
    """Seconds of the page, and of those in SQL."""
    from django.db import connection

    spent = []

    def clock(execute: Callable[..., Any], *statement: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(*statement)
        finally:
            spent.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    with connection.execute_wrapper(clock):
        ask(session, path)
    return time.perf_counter() - begun, sum(spent)


def middle(session: str, database: Any) -> str:
    """The second page's address, or the first where there is no second."""
    use(database)
    return str(ask(session, f"{DESK}?page_size=20")["next"] or DESK)


def length(session: str, database: Any, path: str) -> int:
    """How many rows the page has."""
    use(database)
    return len(ask(session, path)["results"])


def measure(sessions: dict[str, str], databases: tuple[Any, Any], label: str) -> bool:
    """Prints the figures of a filling; whether all bars hold."""
    holds = True
    for person, session in sessions.items():
        for page, path in PAGES.items():
            paths = [path or middle(session, database) for database in databases]
            lengths = [length(session, *of) for of in zip(databases, paths, strict=True)]
            assert lengths[0] == lengths[1], f"{person} {page}: {lengths} rows; these are not the same page"
            taken: list[list[tuple[float, float]]] = [[], []]
            for turn in range(ROUNDS + 2):  # the first two warm up
                for n in (0, 1) if turn % 2 else (1, 0):
                    use(databases[n])
                    taken[n].append(clocked(session, paths[n]))
            (few, few_sql), (many, many_sql) = (
                [statistics.median(column) * 1000 for column in zip(*times[2:], strict=True)]
                for times in taken
            )
            within = many <= BAR_PAGE * few and many_sql <= BAR_SQL * few_sql
            holds = holds and within
            print(
                f"{label}, {person:8} {page:9} {lengths[0]:2} rows page {many:6.1f} / {few:6.1f} ms = {many / few:4.2f}"
                f"  SQL {many_sql:6.1f} / {few_sql:6.1f} ms = {many_sql / few_sql:4.2f}{'' if within else '   MISSED'}",
                flush=True,
            )
    return holds


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--server", default="", help="of PostgreSQL; without it SQLite")
    arguments.add_argument("--concerns", type=int, default=1_000_000)
    asked = arguments.parse_args()
    holds = True
    with service.database(server=asked.server):
        from django.db import connection

        from backend import demo
        from backend.feedback.concerns.models import Concern

        vendor = connection.vendor
        logging.disable()  # the requests'
        demo.load()
        Concern.objects.all().delete()
        sessions = hire()
        with two() as databases:
            for share in (0.03, 1.0):
                for database, count in zip(databases, (FEW, asked.concerns), strict=True):
                    use(database)
                    fill(count, share)
                holds = (
                    measure(sessions, databases, f"{vendor}, {asked.concerns:,}, {share:.0%} open") and holds
                )
        use(databases[0])
        connection.close()
    print(f"bars: page at most {BAR_PAGE}, SQL at most {BAR_SQL} times that among {FEW:,}: {holds}")
    return int(not holds)


if __name__ == "__main__":
    sys.exit(main())
