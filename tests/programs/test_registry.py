"""The bike and scooter registry: private serial numbers, hand-over by code, and a text when one is found."""

import json
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from backend.accounts.models import AuditRow, IdempotencyKey, User
from backend.notifications.models import Message
from backend.notifications.worker import work_once
from backend.programs.models import ItemChange, RegisteredItem
from backend.programs.serials import plain_serial
from backend.programs.services import registry
from backend.roster.models import Assignment
from tests.conftest import MORNING
from tests.notifications.conftest import from_twilio, text_in, twilio  # noqa: F401
from tests.notifications.fakes import FakeTransport
from tests.programs.factories import make_resident

JSON = {"content_type": "application/json"}
ITEMS = "/api/v1/registry/items"
CLAIM, LOOKUP = "/api/v1/registry/claim", "/api/v1/registry/lookup"
BIKE = {"kind": "bike", "decal": 4512, "serial": "wtu-1o2 i3", "make": "Trek", "color": "blue"}
PHONE = "+13142000000"
WHY = "Leaned on a fence for two days."
DESK = {"words": "North Patrol, front desk, until Friday."}


def register(me: Any, status: int = 201, **changes: Any) -> dict[str, Any]:
    answer = me.post(ITEMS, {**BIKE, **changes}, **JSON)
    assert answer.status_code == status, answer.content
    made: dict[str, Any] = answer.json()
    return made


def post(client: Any, item: dict[str, Any], what: str, body: dict[str, Any] | None = None) -> Any:
    return client.post(f"{ITEMS}/{item['id']}/{what}", body or {}, **JSON)


def look_up(client: Any, **body: Any) -> Any:
    return client.post(LOOKUP, {"reason": WHY, **body}, **JSON)


def actions(item: dict[str, Any]) -> list[str]:
    return list(ItemChange.objects.filter(item=item["id"]).values_list("action", flat=True))


def audited(action: str) -> list[tuple[Any, ...]]:
    rows = AuditRow.objects.filter(action=action, object_type="programs.RegisteredItem").order_by("pk")
    return [(row.actor, row.object_id, row.fields, row.reason) for row in rows]


@pytest.fixture
def me(city: None, resident: User, sign_in: Any) -> Any:
    return sign_in(resident)


@pytest.fixture
def neighbor(city: None, sign_in: Any) -> Any:
    return sign_in(make_resident("neighbor@example.org"))


# --- one's own ------------------------------------------------------------------------------------------


def test_a_resident_registers_a_bike_and_reads_it_again(me: Any, neighbor: Any) -> None:
    made = register(me)
    assert (made["status"], made["serial"]) == ("registered", BIKE["serial"])
    assert [(c["action"], c["words"]) for c in made["changes"]] == [("registered", "")]
    read = me.get(f"{ITEMS}/{made['id']}")
    assert (read.json(), read["Cache-Control"]) == (made, "no-store")
    listed = me.get(ITEMS)
    assert listed["Cache-Control"] == "no-store"
    assert listed.json() == [{k: v for k, v in made.items() if k not in ("serial", "changes")}]
    assert neighbor.get(ITEMS).json() == []


def test_a_serial_number_is_not_stored_in_the_clear(me: Any) -> None:
    made = register(me)
    with connection.cursor() as cursor:
        cursor.execute("SELECT serial, serial_index FROM programs_registereditem")
        stored = cursor.fetchone()
    assert made["serial"] not in str(stored)
    assert plain_serial(made["serial"]) not in str(stored)


def test_a_repeat_of_the_phone_registers_once(me: Any) -> None:
    key = {"headers": {"Idempotency-Key": "a-random-value"}, **JSON}
    first, second = me.post(ITEMS, BIKE, **key), me.post(ITEMS, BIKE, **key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert (first.json(), second["Idempotency-Replayed"]) == (second.json(), "true")
    assert RegisteredItem.objects.count() == IdempotencyKey.objects.count() == 1
    assert me.post(ITEMS, {**BIKE, "decal": 1}, **key).status_code == 422


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "car"}, "/kind"),
        ({"decal": 0}, "/decal"),
        ({"decal": 2**31}, "/decal"),
        ({"decal": "12a"}, "/decal"),
        ({"serial": "1-2"}, "/serial"),
        ({"serial": "1" * 41}, "/serial"),
        ({"serial": "<i>123</i>"}, "/serial"),
        ({"make": "<b>Trek</b>"}, "/make"),
        ({"make": " "}, "/make"),
        ({"make": "x" * 61}, "/make"),
        ({"color": "<script>"}, "/color"),
        ({"color": "x" * 41}, "/color"),
    ],
)
def test_what_cannot_be_registered(me: Any, change: dict[str, Any], field: str) -> None:
    refused = register(me, 400, **change)
    assert [e["pointer"] for e in refused["errors"]] == [field]
    assert not RegisteredItem.objects.exists()


