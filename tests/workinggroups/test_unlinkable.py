"""One person tells two stories and describes themself, among others; who has the whole machine tries to join them.

What is tried is tried on a table that joins them, too, and finds it there.
"""

import io
import logging
import math
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from backend import logs
from backend.accounts.models import User
from backend.encryption import decrypt, encrypt
from backend.errors import Conflict
from backend.feedback.workinggroups.models import Consultation, DemographicCount
from backend.feedback.workinggroups.models import Testimony as Told
from backend.feedback.workinggroups.services import testimony
from backend.throttles import OverAll
from tests.conftest import DocumentedClient
from tests.factories import make_session
from tests.workinggroups.conftest import Group
from tests.workinggroups.prying import (
    counted,
    everything,
    fetch,
    physical_order,
    remembered,
    shared,
    writers,
    written_at,
)
from tests.workinggroups.telling import at, make_call, make_testimony

POST: dict[str, Any] = {"content_type": "application/json"}
LATER = "2026-11-23T15:00:00-06:00"  # the sessions are old enough then to be marked as used
ADDRESS, KEY = "203.0.113.77", "the-same-key-for-both"
AGENT = "An unlikely browser 7.7"
FIRST, SECOND = "The first story, with a heron in it.", "Another, and it has a walrus."


@pytest.fixture
def committed(transactional_db: None, django_db_serialized_rollback: None) -> None:
    """Real commits, each with a transaction's number of its own."""


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that any logger says, in the form that it is written in."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.formatter())
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.fixture
def person(resident: User) -> DocumentedClient:
    """Sends all that could join: a session by header and by cookie, a key, an address, a browser's name."""
    token = make_session(resident, client="app").session_key
    client = DocumentedClient(
        headers={"X-Session-Token": token, "Idempotency-Key": KEY, "User-Agent": AGENT}, REMOTE_ADDR=ADDRESS
    )
    staff = User.objects.create_user(kind=User.Kind.STAFF, email="the.same@example.org")
    client.cookies[django_settings.SESSION_COOKIE_NAME] = make_session(staff).session_key or ""
    return client


def tell_all(person: DocumentedClient, force: Group, call: Consultation) -> list[Any]:
    """Strangers, the person, a stranger, the person again and at once of themself, strangers; the person's answers."""
    told: list[Any] = []
    for n, who in enumerate((None, None, FIRST, None, SECOND, None, None)):
        client = person if who else DocumentedClient()
        answer = client.post(at(force, call), {"body": who or f"What stranger {n} says."}, **POST)
        assert answer.status_code == 201
        told += [answer] if who else []
    told.append(person.post(at(force, call, "demographics"), {"age": "25_to_34"}, **POST))
    DocumentedClient().post(at(force, call, "demographics"), {"age": "18_to_24"}, **POST)
    return told


def test_no_table_changes_but_the_one_with_the_words(
    committed: None, person: DocumentedClient, force: Group, providers: Group
) -> None:
    call = make_call(force)
    make_call(providers)
    before = everything()
    with time_machine.travel(LATER):
        tell_all(person, force, call)
    after = everything()
    changed = {table for table in before if before[table] != after[table]}
    assert changed == {"workinggroups_testimony", "workinggroups_demographiccount", "roster_edition"}
    (lock,) = after["roster_edition"] - before["roster_edition"]
    assert lock[-2:] == ("testimonies", "0")
    assert before["roster_edition"] <= after["roster_edition"]


def test_the_two_rows_share_what_all_share(committed: None, person: DocumentedClient, force: Group) -> None:
    with time_machine.travel(LATER):
        tell_all(person, force, make_call(force))
    rows = list(Told.objects.values_list())
    one, other = (next(row for row in rows if words in row) for words in (FIRST, SECOND))
    assert len(rows) == 7
    assert shared(one, other, rows) == []
    tokens = [row[0] for row in fetch("SELECT body FROM workinggroups_testimony")]
    assert {written_at(token) for token in tokens} == {0}
    assert len(tokens) == len({token[10:40] for token in tokens}) == 7  # none begins as another does
    assert len(writers()) <= 1
    assert writers() == writers("workinggroups_demographiccount")


