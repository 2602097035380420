"""An award of a month: blind judges, exactly ten children, no name before a guardian agrees."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from backend.accounts.models import AuditRow, User
from backend.errors import DomainError
from backend.programs.judging import HONORED
from backend.programs.models import Cohort, Nomination, Program, Score
from backend.programs.people import person_index
from backend.programs.services import nominations as services
from tests.programs.factories import local, make_cohort, make_manager, make_program, make_resident

JSON = {"content_type": "application/json"}
SLUG = "do-the-right-thing"
TOLD: dict[str, Any] = {
    "relation": "teacher",
    "nominator_name": "Morgan Teacherly",
    "nominator_contact": "morgan@school.example",
    "child_name": "Alex Example",
    "born_on": "2014-05-17",
    "school": "Oak Hill Elementary School",
    "story": "ALEX gave a found purse back. Alex's mother, Pat Example, learned of it at Oak Hill from Ms. Teacherly.",
    "guardian_name": "Pat Example",
    "guardian_contact": "314-555-0142",
}
NAMES = ("alex", "example", "morgan", "teacherly", "pat", "oak", "hill")


@pytest.fixture
def month(city: None) -> Cohort:
    """December, which takes nominations until tonight."""
    return make_month()


def make_month(**fields: Any) -> Cohort:
    program = Program.objects.filter(slug=SLUG).first() or make_program(SLUG, "award", applicants="nobody")
    december = {"name": "December", "starts_on": date(2026, 12, 1), "ends_on": date(2026, 12, 31)}
    return make_cohort(program, **{**december, "closes_at": local("2026-11-23 18:00"), **fields})


@pytest.fixture
def manager(month: Cohort) -> User:
    return make_manager(month.program)


@pytest.fixture
def judges(month: Cohort) -> list[User]:
    return [make_manager(month.program, f"judge{n}@example.org", "judge") for n in range(2)]


def path(tail: str, cohort: Cohort | None = None) -> str:
    return f"/api/v1/programs/{SLUG}/" + (f"cohorts/{cohort.pk}/" if cohort else "") + tail


def one(nomination: Any, tail: str) -> str:
    return f"/api/v1/nominations/{nomination}/{tail}"


def nominate(client: Any, **changes: Any) -> Any:
    return client.post(path("nominations"), {**TOLD, **changes}, **JSON)


def make_nomination(cohort: Cohort, name: str = "Alex Example", **fields: Any) -> Nomination:
    born_on = date(2014, 5, 17)
    words = {**TOLD, "child_name": name, "born_on": str(born_on), **fields}
    return Nomination.objects.create(cohort=cohort, person_index=person_index(name, born_on), **words)


def make_judged(cohort: Cohort, judges: list[User], points: list[int]) -> list[Nomination]:
    """A child for each of `points`, which both judges gave."""
    made = [make_nomination(cohort, f"Child Number{n}") for n in range(len(points))]
    for nomination, given_points in zip(made, points, strict=True):
        give(nomination, judges, given_points)
    return made


def give(nomination: Nomination, judges: list[User], points: int) -> None:
    Score.objects.bulk_create(Score(nomination=nomination, judge=judge, points=points) for judge in judges)


def close(cohort: Cohort) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(closes_at=timezone.now() - timedelta(minutes=1))


def statuses(cohort: Cohort) -> dict[str, int]:
    found = list(cohort.nominations.values_list("status", flat=True))
    return {status: found.count(status) for status in set(found)}


# --- the walk -----------------------------------------------------------------------------------------


def test_a_teachers_child_is_judged_chosen_and_named_once_the_guardian_agrees(
    month: Cohort, manager: User, judges: list[User], client: Any, sign_in: Any
) -> None:
    first = nominate(client)
    assert first.status_code == 201, first.json()
    assert first.json() == {"id": first.json()["id"], "cohort": str(month.pk), "status": "submitted"}
    assert first["Cache-Control"] == "no-store"
    for n in range(11):
        assert nominate(client, child_name=f"Child Number{n}", guardian_name="").status_code == 201
    close(month)
    for judge in map(sign_in, judges):
        read = judge.get(path("nominations", month)).json()["results"]
        assert len(read) == 12
        for row in read:
            points = 10 if row["id"] == first.json()["id"] else 5
            answer = judge.put(one(row["id"], "score"), {"points": points}, **JSON)
            assert answer.json() == {"id": row["id"], "my_points": points}
    desk = sign_in(manager)
    chosen = desk.post(path("choose", month)).json()["chosen"]
    assert len(chosen) == HONORED
    assert chosen[0] == first.json()["id"]
    assert statuses(month) == {"chosen": 10, "not_chosen": 2}

    shown = client.get(path("honorees")).json()["results"]
    assert [(m["name"], m["chosen"], m["shown"], m["children"]) for m in shown] == [("December", 10, 0, [])]
    named = {row["id"]: row for row in desk.get(path("nominations/named", month)).json()["results"]}
    assert named[chosen[0]]["guardian_contact"] == "314-555-0142"
    answer = desk.post(one(chosen[0], "guardian"), {"guardian_name": "Pat Example", "agreed": True}, **JSON)
    assert answer.json()["guardian_agreed_at"]
    child = {"name": "Alex Example", "school": "Oak Hill Elementary School"}
    (shown,) = client.get(path("honorees"), {"cohort": str(month.pk)}).json()["results"]
    assert (shown["chosen"], shown["shown"], shown["children"]) == (10, 1, [child])

    desk.post(one(chosen[0], "guardian"), {"guardian_name": "Pat Example", "agreed": False}, **JSON)
    (shown,) = client.get(path("honorees")).json()["results"]
    assert (shown["shown"], shown["children"]) == (0, [])
    actions = AuditRow.objects.filter(actor=manager.pk).order_by("id").values_list("action", flat=True)
    assert list(actions) == ["choose", "read_names", "guardian_agreed", "guardian_refused"]
    assert AuditRow.objects.filter(action="score", actor=judges[0].pk).count() == 12


def test_one_who_was_not_chosen_is_never_named(month: Cohort, manager: User, judges: list[User]) -> None:
    made = make_judged(month, judges, [9] * 10 + [1])
    close(month)
    services.choose(cohort=month, by=manager)
    services.record_guardian(nomination=made[-1], guardian_name="Pat", agreed=True, by=manager)
    assert not Nomination.objects.honored().exists()


def test_honorees_of_months_that_are_not_decided_or_another_program(month: Cohort, client: Any) -> None:
    make_nomination(month, status="chosen", guardian_agreed_at=timezone.now())
    assert client.get(path("honorees")).json()["results"] == []
    assert client.get(path("honorees"), {"cohort": "December"}).status_code == 400
    make_program("explorers", "explorers")
    assert client.get("/api/v1/programs/explorers/honorees").status_code == 404


# --- nominating ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"born_on": "2008-12-01"}, "born_on"),  # 18 on the month's first day
        ({"born_on": "1990-05-17"}, "born_on"),
        ({"born_on": "2026-11-24"}, "born_on"),
        ({"born_on": "2015-02-29"}, "born_on"),
        ({"guardian_name": " alex  EXAMPLE"}, "guardian_name"),
        ({"nominator_name": "Alex Example"}, "nominator_name"),
        ({"story": "<b>Brave</b>"}, "story"),
        ({"child_name": "Alex <i>Example</i>"}, "child_name"),
        ({"guardian_contact": "<a href='x'>x</a>"}, "guardian_contact"),
        ({"story": "x" * 2001}, "story"),
        ({"story": " "}, "story"),
        ({"relation": "judge"}, "relation"),
        ({"school": None}, "school"),
    ],
)
def test_what_is_refused(month: Cohort, client: Any, changes: dict[str, Any], field: str) -> None:
    answer = nominate(client, **changes)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{field}"]
    assert not Nomination.objects.exists()


def test_who_is_17_on_the_first_day_may_be_named(month: Cohort, client: Any) -> None:
    assert nominate(client, born_on="2008-12-02").status_code == 201
    assert nominate(client, born_on="2026-11-23", guardian_name="").status_code == 201
    leap = nominate(client, born_on="2012-02-29")
    assert leap.status_code == 201, leap.json()
    adult = nominate(client, born_on="2008-12-01").json()["errors"][0]
    assert adult["code"] == "adult"
    assert "nomination of an adult" in adult["detail"]


def test_out_of_season_it_says_when_the_next_month_opens(month: Cohort, client: Any) -> None:
    close(month)
    answer = nominate(client)
    assert (answer.status_code, answer.json()["type"]) == (409, "not-open")
    assert "no date yet" in answer.json()["detail"]
    make_month(name="January", opens_at=local("2026-12-05 08:00"), closes_at=local("2026-12-20 18:00"))
    assert "opens Sat Dec 5, 8:00 am" in nominate(client).json()["detail"]


def test_no_month_that_is_cancelled_or_decided_takes_any(month: Cohort, client: Any) -> None:
    Cohort.objects.filter(pk=month.pk).update(cancelled_at=timezone.now())
    assert nominate(client).status_code == 409
    Cohort.objects.filter(pk=month.pk).update(cancelled_at=None, decided_at=timezone.now())
    assert nominate(client).status_code == 409


def test_another_program_and_none_are_the_same(month: Cohort, client: Any) -> None:
    make_cohort(make_program("explorers", "explorers"))
    there = client.post("/api/v1/programs/explorers/nominations", TOLD, **JSON)
    nowhere = client.post("/api/v1/programs/no-such-thing/nominations", TOLD, **JSON)
    assert (there.status_code, there.json()) == (404, nowhere.json())


def test_a_phone_that_repeats_nominates_once(month: Cohort, client: Any) -> None:
    key = {"headers": {"Idempotency-Key": "a-random-value"}}
    first = client.post(path("nominations"), TOLD, **JSON, **key)
    again = client.post(path("nominations"), TOLD, **JSON, **key)
    assert (first.status_code, again.json()) == (201, first.json())
    assert Nomination.objects.count() == 1


def test_staff_do_not_nominate(month: Cohort, judges: list[User], sign_in: Any) -> None:
    assert nominate(sign_in(judges[0])).status_code == 403
    assert not Nomination.objects.exists()


def test_nothing_of_it_is_readable_in_the_database(month: Cohort, client: Any) -> None:
    nominate(client)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM programs_nomination")
        stored = str(cursor.fetchall())
    assert not [
        # Words that chance does not spell in some hundred letters of ciphertext.
        word
        for word in ("Teacherly", "found purse", "2014-05-")
        if word in stored
    ]


# --- a resident's own ---------------------------------------------------------------------------------


def test_a_resident_sees_how_far_it_is_and_takes_it_back(
    month: Cohort, resident: User, client: Any, sign_in: Any
) -> None:
    me, neighbor = sign_in(resident), sign_in(make_resident())
    made = nominate(me).json()
    nominate(client)
    assert me.get("/api/v1/nominations").json() == [made]
    assert neighbor.get("/api/v1/nominations").json() == []
    assert neighbor.post(one(made["id"], "withdraw")).status_code == 404
    for _ in range(2):
        answer = me.post(one(made["id"], "withdraw"))
        assert (answer.status_code, answer.json()["status"]) == (200, "withdrawn")


def test_after_the_decision_it_stands(
    month: Cohort, manager: User, judges: list[User], resident: User, sign_in: Any
) -> None:
    made = make_judged(month, judges, [7] * 11)
    Nomination.objects.filter(pk__in=[made[0].pk, made[1].pk]).update(nominator=resident)
    close(month)
    assert sign_in(resident).post(one(made[1].pk, "withdraw")).json()["status"] == "withdrawn"
    services.choose(cohort=month, by=manager)
    answer = sign_in(resident).post(one(made[0].pk, "withdraw"))
    assert (answer.status_code, answer.json()["type"]) == (409, "already-decided")
    assert statuses(month) == {"chosen": 10, "withdrawn": 1}


# --- judges -------------------------------------------------------------------------------------------


def test_a_judge_reads_no_name(month: Cohort, judges: list[User], client: Any, sign_in: Any) -> None:
    nominate(client)
    answer = sign_in(judges[0]).get(path("nominations", month))
    (row,) = answer.json()["results"]
    assert row == {
        "id": row["id"],
        "age": 12,
        "relation": "teacher",
        "story": "the child gave a found purse back. the child's mother, the guardian, learned of it at the school "
        "from Ms. the nominator.",
        "my_points": None,
    }
    body = answer.content.decode().casefold().replace(row["id"], "")
    assert not [name for name in (*NAMES, "0142", "@") if name in body]
    assert answer["Cache-Control"] == "no-store"


def test_a_judge_sees_nobody_elses_points(month: Cohort, judges: list[User], sign_in: Any) -> None:
    nomination = make_nomination(month)
    close(month)
    mine, other = sign_in(judges[0]), sign_in(judges[1])
    mine.put(one(nomination.pk, "score"), {"points": 4}, **JSON)
    mine.put(one(nomination.pk, "score"), {"points": 9}, **JSON)
    assert mine.get(path("nominations", month)).json()["results"][0]["my_points"] == 9
    assert other.get(path("nominations", month)).json()["results"][0]["my_points"] is None
    assert Score.objects.count() == 1


@pytest.mark.parametrize("points", [0, 11, -1, 5.5, "many", None])
def test_points_are_from_1_to_10(month: Cohort, judges: list[User], sign_in: Any, points: Any) -> None:
    nomination = make_nomination(month)
    close(month)
    answer = sign_in(judges[0]).put(one(nomination.pk, "score"), {"points": points}, **JSON)
    assert answer.status_code == 400


def test_points_only_between_the_close_and_the_decision(
    month: Cohort, manager: User, judges: list[User], sign_in: Any
) -> None:
    made = make_judged(month, judges, [5] * 10)
    judge = sign_in(judges[0])

    def refusal(nomination: Nomination = made[0]) -> tuple[int, str]:
        answer = judge.put(one(nomination.pk, "score"), {"points": 1}, **JSON)
        return answer.status_code, answer.json()["type"]

    assert refusal() == (409, "not-closed")
    withdrawn = make_nomination(month, "Kim Other", status="withdrawn")
    erased = make_nomination(month, "Sam Other", erased_at=timezone.now())
    close(month)
    assert refusal(withdrawn) == refusal(erased) == (404, "not-found")
    assert len(judge.get(path("nominations", month)).json()["results"]) == 10
    services.choose(cohort=month, by=manager)
    assert refusal() == (409, "already-decided")
    assert set(Score.objects.values_list("points", flat=True)) == {5}


def test_seats_decide_who_judges_and_who_reads_names(
    month: Cohort, manager: User, judges: list[User], captain: User, resident: User, sign_in: Any
) -> None:
    nomination = make_nomination(month)
    close(month)
    elsewhere = make_manager(make_program("another-award", "award"), "far@example.org", "judge")
    former = judges[1]
    former.program_seats.update(until=timezone.localdate() - timedelta(days=1))
    guardian = {"guardian_name": "Pat", "agreed": True}
    for user, reads, scores, manages, asks in (
        (judges[0], 200, 200, 403, 404),
        (manager, 403, 404, 200, 200),
        (former, 403, 404, 403, 404),
        (elsewhere, 403, 404, 403, 404),
        (captain, 403, 404, 403, 404),
        (resident, 403, 403, 403, 403),
    ):
        them = sign_in(user)
        assert them.get(path("nominations", month)).status_code == reads, user
        assert them.put(one(nomination.pk, "score"), {"points": 5}, **JSON).status_code == scores, user
        named = them.get(path("nominations/named", month))
        assert named.status_code == manages, user
        assert ("Alex" in named.content.decode()) == (manages == 200), user
        assert them.post(path("choose", month)).status_code == (409 if manages == 200 else 403), user
        assert them.post(one(nomination.pk, "guardian"), guardian, **JSON).status_code == asks, user
    assert AuditRow.objects.filter(action="read_names").count() == 1


def test_an_administrator_reads_names_and_does_not_judge(month: Cohort, sign_in: Any) -> None:
    chief = User.objects.create_user(kind="staff", email="chief@example.org", is_administrator=True)
    make_nomination(month)
    assert len(sign_in(chief).get(path("nominations/named", month)).json()["results"]) == 1
    assert sign_in(chief).get(path("nominations", month)).status_code == 403


def test_a_month_of_another_program_is_not_there(month: Cohort, manager: User, sign_in: Any) -> None:
    other = make_cohort(make_program("another-award", "award"))
    for tail in ("nominations", "nominations/named"):
        assert sign_in(manager).get(path(tail, other)).status_code == 404
    assert sign_in(manager).post(path("choose", other)).status_code == 404


# --- guardians ----------------------------------------------------------------------------------------


def test_a_guardian_is_not_the_child_and_plain_text(month: Cohort, manager: User, sign_in: Any) -> None:
    nomination, desk = make_nomination(month), sign_in(manager)
    for name in ("ALEX example", "<b>Pat</b>", ""):
        answer = desk.post(one(nomination.pk, "guardian"), {"guardian_name": name, "agreed": True}, **JSON)
        assert answer.status_code == 400
    Nomination.objects.filter(pk=nomination.pk).update(status="withdrawn")
    answer = desk.post(one(nomination.pk, "guardian"), {"guardian_name": "Pat", "agreed": True}, **JSON)
    assert (answer.status_code, answer.json()["type"]) == (409, "withdrawn")
    nomination.refresh_from_db()
    assert nomination.guardian_agreed_at is None


# --- choosing -----------------------------------------------------------------------------------------


def choice(manager: User, cohort: Cohort, sign_in: Any) -> tuple[int, str]:
    answer = sign_in(manager).post(path("choose", cohort))
    return answer.status_code, answer.json().get("type", "")


def test_refused_while_open_with_too_few_and_when_decided(
    month: Cohort, manager: User, judges: list[User], sign_in: Any
) -> None:
    made = make_judged(month, judges, [5] * 9)
    assert choice(manager, month, sign_in) == (409, "not-closed")
    close(month)
    half = make_nomination(month, "Half Judged")
    give(half, judges[:1], 10)
    again = make_nomination(month, made[0].child_name)  # the same child, from somebody else
    give(again, judges, 10)
    gone = make_nomination(month, "Gone Child", status="withdrawn")
    give(gone, judges, 10)
    assert choice(manager, month, sign_in) == (409, "too-few")
    assert set(statuses(month)) == {"submitted", "withdrawn"}
    give(half, judges[1:], 1)
    assert choice(manager, month, sign_in) == (200, "")
    assert choice(manager, month, sign_in) == (409, "already-decided")
    assert statuses(month) == {"chosen": 10, "not_chosen": 1, "withdrawn": 1}
    again.refresh_from_db()
    assert again.status == "chosen"  # the better of the two
    children = month.nominations.filter(status="chosen").values_list("person_index", flat=True)
    assert len(set(children)) == HONORED


def test_nobody_is_chosen_in_a_cancelled_month_or_one_without_an_end(
    month: Cohort, manager: User, judges: list[User], sign_in: Any
) -> None:
    make_judged(month, judges, [5] * 10)
    Cohort.objects.filter(pk=month.pk).update(closes_at=None)
    assert choice(manager, month, sign_in) == (409, "not-closed")
    Cohort.objects.filter(pk=month.pk).update(cancelled_at=timezone.now())
    assert sign_in(manager).post(path("choose", month)).status_code == 404


def test_ties_go_by_a_hash_that_anybody_can_redo(month: Cohort, manager: User, judges: list[User]) -> None:
    made = make_judged(month, judges, [8] * 14)
    close(month)
    chosen = services.choose(cohort=month, by=manager)
    by_hash = sorted(made, key=lambda n: hashlib.sha256(f"{month.id} {n.id}".encode()).hexdigest())
    assert [n.pk for n in chosen] == [n.pk for n in by_hash[:10]]


def test_two_managers_at_once_choose_once(real_city: None) -> None:
    month = make_month(closes_at=timezone.now() - timedelta(minutes=1))
    managers = [make_manager(month.program, f"manager{n}@example.org") for n in range(4)]
    judges = [make_manager(month.program, f"judge{n}@example.org", "judge") for n in range(2)]
    make_judged(month, judges, [7] * 15)
    together = Barrier(len(managers))

    def act(manager: User) -> str:
        try:
            together.wait(10)
            return str(len(services.choose(cohort=month, by=manager)))
        except DomainError as refusal:
            return refusal.type
        finally:
            connection.close()

    with ThreadPoolExecutor(len(managers)) as pool:
        answers = sorted(pool.map(act, managers))
    assert answers == ["10"] + ["already-decided"] * 3
    assert statuses(month) == {"chosen": 10, "not_chosen": 5}
    assert AuditRow.objects.filter(action="choose").count() == 1


# --- the end ------------------------------------------------------------------------------------------


def test_words_and_names_end_and_the_number_stays(
    month: Cohort, manager: User, judges: list[User], resident: User, client: Any
) -> None:
    made = make_judged(month, judges, [9] * 10 + [1])
    Nomination.objects.update(nominator=resident, guardian_agreed_at=timezone.now())
    close(month)
    services.choose(cohort=month, by=manager)
    last_day = local("2026-12-31 12:00")
    assert services.erase_old(last_day + timedelta(days=90)) == 0
    assert services.erase_old(last_day + timedelta(days=91)) == 1
    assert services.erase_old(last_day + timedelta(days=91)) == 0
    gone = Nomination.objects.get(pk=made[-1].pk)
    assert {getattr(gone, name) for name in (*services.NAMES, "story")} == {""}
    assert gone.nominator is None
    assert gone.erased_at is not None
    assert gone.person_index != made[-1].person_index
    assert not gone.scores.exists()
    assert services.erase_old(last_day + timedelta(days=730)) == 0
    assert client.get(path("honorees")).json()["results"][0]["shown"] == 10
    assert services.erase_old(last_day + timedelta(days=731)) == 10
    (shown,) = client.get(path("honorees")).json()["results"]
    assert (shown["chosen"], shown["shown"]) == (10, 0)
    assert not Score.objects.exists()


def test_what_an_account_takes_along_and_leaves(month: Cohort, resident: User, sign_in: Any) -> None:
    nominate(sign_in(resident))
    (mine,) = json.loads(json.dumps(services.export_of(resident)))
    assert (mine["program"], mine["child_name"], mine["status"]) == (SLUG, "Alex Example", "submitted")
    assert services.part_from(make_resident()) == []
    (ending,) = services.part_from(resident)
    assert ending.fate == "kept"
    left = Nomination.objects.get()
    assert (left.nominator, left.nominator_contact) == (None, "")
    assert services.export_of(resident) == []


def test_a_month_passes(month: Cohort, client: Any) -> None:
    with time_machine.travel(local("2026-11-23 17:59")):
        assert nominate(client).status_code == 201
    with time_machine.travel(local("2026-11-23 18:00")):
        assert nominate(client).status_code == 409
