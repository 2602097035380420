"""kill -9 of the server a hundred times while concerns are told: each acknowledged is there once, nothing half-made.

Phones (threads) tell concerns without a name, with an account, and about a police employee, each under a key of its
own, and repeat what was not acknowledged, as the app does: after a lost connection, a 5xx, or 409 while a killed
attempt's claim lasts. The server is granian, as `make run` starts it; with `--server postgres://…/postgres` it is two
processes on PostgreSQL, as the Procfile has it. All of its process group is killed at random moments. `--kills 5` is
a short trial.
"""

import argparse
import http.client
import json
import os
import random
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service import ROOT, database

PHONES, ACCOUNTS = 8, 4
PATIENCE_SECONDS = 240  # after the last kill, for what is not acknowledged: claims last 60
PLACES: tuple[dict[str, Any], ...] = ({"address": "1915 Olive St"}, {"area": "slmpd-beat-101"}, {})
BEFORE_A_KILL_SECONDS = (0.0, 1.5)  # after the first answer of a server that was started again
FIRST_ANSWER_SECONDS = 20


@dataclass
class Told:
    """One concern as its phone knows it; `answer` is the body of the first 201."""

    token: str
    body: dict[str, Any]
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    address: str = field(default_factory=lambda: ".".join(str(random.randint(1, 250)) for _ in range(4)))
    due: float = 0.0
    tries: int = 0
    answer: dict[str, Any] | None = None
    replayed: bool = False
    waited_for_a_claim: bool = False


