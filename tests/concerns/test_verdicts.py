"""Whether it was dealt with: asked at the close and four weeks later; answered by app, by receipt and by text."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import DomainError
from backend.feedback.concerns.models import Concern
from backend.feedback.concerns.plain_answers import was_dealt_with
from backend.feedback.concerns.services import answering
from backend.notifications.models import Message, Notice
from backend.notifications.registry import JOBS
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
    state,
    told,
    verdict_by_receipt,
)

MORE = "It is every night after two."
FOUR_WEEKS = timedelta(days=28)
pytestmark = pytest.mark.django_db


def verdict(client: Any, concern: Concern, dealt_with: bool, **sent: str) -> Any:
    data = {"dealt_with": dealt_with, **sent}
    return client.post(f"/api/v1/concerns/{concern.pk}/verdict", data, JSON)


def close(desk: Any, concern: Concern) -> None:
    path = f"/api/v1/triage/concerns/{concern.pk}"
    read = desk.get(path).json()
    words = {"disposition": "resolved", "changed_at": read["changed_at"]}
    answer = desk.post(f"{path}/close", words, JSON)
    assert answer.status_code == 200


def test_a_close_asks_with_the_one_text_that_tells_of_it(liaison: User, sign_in: Any, client: Client) -> None:
    agree()
    concern = told(**by_number(), **by_receipt())
    seen = client.post("/api/v1/concerns/receipt", {"receipt": RECEIPT}, JSON).json()
    assert (seen["asked"], seen["dealt_with"]) == (False, None)
    close(sign_in(liaison), concern)
    assert reached() == [NUMBER]
    seen = client.post("/api/v1/concerns/receipt", {"receipt": RECEIPT}, JSON).json()
    assert (seen["asked"], seen["dealt_with"]) == (True, None)


def test_words_without_words_are_refused_where_they_stand(city: None, resident: User, sign_in: Any) -> None:
    concern = closed(reporter=resident)
    answer = verdict(sign_in(resident), concern, False, words="👎")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/words")
    assert state(concern) == ("closed", None, False)


def test_words_with_it_that_cannot_wait_are_answered_at_once(city: None, client: Client) -> None:
    closed(**by_receipt())
    said = verdict_by_receipt(client, False, words="No. He hits me every night, my husband hits me.").json()
    assert [(w["kind"], w["lines"][0]["call"]) for w in said["warnings"]] == [
        ("domestic_violence", "1-800-799-7233")
    ]
    assert said["notice"].startswith("We send no message")
    assert verdict_by_receipt(client, True).status_code == 409


def test_no_reopens_it_to_staff(city: None, resident: User, sign_in: Any) -> None:
    main = told()
    concern = closed(reporter=resident, disposition="duplicate", merged_into=main, target_at=timezone.now())
    answer = verdict(sign_in(resident), concern, False, words=MORE)
    said = {"status": "triaged", "dealt_with": False, "warnings": [], "notice": ""}
    assert (answer.status_code, answer.json()) == (200, said)
    assert answer["Cache-Control"] == "no-store"
    left = fresh(concern)
    assert (left.disposition, left.closed_at, left.merged_into) == ("", None, None)
    assert left.target_at > timezone.now()
    assert state(concern) == ("triaged", False, True)
    assert [(c.move, c.status, c.by) for c in concern.changes.all()] == [("reopen", "triaged", None)]
    assert bodies(concern) == [MORE]
    own = sign_in(resident).get(f"/api/v1/concerns/{concern.pk}").json()
    assert (own["asked"], own["dealt_with"], own["merged_status"]) == (False, False, None)


def test_yes_stays_and_yes_again_changes_nothing(city: None, resident: User, sign_in: Any) -> None:
    concern = closed(reporter=resident)
    mine = sign_in(resident)
    answer = verdict(mine, concern, True)
    assert answer.json() == {"status": "closed", "dealt_with": True, "warnings": [], "notice": ""}
    changed_at = fresh(concern).changed_at
    assert verdict(mine, concern, True).status_code == 200
    assert fresh(concern).changed_at == changed_at
    assert state(concern) == ("closed", True, False)
    assert not concern.changes.exists()


def test_no_after_yes_reopens_and_a_second_no_or_a_late_yes_is_a_conflict(
    city: None, resident: User, sign_in: Any
) -> None:
    concern = closed(reporter=resident)
    mine = sign_in(resident)
    assert [verdict(mine, concern, said).status_code for said in (True, False, False, True)] == [
        200,
        200,
        409,
        409,
    ]
    assert state(concern) == ("triaged", False, True)
    assert concern.changes.count() == 1


@pytest.mark.parametrize("dealt_with", [True, False])
@pytest.mark.parametrize("fields", [{}, {"status": "in_progress"}])
def test_of_what_is_open_nobody_says_how_it_ended(
    city: None, client: Client, dealt_with: bool, fields: dict[str, Any]
) -> None:
    concern = told(**by_receipt(), **fields)
    answer = verdict_by_receipt(client, dealt_with)
    assert (answer.status_code, answer.json()["type"]) == (409, "not-asked")
    assert state(concern) == (concern.status, None, False)


def test_of_what_was_closed_unasked_nobody_says_it(city: None, client: Client) -> None:
    concern = closed(**by_receipt(), asked_at=None)
    assert verdict_by_receipt(client, False).status_code == 409
    assert state(concern) == ("closed", None, False)


def test_by_receipt_and_repeated(city: None, client: Client) -> None:
    concern = closed(**by_receipt())
    key = {"Idempotency-Key": "0123456789abcdef"}
    first = verdict_by_receipt(client, False, headers=key)
    again = verdict_by_receipt(client, False, headers=key)
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    assert state(concern) == ("triaged", False, True)
    assert concern.changes.count() == 1


def test_nobody_says_it_of_anothers(
    city: None, resident: User, liaison: User, sign_in: Any, client: Client
) -> None:
    concern = closed(reporter=resident)
    for who in (sign_in(resident_with(email="other@example.org")), sign_in(liaison)):
        assert verdict(who, concern, False).status_code == 404
    assert verdict(client, concern, False).status_code == 401
    assert state(concern) == ("closed", None, False)


def test_words_that_cannot_be_kept_take_the_verdict_back(city: None, resident: User, sign_in: Any) -> None:
    concern = closed(reporter=resident)
    assert verdict(sign_in(resident), concern, False, words="🎉").status_code == 400
    assert state(concern) == ("closed", None, False)
    assert not concern.changes.exists()


def test_who_told_what_was_merged_hears_of_the_reopening_and_who_reopened_it_does_not(city: None) -> None:
    agree()
    agree(OTHER_NUMBER)
    concern = closed(**by_number())
    merged(concern, **by_number(OTHER_NUMBER))
    answering.give_verdict(concern=concern, dealt_with=False)
    assert reached() == [OTHER_NUMBER]


def test_closed_again_it_is_asked_again(liaison: User, resident: User, sign_in: Any) -> None:
    concern = closed(reporter=resident)
    mine = sign_in(resident)
    assert verdict(mine, concern, False).status_code == 200
    close(sign_in(liaison), concern)
    assert state(concern)[:2] == ("closed", None)
    assert verdict(mine, concern, True).status_code == 200


def test_merging_asks_nobody_and_closing_the_main_one_asks_all() -> None:
    main = closed(asked_at=None)
    duplicate = merged(main)
    now = timezone.now()
    answering.ask_whether_dealt_with(duplicate, now)
    assert fresh(duplicate).asked_at is None
    answering.ask_whether_dealt_with(main, now)
    assert {fresh(main).asked_at, fresh(duplicate).asked_at} == {now}
    still_open = told()
    answering.ask_whether_dealt_with(still_open, now)
    assert fresh(still_open).asked_at is None


# --- by text --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "status", "dealt_with"),
    [("Not fixed!", "triaged", False), ("No", "triaged", False), ("Fixed, thank you", "closed", True)],
)
def test_plain_words_by_text_are_the_verdict_and_are_kept(
    ask: Any, words: str, status: str, dealt_with: bool
) -> None:
    agree()
    concern = closed(**by_number())
    change(concern)
    assert reached() == [NUMBER]
    assert "passed on" in ask(words)
    assert state(concern) == (status, dealt_with, True)
    assert bodies(concern) == [words]


@pytest.mark.parametrize(
    "fields", [{"asked_at": None}, {"status": "triaged", "disposition": "", "closed_at": None}]
)
def test_plain_words_to_what_was_not_asked_are_only_a_reply(ask: Any, fields: dict[str, Any]) -> None:
    concern = closed(**by_number(), **fields)
    assert answering.take_reply(str(concern.pk), str(concern.phone_index), "Not fixed")
    assert state(concern) == (concern.status, None, True)
    assert bodies(concern) == ["Not fixed"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        *(
            (text, True)
            for text in ("FIXED", "It's fixed.", "yes it was dealt with", "Resuelto", "sí, ya está arreglado")
        ),
        *(
            (text, False)
            for text in ("NOT FIXED", "No.", "it isn't fixed yet", "NO RESUELTO", "todavía no", "Not yet")
        ),
        *((text, None) for text in ("Is it fixed?", "no problem", "no thanks", "ok", "👍", "", "not now")),
        ("The light was fixed but then they came back and now", None),
        ("fixed the wrong one", None),
    ],
)
def test_only_plain_words_are_understood(text: str, meant: bool | None) -> None:
    assert was_dealt_with(text) is meant


# --- two at once ------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("said", [(False, False, False), (False, True, False)])
def test_of_many_verdicts_at_once_the_concern_is_reopened_once(
    real_city: None, said: tuple[bool, ...]
) -> None:
    concern = closed(**by_number())
    together = Barrier(len(said))

    def say(dealt_with: bool) -> str:
        try:
            together.wait(10)
            answering.give_verdict(concern=Concern.objects.get(pk=concern.pk), dealt_with=dealt_with)
            return "no" if not dealt_with else "yes"
        except DomainError as refusal:
            return refusal.type
        finally:
            connection.close()

    with ThreadPoolExecutor(len(said)) as pool:
        answers = list(pool.map(say, said))
    assert answers.count("no") == 1
    assert state(concern) == ("triaged", False, True)
    assert concern.changes.count() == 1


# --- four weeks later -------------------------------------------------------------------------------------


def test_four_weeks_later_who_has_not_answered_is_asked_once(city: None) -> None:
    agree()
    concern = closed(**by_number())
    job = JOBS["concerns_asked_again"].run
    asked_at = fresh(concern).asked_at
    assert asked_at
    with time_machine.travel(asked_at + FOUR_WEEKS - timedelta(minutes=1)):
        assert job(timezone.now()) == 0
    with time_machine.travel(asked_at + FOUR_WEEKS + timedelta(minutes=1)):
        assert [job(timezone.now()) for _ in range(2)] == [1, 0]
        assert reached() == [NUMBER]
    assert fresh(concern).asked_again_at
    assert Notice.objects.get(kind="concern_asked_again").key.startswith(f"concern_asked_again:{concern.pk}")


@pytest.mark.parametrize(
    "fields",
    [
        {"dealt_with": True},
        {"is_sensitive": True},
        {"asked_at": None},
        {"status": "triaged", "disposition": "", "closed_at": None},
        {"anonymised_at": timezone.now()},
        {"erased_at": timezone.now()},
        {"asked_again_at": timezone.now()},
    ],
)
def test_others_are_not_asked_again(city: None, fields: dict[str, Any]) -> None:
    agree()
    closed(**by_number(), **fields)
    assert answering.ask_again(timezone.now() + 2 * FOUR_WEEKS) == 0
    assert not Message.objects.exists()


def test_closed_a_second_time_it_is_not_asked_a_second_time_after_four_weeks(city: None) -> None:
    agree()
    concern = closed(**by_number())
    later = timezone.now() + FOUR_WEEKS
    assert answering.ask_again(later) == 1
    answering.give_verdict(concern=concern, dealt_with=False)
    Concern.objects.filter(pk=concern.pk).update(status="closed", disposition="resolved", closed_at=later)
    answering.ask_whether_dealt_with(concern, later)
    assert answering.ask_again(later + FOUR_WEEKS) == 0


def test_who_answers_before_the_question_leaves_is_not_asked(city: None) -> None:
    agree()
    concern = closed(**by_number())
    answering.ask_again(timezone.now() + FOUR_WEEKS)
    answering.give_verdict(concern=concern, dealt_with=True)
    assert reached() == []


def test_a_crash_half_way_asks_the_rest_and_nobody_twice(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(3):
        agree(f"+1314200000{n}")
        closed(**by_number(f"+1314200000{n}"))
    real, calls = answering.telling.tell_asked_again, []

    def dies_at_the_second(concern: Concern) -> None:
        real(concern)
        calls.append(concern)
        if len(calls) == 2:
            raise RuntimeError("the power went")

    monkeypatch.setattr(answering.telling, "tell_asked_again", dies_at_the_second)
    later = timezone.now() + FOUR_WEEKS
    with pytest.raises(RuntimeError, match="power"):
        answering.ask_again(later)
    monkeypatch.setattr(answering.telling, "tell_asked_again", real)
    answering.ask_again(later)
    assert answering.ask_again(later) == 0
    assert reached() == [f"+1314200000{n}" for n in range(3)]


def test_a_text_answers_the_second_question_too(ask: Any) -> None:
    agree()
    concern = closed(**by_number())
    with time_machine.travel(timezone.now() + FOUR_WEEKS):
        answering.ask_again(timezone.now())
        assert reached() == [NUMBER]
        assert "passed on" in ask("no resuelto")
    assert state(concern) == ("triaged", False, True)
