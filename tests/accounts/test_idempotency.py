"""A create that a phone repeats is done once (through POST /api/v1/concerns)."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from backend.accounts import idempotency
from backend.accounts.models import IdempotencyKey, User
from backend.feedback.concerns.models import Concern

BODY = {"category": "traffic", "description": "Cars run the light.", "address": "1915 Olive St"}


def tell(client: Any, key: str = "key-0001", **changes: Any) -> Any:
    headers = {"Idempotency-Key": key}
    return client.post(
        "/api/v1/concerns", {**BODY, **changes}, content_type="application/json", headers=headers
    )


def test_same_key_and_body_give_the_first_answer(client: Client, city: None) -> None:
    first, again = tell(client), tell(client)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert again["Location"] == first["Location"]
    assert again["Cache-Control"] == first["Cache-Control"] == "no-store"
    assert Concern.objects.filter(pk=first.json()["id"]).count() == 1


def test_replays_after_a_week(client: Client, city: None) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = tell(client)
        clock.shift(timedelta(days=7))
        idempotency.erase_old(timezone.now())
        assert tell(client).json() == first.json()
        clock.shift(timedelta(days=2))
        assert idempotency.erase_old(timezone.now()) == 1


def test_same_key_other_body_is_refused(client: Client, city: None) -> None:
    tell(client)
    refused = tell(client, description="Something else.")
    assert (refused.status_code, refused.json()["type"]) == (422, "idempotency-key-reused")


def test_a_refused_attempt_can_be_corrected_under_its_key(client: Client, city: None) -> None:
    assert tell(client, category="nonsense").status_code == 400
    assert tell(client).status_code == 201


def test_in_flight_is_a_conflict_until_the_claim_expires(client: Client, city: None) -> None:
    before = Concern.objects.count()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        tell(client)
        # As a crash leaves it: claimed, never answered.
        Concern.objects.order_by("-submitted_at").first().delete()
        IdempotencyKey.objects.update(status=None, answer="")
        busy = tell(client)
        assert (busy.status_code, busy.json()["type"]) == (409, "in-flight")
        clock.shift(idempotency.CLAIM_LASTS)
        assert tell(client).status_code == 201
    assert Concern.objects.count() == before + 1


@pytest.mark.parametrize("key", ["short", "x" * 201, "naïve-key"])
def test_odd_keys_are_refused(client: Client, city: None, key: str) -> None:
    response = client.generic(
        "POST", "/api/v1/concerns", "{}", content_type="application/json", HTTP_IDEMPOTENCY_KEY=key
    )
    assert response.status_code == 400


def test_a_long_address_is_no_error(client: Client, liaison: User, sign_in: Any) -> None:
    path = f"/api/v1/triage/concerns/00000000-0000-4000-8000-000000000000/{'x' * 300}"
    answer = sign_in(liaison).post(
        path, {}, content_type="application/json", headers={"Idempotency-Key": "key-0001"}
    )
    assert answer.status_code == 404


def test_nothing_readable_is_kept(client: Client, city: None) -> None:
    receipt = tell(client, key="secret-key-1").json()["receipt"]
    row = IdempotencyKey.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_idempotencykey")
        stored = str(cursor.fetchall())
    assert receipt in row.answer
    assert all(secret not in stored for secret in (receipt, "secret-key-1", "Cars run"))


def test_five_at_once_are_one(real_city: None) -> None:
    """Five threads, one key: one concern, one receipt, and every acknowledged answer names it."""
    answers: list[Any] = []
    before = Concern.objects.count()

    def post() -> None:
        try:
            answers.append(tell(Client()))
        finally:
            connection.close()

    threads = [threading.Thread(target=post) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Concern.objects.count() == before + 1
    assert {a.status_code for a in answers} <= {201, 409}
    assert len({a.json()["receipt"] for a in answers if a.status_code == 201}) == 1
    assert (
        tell(Client()).json()["receipt"] == next(a for a in answers if a.status_code == 201).json()["receipt"]
    )
