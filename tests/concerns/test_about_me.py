"""Requests to take down what a page shows of somebody: asked without an account, answered once, by receipt."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from backend.accounts.models import AuditRow, User
from backend.errors import DomainError
from backend.feedback.concerns.models import AboutMeRequest
from backend.feedback.concerns.services import requests
from tests.factories import make_staff

JSON = "application/json"
WORDS = "The photo of the clean-up shows my daughter."
ANSWER = "The photo is taken down."
pytestmark = pytest.mark.django_db


def ask(client: Any, headers: Any = None, **sent: str) -> Any:
    data = {"page": "/a/slmpd-district-4", "words": WORDS, **sent}
    return client.post("/api/v1/about-me", data, JSON, headers=headers)


def look(client: Any, receipt: str) -> Any:
    return client.post("/api/v1/about-me/receipt", {"receipt": receipt}, JSON)


def decide(client: Any, request: AboutMeRequest, *, granted: bool = True, answer: str = ANSWER) -> Any:
    data = {"granted": granted, "answer": answer}
    return client.post(f"/api/v1/triage/about-me/{request.pk}/decide", data, JSON)


def test_asked_and_answered_by_receipt(client: Client, liaison: User, sign_in: Any) -> None:
    asked = ask(client)
    assert (asked.status_code, asked["Cache-Control"]) == (201, "no-store")
    receipt = asked.json()["receipt"]
    assert re.fullmatch(r"[A-Z2-7]{4}(-[A-Z2-7]{4}){3}", receipt)
    seen = look(client, receipt.lower().replace("-", " "))
    assert (seen.status_code, seen["Cache-Control"]) == (200, "no-store")
    assert (seen.json()["status"], seen.json()["answer"]) == ("open", "")
    made = AboutMeRequest.objects.get()
    decided = decide(sign_in(liaison), made)
    assert (decided.status_code, decided.json()["status"]) == (200, "granted")
    seen = look(client, receipt).json()
    assert (seen["status"], seen["answer"]) == ("granted", ANSWER)
    made.refresh_from_db()
    assert (made.decided_by, made.decided_at is None) == (liaison, False)


def test_it_can_be_refused_with_a_reason(client: Client, liaison: User, sign_in: Any) -> None:
    receipt = ask(client).json()["receipt"]
    assert decide(sign_in(liaison), AboutMeRequest.objects.get(), granted=False).json()["status"] == "refused"
    assert look(client, receipt).json()["answer"] == ANSWER


def test_who_asked_is_kept_nowhere_and_words_and_receipt_are_not_in_the_clear(
    client: Client, resident: User, sign_in: Any
) -> None:
    receipt = ask(sign_in(resident)).json()["receipt"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM concerns_aboutmerequest")
        stored = str(cursor.fetchall())
    for secret in (WORDS, receipt, receipt.replace("-", ""), str(resident.pk), resident.pk.hex):
        assert secret not in stored


def test_of_the_page_nothing_is_kept_that_opens_one_persons_thing(client: Client) -> None:
    assert ask(client, page="/receipt/ABCD-EFGH-IJKL-MNOP").status_code == 201
    assert AboutMeRequest.objects.get().page == "/receipt/-"


def test_a_repeat_gets_the_same_receipt(client: Client) -> None:
    key = {"Idempotency-Key": "0123456789abcdef"}
    assert ask(client, key).json() == ask(client, key).json()
    assert AboutMeRequest.objects.count() == 1
    assert ask(client, key, words="Something else.").status_code == 422


@pytest.mark.parametrize(
    ("sent", "word"),
    [
        ({"words": "🎉"}, "words"),
        ({"words": ""}, "words"),
        ({"words": "x" * 2001}, "words"),
        ({"page": "/a?me=1"}, "page"),
        ({"page": ""}, "page"),
    ],
)
def test_other_things_are_refused(client: Client, sent: dict[str, str], word: str) -> None:
    answer = ask(client, **sent)
    assert answer.status_code == 400
    assert word in answer.content.decode()
    assert not AboutMeRequest.objects.exists()


def test_civilian_liaisons_and_administrators_read_and_decide(
    client: Client, liaison: User, captain: User, officer: User, resident: User, sign_in: Any
) -> None:
    sworn = make_staff("sworn@example.org", "slmpd-district-4", "liaison", is_sworn=True)
    for number in range(3):
        ask(client, words=f"No. {number}")
    administrator = User.objects.create_user(kind="staff", email="adm@example.org", is_administrator=True)
    first, *others = AboutMeRequest.objects.order_by("asked_at")
    for user, request in ((liaison, first), (administrator, others[0])):
        reader = sign_in(user)
        seen = reader.get("/api/v1/triage/about-me?page_size=2")
        assert seen["Cache-Control"] == "no-store"
        rows = seen.json()["results"] + reader.get(seen.json()["next"]).json()["results"]
        assert [row["words"] for row in rows] == ["No. 2", "No. 1", "No. 0"]
        assert decide(reader, request).status_code == 200
    for user in (sworn, captain, officer, resident):
        other = sign_in(user)
        assert other.get("/api/v1/triage/about-me").status_code == 403
        assert decide(other, others[1]).status_code == 403
    assert decide(client, others[1]).status_code == 401
    others[1].refresh_from_db()
    assert others[1].status == "open"


def test_a_former_liaison_reads_it_no_more(client: Client, liaison: User, sign_in: Any) -> None:
    liaison.staff_member.assignments.update(ends_on="2025-01-01")
    assert sign_in(liaison).get("/api/v1/triage/about-me").status_code == 403


def test_it_is_decided_once_with_an_answer(client: Client, liaison: User, sign_in: Any) -> None:
    ask(client)
    made, desk = AboutMeRequest.objects.get(), sign_in(liaison)
    assert decide(desk, made, answer=" ").status_code == 400
    assert decide(desk, made).status_code == 200
    again = decide(desk, made, granted=False, answer="Something else.")
    assert (again.status_code, again.json()["type"]) == (409, "already-decided")
    made.refresh_from_db()
    assert (made.status, made.answer) == ("granted", ANSWER)
    row = AuditRow.objects.get(action="decide_about_me")
    assert (row.actor, row.object_id) == (liaison.pk, str(made.pk))
    assert ANSWER not in str(row.fields) + row.reason
    missing = AboutMeRequest(page="/", words=WORDS)
    assert decide(desk, missing).status_code == 404


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_who_decide_at_once(real_city: None) -> None:
    liaisons = [
        make_staff(f"liaison{n}@example.org", "slmpd-district-4", "liaison", is_sworn=False) for n in range(3)
    ]
    requests.ask_about_me(page="/", words=WORDS)
    made, together = AboutMeRequest.objects.get(), Barrier(3)

    def act(liaison: User) -> str:
        try:
            together.wait(10)
            requests.decide_about_me(request=made, granted=True, answer=ANSWER, by=liaison)
            return "decided"
        except DomainError as refusal:
            return refusal.type
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(act, liaisons)) == ["already-decided"] * 2 + ["decided"]
    assert AuditRow.objects.filter(action="decide_about_me").count() == 1


def test_a_year_after_the_decision_words_answer_and_receipt_end(
    client: Client, liaison: User, sign_in: Any
) -> None:
    receipt, waiting = (ask(client).json()["receipt"] for _ in range(2))
    decided = requests.with_receipt(receipt)
    assert decided
    decide(sign_in(liaison), decided)
    with time_machine.travel(timezone.now() + requests.KEPT - timedelta(minutes=1)):
        assert requests.erase_old(timezone.now()) == 0
    with time_machine.travel(timezone.now() + requests.KEPT + timedelta(minutes=1)):
        assert [requests.erase_old(timezone.now()) for _ in range(2)] == [1, 0]
        erased, wrong = look(client, receipt), look(client, "A" * 16)
        assert (erased.status_code, erased.content) == (404, wrong.content)
        assert look(client, waiting).json()["status"] == "open"
    decided.refresh_from_db()
    assert (decided.words, decided.answer, decided.receipt_index, decided.status) == ("", "", None, "granted")