def test_no_column_is_finer_than_a_day() -> None:
    for model in (Told, DemographicCount):
        kinds = {field.get_internal_type() for field in model._meta.concrete_fields}
        assert not kinds & {"DateTimeField", "TimeField", "DurationField", "BigAutoField", "AutoField"}
        linked = {field.related_model for field in model._meta.concrete_fields if field.is_relation}
        assert linked == {Consultation}


def test_nothing_is_written_beside(person: DocumentedClient, force: Group, log: io.StringIO) -> None:
    call, before = make_call(force), counted()
    with time_machine.travel(LATER):
        answers = tell_all(person, force, call)
        refused = person.post(at(force, call), {"body": FIRST, "content_warnings": [SECOND]}, **POST)
    assert refused.status_code == 400
    assert (log.getvalue(), counted()) == ("", before)
    assert remembered() == {":1:throttle:testimony:all", ":1:throttle:demographics:all"}
    assert ADDRESS not in repr(vars(OverAll.addresses))
    for answer in answers:
        assert not answer.cookies
        assert len(answer["X-Request-ID"]) == 32
        body = answer.content.decode()
        assert not re.search(r"[0-9a-f]{8}-|[0-9a-f]{32}", body)  # no key of anything
        assert not any(row.pk.hex in body or str(row.pk) in body for row in Told.objects.all())
    assert answers[0].content == answers[1].content
    assert answers[0]["X-Request-ID"] != answers[1]["X-Request-ID"]


def test_elsewhere_a_line_is_written_and_a_request_counted(
    client: DocumentedClient, force: Group, log: io.StringIO
) -> None:
    before = counted()
    client.get("/api/v1/areas")
    assert '"event": "request"' in log.getvalue()
    assert counted() != before


