"""What is told without identity: taken from everybody, read by the group from the day after, kept back for a reason."""

from datetime import date, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
import time_machine
from django.utils import timezone

from backend import throttles
from backend.accounts.models import IdempotencyKey, User
from backend.feedback.workinggroups.models import BreakGlass, GroupChange, Theme
from backend.feedback.workinggroups.models import Testimony as Told
from backend.feedback.workinggroups.notices import HELP_PATH, NO_STORY, before_telling
from backend.feedback.workinggroups.services import testimony
from backend.throttles import OverAll
from tests.conftest import DocumentedClient
from tests.workinggroups.conftest import Group, make_civilian
from tests.workinggroups.telling import TOMORROW, WORDS, at, make_call, make_testimony

POST: dict[str, Any] = {"content_type": "application/json"}
NOTHING = "00000000-0000-4000-8000-000000000000"


def test_anybody_tells_and_gets_no_key(client: DocumentedClient, force: Group) -> None:
    call = make_call(force)
    told = {"body": WORDS, "content_warnings": ["police_violence", "children"]}
    assert client.post(at(force, call), told, **POST).status_code == 400
    told["content_warnings"] = ["slurs", "police_violence", "slurs"]
    answer = client.post(at(force, call), told, **POST)
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    assert "Location" not in answer
    assert set(answer.json()) == {"kept", "on", "notice"}
    assert answer.json()["on"] == "2026-11-23"
    kept = Told.objects.get()
    assert (kept.body, kept.on, kept.content_warnings) == (
        WORDS,
        date(2026, 11, 23),
        ["police_violence", "slurs"],
    )


@pytest.mark.parametrize("words", ["", "   ", "x" * 10_001, "a\0b", None])
def test_words_are_needed_and_not_too_many(client: DocumentedClient, force: Group, words: Any) -> None:
    assert client.post(at(force, make_call(force)), {"body": words}, **POST).status_code == 400
    assert not Told.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"takes_testimony": False},
        {"closed_at": timedelta(minutes=-1)},
        {"closes_at": timedelta(0)},
        {"opens_at": timedelta(hours=1)},
    ],
)
def test_a_call_that_is_closed_takes_nothing(
    client: DocumentedClient, force: Group, fields: dict[str, Any]
) -> None:
    now = timezone.now()
    call = make_call(force, **{k: now + v if isinstance(v, timedelta) else v for k, v in fields.items()})
    refusal = client.post(at(force, call), {"body": WORDS}, **POST)
    assert (refusal.status_code, refusal.json()["type"]) == (409, "call-closed")
    assert not Told.objects.exists()


def test_a_call_for_members_is_not_there_for_others(
    client: DocumentedClient, force: Group, providers: Group
) -> None:
    call = make_call(force, audience="members")
    nothing = client.post(f"{force.at}/consultations/{NOTHING}/testimonies", {"body": WORDS}, **POST)
    for where in (at(force, call), at(providers, make_call(force))):
        refusal = client.post(where, {"body": WORDS}, **POST)
        assert (refusal.status_code, refusal.content) == (404, nothing.content)
    assert nothing.status_code == 404


def test_a_session_that_has_ended_is_not_looked_at(force: Group) -> None:
    """Elsewhere it would be refused, and whoever tells would have to say who they are to be let in."""
    client = DocumentedClient(headers={"X-Session-Token": "ended-long-ago"})
    assert client.post(at(force, make_call(force)), {"body": WORDS}, **POST).status_code == 201


def test_the_same_key_twice_is_kept_twice(client: DocumentedClient, force: Group) -> None:
    call = make_call(force)
    for _ in range(2):
        answer = client.post(
            at(force, call), {"body": WORDS}, headers={"Idempotency-Key": "one-key-1"}, **POST
        )
        assert "Idempotency-Replayed" not in answer
    assert Told.objects.count() == 2
    assert not IdempotencyKey.objects.exists()


def test_how_a_phone_spells_is_not_kept(client: DocumentedClient, force: Group) -> None:
    client.post(at(force, make_call(force)), {"body": " one\r\ntwo\rJose\u0301 "}, **POST)
    assert Told.objects.get().body == "one\ntwo\nJosé"


