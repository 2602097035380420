"""A lookup by address, end to end, beside a bare view on the same server in the same run.

    STL_DATA=… python benchmarks/lookup.py

The database holds what a real one holds: all maps, the County's towns included, streets, stations, an officer a
beat, a captain a district, a major a patrol area, and over a hundred weekly series in these (benchmarks/filled.py).
Addresses are those of truth.csv (stratum `random`), drawn with a fixed seed.

Rate: blocks of the same bodies go to each view in turn, each going first as often as the others, on one connection;
then under load, on four at once. The bare view (benchmarks/bare.py) answers a JSON object of the mean size of the
answers: a lookup's own answer of about that size, padded to it. For information the same beside a view that answers
one text of that size, whose encoding costs next to nothing. What is printed are the medians over the rounds, and the
medians of the rounds' ratios.

In this process, by direct calls of the WSGI application, with the request log written to nowhere: the most SQL
statements of a request, each of them made to ask anew whether the data changed (a server asks twice a second);
and the time within the point-in-polygon search as a share of the time of the same requests, by one clock: the
median over five passes.
"""

import csv
import http.client
import json
import logging
import os
import random
import sys
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from statistics import mean, median
from typing import Any, NamedTuple

import filled
import service

ROUNDS, BLOCK, CONNECTIONS, PASSES = 60, 100, 4, 5
RATIO, SHARE, STATEMENTS = 0.80, 0.10, 1
PATHS = ("/api/v1/lookup", "/api/v1/bare", "/api/v1/bare-text")


class Rates(NamedTuple):
    """Medians over the rounds: seconds a request, and the rate of lookups / that of the bare views."""

    lookup: float
    bare: float
    ratio: float
    text_ratio: float


class Inside(NamedTuple):
    """What is measured in this process: most statements of a request, seconds a request."""

    warm: int
    after_edit: int
    polygon: float
    request: float


def main() -> None:
    data = service.city_data()
    with (data / "truth.csv").open() as file:
        rows = [row["address"] for row in csv.DictReader(file) if row["stratum"] == "random"]
    bodies = [json.dumps({"address": address}) for address in random.Random(2014).sample(rows, 2000)]
    with service.database(settings="bare_settings") as folder:
        service.import_city(data)
        filled.fill(data, folder)
        os.environ["BARE_ANSWER"] = str(folder / "answer.json")
        with service.served() as url:
            (folder / "answer.json").write_text(_typical(url, bodies[: 5 * BLOCK]))
            alone, loaded = _rates(url, bodies, connections=1), _rates(url, bodies, CONNECTIONS)
        inside = _inside(bodies[: 5 * BLOCK])
    share = inside.polygon / inside.request
    print(f"lookup by address               {alone.lookup * 1e6:.0f} microseconds a request")
    print(f"bare view                       {alone.bare * 1e6:.0f} microseconds a request")
    print(
        f"rate of lookup / bare view      {alone.ratio:.2f}   (at least {RATIO}; "
        f"beside one text of that size {alone.text_ratio:.2f})"
    )
    print(
        f"on {CONNECTIONS} connections at once        {1 / loaded.lookup:.0f} lookups a second, "
        f"{1 / loaded.bare:.0f} of the bare view: {loaded.ratio:.2f} "
        f"(beside one text {loaded.text_ratio:.2f})"
    )
    print(f"SQL statements, warm process    {inside.warm}      (at most {STATEMENTS})")
    print(f"first of its areas after an edit of the calendar: {inside.after_edit}")
    print(
        f"point in polygon / request      {share:.1%}   ({inside.polygon * 1e6:.0f} of "
        f"{inside.request * 1e6:.0f} microseconds in one process; at most {SHARE:.0%})"
    )
    sys.exit(alone.ratio < RATIO or inside.warm > STATEMENTS or share > SHARE)


# --- over HTTP ----------------------------------------------------------------------------------------


def _typical(url: str, bodies: list[str]) -> str:
    """A JSON object of the mean size of the answers: the largest one below it, with a text that fills it up."""
    connection = _connection(url)
    answers = sorted((_post(connection, PATHS[0], body) for body in bodies), key=len)
    connection.close()
    size = round(mean(len(answer) for answer in answers))
    below = [answer for answer in answers if len(answer) <= size - len(',"padding":""')]
    answer = json.loads(below[-1])
    encoded = {"ensure_ascii": False, "separators": (",", ":")}
    padding = size - len(json.dumps({**answer, "padding": ""}, **encoded).encode())
    return json.dumps({**answer, "padding": "x" * max(0, padding)}, **encoded)


