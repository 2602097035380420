"""Crime strategies: for the area's leaders and the staff who serve there, and nobody else."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from backend.accounts.models import AuditRow, IdempotencyKey, User
from backend.programs.models import Leader, Strategy
from backend.programs.services import community
from backend.roster.models import Assignment
from tests.programs.factories import make_resident

JSON = {"content_type": "application/json"}
LIST, LEADERS = "/api/v1/strategies", "/api/v1/leaders"
SENT = {"area": "slmpd-district-4", "title": "Car break-ins", "text": "More light.\nMore patrols on foot."}
PLACE = {"area": "slmpd-district-4", "organisation": "Soulard Restoration Group"}


@pytest.fixture
def administrator(city: None) -> User:
    return User.objects.create_user(kind=User.Kind.STAFF, email="admin@example.org", is_administrator=True)


def invite(staff: Any, area: str = "slmpd-district-4") -> dict[str, Any]:
    answer = staff.post(LEADERS, {**PLACE, "area": area}, **JSON)
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def join(client: Any, code: str) -> Any:
    return client.post(f"{LEADERS}/join", {"code": code}, **JSON)


def publish(staff: Any, **change: Any) -> dict[str, Any]:
    made: dict[str, Any] = staff.post(LIST, {**SENT, **change}, **JSON).json()
    return made


def titles(client: Any) -> list[str]:
    return [row["title"] for row in client.get(LIST).json()["results"]]


# --- strategies ---------------------------------------------------------------------------------------


def test_a_strategy_reaches_the_leaders_of_its_area_and_nobody_else(
    client: Any, captain: User, outsider: User, administrator: User, resident: User, sign_in: Any
) -> None:
    staff, admin = sign_in(captain), sign_in(administrator)
    near, far = sign_in(make_resident("near@example.org")), sign_in(make_resident("far@example.org"))
    join(near, invite(staff)["code"])
    join(far, invite(admin, "slmpd-district-2")["code"])
    answer = staff.post(LIST, SENT, **JSON)
    made = answer.json()
    one = f"{LIST}/{made['id']}"
    assert (answer.status_code, answer["Location"], answer["Cache-Control"]) == (201, one, "no-store")
    assert {name: made[name] for name in SENT} == SENT
    for reader in (near, staff, admin):
        shown = reader.get(one)
        assert (shown.json(), shown["Cache-Control"]) == (made, "no-store")
        listed = reader.get(LIST)
        row = {name: value for name, value in made.items() if name != "text"}
        assert (listed.json()["results"], listed["Cache-Control"]) == ([row], "no-store")
    for other in (far, sign_in(resident), sign_in(outsider)):
        assert titles(other) == []
        hidden = other.get(one)
        assert hidden.status_code == 404
        assert hidden.json() == other.get(f"{LIST}/{Strategy().pk}").json()
    assert client.get(LIST).status_code == client.get(one).status_code == 401
    assert AuditRow.objects.get(action="strategy_published").actor == captain.pk


def test_a_withdrawn_strategy_is_for_staff_alone(captain: User, outsider: User, sign_in: Any) -> None:
    staff, leader = sign_in(captain), sign_in(make_resident())
    join(leader, invite(staff)["code"])
    one = f"{LIST}/{publish(staff)['id']}"
    assert leader.post(f"{one}/withdraw", **JSON).status_code == 403
    assert sign_in(outsider).post(f"{one}/withdraw", **JSON).status_code == 404
    assert titles(leader) == ["Car break-ins"]
    assert staff.post(f"{one}/withdraw", **JSON).json()["withdrawn_at"]
    assert titles(leader) == []
    assert leader.get(one).status_code == 404
    assert titles(staff) == ["Car break-ins"]
    again = staff.post(f"{one}/withdraw", **JSON)
    assert (again.status_code, again.json()["type"]) == (409, "already-withdrawn")
    assert AuditRow.objects.filter(action="strategy_withdrawn").count() == 1


def test_an_ended_leader_sees_nothing_from_then_on(captain: User, outsider: User, sign_in: Any) -> None:
    staff, leader = sign_in(captain), sign_in(make_resident())
    place = invite(staff)
    join(leader, place["code"])
    made = publish(staff)
    end = f"{LEADERS}/{place['id']}/end"
    assert leader.post(end, **JSON).status_code == 403
    assert sign_in(outsider).post(end, **JSON).status_code == 404
    assert titles(leader) == ["Car break-ins"]
    ended = staff.post(end, **JSON).json()
    assert (ended["has_joined"], bool(ended["ended_at"])) == (True, True)
    assert titles(leader) == []
    assert leader.get(f"{LIST}/{made['id']}").status_code == 404
    again = staff.post(end, **JSON)
    assert (again.status_code, again.json()["type"]) == (409, "already-ended")
    assert AuditRow.objects.get(action="leader_ended").actor == captain.pk


def test_staff_see_no_more_when_their_post_ends(captain: User, sign_in: Any) -> None:
    staff = sign_in(captain)
    made = publish(staff)
    Assignment.objects.filter(staff_member__user=captain).update(
        ends_on=timezone.localdate() - timedelta(days=1)
    )
    assert titles(staff) == []
    assert staff.get(f"{LIST}/{made['id']}").status_code == 404
    assert staff.post(f"{LIST}/{made['id']}/withdraw", **JSON).status_code == 404


def test_who_publishes_where(
    client: Any, captain: User, outsider: User, resident: User, administrator: User, sign_in: Any
) -> None:
    far = {**SENT, "area": "slmpd-district-2"}
    assert client.post(LIST, SENT, **JSON).status_code == 401
    for user, sent in [(resident, SENT), (outsider, SENT), (captain, far)]:
        assert sign_in(user).post(LIST, sent, **JSON).status_code == 403
    assert sign_in(administrator).post(LIST, far, **JSON).status_code == 201
    assert Strategy.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"area": "nowhere"}, "/area"),
        ({"title": ""}, "/title"),
        ({"title": "x" * 121}, "/title"),
        ({"title": "<b>Now</b>"}, "/title"),
        ({"text": "<script>x</script>"}, "/text"),
        ({"text": "x" * 20_001}, "/text"),
    ],
)
def test_what_is_no_strategy(captain: User, sign_in: Any, change: dict[str, Any], pointer: str) -> None:
    answer = sign_in(captain).post(LIST, {**SENT, **change}, **JSON)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_the_newest_is_first_page_by_page(captain: User, sign_in: Any) -> None:
    staff = sign_in(captain)
    made = [publish(staff, title=f"Plan {n}")["id"] for n in range(3)]
    address, seen = f"{LIST}?page_size=2", []
    while address:
        page = staff.get(address).json()
        seen += [row["id"] for row in page["results"]]
        address = page["next"]
    assert seen == made[::-1]
    assert staff.get(f"{LIST}?cursor=x").status_code == 400


def test_a_repeat_publishes_once_and_a_code_is_kept_nowhere(captain: User, sign_in: Any) -> None:
    staff = sign_in(captain)
    key = {"Idempotency-Key": "a-random-key"}
    first, second = (staff.post(LIST, SENT, headers=key, **JSON) for _ in range(2))
    assert (first.json(), second["Idempotency-Replayed"]) == (second.json(), "true")
    assert second["Cache-Control"] == "no-store"
    codes = {staff.post(LEADERS, PLACE, headers=key, **JSON).json()["code"] for _ in range(2)}
    assert len(codes) == 2
    assert (Strategy.objects.count(), Leader.objects.count()) == (1, 2)
    assert IdempotencyKey.objects.count() == 1


# --- the leaders' list ----------------------------------------------------------------------------------


def test_a_code_is_shown_once_and_opens_the_list_once(captain: User, resident: User, sign_in: Any) -> None:
    staff, me = sign_in(captain), sign_in(resident)
    answer = staff.post(LEADERS, PLACE, **JSON)
    made = answer.json()
    assert answer["Cache-Control"] == "no-store"
    assert re.fullmatch(r"([A-Z2-7]{4}-){3}[A-Z2-7]{4}", made["code"])
    row = Leader.objects.get()
    assert made["code"].replace("-", "") not in row.code_hash.upper()
    assert row.invited_by == captain
    listed = staff.get(f"{LEADERS}?area=slmpd-district-4").json()
    assert [(r["organisation"], r["has_joined"]) for r in listed] == [(PLACE["organisation"], False)]
    assert "code" not in listed[0]
    typed = made["code"].lower().replace("-", " ").replace("o", "0").replace("i", "1")
    joined = join(me, typed)
    assert joined.json() == PLACE
    assert joined["Cache-Control"] == "no-store"
    shown = staff.get(f"{LEADERS}?area=slmpd-district-4")
    assert [r["has_joined"] for r in shown.json()] == [True]
    assert str(resident.pk) not in shown.content.decode()
    assert AuditRow.objects.get(action="leader_invited").actor == captain.pk
    assert not AuditRow.objects.filter(actor=resident.pk).exists()


def test_wrong_used_and_ended_codes_are_one_answer(captain: User, resident: User, sign_in: Any) -> None:
    staff, me = sign_in(captain), sign_in(resident)
    used, ended = invite(staff), invite(staff)
    join(sign_in(make_resident()), used["code"])
    staff.post(f"{LEADERS}/{ended['id']}/end", **JSON)
    answers = [join(me, code) for code in (used["code"], ended["code"], "AAAA-BBBB-CCCC-DDDD", "-")]
    assert {(a.status_code, a.content) for a in answers} == {(404, answers[0].content)}
    assert not Leader.objects.filter(user=resident).exists()
    assert [row["id"] for row in staff.get(f"{LEADERS}?area=slmpd-district-4").json()] == [used["id"]]


def test_joining_is_for_residents_and_not_for_guessing(
    client: Any, captain: User, resident: User, sign_in: Any
) -> None:
    staff, me = sign_in(captain), sign_in(resident)
    code = invite(staff)["code"]
    assert join(client, code).status_code == 401
    assert join(staff, code).status_code == 403
    for sent in ({}, {"code": ""}, {"code": "A" * 41}):
        assert me.post(f"{LEADERS}/join", sent, **JSON).status_code == 400
    cache.clear()
    answers = [join(me, "AAAA-BBBB-CCCC-DDDD") for _ in range(31)]
    assert [a.status_code for a in answers] == [404] * 30 + [429]
    assert join(me, code).status_code == 429


def test_a_repeated_join_gets_the_first_answer(captain: User, resident: User, sign_in: Any) -> None:
    me, code = sign_in(resident), invite(sign_in(captain))["code"]
    key = {"Idempotency-Key": "a-random-key"}
    first, second = (me.post(f"{LEADERS}/join", {"code": code}, headers=key, **JSON) for _ in range(2))
    assert (first.status_code, second.status_code, second.json()) == (200, 200, PLACE)


def test_the_list_is_for_staff_of_the_area(
    client: Any, captain: User, outsider: User, resident: User, sign_in: Any
) -> None:
    staff = sign_in(captain)
    near, far = f"{LEADERS}?area=slmpd-district-4", f"{LEADERS}?area=slmpd-district-2"
    assert (client.get(near).status_code, client.post(LEADERS, PLACE, **JSON).status_code) == (401, 401)
    for user, path, area in [
        (resident, near, "slmpd-district-4"),
        (outsider, near, "slmpd-district-4"),
        (captain, far, "slmpd-district-2"),
    ]:
        assert sign_in(user).get(path).status_code == 403
        assert sign_in(user).post(LEADERS, {**PLACE, "area": area}, **JSON).status_code == 403
    assert staff.get(near).json() == []
    assert staff.get(LEADERS).status_code == 400
    assert staff.get(f"{LEADERS}?area=nowhere").status_code == 400
    assert staff.post(LEADERS, {**PLACE, "organisation": "<b>Us</b>"}, **JSON).status_code == 400
    assert staff.post(LEADERS, {**PLACE, "organisation": ""}, **JSON).status_code == 400
    assert staff.post(f"{LEADERS}/{Leader().pk}/end", **JSON).status_code == 404
    assert not Leader.objects.exists()


# --- one person -----------------------------------------------------------------------------------------


def test_a_leader_takes_their_part_along_and_leaves(captain: User, resident: User, sign_in: Any) -> None:
    staff, me = sign_in(captain), sign_in(resident)
    assert (community.export_of(resident), community.part_from(resident)) == ([], [])
    join(me, invite(staff)["code"])
    (mine,) = community.export_of(resident)
    assert (mine["area"], mine["organisation"], mine["ended_at"]) == (*PLACE.values(), None)
    publish(staff)
    (ending,) = community.part_from(resident)
    assert (ending.what, ending.fate) == ("your places on leaders' lists", "deleted")
    assert (titles(me), Leader.objects.count()) == ([], 0)


def test_a_deleted_account_leaves_no_leader(captain: User, resident: User, sign_in: Any) -> None:
    staff, me = sign_in(captain), sign_in(resident)
    join(me, invite(staff)["code"])
    assert me.delete("/api/v1/me").status_code == 200
    assert staff.get(f"{LEADERS}?area=slmpd-district-4").json() == []