def test_members_read_from_the_day_after(client: DocumentedClient, force: Group, sign_in: Any) -> None:
    call = make_call(force)
    client.post(at(force, call), {"body": WORDS, "content_warnings": ["death"]}, **POST)
    assert sign_in(force.member).get(at(force, call)).json()["results"] == []
    with time_machine.travel(TOMORROW):
        answer = sign_in(force.member).get(at(force, call))
    (row,) = answer.json()["results"]
    assert answer["Cache-Control"] == "no-store"
    assert row == {
        "id": str(Told.objects.get().pk),
        "on": "2026-11-23",
        "body": WORDS,
        "content_warnings": ["death"],
        "themes": [],
        "grounds": "",
        "reason": "",
    }


def test_outside_of_the_group_there_is_nothing(
    client: DocumentedClient,
    force: Group,
    providers: Group,
    sign_in: Any,
    officer: User,
    captain: User,
    liaison: User,
    resident: User,
    administrator: User,
) -> None:
    call = make_call(force)
    told = make_testimony(call)
    away = f"{force.at}/consultations/{NOTHING}/testimonies"
    moderate = {"grounds": "spam", "reason": "An advertisement."}
    assert client.get(at(force, call)).status_code == client.get(away).status_code == 401
    for person in (officer, captain, liaison, resident, administrator, providers.coordinator):
        theirs = sign_in(person)
        assert theirs.get(at(force, call)).status_code == 404
        assert theirs.get(at(force, call)).content == theirs.get(away).content
        for where in (at(force, call), away):
            refusal = theirs.post(f"{where}/{told.pk}/moderate", moderate, **POST)
            assert (refusal.status_code, refusal.content) == (404, theirs.get(away).content)
    told.refresh_from_db()
    assert told.grounds == ""


def test_who_broke_the_glass_reads_and_a_civilian_in_the_seat(
    force: Group, sign_in: Any, administrator: User, captain: User
) -> None:
    call = make_call(force)
    make_testimony(call)
    assert len(sign_in(make_civilian(force.group)).get(at(force, call)).json()["results"]) == 1
    for person, status in ((administrator, 200), (captain, 404)):
        BreakGlass.objects.create(
            group=force.group,
            user=person,
            reason="A court asks.",
            ends_at=timezone.now() + timedelta(hours=1),
        )
        assert sign_in(person).get(at(force, call)).status_code == status


def test_pages_hold_each_once_however_many_a_day(force: Group, sign_in: Any) -> None:
    call, member = make_call(force), sign_in(force.member)
    made = {str(make_testimony(call, on=date(2026, 11, 20 + n % 3)).pk) for n in range(25)}
    seen, where = [], f"{at(force, call)}?page_size=4"
    while where:
        page = member.get(where).json()
        seen += page["results"]
        where = page["next"]
    assert {row["id"] for row in seen} == made
    assert len(seen) == 25
    assert [(row["on"], row["id"]) for row in seen] == sorted((row["on"], row["id"]) for row in seen)


def test_a_coordinator_keeps_back_with_a_reason_and_no_longer(force: Group, sign_in: Any) -> None:
    call, coordinator = make_call(force), sign_in(force.coordinator)
    told = make_testimony(call)
    where = f"{at(force, call)}/{told.pk}/moderate"
    kept_back = {"grounds": "private", "reason": "It names a neighbor."}
    assert sign_in(force.member).post(where, kept_back, **POST).status_code == 403
    assert coordinator.post(where, {**kept_back, "reason": ""}, **POST).status_code == 400
    assert coordinator.post(where, {**kept_back, "grounds": ""}, **POST).status_code == 400
    assert coordinator.post(where, kept_back, **POST).json()["grounds"] == "private"
    assert coordinator.get(at(force, call)).json()["results"] == []
    (row,) = coordinator.get(f"{at(force, call)}?kept_back=true").json()["results"]
    assert row["reason"] == "It names a neighbor."
    assert coordinator.post(where, {"grounds": "", "reason": ""}, **POST).json()["reason"] == ""
    assert len(coordinator.get(at(force, call)).json()["results"]) == 1
    actions = list(GroupChange.objects.filter(object_id=told.pk).values_list("action", flat=True))
    assert actions == ["testimony_kept_back_no_more", "testimony_kept_back"]


