"""2,000 texts while the worker is killed three times: none lost, none twice where the provider shows what it has.

The provider is the tests' stand-in, in a process of its own; the workers are `manage.py work`, killed by SIGKILL at
random moments and started again. With the provider's list hidden, extra copies may be as many as were open at the
kills. `--server postgres://…/postgres --workers 4` does the same on PostgreSQL.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from typing import Any

from service import ROOT, database

TEXTS, KILLS, PATIENCE_SECONDS = 2_000, 3, 900


class Provider:
    """The stand-in, and its control."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "tests/fakes/twilio.py"), "--port", "0", *words],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        started = json.loads(self.process.stdout.readline())
        self.url: str = started["listening"]
        os.environ |= {**started["env"], "TWILIO_API_BASE_URL": self.url}
        os.environ.pop("TWILIO_FROM_NUMBER", None)

    def control(self, name: str, data: Any = None) -> Any:
        body = json.dumps(data).encode() if data is not None else None
        with urllib.request.urlopen(f"{self.url}/_fake/{name}", body, timeout=30) as answer:
            return json.loads(answer.read())


def start(count: int) -> list[subprocess.Popen[bytes]]:
    command = [sys.executable, "manage.py", "work"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return [subprocess.Popen(command, cwd=ROOT, **quiet) for _ in range(count)]


def run(workers: int, *, listed: bool) -> bool:
    from django.db.models import Count

    from backend import demo
    from backend.notifications.models import Message, Notice

    provider = Provider("--response-delay", "0.01", "--step-delay", "0.01")
    try:
        provider.control("config", {"hold_callbacks": True, "list_lag": 0.0 if listed else 10_000.0})
        demo.cancel_next("A trial.")
        running = start(workers)
        began = time.monotonic()
        kill_at = sorted(random.uniform(0.1, 0.8) for _ in range(KILLS))
        open_at_kills = 0
        while True:
            done = provider.control("summary")["accepted"]
            if kill_at and done >= kill_at[0] * TEXTS:
                kill_at.pop(0)
                for process in running:
                    process.send_signal(signal.SIGKILL)
                for process in running:
                    process.wait()
                open_at_kills += Message.objects.in_flight().count()
                running = start(workers)
            waiting = Message.objects.waiting().exists() or Message.objects.in_flight().exists()
            if not waiting or time.monotonic() - began > PATIENCE_SECONDS:
                break
            time.sleep(0.2)
        for process in running:
            process.terminate()
        for process in running:
            process.wait()
        summary = provider.control("summary")
        lost = TEXTS - summary["unique_numbers"]
        extra = summary["extra_copies"]
        latest = Message.objects.filter(notice=Notice.objects.latest("pk"))
        states = dict(latest.order_by().values_list("status").annotate(Count("pk")))
        fits = lost == 0 and extra <= (0 if listed else open_at_kills) and not kill_at
        print(
            f"{workers} worker(s), list {'visible' if listed else 'hidden'}: {TEXTS:,} texts, {KILLS} kills with "
            f"{open_at_kills} open, {time.monotonic() - began:.0f} s: lost {lost}, extra {extra}; {states}"
        )
        return fits
    finally:
        provider.process.terminate()


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--server", default="", help="of PostgreSQL; without it SQLite")
    arguments.add_argument("--workers", type=int, default=1)
    given = arguments.parse_args()
    with database(server=given.server):
        from django.conf import settings
        from django.db import connection

        from backend import demo

        demo.load()
        settings.TWILIO_API_BASE_URL = "http://127.0.0.1"  # nobody real can be reached
        demo.add_followers(TEXTS)
        fits = [run(given.workers, listed=listed) for listed in (True, False)]
        connection.close()
    return int(not all(fits))


if __name__ == "__main__":
    sys.exit(main())
