"""What makes a concern sensitive, whenever and wherever it is said, and what then is no more."""

from typing import Any

import pytest
from django.test import Client

from backend.accounts.models import AuditRow, User
from backend.feedback.concerns.models import Concern
from backend.feedback.concerns.services import answering
from backend.notifications.models import Notice
from backend.roster.models import Assignment, StaffMember
from tests.concerns.conftest import listed, tell
from tests.concerns.reporters import (
    JSON,
    NUMBER,
    RECEIPT,
    agree,
    bodies,
    by_number,
    by_receipt,
    change,
    closed,
    fresh,
    sent,
    told,
    verdict_by_receipt,
)

HITS = "My husband hits me and reads my phone."
DISTRICT = "slmpd-district-4"
pytestmark = pytest.mark.django_db


def reply(client: Any, body: str, headers: Any = None) -> Any:
    return client.post(
        "/api/v1/concerns/receipt/replies", {"receipt": RECEIPT, "body": body}, JSON, headers=headers
    )


def is_liaison(member: StaffMember | None) -> bool:
    return Assignment.objects.filter(staff_member=member, role=Assignment.Role.LIAISON).exists()


# --- when it is told --------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["contact_note", "said_at"])
def test_words_beside_the_description_count_as_well(client: Client, city: None, where: str) -> None:
    stopped = tell(client, area=DISTRICT, **{where: HITS})
    assert (stopped.status_code, stopped.json()["type"]) == (422, "may-be-urgent")
    gone_on = tell(
        client, area=DISTRICT, identity="phone", phone="314-200-0000", goes_on=True, **{where: HITS}
    )
    concern = Concern.objects.get(pk=gone_on.json()["id"])
    assert (concern.is_sensitive, concern.tells_by_text) == (True, False)


# --- what is said later -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "kind", "call"),
    [
        (HITS, "domestic_violence", "1-800-799-7233"),
        ("I want to kill myself", "crisis", "988"),
        ("She was raped there", "sexual_violence", "1-800-656-4673"),
    ],
)
def test_a_reply_makes_it_sensitive_and_its_answer_says_whom_to_call(
    client: Client, city: None, words: str, kind: str, call: str
) -> None:
    concern = told(DISTRICT, **by_receipt())
    answer = reply(client, words)
    assert answer.status_code == 201
    assert bodies(concern) == [words]
    (warning,) = answer.json()["warnings"]
    assert answer.json()["notice"].startswith("We send no message")
    assert reply(client, "And again.").json()["notice"] == ""
    assert (warning["kind"], [line["call"] for line in warning["lines"]]) == (kind, [call])
    now = fresh(concern)
    assert (now.is_sensitive, now.tells_by_text) == (True, False)


def test_the_warning_is_in_the_language_of_the_concern(client: Client, city: None) -> None:
    told(language="es", **by_receipt())
    (warning,) = reply(client, "Mi esposo me pega").json()["warnings"]
    assert warning["words"] != warning["words_en"]


def test_an_emergency_is_warned_of_and_shown_to_all_who_read_it(client: Client, city: None) -> None:
    concern = told(DISTRICT, **by_receipt())
    assert [w["kind"] for w in reply(client, "They are shooting outside").json()["warnings"]] == ["emergency"]
    assert not fresh(concern).is_sensitive


def test_other_words_change_nothing(client: Client, city: None, officer: User) -> None:
    handler = StaffMember.objects.get(user=officer)
    concern = told(DISTRICT, assigned_to=handler, **by_receipt())
    assert reply(client, "It is every night after two.").json()["warnings"] == []
    now = fresh(concern)
    assert (now.is_sensitive, now.tells_by_text, now.assigned_to) == (False, True, handler)


def test_it_leaves_the_officers_and_commanders_sight_and_goes_to_a_liaison(
    client: Client, liaison: User, captain: User, officer: User, sign_in: Any
) -> None:
    concern = told(DISTRICT, assigned_to=StaffMember.objects.get(user=officer), **by_receipt())
    assert [str(concern.pk) in listed(sign_in(who)) for who in (captain, officer)] == [True, True]
    reply(client, HITS)
    assert [str(concern.pk) in listed(sign_in(who)) for who in (captain, officer)] == [False, False]
    assert str(concern.pk) in listed(sign_in(liaison))
    assert is_liaison(fresh(concern).assigned_to)


