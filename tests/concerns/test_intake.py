"""What is said before typing, and what is taken, sent elsewhere, or stopped first."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from backend.accounts.models import IdempotencyKey, User
from backend.errors import Conflict, DomainError
from backend.feedback.concerns.models import Category, Concern, HelpLine, Question
from backend.feedback.concerns.services import intake
from backend.feedback.concerns.services.places import Place
from backend.notifications import services as notifications
from backend.receipts import receipt_index
from backend.roster.models import Assignment, Contact
from tests.concerns.conftest import categories, category, pointers, roster_changed
from tests.concerns.test_concerns import TEXT, listed, tell
from tests.factories import make_staff

KEY = {"Idempotency-Key": "2c1f6f0e-phone"}


@pytest.fixture
def question(city: None) -> Any:
    def add(slug: str, **fields: Any) -> Question:
        since = fields.pop("since", datetime(2026, 1, 1, tzinfo=UTC))
        return Question.objects.create(category_id="traffic", slug=slug, text="Which?", since=since, **fields)

    return add


# --- before anything is typed -----------------------------------------------------------------------------


def test_the_policy_of_each_category_is_there_before_typing(client: Client, city: None) -> None:
    shown = category(client, "domestic_violence")
    assert shown["is_sensitive"] is True
    assert shown["handler_may_know"] is False
    assert "Liaisons alone" in shown["who_reads"]
    assert shown["retention"] == {"who_days": 365, "what_days": 730}
    assert shown["target_hours"] == 8
    asked = {q["slug"]: q for q in category(client, "traffic")["questions"]}
    assert asked["what"]["kind"] == "choice"
    assert "speeding" in asked["what"]["choices"]
    assert asked["what"]["is_required"] is False


def test_the_notice_promises_nothing_that_the_law_does_not_give(client: Client, city: None) -> None:
    said = " ".join(n["words"] for n in categories(client).json()["notice"])
    for words in ("around the clock", "911", "RSMo chapter 610", "cannot promise", "only key"):
        assert words in said


@pytest.mark.parametrize("language", ["es", "bs", "vi", "ar", "so", "sw", "prs", "ps"])
def test_the_notice_is_in_the_readers_language_with_the_english_beside(
    client: Client, city: None, language: str
) -> None:
    for said in categories(client, language=language).json()["notice"]:
        assert said["words"] != said["words_en"]
        assert said["is_reviewed"] is False
    notifications.review_language(language=language, reader="Ana, who speaks it", by=None)
    assert all(said["is_reviewed"] for said in categories(client, language=language).json()["notice"])


def test_a_language_that_nobody_knows(client: Client, city: None) -> None:
    assert categories(client, language="tlh").status_code == 400


def test_numbers_to_call_instead(client: Client, city: None) -> None:
    shown = categories(client).json()
    calls = {line["kind"]: line["call"] for line in shown["lines"]}
    assert (calls["emergency"], calls["crisis"], calls["domestic_violence"]) == (
        "911",
        "988",
        "1-800-799-7233",
    )
    assert all(line["verified_on"] is None for line in shown["lines"])
    contact = Contact.objects.filter(kind=Contact.Kind.NON_EMERGENCY).first()
    assert contact is not None
    Contact.objects.filter(pk=contact.pk).update(is_disputed=True)
    roster_changed()
    numbers = categories(client).json()["non_emergency"]
    said = next(n for a in numbers for n in a["numbers"] if n["value"] == contact.value)
    assert said["is_disputed"] is True
    assert {a["agency"] for a in numbers} >= {contact.agency.slug}


def test_every_line_says_where_it_is_from(client: Client, city: None) -> None:
    assert not HelpLine.objects.filter(source="").exists()
    assert {*HelpLine.objects.values_list("kind", flat=True)} == set(HelpLine.Kind.values)


def test_what_is_not_taken_is_said_before_typing(client: Client, city: None) -> None:
    misconduct, staff = categories(client).json()["not_taken"]
    said = " ".join(misconduct["facts"])
    for fact in ("signed", "directly involved", "guardian", "not anonymous", "Internal Affairs"):
        assert fact in said
    assert misconduct["lines"][0]["call"] == "314-657-1600"
    assert "105.055" in staff["detail"]
    assert {line["kind"] for line in staff["lines"]} == {"staff", "oversight"}


def test_an_unchanged_answer_is_not_sent_twice(client: Client, city: None) -> None:
    first = categories(client)
    assert "as_of" in first.json()
    same = client.get("/api/v1/concern-categories", headers={"If-None-Match": first["ETag"]})
    assert same.status_code == 304
    Category.objects.filter(slug="noise").update(ended_at=timezone.now())
    changed = client.get("/api/v1/concern-categories", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert "noise" not in {c["slug"] for c in changed.json()["categories"]}
    assert categories(client, language="es")["ETag"] != changed["ETag"]


# --- categories and their questions -----------------------------------------------------------------------


def test_a_category_that_ended_while_people_typed_is_still_taken(client: Client, city: None) -> None:
    as_of = categories(client).json()["as_of"]
    Question.objects.filter(category="noise").update(ended_at=timezone.now())
    Category.objects.filter(slug="noise").update(ended_at=timezone.now())
    told = tell(client, category="noise", as_of=as_of, answers={"what": "neighbors"}, address="1915 Olive St")
    assert told.status_code == 201
    assert (told.json()["category"], told.json()["answers"]) == ("noise", {"what": "neighbors"})
    assert told.json()["desk"]["slug"] == "slmpd-district-4"


def test_an_unknown_category_says_which_there_are(client: Client, city: None) -> None:
    answer = tell(client, category="potholes")
    assert pointers(answer) == {("/category", "unknown")}
    assert "city_service" in answer.json()["detail"]


def test_answers_are_kept_and_shown_to_who_told_them(client: Client, question: Any) -> None:
    question("crash", kind="yes_no", is_required=True)
    told = tell(client, answers={"crash": False, "what": "speeding", "when": "  Mondays "}).json()
    assert told["answers"] == {"what": "speeding", "when": "Mondays", "crash": False}
    seen = client.post(
        "/api/v1/concerns/receipt", {"receipt": told["receipt"]}, content_type="application/json"
    )
    assert seen.json()["answers"] == told["answers"]


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({}, {("/answers/crash", "required")}),
        ({"crash": " "}, {("/answers/crash", "required")}),
        ({"crash": None}, {("/answers/crash", "null")}),
        ({"crash": "yes"}, {("/answers/crash", "invalid")}),
        ({"crash": True, "what": "flying"}, {("/answers/what", "invalid")}),
        ({"crash": True, "what": True}, {("/answers/what", "invalid")}),
        ({"crash": True, "when": "x" * 1001}, {("/answers/when", "invalid")}),
        ({"crash": True, "who/else~": "x"}, {("/answers/who~1else~0", "unknown")}),
        ({"who": "x", "crash": "yes"}, {("/answers/who", "unknown"), ("/answers/crash", "invalid")}),
    ],
)  # fmt: skip
def test_answers_that_do_not_fit(client: Client, question: Any, answers: Any, wrong: Any) -> None:
    question("crash", kind="yes_no", is_required=True)
    before = Concern.objects.count()
    assert pointers(tell(client, answers=answers)) == wrong
    assert Concern.objects.count() == before


def test_answers_are_held_against_the_questions_that_the_phone_had(client: Client, question: Any) -> None:
    as_of = categories(client).json()["as_of"]
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        question("crash", kind="yes_no", is_required=True, since=timezone.now())
        with time_machine.travel(timezone.now() + timedelta(hours=1)):
            assert tell(client, as_of=as_of, answers={"what": "parking"}).status_code == 201
            assert pointers(tell(client)) == {("/answers/crash", "required")}
            assert pointers(tell(client, as_of="2099-01-01T00:00:00Z")) == {("/answers/crash", "required")}


@pytest.mark.parametrize("text", ["😡😡😡", "🚗💨", "?!...", "—"])
def test_a_text_without_words_says_what_to_do(client: Client, city: None, text: str) -> None:
    answer = tell(client, description=text)
    assert pointers(answer) == {("/description", "no-words")}
    assert "in words" in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize("text", ["😡 car", "ضوضاء", "đèn", "7"])
def test_words_of_any_script_are_words(client: Client, city: None, text: str) -> None:
    assert tell(client, description=text).status_code == 201


# --- what is not taken ------------------------------------------------------------------------------------


def test_misconduct_goes_back_with_the_persons_own_words(client: Client, city: None) -> None:
    before = Concern.objects.count(), IdempotencyKey.objects.count()
    answer = tell(client, KEY, category="misconduct", description="Officer Doe hit me.", goes_on=True)
    said = answer.json()
    assert (answer.status_code, said["type"]) == (422, "civilian-oversight-board")
    assert said["your_words"] == "Officer Doe hit me."
    assert "Nothing of what you wrote was kept" in said["detail"]
    assert len(said["facts"]) == 4
    for fact in ("signed", "directly involved", "not anonymously", "Internal Affairs"):
        assert fact in said["detail"]
    assert said["lines"][0]["kind"] == "oversight"
    assert (Concern.objects.count(), IdempotencyKey.objects.count()) == before


def test_staff_are_pointed_to_channels_that_protect_them(client: Client, city: None) -> None:
    before = Concern.objects.count(), IdempotencyKey.objects.count()
    answer = tell(client, KEY, category="staff_report", description="My sergeant falsifies reports.")
    said = answer.json()
    assert (answer.status_code, said["type"]) == (422, "staff-channels")
    assert "105.055" in said["detail"]
    assert "Nothing of what you wrote was kept" in said["detail"]
    assert "1-800-347-8597" in {line["call"] for line in said["lines"]}
    assert "sergeant" not in answer.content.decode()
    assert (Concern.objects.count(), IdempotencyKey.objects.count()) == before


# --- what cannot wait -------------------------------------------------------------------------------------


def test_urgent_words_stop_and_may_go_on_under_the_same_key(client: Client, city: None) -> None:
    text = "Somebody is breaking into my house"
    before = Concern.objects.count()
    stopped = tell(client, KEY, description=text)
    assert (stopped.status_code, stopped.json()["type"]) == (422, "may-be-urgent")
    (warning,) = stopped.json()["warnings"]
    assert (warning["kind"], warning["lines"][0]["call"]) == ("emergency", "911")
    assert "911" in warning["words"]
    assert Concern.objects.count() == before
    assert not IdempotencyKey.objects.exists()
    gone_on = tell(client, KEY, description=text, goes_on=True)
    assert gone_on.status_code == 201
    assert Concern.objects.get(pk=gone_on.json()["id"]).is_sensitive is False


@pytest.mark.parametrize(
    ("text", "kind", "call"),
    [
        ("I want to kill myself", "crisis", "988"),
        ("my husband hits me", "domestic_violence", "1-800-799-7233"),
        ("She was raped behind the store", "sexual_violence", "1-800-656-4673"),
        ("He beats his kids", "child", "1-800-392-3738"),
    ],
)
def test_each_kind_has_its_own_line(client: Client, city: None, text: str, kind: str, call: str) -> None:
    (warning,) = tell(client, description=text).json()["warnings"]
    assert (warning["kind"], [line["call"] for line in warning["lines"]]) == (kind, [call])


@pytest.mark.parametrize("language", ["es", "vi", "ar", "ps"])
def test_a_warning_is_in_the_readers_language_though_nobody_vouched_for_it(
    client: Client, city: None, language: str
) -> None:
    stopped = tell(client, description="my husband hits me", language=language).json()
    (warning,) = stopped["warnings"]
    assert warning["words"] != warning["words_en"]
    assert "911" in warning["words"]
    assert warning["is_reviewed"] is False
    assert stopped["go_on"]["words"] != stopped["go_on"]["words_en"]


def test_an_answer_can_be_urgent_too(client: Client, city: None) -> None:
    stopped = tell(client, answers={"when": "right now, he has a gun"})
    assert stopped.json()["type"] == "may-be-urgent"


@pytest.mark.parametrize("text", ["I want to kill myself", "my wife hits me", "She was raped"])
def test_who_goes_on_with_such_words_is_read_by_liaisons_alone(
    client: Client, liaison: User, captain: User, sign_in: Any, text: str
) -> None:
    told = tell(client, description=text, goes_on=True, address="1915 Olive St").json()
    assert Concern.objects.get(pk=told["id"]).is_sensitive
    assert told["id"] in listed(sign_in(liaison))
    assert told["id"] not in listed(sign_in(captain))


def test_what_is_sensitive_waits_for_a_liaison_where_there_is_none(client: Client, captain: User) -> None:
    Assignment.objects.filter(role=Assignment.Role.LIAISON).update(ends_on="2025-01-01")
    roster_changed()
    told = tell(client, category="domestic_violence", address="1915 Olive St").json()
    assert Concern.objects.get(pk=told["id"]).assigned_to is None
    other = tell(client, address="1915 Olive St").json()
    assert Concern.objects.get(pk=other["id"]).assigned_to is not None


def check(client: Any, **body: Any) -> Any:
    return client.post("/api/v1/concerns/check", body, content_type="application/json")


def test_a_text_can_be_checked_and_is_kept_nowhere(client: Client, city: None) -> None:
    make_staff("quill@example.org", "slmpd-beat-402", "beat_officer")
    before = Concern.objects.count()
    answer = check(
        client, description="Officer Quill and my husband hits me", category="noise", language="es"
    )
    assert answer["Cache-Control"] == "no-store"
    assert answer.json()["names_an_employee"] is True
    assert [w["kind"] for w in answer.json()["warnings"]] == ["domestic_violence"]
    assert "Quill" not in answer.content.decode()
    calm = check(client, description=TEXT)
    assert calm.json() == {"warnings": [], "names_an_employee": False}
    assert Concern.objects.count() == before
    assert check(client).status_code == 400


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_who_enter_a_slip_at_once_one_is_told_that_it_is_used(real_city: None) -> None:
    together = Barrier(2)
    slip = intake.new_receipt()

    def enter(_: int) -> str:
        try:
            together.wait(10)
            told = intake.Told(category="noise", description=TEXT)
            intake.submit_concern(told=told, place=Place(), teller=intake.Teller(paper_receipt=slip))
            return "entered"
        except DomainError as refusal:
            return refusal.type
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(enter, range(2))) == ["entered", "slip-used"]
    assert Concern.objects.with_receipt(slip).count() == 1


def test_a_slip_that_is_used_between_look_and_entry(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    slip, look = intake.new_receipt(), intake._refuse_used
    Concern.objects.create(category_id="noise", description=TEXT, receipt_index=receipt_index(slip))

    def too_early(slip: str) -> None:
        """Before the other was entered."""
        monkeypatch.setattr(intake, "_refuse_used", look)

    monkeypatch.setattr(intake, "_refuse_used", too_early)
    told, teller = intake.Told(category="noise", description=TEXT), intake.Teller(paper_receipt=slip)
    with pytest.raises(Conflict) as refused:
        intake.submit_concern(told=told, place=Place(), teller=teller)
    assert refused.value.type == "slip-used"