def _rates(url: str, bodies: list[str], connections: int) -> Rates:
    """By so many connections, each of which sends a share of every block."""
    open_ = [_connection(url) for _ in range(connections)]
    seconds: dict[str, list[float]] = {path: [] for path in PATHS}
    with ThreadPoolExecutor(connections) as pool:
        for turn in range(ROUNDS):
            block = [bodies[(turn * BLOCK + n) % len(bodies)] for n in range(BLOCK)]
            shares = [block[n::connections] for n in range(connections)]
            for path in PATHS[turn % 3 :] + PATHS[: turn % 3]:
                started = time.perf_counter()
                list(pool.map(lambda one, share, path=path: _send(one, path, share), open_, shares))
                seconds[path].append((time.perf_counter() - started) / BLOCK)
    for connection in open_:
        connection.close()
    lookup, bare, text = (seconds[path] for path in PATHS)
    return Rates(median(lookup), median(bare), _ratio(lookup, bare), _ratio(lookup, text))


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return median(their / our for our, their in zip(ours, theirs, strict=True))


def _connection(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)


def _send(connection: http.client.HTTPConnection, path: str, bodies: list[str]) -> None:
    for body in bodies:
        _post(connection, path, body)


def _post(connection: http.client.HTTPConnection, path: str, body: str) -> bytes:
    """The answer, of whatever status."""
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    return connection.getresponse().read()


# --- in this process ----------------------------------------------------------------------------------


def _inside(bodies: list[str]) -> Inside:
    from django.core.wsgi import get_wsgi_application

    from backend.events.models import Event
    from backend.events.services import revise_event

    warnings.filterwarnings("ignore", "No directory at")  # there are no static files
    application = get_wsgi_application()
    _write_logs_to_nowhere()
    for body in bodies:
        _call(application, body)
    warm = _most_statements(application, bodies)
    event = Event.objects.published().first()
    assert event
    revise_event(event=event, by=_administrator(), title=f"{event.title}, moved")
    after_edit = _most_statements(application, bodies)
    passes = [_polygon_and_request(application, bodies) for _ in range(PASSES)]
    return Inside(warm, after_edit, *sorted(passes, key=lambda one: one[0] / one[1])[PASSES // 2])


def _administrator() -> Any:
    from backend.accounts.models import User

    return User.objects.get(is_administrator=True)


def _write_logs_to_nowhere() -> None:
    """Formatted as always, since that is part of a request, and then thrown away."""
    nowhere = Path(os.devnull).open("w")  # noqa: SIM115  # open as long as the process
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(nowhere)


def _call(application: Callable[..., Any], body: str) -> None:
    """A request as a server makes it of one on the wire."""
    content = body.encode()
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": PATHS[0],
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(content),
        "wsgi.errors": sys.stderr,
    }
    response = application(environ, lambda status, headers, exc_info=None: None)
    b"".join(response)
    response.close()


def _most_statements(application: Callable[..., Any], bodies: list[str]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from backend.roster import editions

    most = 0
    for body in bodies:
        editions.forget()
        with CaptureQueriesContext(connection) as captured:
            _call(application, body)
        most = max(most, len(captured))
    return most


def _polygon_and_request(application: Callable[..., Any], bodies: list[str]) -> tuple[float, float]:
    """Seconds a request in the search among areas, however often it is made, and in all."""
    from backend.roster.geography import Geography

    serving, spent = Geography.serving, 0.0

    def timed(*arguments: Any) -> Any:
        nonlocal spent
        started = time.perf_counter()
        try:
            return serving(*arguments)
        finally:
            spent += time.perf_counter() - started

    Geography.serving = timed  # type: ignore[method-assign]
    started = time.perf_counter()
    for body in bodies:
        _call(application, body)
    whole = time.perf_counter() - started
    Geography.serving = serving  # type: ignore[method-assign]
    return spent / len(bodies), whole / len(bodies)


if __name__ == "__main__":
    main()