def test_what_a_reply_did_is_in_the_history_and_who_gets_it_begins_anew(
    client: Client, liaison: User, officer: User
) -> None:
    handler = StaffMember.objects.get(user=officer)
    concern = told(DISTRICT, assigned_to=handler, status="in_progress", **by_receipt())
    reply(client, f"{HITS} He is officer {handler.name}.")
    assert fresh(concern).status == "triaged"
    assert list(concern.changes.values_list("move", "status", "by")) == [
        ("wall", "triaged", None),
        ("sensitive", "triaged", None),
    ]
    rows = AuditRow.objects.filter(object_id=str(concern.pk)).order_by("pk")
    assert [(row.action, row.actor) for row in rows] == [("wall", None), ("sensitive", None)]


# --- by hand ----------------------------------------------------------------------------------------------


def set_sensitive(client: Any, concern: Concern, value: bool = True) -> Any:
    body = {
        "is_sensitive": value,
        "reason": "As I read it.",
        "changed_at": fresh(concern).changed_at.isoformat(),
    }
    return client.post(f"/api/v1/triage/concerns/{concern.pk}/sensitive", body, JSON)


def test_a_liaison_makes_it_sensitive_and_takes_that_back(
    liaison: User, captain: User, officer: User, sign_in: Any
) -> None:
    concern = told(DISTRICT, assigned_to=StaffMember.objects.get(user=officer), status="assigned")
    desk, command = sign_in(liaison), sign_in(captain)
    assert set_sensitive(command, concern).status_code == 403
    assert set_sensitive(desk, concern, value=False).json()["type"] == "same-sensitivity"
    assert set_sensitive(desk, concern).json()["is_sensitive"]
    assert (fresh(concern).status, fresh(concern).tells_by_text) == ("triaged", False)
    stale = {"is_sensitive": False, "reason": "Unread.", "changed_at": "2026-01-01T00:00:00Z"}
    path = f"/api/v1/triage/concerns/{concern.pk}"
    assert desk.post(f"{path}/sensitive", stale, JSON).status_code == 409
    assert is_liaison(fresh(concern).assigned_to)
    assert str(concern.pk) not in listed(command)
    assert set_sensitive(command, concern, value=False).status_code == 404
    assert not set_sensitive(desk, concern, value=False).json()["is_sensitive"]
    assert str(concern.pk) in listed(command)
    assert {change["reason"] for change in command.get(path).json()["changes"]} == {""}
    assert "As I read it." in {change["reason"] for change in desk.get(path).json()["changes"]}
    rows = AuditRow.objects.filter(object_id=str(concern.pk)).order_by("pk")
    assert [(row.action, row.reason) for row in rows] == [
        ("sensitive", "As I read it."),
        ("not_sensitive", "As I read it."),
    ]


def test_a_sensitive_category_stays_so(liaison: User, sign_in: Any) -> None:
    concern = told(DISTRICT, category_id="domestic_violence", is_sensitive=True)
    assert set_sensitive(sign_in(liaison), concern, value=False).json()["type"] == "sensitive-category"


def test_a_liaison_keeps_it(client: Client, liaison: User) -> None:
    handler = StaffMember.objects.get(user=liaison)
    concern = told(DISTRICT, assigned_to=handler, **by_receipt())
    reply(client, HITS)
    assert fresh(concern).assigned_to == handler


def test_without_a_liaison_nobody_has_it(client: Client, city: None, captain: User) -> None:
    concern = told(assigned_to=StaffMember.objects.get(user=captain), **by_receipt())
    reply(client, HITS)
    assert fresh(concern).assigned_to is None


def test_words_with_a_verdict_and_words_by_text_count_too(client: Client, city: None, ask: Any) -> None:
    concern = closed(**by_receipt())
    assert verdict_by_receipt(client, False, words=HITS).status_code == 200
    assert fresh(concern).is_sensitive
    by_text = told(**by_number())
    assert answering.take_reply(str(by_text.pk), by_text.phone_index, HITS)
    assert (fresh(by_text).is_sensitive, fresh(by_text).tells_by_text) == (True, False)


def test_no_message_leaves_any_more_though_it_was_waiting(client: Client, city: None) -> None:
    agree(NUMBER)
    concern = told(**by_receipt(), **by_number())
    change(concern)
    assert Notice.objects.filter(kind="concern_update").exists()
    reply(client, HITS)
    change(fresh(concern))
    assert sent() == []


def test_a_name_and_such_words_wall_it_and_make_it_sensitive(
    client: Client, liaison: User, officer: User, sign_in: Any
) -> None:
    handler = StaffMember.objects.get(user=officer)
    concern = told(DISTRICT, assigned_to=handler, **by_receipt())
    reply(client, f"Officer {handler.name} is my husband and he hits me")
    now = fresh(concern)
    assert (now.is_walled, now.is_sensitive) == (True, True)
    assert is_liaison(now.assigned_to)
