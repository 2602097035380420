"""What reporters answer: more words, and whether it was dealt with; by app, by receipt and by text."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from backend.accounts.models import IdempotencyKey, User
from backend.errors import DomainError
from backend.feedback.concerns.models import Concern, ConcernLetter, ConcernReply
from backend.feedback.concerns.services import answering, receipts
from backend.roster.models import StaffMember
from tests.concerns.reporters import (
    JSON,
    NUMBER,
    OTHER_NUMBER,
    RECEIPT,
    agree,
    bodies,
    by_number,
    by_receipt,
    change,
    closed,
    fresh,
    merged,
    reached,
    resident_with,
    told,
    verdict_by_receipt,
)

MORE = "It is every night after two."
pytestmark = pytest.mark.django_db


def reply(client: Any, concern: Concern, body: str = MORE, **headers: str) -> Any:
    return client.post(f"/api/v1/concerns/{concern.pk}/replies", {"body": body}, JSON, headers=headers)


def reply_by_receipt(client: Any, body: str = MORE, headers: Any = None, **sent: str) -> Any:
    data = {"receipt": RECEIPT, "body": body, **sent}
    return client.post("/api/v1/concerns/receipt/replies", data, JSON, headers=headers)


# --- more words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [told, closed])
def test_the_owner_adds_to_an_open_and_to_a_closed_one(
    city: None, resident: User, sign_in: Any, make: Any
) -> None:
    concern = make(reporter=resident)
    before = concern.changed_at
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        answer = reply(sign_in(resident), concern)
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    assert bodies(concern) == [MORE]
    concern.refresh_from_db()
    assert concern.needs_reading
    assert concern.changed_at > before


def test_nobody_adds_to_anothers(
    city: None, resident: User, liaison: User, sign_in: Any, client: Client
) -> None:
    concern = told(reporter=resident)
    missing = told()
    Concern.objects.filter(pk=missing.pk).delete()
    other = sign_in(resident_with(email="other@example.org"))
    for who in (other, sign_in(liaison)):
        hidden, none = reply(who, concern), reply(who, missing)
        assert (hidden.status_code, hidden.content) == (404, none.content)
    assert reply(client, concern).status_code == 401
    assert not ConcernReply.objects.exists()


def test_the_receipts_holder_adds_without_an_account(city: None, client: Client) -> None:
    concern = told(**by_receipt())
    assert reply_by_receipt(client, receipt=RECEIPT.lower().replace("-", "")).status_code == 201
    assert bodies(concern) == [MORE]
    seen = client.post("/api/v1/concerns/receipt", {"receipt": RECEIPT}, JSON).json()
    assert [kept["body"] for kept in seen["replies"]] == [MORE]


def test_a_wrong_receipt_and_a_wrong_passphrase_are_the_bytes_of_the_reading(
    city: None, client: Client
) -> None:
    concern = told(**by_receipt(), passphrase=receipts.hash_of("open sesame please"))
    wrong = {"receipt": "A" * 16}
    nothing = client.post("/api/v1/concerns/receipt", wrong, JSON)
    for refused in (
        reply_by_receipt(client, **wrong),
        reply_by_receipt(client),
        reply_by_receipt(client, passphrase="open sesame"),
        verdict_by_receipt(client, True, **wrong),
        verdict_by_receipt(client, False),
        reply_by_receipt(client, headers={"Idempotency-Key": "a" * 20}),
    ):
        assert (refused.status_code, refused.content) == (404, nothing.content)
    assert bodies(concern) == []
    assert not IdempotencyKey.objects.exists()
    assert reply_by_receipt(client, passphrase="open sesame please").status_code == 201


def test_a_repeat_is_kept_once_and_other_words_under_its_key_are_refused(
    city: None, client: Client, resident: User, sign_in: Any
) -> None:
    key = {"Idempotency-Key": "0123456789abcdef"}
    concern = told(**by_receipt())
    first, again = reply_by_receipt(client, headers=key), reply_by_receipt(client, headers=key)
    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotency-Replayed"] == "true"
    assert reply_by_receipt(client, body="Other words.", headers=key).status_code == 422
    assert bodies(concern) == [MORE]
    own = told(reporter=resident)
    mine = sign_in(resident)
    assert [reply(mine, own, **key).status_code for _ in range(2)] == [201, 201]
    assert bodies(own) == [MORE]


@pytest.mark.parametrize("body", ["", "  ", "🎉🎉", "...", "x" * 2001, "nul\0"])
def test_what_has_no_words_or_too_many_is_refused(
    city: None, resident: User, sign_in: Any, client: Client, body: str
) -> None:
    concern = told(reporter=resident)
    answer = reply(sign_in(resident), concern, body)
    assert answer.status_code == 400
    assert "body" in answer.content.decode()
    assert bodies(concern) == []
    assert not fresh(concern).needs_reading


@pytest.mark.parametrize("body", ["5", "ما زال مكسورا", "Да"])
def test_words_of_any_script_are_words(city: None, resident: User, sign_in: Any, body: str) -> None:
    assert reply(sign_in(resident), told(reporter=resident), body).status_code == 201


def test_twenty_replies_a_day(city: None, resident: User, sign_in: Any) -> None:
    concern, other = told(reporter=resident), told(reporter=resident)
    ConcernReply.objects.bulk_create(ConcernReply(concern=concern, body=MORE) for _ in range(19))
    mine = sign_in(resident)
    assert reply(mine, concern).status_code == 201
    refused = reply(mine, concern)
    assert (refused.status_code, refused.json()["type"]) == (422, "too-many-replies")
    assert "tomorrow" in refused.json()["detail"]
    assert len(bodies(concern)) == 20
    assert reply(mine, other).status_code == 201
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        assert reply(sign_in(resident), concern).status_code == 201


def test_words_that_name_an_employee_wall_it(
    liaison: User, captain: User, resident: User, sign_in: Any
) -> None:
    officer = StaffMember.objects.filter(is_sworn=True).exclude(user=captain).first()
    assert officer
    concern = told(reporter=resident)
    reply(sign_in(resident), concern, "It was the same car again.")
    assert not fresh(concern).is_walled
    reply(sign_in(resident), concern, f"It was Officer {officer.name}.")
    assert fresh(concern).is_walled
    assert concern.subjects.get().staff_member == officer


def test_a_reply_about_police_is_walled_without_a_name(
    city: None, client: Client, captain: User, liaison: User, sign_in: Any
) -> None:
    concern = told("slmpd-beat-402", **by_receipt())
    words = {"receipt": RECEIPT, "body": "He came to my door again.", "about_police_employee": True}
    assert client.post("/api/v1/concerns/receipt/replies", words, JSON).status_code == 201
    assert fresh(concern).is_walled
    assert concern.subjects.get().staff_member is None
    path = f"/api/v1/triage/concerns/{concern.pk}"
    assert [sign_in(user).get(path).status_code for user in (captain, liaison)] == [404, 200]
    ended = closed("slmpd-beat-402", receipt_index="x" * 64)
    answering.give_verdict(concern=ended, dealt_with=False, words="He did it.", is_about_police=True)
    assert fresh(ended).is_walled


def test_what_a_reply_does_reaches_the_duplicates(
    city: None, liaison: User, officer: User, captain: User
) -> None:
    """Also those that are walled, and cleared, about somebody else already."""
    name = captain.staff_member.name
    main = told("slmpd-beat-402", **by_receipt())
    duplicates = [merged(main), merged(main, is_walled=True, cleared_at=timezone.now())]
    duplicates[1].subjects.create(staff_member=officer.staff_member, source="liaison")
    answering.add_reply(concern=main, body=f"Captain {name} is my husband and he hits me.")
    for duplicate in duplicates:
        now = fresh(duplicate)
        assert (now.is_walled, now.cleared_at, now.is_sensitive) == (True, None, True)
        assert now.subjects.filter(staff_member=captain.staff_member).exists()
        assert [change.move for change in now.changes.all()] == ["wall", "sensitive"]


def test_to_what_is_erased_nothing_is_added(city: None, resident: User, sign_in: Any) -> None:
    concern = told(reporter=resident, erased_at=timezone.now())
    assert reply(sign_in(resident), concern).status_code == 404
    assert bodies(concern) == []


# --- the same by text -------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [told, closed])
@pytest.mark.parametrize("has_account", [True, False])
def test_a_text_lands_on_the_concern_of_account_and_number(ask: Any, make: Any, has_account: bool) -> None:
    agree()
    concern = make(**({"reporter": resident_with(phone=NUMBER)} if has_account else by_number()))
    change(concern)
    assert reached() == [NUMBER]
    assert "passed on" in ask(MORE)
    assert bodies(concern) == [MORE]
    assert fresh(concern).needs_reading


def test_what_came_by_text_is_not_read_by_the_receipt_of_who_told_it(
    ask: Any, client: Client, liaison: User, sign_in: Any
) -> None:
    """They may have given somebody else's number."""
    agree()
    concern = closed("slmpd-district-4", **by_number(), **by_receipt())
    change(concern)
    assert reached() == [NUMBER]
    for words in (MORE, "no"):
        assert "passed on" in ask(words)
    reply_by_receipt(client, "The second house.")
    assert bodies(concern) == [MORE, "no", "The second house."]
    seen = client.post("/api/v1/concerns/receipt", {"receipt": RECEIPT}, JSON).json()
    assert [kept["body"] for kept in seen["replies"]] == ["The second house."]
    staff = sign_in(liaison).get(f"/api/v1/triage/concerns/{concern.pk}").json()
    assert [kept["body"] for kept in staff["replies"]] == bodies(concern)


