"""Asking for a place: who may, what is sent, what becomes of it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.models import AuditRow, User
from backend.notifications.models import Message
from backend.programs.models import Application, Cohort, Form, Program
from tests.conftest import DocumentedClient
from tests.programs.factories import make_application, make_cohort, make_manager, make_program, make_resident

pytestmark = pytest.mark.django_db

ADULT = {"name": "Alex Example", "born_on": "1990-05-17"}
CHILD = {"name": "Sam Example", "born_on": "2012-05-17"}
GUARDIAN = {"name": "Pat Example", "contact": "pat@example.org"}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "why": {"type": "string", "maxLength": 200},
        "allergies": {"type": "string", "maxLength": 200, "x-closed": True},
        "shirt": {"type": "string", "enum": ["S", "M", "L"]},
    },
    "required": ["why"],
}


@pytest.fixture
def academy(city: None) -> Program:
    rules = [("age", 18, None), ("resident_or_business", None, None), ("participation", None, 1)]
    return make_program(rules=rules)


@pytest.fixture
def cohort(academy: Program) -> Cohort:
    return make_cohort(academy, places=1)


@pytest.fixture
def manager(academy: Program) -> User:
    return make_manager(academy)


def body(cohort: Cohort, participant: dict[str, Any] = ADULT, **more: Any) -> dict[str, Any]:
    return {
        "program": cohort.program.slug,
        "cohort": str(cohort.pk),
        "participant": {"lives_in_city": True, **participant},
        **more,
    }


def apply(client: Any, cohort: Cohort, participant: dict[str, Any] = ADULT, **more: Any) -> Any:
    return client.post(
        "/api/v1/applications", body(cohort, participant, **more), content_type="application/json"
    )


def post(client: Any, path: str, **values: Any) -> Any:
    return client.post(f"/api/v1/{path}", values, content_type="application/json")


# --- may I? -------------------------------------------------------------------------------------------


def may_i(client: Any, program: str = "citizens-academy", **said: Any) -> Any:
    answer = post(client, f"programs/{program}/eligibility", **said)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_may_i_says_why_not_and_from_when(client: DocumentedClient, cohort: Cohort) -> None:
    asked = {"born_on": "2009-02-28", "lives_in_city": True}
    told = may_i(client, **asked)
    assert (told["answer"], told["possible_from"]) == ("no", "2027-02-28")
    assert may_i(client, born_on="1990-05-17", lives_in_city=True)["answer"] == "yes"
    unknown = may_i(client)
    assert unknown["answer"] == "tell_us_more"
    assert {f["rule"] for f in unknown["findings"] if f["is_met"] is None} == {
        *("age", "resident_or_business", "participation")
    }
    elsewhere = may_i(client, born_on="1990-05-17", lives_in_city=False, owns_business=False)
    assert (elsewhere["answer"], elsewhere["possible_from"]) == ("no", None)
    assert may_i(client, born_on="1990-05-17", lives_in_city=False, owns_business=True)["answer"] == "yes"


def test_an_address_tells_whether_it_is_in_the_city(client: DocumentedClient, cohort: Cohort) -> None:
    assert may_i(client, born_on="1990-05-17", address="1915 Olive St")["answer"] == "yes"
    assert post(client, "programs/citizens-academy/eligibility", address="1 Nowhere Rd").status_code == 404


def test_a_birthday_on_29_february(client: DocumentedClient, academy: Program) -> None:
    turns = date(2027, 3, 1)  # 18 years after 29 February 2009, in a common year
    before = make_cohort(academy, name="A", starts_on=turns - timedelta(days=1), ends_on=turns)
    after = make_cohort(academy, name="B", starts_on=turns, ends_on=turns)
    asked = {"born_on": "2009-02-28", "lives_in_city": True}
    assert may_i(client, cohort=str(before.pk), **asked)["answer"] == "yes"
    leap = asked | {"born_on": "2008-02-29"}
    assert may_i(client, cohort=str(before.pk), **leap)["answer"] == "yes"
    # 2010 is no leap year; who was born on 29 February 2008 is 18 from 1 March 2026.
    early = make_cohort(academy, name="C", starts_on=date(2026, 2, 28), ends_on=date(2027, 3, 1))
    late = make_cohort(academy, name="D", starts_on=date(2026, 3, 1), ends_on=date(2027, 3, 1))
    assert may_i(client, cohort=str(early.pk), **leap)["answer"] == "no"
    assert may_i(client, cohort=str(early.pk), **leap)["possible_from"] == "2026-03-01"
    assert may_i(client, cohort=str(late.pk), **leap)["answer"] == "yes"
    assert may_i(client, cohort=str(after.pk), **leap)["answer"] == "yes"


# --- applying -----------------------------------------------------------------------------------------


def test_the_whole_way(cohort: Cohort, manager: User, sign_in: Any) -> None:
    client, staff = sign_in(make_resident()), sign_in(manager)
    made = apply(client, cohort)
    assert made.status_code == 201, made.content
    path = f"applications/{made.json()['id']}"
    handled = f"programs/citizens-academy/{path}"
    assert (made.json()["status"], made["Cache-Control"]) == ("submitted", "no-store")
    listed = staff.get("/api/v1/programs/citizens-academy/applications").content.decode()
    assert made.json()["id"] in listed
    assert "Alex" not in listed
    assert post(staff, f"{handled}/review").status_code == 200
    asked = post(staff, f"{handled}/ask", words="Which street do you live in?")
    assert asked.json()["status"] == "action_needed"
    assert client.get(f"/api/v1/{path}").json()["timeline"][-1]["words"] == "Which street do you live in?"
    assert post(client, f"{path}/answer", words="Olive Street").json()["status"] == "under_review"
    accepted = post(staff, f"{handled}/accept")
    assert (accepted.json()["status"], accepted.json()["has_place"]) == ("accepted", True)
    moves = [line["move"] for line in client.get(f"/api/v1/{path}").json()["timeline"]]
    assert moves == ["submit", "review", "ask", "answer", "accept"]
    read = AuditRow.objects.filter(action="read", object_id=made.json()["id"])
    assert read.exists()
    assert post(staff, f"{handled}/complete").json()["type"] == "not-begun"


def test_a_move_out_of_turn_is_refused(cohort: Cohort, manager: User, sign_in: Any) -> None:
    client, staff = sign_in(make_resident()), sign_in(manager)
    handled = f"programs/citizens-academy/applications/{apply(client, cohort).json()['id']}"
    for move in ("accept", "waitlist", "decline", "complete", "no-show", "ask"):
        extra = {"words": "Because."} | ({"code": "other"} if move == "decline" else {})
        assert post(staff, f"{handled}/{move}", **extra).status_code == 409, move
    post(staff, f"{handled}/review")
    assert post(staff, f"{handled}/decline", code="other").json()["errors"][0]["pointer"] == "/words"
    assert post(staff, f"{handled}/decline", words="No.").json()["errors"][0]["pointer"] == "/code"
    declined = post(staff, f"{handled}/decline", code="not_cleared", words="Your check did not clear.")
    assert declined.json()["status"] == "declined"
    assert post(staff, f"{handled}/withdraw").status_code == 404
    assert post(client, f"applications/{handled.rpartition('/')[2]}/withdraw").status_code == 409


def test_who_applies_once_and_again_after_withdrawing(cohort: Cohort, sign_in: Any) -> None:
    client = sign_in(make_resident())
    first = apply(client, cohort)
    again = apply(client, cohort, ADULT | {"name": "  alex  EXAMPLE "})
    assert (again.status_code, again.json()["type"]) == (409, "applied-already")
    other = sign_in(make_resident("second@example.org"))
    assert apply(other, cohort).json()["type"] == "applied-already"  # another account, the same person
    assert post(client, f"applications/{first.json()['id']}/withdraw").json()["status"] == "withdrawn"
    assert post(client, f"applications/{first.json()['id']}/withdraw").status_code == 200
    assert apply(client, cohort).status_code == 201


def test_a_repeat_with_the_same_key_is_one_application(cohort: Cohort, sign_in: Any) -> None:
    client = sign_in(make_resident())
    headers = {"Idempotency-Key": "phone-1234567"}
    answers = [
        client.post("/api/v1/applications", body(cohort), content_type="application/json", headers=headers)
        for _ in range(2)
    ]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert Application.objects.count() == 1


def test_who_is_not_eligible_hears_why(cohort: Cohort, sign_in: Any) -> None:
    client = sign_in(make_resident())
    young = apply(client, cohort, ADULT | {"born_on": "2012-05-17"})
    assert (young.status_code, young.json()["type"]) == (422, "not-eligible")
    assert young.json()["findings"][0]["from_on"] == "2030-05-17"
    silent = apply(client, cohort, {"name": "Alex Example"})
    assert silent.json()["type"] == "tell-us-more"
    assert Application.objects.count() == 0


def test_what_nobody_confirmed_takes_no_applications(cohort: Cohort, sign_in: Any) -> None:
    client = sign_in(make_resident())
    Program.objects.update(verified_on=timezone.localdate() - timedelta(days=366))
    assert apply(client, cohort).json()["type"] == "not-confirmed"
    shown = client.get("/api/v1/programs/citizens-academy").json()
    assert (shown["status"], bool(shown["notice"])) == ("unconfirmed", True)


def test_before_it_opens_and_after_it_closes(academy: Program, sign_in: Any) -> None:
    client, now = sign_in(make_resident()), timezone.now()
    later = make_cohort(academy, opens_at=now + timedelta(days=2))
    assert apply(client, later).json()["type"] == "not-open"
    over = make_cohort(academy, closes_at=now - timedelta(hours=1))
    assert apply(client, over).json()["type"] == "not-open"
    off = make_cohort(academy, cancelled_at=now)
    assert apply(client, off).status_code == 404


# --- minors and guardians -----------------------------------------------------------------------------


@pytest.fixture
def camp(city: None) -> Cohort:
    camp = make_program("summer-camp", "camp", rules=[("age", 8, 14), ("guardian", None, 18)])
    Form.objects.create(program=camp, number=1, schema=SCHEMA)
    return make_cohort(camp, mode="first_come", places=2)


def test_a_minor_needs_a_guardian_who_is_somebody_else(camp: Cohort, sign_in: Any) -> None:
    child = sign_in(make_resident("sam@example.org", phone="+13145550142"))
    answers = {"why": "Fun"}
    refused = [
        apply(child, camp, CHILD, answers=answers, **more)
        for more in (
            {},
            {"guardian": {"name": "SAM  example", "contact": "pat@example.org"}},
            {"guardian": {"name": "Pat Example", "contact": "(314) 555-0142"}},
            {"guardian": {"name": "Pat Example", "contact": "Sam@Example.org"}},
        )
    ]
    assert [answer.status_code for answer in refused] == [400] * 4
    assert [answer.json()["errors"][0]["pointer"] for answer in refused] == [
        *("/guardian", "/guardian/name", "/guardian/contact", "/guardian/contact")
    ]
    assert apply(child, camp, CHILD, answers=answers, guardian=GUARDIAN).status_code == 201


def test_a_guardian_applies_for_two_children(camp: Cohort, sign_in: Any) -> None:
    parent = sign_in(make_resident("pat@example.org"))
    for name in ("Sam Example", "Kim Example"):
        made = apply(
            parent,
            camp,
            CHILD | {"name": name},
            is_for_self=False,
            guardian=GUARDIAN,
            answers={"why": "Fun", "allergies": "Peanuts"},
        )
        assert made.json()["status"] == "accepted", made.content
    assert len(parent.get("/api/v1/applications").json()["results"]) == 2


def test_closed_answers_are_read_with_a_reason_alone(camp: Cohort, sign_in: Any) -> None:
    parent, staff = sign_in(make_resident()), sign_in(make_manager(camp.program))
    answers = {"why": "Fun", "allergies": "Peanuts"}
    made = apply(parent, camp, CHILD, is_for_self=False, guardian=GUARDIAN, answers=answers).json()
    assert made["answers"] == answers
    handled = f"programs/summer-camp/applications/{made['id']}"
    shown = staff.get(f"/api/v1/{handled}")
    assert b"Peanuts" not in shown.content
    assert shown.json()["has_closed_answers"] is True
    assert post(staff, f"{handled}/closed-answers").status_code == 400
    told = post(staff, f"{handled}/closed-answers", reason="Lunch is ordered.")
    assert told.json() == {"answers": {"allergies": "Peanuts"}}
    assert AuditRow.objects.get(action="read closed answers").reason == "Lunch is ordered."


# --- forms --------------------------------------------------------------------------------------------


def test_answers_are_held_against_the_form(camp: Cohort, sign_in: Any) -> None:
    parent = sign_in(make_resident())
    for answers, pointer, code in [
        ({}, "/answers/why", "required"),
        ({"why": "x" * 201}, "/answers/why", "maxLength"),
        ({"why": 5}, "/answers/why", "type"),
        ({"why": "Fun", "shirt": "XXL"}, "/answers/shirt", "enum"),
        ({"why": "Fun", "more": "x"}, "/answers/more", "unknown"),
        ({"why": "<b>Fun</b>"}, "/answers/why", "markup"),
    ]:
        refused = apply(parent, camp, CHILD, is_for_self=False, guardian=GUARDIAN, answers=answers)
        assert refused.status_code == 400, answers
        assert refused.json()["errors"][0] | {"detail": ""} == {
            "pointer": pointer,
            "code": code,
            "detail": "",
        }
    huge = apply(parent, camp, CHILD, is_for_self=False, guardian=GUARDIAN, answers={"why": "x" * 1_000_000})
    assert huge.status_code == 413
    large = apply(parent, camp, CHILD, is_for_self=False, guardian=GUARDIAN, answers={"why": "x" * 30_000})
    assert large.status_code == 400


def test_an_older_app_is_served_or_told_what_is_missing(camp: Cohort, sign_in: Any) -> None:
    parent, staff = sign_in(make_resident()), sign_in(make_manager(camp.program))
    newer = SCHEMA | {"required": ["why", "shirt"]}
    published = post(staff, "programs/summer-camp/forms", schema=newer, accept_former_until=None)
    assert (published.status_code, published.json()["version"]) == (201, 2)
    family = {"is_for_self": False, "guardian": GUARDIAN}
    old = apply(parent, camp, CHILD, form_version=1, answers={"why": "Fun"}, **family)
    assert old.json()["form_version"] == 1  # and stays with the version it was made with
    Form.objects.filter(number=1).update(accepted_until=timezone.now())
    kim = CHILD | {"name": "Kim Example"}
    expired = apply(parent, camp, kim, form_version=1, answers={"why": "Fun"}, **family)
    assert (expired.status_code, expired.json()["type"], expired.json()["form_version"]) == (
        *(400, "form-expired", 2),
    )
    assert [e["pointer"] for e in expired.json()["errors"]] == ["/answers/shirt"]
    fits = apply(parent, camp, kim, form_version=1, answers={"why": "Fun", "shirt": "S"}, **family)
    assert fits.json()["form_version"] == 2
    unknown = apply(parent, camp, kim, form_version=9, answers={}, **family)
    assert unknown.json()["errors"][0]["pointer"] == "/form_version"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array"},
        SCHEMA | {"additionalProperties": True},
        SCHEMA | {"$ref": "https://example.org/x"},
        SCHEMA | {"properties": {"why": {"type": "string", "pattern": "(a+)+$", "maxLength": 9}}},
        SCHEMA | {"properties": {"why": {"type": "string"}}},
        SCHEMA | {"properties": {"why": {"type": "object"}}},
        SCHEMA | {"properties": {"why": {"type": "nonsense"}}},
        SCHEMA | {"properties": {"why": 5}},
        SCHEMA | {"required": ["elsewhere"]},
        {"type": 7},
    ],
)
def test_a_form_that_phones_cannot_show_is_refused(camp: Cohort, sign_in: Any, schema: Any) -> None:
    staff = sign_in(make_manager(camp.program))
    refused = post(staff, "programs/summer-camp/forms", schema=schema, accept_former_until=None)
    assert refused.status_code == 400, refused.content
    assert refused.json()["errors"][0]["pointer"] == "/schema"
    assert camp.program.forms.count() == 1


# --- places and the line ------------------------------------------------------------------------------


def test_first_come_first_served_and_the_line_moves_up(camp: Cohort, sign_in: Any) -> None:
    parent = sign_in(make_resident())
    made = [
        apply(
            parent,
            camp,
            CHILD | {"name": f"Child {n}"},
            is_for_self=False,
            guardian=GUARDIAN,
            answers={"why": "Fun"},
        ).json()
        for n in range(4)
    ]
    assert [m["status"] for m in made] == ["accepted", "accepted", "waitlisted", "waitlisted"]
    assert [m["ahead"] for m in made] == [None, None, 0, 1]
    post(parent, f"applications/{made[0]['id']}/withdraw")
    states = [parent.get(f"/api/v1/applications/{m['id']}").json()["status"] for m in made]
    assert states == ["withdrawn", "accepted", "accepted", "waitlisted"]
    staff = sign_in(make_manager(camp.program))
    more = staff.patch(
        f"/api/v1/programs/summer-camp/cohorts/{camp.pk}", {"places": 3}, content_type="application/json"
    )
    assert (more.json()["given"], more.json()["waiting"]) == (3, 0)
    fewer = staff.patch(
        f"/api/v1/programs/summer-camp/cohorts/{camp.pk}", {"places": 1}, content_type="application/json"
    )
    assert (fewer.status_code, fewer.json()["type"]) == (409, "places-given")


def test_in_a_review_staff_choose_and_no_more_than_there_are(
    cohort: Cohort, manager: User, sign_in: Any
) -> None:
    staff = sign_in(manager)
    ids = []
    for n in range(2):
        client = sign_in(make_resident(f"r{n}@example.org"))
        ids.append(apply(client, cohort, ADULT | {"name": f"Person {n}"}).json()["id"])
        post(staff, f"programs/citizens-academy/applications/{ids[n]}/review")
    assert post(staff, f"programs/citizens-academy/applications/{ids[1]}/accept").status_code == 200
    full = post(staff, f"programs/citizens-academy/applications/{ids[0]}/accept")
    assert (full.status_code, full.json()["type"]) == (409, "no-place")
    assert post(staff, f"programs/citizens-academy/applications/{ids[0]}/waitlist").status_code == 200
    post(client, f"applications/{ids[1]}/withdraw")
    assert Application.objects.get(pk=ids[0]).status == "accepted"


def test_a_place_is_kept_while_records_are_checked(city: None, sign_in: Any) -> None:
    program = make_program("police-explorers", "explorers", rules=[("screening", None, None)])
    cohort = make_cohort(program, mode="first_come", places=1)
    staff, clients = sign_in(make_manager(program)), []
    ids = []
    for n in range(2):
        clients.append(sign_in(make_resident(f"r{n}@example.org")))
        ids.append(apply(clients[n], cohort, {"name": f"Person {n}"}).json()["id"])
    first, second = (f"programs/police-explorers/applications/{one}" for one in ids)
    assert clients[0].get(f"/api/v1/applications/{ids[0]}").json()["missing"] == ["screening"]
    post(staff, f"{first}/review")
    assert post(staff, f"{first}/accept").json()["type"] == "not-ready"
    checked = staff.put(f"/api/v1/{first}/screening", {"cleared": False}, content_type="application/json")
    assert (checked.json()["screening"], checked.json()["status"]) == ("not_cleared", "under_review")
    post(staff, f"{first}/decline", code="not_cleared", words="The check did not clear.")
    kept = staff.get(f"/api/v1/{second}").json()
    assert (kept["status"], kept["has_place"]) == ("under_review", True)
    cleared = staff.put(f"/api/v1/{second}/screening", {"cleared": True}, content_type="application/json")
    assert cleared.json()["status"] == "accepted"


def test_calling_an_intake_off_tells_everybody(camp: Cohort, sign_in: Any) -> None:
    parent, staff = sign_in(make_resident()), sign_in(make_manager(camp.program))
    family = {"is_for_self": False, "guardian": GUARDIAN, "answers": {"why": "Fun"}}
    made = apply(parent, camp, CHILD, **family).json()
    off = post(staff, f"programs/summer-camp/cohorts/{camp.pk}/cancel", reason="The hall has no roof.")
    assert off.json()["is_cancelled"] is True
    mine = parent.get(f"/api/v1/applications/{made['id']}").json()
    assert (mine["status"], mine["timeline"][-1]["words"]) == ("declined", "The hall has no roof.")
    assert mine["timeline"][-1]["code"] == "called_off"
    again = post(staff, f"programs/summer-camp/cohorts/{camp.pk}/cancel", reason="Again.")
    assert again.status_code == 404


# --- walls --------------------------------------------------------------------------------------------


def test_an_application_is_its_applicants_and_its_programs_staffs(
    cohort: Cohort, manager: User, liaison: User, officer: User, sign_in: Any, client: DocumentedClient
) -> None:
    made = apply(sign_in(make_resident()), cohort).json()["id"]
    neighbor = sign_in(make_resident("neighbor@example.org"))
    there = neighbor.get(f"/api/v1/applications/{made}")
    missing = neighbor.get(f"/api/v1/applications/{cohort.pk}")
    assert (there.status_code, there.content) == (404, missing.content)
    other = make_program("do-good", "training")
    outsiders = [liaison, officer, make_manager(other, "other@example.org")]
    outsiders.append(make_manager(cohort.program, "judge@example.org", role="judge"))
    for user in outsiders:
        staff = sign_in(user)
        for path in ("", f"/{made}"):
            answer = staff.get(f"/api/v1/programs/citizens-academy/applications{path}")
            assert answer.status_code == 403, (user.email, path)
        assert staff.get(f"/api/v1/applications/{made}").status_code == 403
        assert post(staff, f"programs/citizens-academy/applications/{made}/review").status_code == 403
    through_another = sign_in(outsiders[2]).get(f"/api/v1/programs/do-good/applications/{made}")
    assert through_another.status_code == 404
    assert client.get("/api/v1/programs/citizens-academy/applications").status_code == 401
    manager.program_seats.update(until=timezone.localdate() - timedelta(days=1))
    assert sign_in(manager).get("/api/v1/programs/citizens-academy/applications").status_code == 403


def test_nobody_applies_where_others_choose(city: None, sign_in: Any) -> None:
    cohort = make_cohort(make_program("cops-4-kids", "gifts", applicants="nobody"))
    assert apply(sign_in(make_resident()), cohort).json()["type"] == "no-applications"


def test_a_text_says_update_and_no_more(cohort: Cohort, manager: User, sign_in: Any) -> None:
    resident = make_resident(phone="+13145550142")
    made = apply(sign_in(resident), cohort).json()["id"]
    post(sign_in(manager), f"programs/citizens-academy/applications/{made}/review")
    texts = Message.objects.filter(notice__kind="program_update").select_related("notice")
    assert [t.notice.body for t in texts] == ["Roll Call: there is an update. {link}"]


# --- what a program gives out -------------------------------------------------------------------------


def test_the_last_lock_goes_to_one_and_comes_back(city: None, sign_in: Any) -> None:
    program = make_program("anti-theft-devices", "supplies", rules=[("resident", None, None)])
    lock = program.supplies.create(name="Scooter lock", stock=1)
    cohort = make_cohort(program, mode="first_come", name="Saturday, 10 to 11")
    clients = [sign_in(make_resident(f"r{n}@example.org")) for n in range(2)]
    made = [
        apply(client, cohort, {"name": f"Person {n}"}, supply=str(lock.pk)).json()
        for n, client in enumerate(clients)
    ]
    assert [m["status"] for m in made] == ["accepted", "waitlisted"]
    shown = clients[0].get("/api/v1/programs/anti-theft-devices").json()["supplies"]
    assert shown[0]["stock"] == 0
    third = sign_in(make_resident("third@example.org"))
    assert apply(third, cohort, {"name": "Third"}).json()["errors"][0]["pointer"] == "/supply"
    elsewhere = apply(third, cohort, {"name": "Third", "lives_in_city": False}, supply=str(lock.pk))
    assert elsewhere.json()["type"] == "not-eligible"
    post(clients[0], f"applications/{made[0]['id']}/withdraw")
    assert Application.objects.get(pk=made[1]["id"]).status == "accepted"
    staff = sign_in(make_manager(program))
    path = f"/api/v1/supplies/{lock.pk}/stock"
    assert staff.put(path, {"stock": 5}, content_type="application/json").json()["stock"] == 5


def test_what_people_think_is_said_once_and_afterwards(cohort: Cohort, sign_in: Any) -> None:
    resident = make_resident()
    done = make_application(cohort, resident, status="completed")
    client = sign_in(resident)
    assert post(client, f"applications/{done.pk}/feedback", rating=6).status_code == 400
    assert post(client, f"applications/{done.pk}/feedback", rating=5, comment="Good").json()["rating"] == 5
    assert post(client, f"applications/{done.pk}/feedback", rating=1).json()["type"] == "rated-already"
    open_one = make_application(make_cohort(cohort.program), resident, name="Other")
    assert post(client, f"applications/{open_one.pk}/feedback", rating=1).json()["type"] == "not-completed"
