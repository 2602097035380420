"""A concern that a phone sends more than once, after a crash, a day offline or a week, is told once.

What holds for every create is in tests/accounts/test_idempotency.py; here it is what a reporter is left with.
"""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from backend.accounts.idempotency import CLAIM_LASTS, KEPT_FOR
from backend.accounts.models import IdempotencyKey, User
from backend.feedback.concerns.models import Category, Concern, ConcernChange
from backend.feedback.concerns.services import intake
from tests.concerns.conftest import tell

KEY = "0b9d3a5e-key"


def attempt(client: Any, key: str = KEY, **changes: Any) -> Any:
    return tell(client, {"Idempotency-Key": key}, **{"address": "1915 Olive St", **changes})


def by_receipt(client: Any, receipt: str) -> Any:
    return client.post("/api/v1/concerns/receipt", {"receipt": receipt}, content_type="application/json")


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(timezone.now(), tick=False) as moved:
        yield moved


class Killed(BaseException):
    """As SIGKILL ends an attempt: past every `except Exception`."""


@pytest.fixture
def killed(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """One attempt to tell it was cut off when its concern had been written and its history had not."""

    def cut_off(**words: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(intake.ConcernChange.objects, "create", cut_off)
        with pytest.raises(Killed):
            attempt(Client())


def test_a_killed_attempt_leaves_its_claim_and_nothing_else(killed: None) -> None:
    assert not Concern.objects.filter(changes=None).exists()
    assert [key.status for key in IdempotencyKey.objects.all()] == [None]


def test_while_a_killed_attempts_claim_lasts_it_is_in_flight(
    client: Client, killed: None, clock: Any
) -> None:
    for seconds in (0, 30, 29):
        clock.shift(timedelta(seconds=seconds))
        busy = attempt(client)
        assert (busy.status_code, busy.json()["type"]) == (409, "in-flight")
    other = attempt(client, description="Something else.")
    assert (other.status_code, other.json()["type"]) == (422, "idempotency-key-reused")


def test_after_a_killed_attempts_claim_it_is_told_once(client: Client, killed: None, clock: Any) -> None:
    before = Concern.objects.count()
    clock.shift(CLAIM_LASTS + timedelta(seconds=1))
    first = attempt(client)
    assert first.status_code == 201
    assert "Idempotency-Replayed" not in first
    again = attempt(client)
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    assert Concern.objects.count() == before + 1
    assert ConcernChange.objects.filter(concern=first.json()["id"]).count() == 1


def test_a_week_later_the_first_answer_byte_for_byte(client: Client, city: None, clock: Any) -> None:
    first = attempt(client)
    concern = Concern.objects.get(pk=first.json()["id"])
    for _ in range(7):
        clock.shift(timedelta(days=1))
        call_command("prune")
    # What has become of it since is for the receipt; the replay is what was said.
    Concern.objects.filter(pk=concern.pk).update(status=Concern.Status.TRIAGED)
    again = attempt(client)
    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotency-Replayed"] == "true"
    assert again["Location"] == first["Location"]
    assert by_receipt(client, again.json()["receipt"]).json()["status"] == "triaged"


def test_after_the_keys_end_a_repeat_is_another_concern(client: Client, city: None, clock: Any) -> None:
    """The phone gets a receipt that is new and works, and no header says that this was done before."""
    first = attempt(client)
    before = Concern.objects.count()
    clock.shift(KEPT_FOR + timedelta(seconds=1))
    call_command("prune")
    late = attempt(client)
    assert late.status_code == 201
    assert "Idempotency-Replayed" not in late
    assert Concern.objects.count() == before + 1
    assert late.json()["receipt"] != first.json()["receipt"]
    for told in (first.json(), late.json()):
        assert by_receipt(client, told["receipt"]).json()["id"] == told["id"]


def test_an_offline_phone_sends_twice_a_day_later(client: Client, city: None, clock: Any) -> None:
    before = Concern.objects.count()
    first = attempt(client)
    clock.shift(timedelta(days=1))
    from_the_queue, and_again = attempt(client), attempt(client)
    assert first.content == from_the_queue.content == and_again.content
    assert Concern.objects.count() == before + 1
    assert Concern.objects.get(pk=first.json()["id"]).submitted_at == timezone.now() - timedelta(days=1)


def test_a_category_that_ended_meanwhile_does_not_undo_what_was_told(
    client: Client, city: None, clock: Any
) -> None:
    first = attempt(client)
    Category.objects.filter(pk="traffic").update(ended_at=timezone.now())
    assert attempt(client).content == first.content


def test_anothers_same_key_is_another_request(
    client: Client, resident: User, city: None, sign_in: Any
) -> None:
    other = User.objects.create_user(kind=User.Kind.RESIDENT, email="neighbor@example.org")
    mine, theirs = sign_in(resident), sign_in(other)
    before = Concern.objects.count()
    answers = [attempt(who) for who in (mine, theirs, client)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.json()["id"] for answer in answers}) == 3
    assert Concern.objects.count() == before + 3
    # Nor does it tell that the key is in use: another body of somebody else's is no 422.
    third = User.objects.create_user(kind=User.Kind.RESIDENT, email="third@example.org")
    assert attempt(sign_in(third), description="Other words.").status_code == 201
    assert mine.get(f"/api/v1/concerns/{answers[1].json()['id']}").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"category": "nonsense"}, 400),
        ({"description": ""}, 400),
        ({"category": "misconduct"}, 422),
        ({"address": "99999 Nowhere Blvd"}, 404),
        ({"description": "He has a gun and is shooting at people right now."}, 422),  # may-be-urgent
    ],
)
def test_a_refused_attempt_leaves_no_trace(
    client: Client, city: None, wrong: dict[str, Any], status: int
) -> None:
    before = Concern.objects.count()
    assert attempt(client, **wrong).status_code == status
    assert not IdempotencyKey.objects.exists()
    assert Concern.objects.count() == before
    corrected = attempt(client)
    assert corrected.status_code == 201
    assert attempt(client).content == corrected.content
    assert Concern.objects.count() == before + 1
