"""Feeds: an answer 304 and a cached 200 beside a bare Django view; one edit among 10,000 events beside icalendar.

    python benchmarks/feeds.py

Over HTTP, on one connection, blocks of requests go to each address in turn: `/feeds/all.ics` of some 200 series, and a
bare view (benchmarks/bare.py) on the same server behind the same middleware, which answers 304, or a constant body of
the same size, with the same headers, and does nothing else. Medians of the rounds' ratios.

Then in this process: what the first request of a feed of 10,000 series needs after one of them was changed through the
service, beside the icalendar library building the same calendar as a whole; both are then parsed and held equal.
"""

import http.client
import os
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import service

ROUNDS, BLOCK, EVENTS, EDITS = 60, 100, 10_000, 5
SERVED = 200
UNCHANGED, CACHED, FASTER = 0.90, 0.80, 20
COMPARED = (
    "SUMMARY",
    "DTSTART",
    "DTEND",
    "RRULE",
    "SEQUENCE",
    "STATUS",
    "LOCATION",
    "DESCRIPTION",
    "GEO",
    "URL",
)


def main() -> None:
    with service.database(settings="bare_settings") as folder:
        from backend import demo

        demo.load()
        _clone(SERVED)
        os.environ["BARE_FEED"] = str(folder / "feed.ics")
        with service.served() as url:
            unchanged, plain, zipped = _over_http(url)
        _clone(EVENTS)
        ours, theirs, are_equal = _rebuilt()
    print(f"304: rate of a feed / bare view            {unchanged:.2f}   (at least {UNCHANGED})")
    print(f"200, cached: rate of a feed / bare view    {plain:.2f}   (at least {CACHED})")
    print(f"200, cached, gzip: the same                {zipped:.2f}   (at least {CACHED})")
    print(
        f"{EVENTS} events after one edit: {ours * 1e3:.0f} ms, icalendar {theirs * 1e3:.0f} ms: "
        f"{theirs / ours:.0f} times   (at least {FASTER}); equal when parsed: {are_equal}"
    )
    missed = unchanged < UNCHANGED or min(plain, zipped) < CACHED or theirs / ours < FASTER
    sys.exit(missed or not are_equal)


# --- over HTTP ----------------------------------------------------------------------------------------


def _over_http(url: str) -> tuple[float, float, float]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
    status, headers, body = _get(connection, "/feeds/all.ics", {})
    assert status == 200
    with open(os.environ["BARE_FEED"], "wb") as file:
        file.write(body)
    zipped = {"Accept-Encoding": "gzip"}
    tag, tag_zipped = headers["ETag"], _get(connection, "/feeds/all.ics", zipped)[1]["ETag"]
    assert tag != tag_zipped
    cases: list[dict[str, str]] = [{"If-None-Match": tag}, {}, zipped]
    for case, status in zip(cases, (304, 200, 200), strict=True):
        for path in ("/feeds/all.ics", "/bare-feed"):
            assert _get(connection, path, case)[0] == status, (path, case)
    ratios = tuple(_ratio(connection, case) for case in cases)
    connection.close()
    return ratios  # type: ignore[return-value]


def _ratio(connection: http.client.HTTPConnection, headers: dict[str, str]) -> float:
    found = []
    for turn in range(ROUNDS):
        seconds = {}
        paths = ("/feeds/all.ics", "/bare-feed")
        for path in paths if turn % 2 else reversed(paths):
            started = time.perf_counter()
            for _ in range(BLOCK):
                _get(connection, path, headers)
            seconds[path] = time.perf_counter() - started
        found.append(seconds["/bare-feed"] / seconds["/feeds/all.ics"])
    return median(found)


def _get(
    connection: http.client.HTTPConnection, path: str, headers: dict[str, str]
) -> tuple[int, Any, bytes]:
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


# --- 10,000 events ------------------------------------------------------------------------------------


def _clone(count: int) -> None:
    """So many series more, each with its own bytes, as the service renders them."""
    from uuid import uuid4

    from backend.events.models import Event
    from backend.events.services.derived import render
    from backend.events.services.series import uid_of
    from backend.roster import editions

    model = Event.objects.published().filter(overrides=None, follows=None).latest("first_on")
    new = []
    for n in range(count):
        model.pk, model._state.adding = uuid4(), True
        model.uid, model.title = uid_of(model), f"Roll call {n}; bring a chair, or two"
        copy = Event(**{f.attname: getattr(model, f.attname) for f in Event._meta.concrete_fields})
        copy.ics = render(copy, ())
        new.append(copy)
    Event.objects.bulk_create(new, batch_size=500)
    editions.bump(editions.CALENDAR)


def _rebuilt() -> tuple[float, float, bool]:
    """Seconds: ours after an edit, icalendar's for the whole; whether both say the same."""
    from backend.accounts.models import User
    from backend.events import feeds
    from backend.events.models import Event
    from backend.events.services import revise_event

    chief = User.objects.filter(is_administrator=True).first()
    assert chief
    feeds.everything()
    ours = []
    for n in range(EDITS):
        event = Event.objects.filter(title__startswith=f"Roll call {n};").first()
        assert event
        revise_event(event=event, by=chief, title=f"Another title {n}")
        ours.append(_seconds(feeds.everything))
    whole = feeds.everything().body
    events = list(_facts(whole))
    theirs = [_seconds(lambda: _by_icalendar(events)) for _ in range(2)]
    return median(ours), min(theirs), _said(whole) == _said(_by_icalendar(events))


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _facts(body: bytes) -> Any:
    """Every property of every event, as values that the library builds from."""
    import icalendar

    for event in icalendar.Calendar.from_ical(body).walk("VEVENT"):
        yield [
            (name, value)
            for name, value in event.property_items(recursive=False)
            if name not in ("BEGIN", "END")
        ]


def _by_icalendar(events: list[Any]) -> bytes:
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//Roll Call//Roll Call//EN")
    for facts in events:
        event = icalendar.Event()
        for name, value in facts:
            event.add(name, value, encode=0)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _said(body: bytes) -> dict[Any, Any]:
    import icalendar

    return {
        (str(e["UID"]), e["RECURRENCE-ID"].to_ical() if "RECURRENCE-ID" in e else b""): [
            e[name].to_ical() if name in e else None for name in COMPARED
        ]
        for e in icalendar.Calendar.from_ical(body).walk("VEVENT")
    }


if __name__ == "__main__":
    main()
