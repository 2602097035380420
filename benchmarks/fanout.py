"""How long 300,000 texts take to be queued, and in how much memory; twice must be once.

Bars: 1 s on SQLite, 5 s on PostgreSQL, 20 MB. The other side of the ratio is the same number of rows copied by the
database alone (INSERT … SELECT into a bare table with the same two unique columns). `--server postgres://…/postgres`
measures on PostgreSQL, in a database of its own.
"""

import argparse
import resource
import statistics
import sys
import time
from datetime import timedelta

from service import database

PEOPLE, ROUNDS = 300_000, 6
BAR_SECONDS = {"sqlite": 1.0, "postgresql": 5.0}
BAR_MB = 20
TOPIC = "area:benchmark"


def fill() -> None:
    """Followers by bulk: their numbers are nobody's and cannot be decrypted, which queueing never does."""
    from django.db import connection
    from django.utils import timezone

    from backend.notifications.models import Recipient, Subscription

    now = timezone.now()
    for start in range(0, PEOPLE, 5000):
        Recipient.objects.bulk_create(
            Recipient(address="", address_index=f"{n:064x}", consent="given", changed_at=now)
            for n in range(start, start + 5000)
        )
    table, recipients = Subscription._meta.db_table, Recipient._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (recipient_id, topic, created_at) SELECT id, %s, %s FROM {recipients}",
            [TOPIC, now],
        )
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")


def queue(key: str) -> tuple[int, float]:
    """How many were queued and in how many seconds, the commit included."""
    from django.db import transaction
    from django.utils import timezone

    from backend.notifications.services import queue_notice

    start = time.perf_counter()
    with transaction.atomic():
        queued = queue_notice(
            kind="occurrence_cancelled",
            key=key,
            topics=[TOPIC, "kind:block_roll_call"],
            subject_id="benchmark",
            body="Cancelled: Morning roll call, Fri Nov 27, 7:30 am, Soulard Market. {link}",
            expires_at=timezone.now() + timedelta(hours=2),
        )
    return queued, time.perf_counter() - start


def bare(name: str) -> float:
    """The same rows, without any of what makes them messages."""
    from django.db import connection, transaction

    from backend.notifications.models import Recipient

    start = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} (notice bigint, recipient bigint, UNIQUE (notice, recipient))")
        cursor.execute(f"INSERT INTO {name} SELECT 1, id FROM {Recipient._meta.db_table}")
    seconds = time.perf_counter() - start
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {name}")
    return seconds


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--server", default="", help="of PostgreSQL; without it SQLite")
    with database(server=arguments.parse_args().server):
        from django.db import connection

        fill()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        times, once = [], True
        for n in range(ROUNDS):
            queued, seconds = queue(f"round {n}")
            again, _ = queue(f"round {n}")
            once = once and (queued, again) == (PEOPLE, 0)
            times.append(seconds)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        ratio = statistics.median(times) / bare("bare_rows")
        bar = BAR_SECONDS[connection.vendor]
        print(
            f"{connection.vendor}: {PEOPLE:,} texts queued in {', '.join(f'{t:.2f}' for t in times)} s (bar {bar} s), "
            f"{ratio:.1f} times bare rows; {grown:.1f} MB more memory (bar {BAR_MB}); twice is once: {once}"
        )
        missed = statistics.median(times) > bar or grown > BAR_MB or not once
        connection.close()
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