def test_an_accounts_owner_reads_what_came_by_text(ask: Any, sign_in: Any) -> None:
    agree()
    owner = resident_with(phone=NUMBER)
    concern = told(reporter=owner)
    change(concern)
    assert reached() == [NUMBER]
    ask(MORE)
    seen = sign_in(owner).get(f"/api/v1/concerns/{concern.pk}").json()
    assert [kept["body"] for kept in seen["replies"]] == [MORE]


def test_a_text_of_another_number_or_of_no_words_lands_nowhere(ask: Any) -> None:
    concern = told(**by_number())
    other = by_number(OTHER_NUMBER)["phone_index"]
    assert not answering.take_reply(str(concern.pk), other, MORE)
    assert not answering.take_reply(str(concern.pk), str(concern.phone_index), "👍")
    assert answering.take_reply(str(concern.pk), str(concern.phone_index), MORE)
    Concern.objects.filter(pk=concern.pk).update(phone="", phone_index=None)
    assert not answering.take_reply(str(concern.pk), by_number()["phone_index"], MORE)
    assert bodies(concern) == [MORE]


def test_the_number_of_a_former_account_is_not_the_reporters(ask: Any) -> None:
    concern = told(reporter=resident_with(phone=OTHER_NUMBER))
    assert not answering.take_reply(str(concern.pk), by_number()["phone_index"], MORE)
    assert bodies(concern) == []