class Server:
    """The web server in a process group of its own."""

    def __init__(self, workers: int) -> None:
        self.url = os.environ["PUBLIC_URL"]
        self.workers = str(workers)
        self.process: subprocess.Popen[bytes]
        self.start()

    def start(self) -> None:
        words = ["--interface", "wsgi", "--port", self.url.rpartition(":")[2], "--workers", self.workers]
        words += ["--blocking-threads", "8", "--respawn-failed-workers"]
        self.process = subprocess.Popen(
            [str(Path(sys.executable).with_name("granian")), *words, "backend.wsgi:application"],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        while not self._answers():
            time.sleep(0.05)

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            sys.exit(f"The server ended by itself, with {self.process.returncode}.")
        try:
            urllib.request.urlopen(f"{self.url}/healthz", timeout=5).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        with suppress(ProcessLookupError):  # until the last of the group is gone
            while True:
                os.killpg(self.process.pid, 0)
                time.sleep(0.01)


class Phones:
    """Threads that tell concerns until `stop`, and then only repeat what was not acknowledged."""

    def __init__(self, url: str, tokens: list[str]) -> None:
        self.netloc = urllib.parse.urlsplit(url).netloc
        self.tokens = tokens
        self.told: list[Told] = []
        self.stopping = threading.Event()
        self.patience = PATIENCE_SECONDS
        self.acknowledged = 0
        self.open = Counter[int]()
        self.failures = Counter[str]()
        self.threads = [threading.Thread(target=self._tell, args=(n,)) for n in range(PHONES)]
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def wait_for_an_answer(self) -> None:
        """The maps are built by a process's first request; killing it each time before that would try nothing."""
        before, began = self.acknowledged, time.monotonic()
        while self.acknowledged == before and time.monotonic() < began + FIRST_ANSWER_SECONDS:
            time.sleep(0.01)

    def _tell(self, number: int) -> None:
        pending: list[Told] = []
        stopped = 0.0
        while True:
            if self.stopping.is_set():
                stopped = stopped or time.monotonic()
                if not pending or time.monotonic() > stopped + self.patience:
                    return
            one = min(pending, key=lambda told: told.due, default=None)
            if one is None or one.due > time.monotonic():
                if self.stopping.is_set():
                    time.sleep(0.1)
                    continue
                one = self._new()
                pending.append(one)
            self.open[number] = 1
            acknowledged = self._send(one)
            self.open[number] = 0
            if acknowledged:
                self.acknowledged += 1
                pending.remove(one)
            time.sleep(0.02)

    def _new(self) -> Told:
        about_police = random.random() < 0.2
        body = {
            "category": "service" if about_police else "traffic",
            "description": f"Cars run the light here. Mark {secrets.token_hex(16)}.",
            "about_police_employee": about_police,
            **random.choice(PLACES),
        }
        one = Told(random.choice([*self.tokens, *[""] * len(self.tokens)]), body)
        self.told.append(one)
        return one

    def _send(self, one: Told) -> bool:
        one.tries += 1
        try:
            status, headers, answer = ask(
                self.netloc, "POST", "/api/v1/concerns", one, one.body, {"Idempotency-Key": one.key}
            )
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.failures[type(error).__name__] += 1
            one.due = time.monotonic() + random.uniform(0.1, 0.5)
            time.sleep(0.2)  # nobody tells the next at once
            return False
        if status == 201:
            one.answer, one.replayed = answer, "Idempotency-Replayed" in headers
            return True
        self.failures[f"{status} {answer.get('type')}"] += 1
        one.waited_for_a_claim |= status == 409
        one.due = time.monotonic() + random.uniform(2, 6)
        return False


def ask(netloc: str, method: str, path: str, one: Told, body: Any = None, headers: Any = None) -> Any:
    """(status, headers, JSON); each from the phone's own address, or the throttle would count them together."""
    connection = http.client.HTTPConnection(netloc, timeout=30)
    sent = {"Content-Type": "application/json", "X-Forwarded-For": one.address, **(headers or {})}
    if one.token:
        sent["X-Session-Token"] = one.token
    try:
        connection.request(method, path, None if body is None else json.dumps(body), sent)
        response = connection.getresponse()
        return response.status, response.headers, json.loads(response.read())
    finally:
        connection.close()


def _tokens() -> list[str]:
    """Sessions of residents with an account."""
    from backend.accounts.models import Session, User
    from tests.factories import make_session

    residents = [
        User.objects.create_user(kind=User.Kind.RESIDENT, email=f"resident{n}@example.org")
        for n in range(ACCOUNTS)
    ]
    return [str(make_session(user, client=Session.Client.APP).session_key) for user in residents]


def judged(told: list[Told], netloc: str) -> dict[str, int]:
    """What must be 0, by name."""
    from django.db import connection

    from backend.feedback.concerns.models import Concern

    stored: dict[str, list[str]] = {}
    for concern in Concern.objects.all():
        for mark in re.findall(r"Mark ([0-9a-f]{32})\.", concern.description):
            stored.setdefault(mark, []).append(str(concern.pk))
    acknowledged = {_mark(one): one for one in told if one.answer}
    connection.check_constraints()
    return {
        "never acknowledged": sum(one.answer is None for one in told),
        "acknowledged and lost": sum(mark not in stored for mark in acknowledged),
        "doubled": sum(len(ids) > 1 for ids in stored.values()),
        "acknowledged under another id": sum(
            stored.get(mark, [one.answer["id"]]) != [one.answer["id"]]
            for mark, one in acknowledged.items()
            if one.answer
        ),
        "there and never told": len(set(stored) - {_mark(one) for one in told}),
        "receipts that fail": sum(not _is_read(one, netloc) for one in acknowledged.values()),
        "half-made": sum(1 for _ in _half_made(told)),
    }


def _mark(one: Told) -> str:
    return str(one.body["description"]).rpartition(" ")[2].rstrip(".")


def _is_read(one: Told, netloc: str) -> bool:
    """Whether the reporter reads it over HTTP: by account, or by the receipt that the answer held."""
    assert one.answer
    identifier = one.answer["id"]
    if one.token:
        found = ask(netloc, "GET", f"/api/v1/concerns/{identifier}", one)
    else:
        receipt = {"receipt": one.answer["receipt"]}
        found = ask(netloc, "POST", "/api/v1/concerns/receipt", one, receipt)
    return bool(found[0] == 200 and found[2]["id"] == identifier)


def _half_made(told: list[Told]) -> Iterator[str]:
    """Each row that lacks what is written in the same transaction."""
    from backend.accounts.models import IdempotencyKey
    from backend.feedback.concerns.models import Concern

    ours = list(Concern.objects.prefetch_related("changes", "subjects"))
    ids = {str(concern.pk) for concern in ours}
    for concern in ours:
        if [change.move for change in concern.changes.all()] != ["submit"]:
            yield f"{concern}: history"
        if concern.reporter_id is None and concern.receipt_index is None:
            yield f"{concern}: nobody can ask for it"
        if concern.is_walled != bool(concern.subjects.all()):
            yield f"{concern}: wall"
    keys = list(IdempotencyKey.objects.all())
    for key in keys:
        if key.status is None or json.loads(key.answer)["data"]["id"] not in ids:
            yield f"key {key.pk}: no concern"
    if len(keys) != len(told):
        yield f"{len(keys)} keys of {len(told)}"


def run(kills: int, workers: int) -> bool:
    server = Server(workers)
    began = time.monotonic()
    open_at_kills = 0
    phones = Phones(server.url, _tokens())
    try:
        for _ in range(kills):
            phones.wait_for_an_answer()
            time.sleep(random.uniform(*BEFORE_A_KILL_SECONDS))
            open_at_kills += sum(phones.open.values())
            server.kill()
            server.start()
        phones.stop()
        wrong = judged(phones.told, phones.netloc)
    finally:
        phones.patience = 0
        phones.stopping.set()
        server.kill()
    acknowledged = [one for one in phones.told if one.answer]
    print(
        f"{kills} kills with {open_at_kills} requests open, {time.monotonic() - began:.0f} s: "
        f"{len(acknowledged):,} acknowledged ({sum(bool(one.token) for one in acknowledged):,} by account), "
        f"{sum(one.tries > 1 for one in acknowledged):,} after repeats, of them "
        f"{sum(one.replayed for one in acknowledged):,} had been done (replayed) and "
        f"{sum(one.waited_for_a_claim for one in acknowledged):,} waited for a killed attempt's claim"
    )
    print("answers that were none: " + ", ".join(f"{n} {what}" for what, n in phones.failures.most_common()))
    print(", ".join(f"{name} {count}" for name, count in wrong.items()))
    return not any(wrong.values()) and bool(acknowledged) and open_at_kills > 0


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--server", default="", help="of PostgreSQL; without it SQLite")
    arguments.add_argument("--kills", type=int, default=100)
    given = arguments.parse_args()
    os.environ["TRUSTED_PROXY_COUNT"] = "1"
    with database(server=given.server):
        from django.db import connection

        from backend import demo
        from backend.feedback.concerns.models import Concern

        demo.load()
        Concern.objects.all().delete()  # the demo's own
        fits = run(given.kills, workers=2 if given.server else 1)
        connection.close()
    return int(not fits)


if __name__ == "__main__":
    sys.exit(main())