def test_what_goes_wrong_says_no_words_and_keeps_nothing(
    force: Group, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError(f"{args} {FIRST}")

    monkeypatch.setattr(testimony, "_lay_anew", fail)
    client = Client(raise_request_exception=False, REMOTE_ADDR=ADDRESS)
    assert client.post(at(force, make_call(force)), {"body": FIRST}, **POST).status_code == 500
    assert "RuntimeError" in log.getvalue()
    assert not any(words in log.getvalue() for words in ("heron", ADDRESS, "testimonies/"))
    assert not Told.objects.exists()


# --- order --------------------------------------------------------------------------------------------

TRIALS, ROWS = 200, 6
Tell = Callable[[Consultation, str], object]
Trial = list[str]


def tells(call: Consultation, words: str) -> None:
    testimony.tell(consultation=call, body=words)


def trials(tell: Tell, order: Callable[[], Trial], call: Consultation) -> list[Trial]:
    """The order found after ROWS were told one after the other; two in the middle are one person's, or the last two."""
    found = []
    for _ in range(TRIALS):
        for n in range(ROWS):
            tell(call, str(n))
        found.append(order())
        Told.objects.all().delete()
    return found


def distance(n: int, m: int) -> Callable[[Trial], float]:
    return lambda order: abs(order.index(str(n)) - order.index(str(m)))


def tells_of_neighbors(found: list[Trial]) -> bool:
    """Whether places tell, by more than six standard errors, which came together or last.

    In a random order the mean distance of two of n is (n + 1) / 3 with variance (n - 2)(n + 1) / 18, and the mean place
    of one is (n - 1) / 2 with variance (n² - 1) / 12.
    """
    n = ROWS
    apart, last = ((n + 1) / 3, (n - 2) * (n + 1) / 18), ((n - 1) / 2, (n * n - 1) / 12)
    measures = [(distance(2, 3), apart), (distance(n - 2, n - 1), apart)]
    measures.append((lambda order: order.index(str(n - 1)), last))
    return any(
        abs(sum(map(measure, found)) / len(found) - mean) > 6 * math.sqrt(variance / len(found))
        for measure, (mean, variance) in measures
    )


def as_they_lie() -> Trial:
    return [decrypt(token) for token in physical_order()]


def test_neither_place_nor_key_tells_which_came_together(db: None, force: Group) -> None:
    by_key: list[Trial] = []

    def both() -> Trial:
        by_key.append(list(Told.objects.order_by("pk").values_list("body", flat=True)))
        return as_they_lie()

    assert not tells_of_neighbors(trials(tells, both, make_call(force)))
    assert not tells_of_neighbors(by_key)


def test_what_is_written_in_turn_would_be_found_out(db: None, force: Group) -> None:
    """The checks can fail: on our own table without the laying anew, and on what other tables hold."""
    assert tells_of_neighbors(trials(make_testimony, as_they_lie, make_call(force)))
    assert written_at(encrypt(FIRST)) > 1_700_000_000
    assert shared(("a", 7, "x"), ("b", 7, "y"), [("a", 7, "x"), ("b", 7, "y"), ("c", 8, "z")]) == [7]


def test_on_postgresql_transactions_tell_of_rows_written_in_turn(committed: None, force: Group) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("keeps no number of a row's transaction")
    call = make_call(force)
    for n in range(3):
        make_testimony(call, str(n))
    assert len(writers()) == 3
    testimony.lay_past_days_anew(timezone.now())
    assert len(writers()) == 1


# --- at once, for long, and with new keys -------------------------------------------------------------


def test_many_at_once_are_all_kept(committed: None, force: Group, providers: Group) -> None:
    calls, together, people = (make_call(force), make_call(providers)), Barrier(8), 8

    def tell(n: int) -> None:
        try:
            together.wait(10)
            testimony.tell(consultation=calls[n % 2], body=str(n))
        finally:
            connection.close()

    with ThreadPoolExecutor(people) as pool:
        list(pool.map(tell, range(people)))
    assert sorted(Told.objects.values_list("body", flat=True)) == [str(n) for n in range(people)]
    assert len(writers()) <= 1


def test_nothing_is_added_once_a_call_was_ended_under_the_same_lock(
    committed: None, force: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever found the call open and waits for their turn finds it closed then."""
    call, held, waits, hold = make_call(force), Event(), Event(), testimony.hold

    def waiting() -> None:
        waits.set()
        hold()

    def tell() -> str:
        try:
            held.wait(10)
            testimony.tell(consultation=call, body=FIRST)
            return "kept"
        except Conflict as refusal:
            return refusal.type
        finally:
            connection.close()

    monkeypatch.setattr(testimony, "hold", waiting)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(tell)
        with transaction.atomic():
            hold()
            Consultation.objects.filter(pk=call.pk).update(closed_at=timezone.now())
            held.set()
            if connection.vendor == "postgresql":  # SQLite lets nobody begin meanwhile
                assert waits.wait(10)
        assert answer.result(10) == "call-closed"
    assert not Told.objects.exists()


def test_of_very_many_some_are_laid_anew_and_none_is_lost(
    committed: None, force: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(testimony, "MOST_AT_ONCE", 3)
    call = make_call(force)
    for n in range(8):
        testimony.tell(consultation=call, body=str(n))
    assert sorted(as_they_lie()) == [str(n) for n in range(8)]


def test_new_keys_put_no_time_in(db: None, force: Group, settings: Any) -> None:
    testimony.tell(consultation=make_call(force), body=FIRST)
    new = Fernet.generate_key().decode()
    settings.FIELD_KEYS = [new, *settings.FIELD_KEYS]
    call_command("rotate_field_keys", stdout=io.StringIO())
    settings.FIELD_KEYS = [new]
    assert Told.objects.get().body == FIRST
    assert [written_at(token) for token in physical_order()] == [0]