# --- what staff wrote ------------------------------------------------------------------------------------


def test_letters_are_read_by_owner_and_receipt(
    city: None, client: Client, resident: User, sign_in: Any
) -> None:
    for concern in (own := told(reporter=resident), told(**by_receipt())):
        ConcernLetter.objects.create(concern=concern, body="We were there.")
    by_slip = client.post("/api/v1/concerns/receipt", {"receipt": RECEIPT}, JSON).json()
    mine = sign_in(resident).get(f"/api/v1/concerns/{own.pk}").json()
    for seen in (by_slip, mine):
        assert [letter["body"] for letter in seen["letters"]] == ["We were there."]
        assert set(seen["letters"][0]) == {"body", "at"}


def test_a_merged_one_says_how_far_that_is_which_it_went_into(city: None, client: Client) -> None:
    merged(told(status="in_progress"), **by_receipt())
    seen = client.post("/api/v1/concerns/receipt", {"receipt": RECEIPT}, JSON).json()
    assert (seen["status"], seen["merged_status"]) == ("closed", "in_progress")


# --- two at once ------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_many_replies_at_once_twenty_are_kept(real_city: None) -> None:
    concern = told(**by_number())
    ConcernReply.objects.bulk_create(ConcernReply(concern=concern, body=MORE) for _ in range(18))
    together = Barrier(4)

    def say(_: int) -> str:
        try:
            together.wait(10)
            answering.add_reply(concern=concern, body=MORE)
            return "kept"
        except DomainError as refusal:
            return refusal.type
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(say, range(4)))
    assert answers == ["kept"] * 2 + ["too-many-replies"] * 2
    assert concern.replies.count() == 20