def test_a_decal_and_a_serial_number_are_registered_once(me: Any, neighbor: Any) -> None:
    register(me)
    decal = register(neighbor, 409, serial="another one")
    assert decal["type"] == "decal-taken"
    assert "another decal" in decal["detail"]
    serial = register(neighbor, 409, decal=4513, serial="WTU 1-02 13")
    assert serial["type"] == "serial-taken"
    assert "transfer code" in serial["detail"]
    assert "ask the program" in serial["detail"]
    assert RegisteredItem.objects.count() == 1


def test_a_person_has_at_most_twenty(me: Any, neighbor: Any) -> None:
    items = [register(me, decal=n, serial=f"serial {n}") for n in range(1, 21)]
    assert register(me, 409)["type"] == "too-many-items"
    theirs = register(neighbor)
    code = post(neighbor, theirs, "transfer").json()["code"]
    assert me.post(CLAIM, {"code": code}, **JSON).json()["type"] == "too-many-items"
    assert me.delete(f"{ITEMS}/{items[0]['id']}").status_code == 204
    assert me.post(CLAIM, {"code": code}, **JSON).status_code == 200


def test_stolen_and_back_again_with_repeats(me: Any) -> None:
    bike = register(me)
    for what, status in [("recovered", "registered"), ("stolen", "stolen"), ("stolen", "stolen")]:
        assert post(me, bike, what).json()["status"] == status
    back = post(me, bike, "recovered").json()
    assert (back["status"], [c["action"] for c in back["changes"]]) == (
        "registered",
        ["registered", "stolen", "recovered"],
    )


def test_deleting_frees_both_numbers(me: Any, neighbor: Any) -> None:
    bike = register(me)
    assert me.delete(f"{ITEMS}/{bike['id']}").status_code == 204
    assert me.delete(f"{ITEMS}/{bike['id']}").status_code == 404
    assert not ItemChange.objects.exists()
    register(neighbor)


@pytest.mark.parametrize(
    ("method", "tail"),
    [("get", ""), ("delete", ""), ("post", "/stolen"), ("post", "/recovered"), ("post", "/transfer")],
)
def test_what_another_resident_has_is_not_there(me: Any, neighbor: Any, method: str, tail: str) -> None:
    bike = register(me)
    theirs = getattr(neighbor, method)(f"{ITEMS}/{bike['id']}{tail}")
    nothing = getattr(neighbor, method)(f"{ITEMS}/{uuid.uuid4()}{tail}")
    assert (theirs.status_code, theirs.content) == (404, nothing.content)
    assert actions(bike) == ["registered"]
    assert me.get(f"{ITEMS}/{bike['id']}").json() == bike


def test_staff_have_nothing_of_their_own_and_strangers_nothing_at_all(
    me: Any, officer: User, client: Any, sign_in: Any
) -> None:
    bike, staff = register(me), sign_in(officer)
    for status, who in [(403, staff), (401, client)]:
        assert who.get(ITEMS).status_code == status
        assert who.post(ITEMS, BIKE, **JSON).status_code == status
        assert who.post(CLAIM, {"code": "A"}, **JSON).status_code == status
        assert who.get(f"{ITEMS}/{bike['id']}").status_code == status
        assert who.delete(f"{ITEMS}/{bike['id']}").status_code == status
        for what in ("stolen", "recovered", "transfer"):
            assert post(who, bike, what).status_code == status
    assert look_up(client, decal=4512).status_code == 401
    assert post(client, bike, "found", DESK).status_code == 401


# --- handing on -----------------------------------------------------------------------------------------