def test_nothing_of_today_can_be_kept_back(
    client: DocumentedClient, force: Group, providers: Group, sign_in: Any
) -> None:
    call, coordinator = make_call(force), sign_in(force.coordinator)
    client.post(at(force, call), {"body": WORDS}, **POST)
    kept_back = {"grounds": "spam", "reason": "An advertisement."}
    told = Told.objects.get()
    assert coordinator.post(f"{at(force, call)}/{told.pk}/moderate", kept_back, **POST).status_code == 404
    elsewhere = make_testimony(make_call(providers))
    assert (
        coordinator.post(f"{at(force, call)}/{elsewhere.pk}/moderate", kept_back, **POST).status_code == 404
    )


def test_what_members_did_survives_the_laying_anew(force: Group, sign_in: Any) -> None:
    call = make_call(force)
    told = make_testimony(call, grounds="spam", reason="An advertisement.")
    theme = Theme.objects.create(group=force.group, key="stops", name="Stops")
    told.tagged.create(theme=theme)
    testimony.lay_past_days_anew(timezone.now())
    (row,) = sign_in(force.member).get(f"{at(force, call)}?kept_back=true").json()["results"]
    assert (row["body"], row["themes"], row["reason"]) == (WORDS, ["stops"], "An advertisement.")


def test_what_is_said_before(force: Group, collaborative: Group, client: DocumentedClient) -> None:
    public, other = before_telling(force.group), before_telling(collaborative.group)
    assert public[0] == other[0] == NO_STORY
    assert "public record" in " ".join(public)
    assert "no public body" in " ".join(other)
    assert client.get(HELP_PATH).status_code == 200


def tell(call: str, address: str, body: str = WORDS) -> Any:
    return DocumentedClient(REMOTE_ADDR=address).post(call, {"body": body}, **POST)


def test_one_sender_silences_nobody_else(force: Group) -> None:
    call, other = at(force, make_call(force)), "198.51.100.9"
    assert {tell(call, other, "").status_code for _ in range(61)} == {400}
    assert [tell(call, other).status_code for _ in range(21)] == [201] * 20 + [429]
    answer = tell(call, "203.0.113.5")
    assert answer.status_code == 201
    assert tell(call, other)["Retry-After"] == "60"


def test_nobody_learns_by_trying_how_many_others_told(force: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OverAll, "per_minute", 3)
    call = at(force, make_call(force))
    assert [tell(call, "203.0.113.5").status_code for _ in range(2)] == [201, 201]
    assert {tell(call, "198.51.100.9", "").status_code for _ in range(9)} == {400}
    assert [tell(call, f"198.51.100.{n}").status_code for n in range(2)] == [201, 429]


def test_demographics_are_counted_by_themselves(force: Group) -> None:
    call, describe = make_call(force), {"age": "25_to_34"}
    assert {tell(at(force, call), "203.0.113.5").status_code for _ in range(20)} == {201}
    one = DocumentedClient(REMOTE_ADDR="203.0.113.5")
    answers = [one.post(at(force, call, "demographics"), describe, **POST) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [201] * 20 + [429]


def test_addresses_are_forgotten_with_their_salt(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks: list[tuple[float, Any]] = []
    monkeypatch.setattr(throttles, "Timer", lambda seconds, run: clocks.append((seconds, run)) or Mock())
    addresses = throttles.Addresses()
    for address in ("203.0.113.5", "203.0.113.5", "198.51.100.9"):
        addresses.count("testimony", address)
    assert addresses.counted("testimony", "203.0.113.5") == 2
    assert not any(address in repr(vars(addresses)) for address in ("203.0.113.5", "198.51.100.9"))
    before = dict(addresses._counts)
    ((seconds, forget),) = clocks
    forget()
    assert (seconds, addresses._counts) == (60, {})
    addresses.count("testimony", "203.0.113.5")
    assert not before.keys() & addresses._counts.keys()  # another salt
    assert len(clocks) == 2
