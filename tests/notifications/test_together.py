"""Several at once: workers, repeats of the same webhook, changes with the same key."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from backend.notifications import outbox, services
from backend.notifications.models import Message, Reply
from backend.notifications.worker import work_once
from tests.notifications.conftest import statuses, tell
from tests.notifications.fakes import FakeTransport

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def together(work: Callable[[], object], threads: int = 4) -> list[object]:
    results: list[object] = []
    start = threading.Barrier(threads)

    def run() -> None:
        start.wait()
        try:
            results.append(work())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    running = [threading.Thread(target=run) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return results


def test_workers_never_send_the_same_text(followers):
    followers(20)
    tell("one")
    tell("two", body="Saturday's too.")
    transport = FakeTransport()

    def work() -> None:
        while Message.objects.queued(outbox.timezone.now()).exists():
            work_once(transport)

    assert together(work) == [None] * 4
    assert len({(t.to, t.body) for t in transport.texts}) == len(transport.texts) == 40
    assert statuses() == [("sent", "")] * 40


def test_a_repeated_text_in_has_one_effect():
    def reply() -> str:
        return services.record_reply(provider_id="SM" + "a" * 32, number="+13142000000", body="hello?")

    answers = together(reply)
    assert len(set(map(str, answers))) == 1
    assert Reply.objects.count() == 1


def test_the_same_change_told_twice_is_said_once(followers):
    followers(5)
    assert sorted(together(lambda: tell("same"), 3)) == [0, 0, 5]


def test_a_number_that_asks_in_parallel_is_asked_once():
    together(lambda: services.subscribe(phone="314 200 0000", topics=["area:somewhere"]))
    assert Message.objects.count() == 1


def test_receipts_in_parallel_end_right(followers):
    followers(1)
    tell()
    work_once(transport := FakeTransport())
    (text,) = transport.texts
    news = iter(["sent", "undelivered", "delivered", "sending"])
    lock = threading.Lock()

    def receive() -> bool:
        with lock:
            status = next(news)
        return services.record_receipt(attempt_id=text.attempt_id, provider_id=text.id, status=status)

    results = together(receive)
    assert not [r for r in results if isinstance(r, Exception)]
    assert statuses() == [("undelivered", "")]


def test_no_transaction_is_open_while_sending(followers):
    transport = FakeTransport()
    transport.during = lambda attempt: seen.append(connection.in_atomic_block)
    seen: list[bool] = []
    followers(1)
    tell()
    work_once(transport)
    assert seen == [False]
    assert not transaction.get_connection().in_atomic_block