def test_a_bike_goes_to_its_next_owner_by_code(me: Any, neighbor: Any) -> None:
    bike = register(me)
    offered = post(me, bike, "transfer")
    assert (offered.status_code, offered["Cache-Control"]) == (201, "no-store")
    code = offered.json()["code"]
    assert code.replace("-", "") not in str(RegisteredItem.objects.values().get())
    got = neighbor.post(CLAIM, {"code": f" {code.lower().replace('-', ' ')} "}, **JSON)
    assert got.status_code == 200
    assert (got.json()["id"], got.json()["serial"]) == (bike["id"], BIKE["serial"])
    assert [c["action"] for c in got.json()["changes"]] == ["registered", "transferred"]
    assert me.get(ITEMS).json() == []
    assert me.get(f"{ITEMS}/{bike['id']}").status_code == 404
    assert [item["id"] for item in neighbor.get(ITEMS).json()] == [bike["id"]]
    assert register(me, 409, decal=1)["type"] == "serial-taken"


def test_wrong_used_replaced_and_expired_codes_get_one_answer(me: Any, neighbor: Any) -> None:
    bike = register(me)
    with time_machine.travel(MORNING, tick=False) as clock:
        replaced, good = (post(me, bike, "transfer").json()["code"] for _ in range(2))
        claim = [neighbor.post(CLAIM, {"code": code}, **JSON) for code in ("AAAAA-AAAAA", "-", replaced)]
        clock.shift(timedelta(days=7))
        claim.append(neighbor.post(CLAIM, {"code": good}, **JSON))
        last = post(me, bike, "transfer").json()["code"]
        clock.shift(timedelta(days=7, seconds=-1))
        assert neighbor.post(CLAIM, {"code": last}, **JSON).status_code == 200
        claim.append(neighbor.post(CLAIM, {"code": last}, **JSON))
    assert {(answer.status_code, answer.content) for answer in claim} == {(404, claim[0].content)}
    assert neighbor.post(CLAIM, {"code": " "}, **JSON).status_code == 400


def test_a_code_cannot_be_guessed_at_speed(me: Any) -> None:
    answers = [me.post(CLAIM, {"code": f"AAAAA-AAA{n}"}, **JSON).status_code for n in range(31)]
    assert answers == [404] * 30 + [429]


def test_ones_own_code_does_nothing(me: Any, neighbor: Any) -> None:
    code = post(me, register(me), "transfer").json()["code"]
    answer = me.post(CLAIM, {"code": code}, **JSON)
    assert (answer.status_code, answer.json()["type"]) == (409, "already-yours")
    assert neighbor.post(CLAIM, {"code": code}, **JSON).status_code == 200


def test_what_is_stolen_is_not_handed_on(me: Any, neighbor: Any) -> None:
    bike = register(me)
    code = post(me, bike, "transfer").json()["code"]
    post(me, bike, "stolen")
    assert neighbor.post(CLAIM, {"code": code}, **JSON).status_code == 404
    answer = post(me, bike, "transfer")
    assert (answer.status_code, answer.json()["type"]) == (409, "not-in-hand")
    post(me, bike, "recovered")
    assert neighbor.post(CLAIM, {"code": code}, **JSON).status_code == 404
    assert post(me, bike, "transfer").status_code == 201


# --- staff ----------------------------------------------------------------------------------------------


def test_staff_find_a_bike_by_either_number_and_learn_nothing_of_its_owner(
    me: Any, liaison: User, sign_in: Any
) -> None:
    bike, staff = register(me), sign_in(liaison)
    shown = {k: v for k, v in bike.items() if k not in ("serial", "changes")}
    for number, field in [({"serial": "WTU IO2-13"}, "serial"), ({"decal": 4512}, "decal")]:
        found = look_up(staff, **number)
        assert (found.status_code, found.json()) == (200, shown)
        assert found["Cache-Control"] == "no-store"
        assert audited("look_up")[-1] == (liaison.pk, bike["id"], [field], WHY)
    assert actions(bike) == ["registered"]


def test_a_look_up_that_finds_nothing_is_audited_too(officer: User, sign_in: Any) -> None:
    staff = sign_in(officer)
    assert look_up(staff, serial="ABC 123").status_code == 404
    assert look_up(staff, decal=7).status_code == 404
    assert audited("look_up") == [(officer.pk, "", ["serial"], WHY), (officer.pk, "", ["decal"], WHY)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "/serial"),
        ({"serial": "ABC 123", "decal": 7}, "/serial"),
        ({"serial": "A-1"}, "/serial"),
        ({"decal": 2**31}, "/decal"),
        ({"decal": 7, "reason": " "}, "/reason"),
        ({"decal": 7, "reason": "x" * 501}, "/reason"),
    ],
)
def test_a_look_up_names_one_number_and_a_reason(
    officer: User, sign_in: Any, body: dict[str, Any], field: str
) -> None:
    answer = look_up(sign_in(officer), **body)
    assert answer.status_code == 400
    assert [e["pointer"] for e in answer.json()["errors"]] == [field]
    assert audited("look_up") == []


def test_only_staff_with_a_post_today_or_administrators(
    me: Any, officer: User, outsider: User, sign_in: Any
) -> None:
    bike = register(me)
    chief = User.objects.create_user(kind=User.Kind.STAFF, email="chief@example.org", is_administrator=True)
    for user in (officer, outsider, chief):
        assert look_up(sign_in(user), decal=4512).status_code == 200
    yesterday = timezone.localdate() - timedelta(days=1)
    Assignment.objects.filter(staff_member__user=officer).update(ends_on=yesterday)
    Assignment.objects.filter(staff_member__user=outsider).update(starts_on=date(2026, 11, 24))
    for client in (sign_in(officer), sign_in(outsider), me):
        assert look_up(client, decal=4512).status_code == 403
        assert look_up(client, decal=1).status_code == 403
        assert post(client, bike, "found", DESK).status_code == 403
        assert post(client, {"id": uuid.uuid4()}, "found", DESK).status_code == 403
    assert (len(audited("look_up")), audited("report_found")) == (3, [])


def test_the_owner_is_told_by_text_where_a_found_bike_is(
    city: None,
    liaison: User,
    sign_in: Any,
    text_in: Any,  # noqa: F811
) -> None:
    me, staff, transport = sign_in(make_resident(phone=PHONE)), sign_in(liaison), FakeTransport()
    bike = register(me)
    register(me, decal=1, serial="another")

    def texts() -> list[str]:
        while work_once(transport):
            pass
        return [text.body for text in transport.texts if text.to == PHONE]

    (asked,) = texts()  # once, for all that is registered
    assert "YES" in asked
    assert "you will get texts" in text_in("YES", PHONE)
    post(me, bike, "stolen")
    found = post(staff, bike, "found", DESK)
    assert (found.status_code, found.json()["status"]) == (200, "found")
    assert "serial" not in found.json()
    _, told = texts()
    assert not any(word in told for word in ("bike", "North Patrol", "4512"))
    assert audited("report_found") == [(liaison.pk, bike["id"], ["status"], "")]
    assert post(staff, bike, "found", DESK).status_code == 200  # a repeat
    assert (len(texts()), len(audited("report_found"))) == (2, 1)
    read = me.get(f"{ITEMS}/{bike['id']}").json()
    assert [(c["action"], c["words"]) for c in read["changes"][1:]] == [
        ("stolen", ""),
        ("found", DESK["words"]),
    ]
    assert set(read["changes"][2]) == {"action", "words", "at"}  # not by whom
    post(staff, bike, "found", {"words": "It is at the property room now."})
    assert len(texts()) == 3
    assert post(me, bike, "recovered").json()["status"] == "registered"


def test_an_owner_without_a_phone_reads_it_in_the_app(me: Any, officer: User, sign_in: Any) -> None:
    bike = register(me)
    assert post(sign_in(officer), bike, "found", DESK).status_code == 200
    assert me.get(f"{ITEMS}/{bike['id']}").json()["changes"][-1]["words"] == DESK["words"]
    assert not Message.objects.filter(notice__kind="program_update").exists()


@pytest.mark.parametrize("words", ["", " ", "<a href=x>here</a>", "x" * 301])
def test_what_is_found_says_in_plain_words_where(me: Any, officer: User, sign_in: Any, words: str) -> None:
    bike = register(me)
    answer = post(sign_in(officer), bike, "found", {"words": words})
    assert [e["pointer"] for e in answer.json()["errors"]] == ["/words"]
    assert (answer.status_code, actions(bike)) == (400, ["registered"])
    assert post(sign_in(officer), {"id": uuid.uuid4()}, "found", DESK).status_code == 404


def test_the_export_holds_what_a_person_has(me: Any, neighbor: Any, resident: User) -> None:
    bike = register(me)
    register(neighbor, decal=1, serial="another")
    (kept,) = registry.export_of(resident)
    assert kept.items() >= {**BIKE, "id": bike["id"], "status": "registered"}.items()
    assert [(c["action"], c["words"]) for c in kept["changes"]] == [("registered", "")]
    assert json.loads(json.dumps(kept)) == kept
