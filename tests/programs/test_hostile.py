"""What people try: several tickets in one draw, borrowed names, yesterday's waiver, a place after the fact."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.accounts.models import AuditRow, User
from backend.feedback.concerns.models import Concern
from backend.programs.models import Application, Cohort, Program, RideSlot
from backend.programs.people import is_name, plain_name
from backend.programs.services import moving
from backend.prune import prune
from backend.roster.models import Area
from tests.conftest import DocumentedClient
from tests.programs.factories import (
    local,
    make_application,
    make_cohort,
    make_manager,
    make_program,
    make_resident,
)
from tests.programs.test_applications import CHILD, GUARDIAN, apply, post
from tests.programs.test_rides import RIDER, offer, ride
from tests.programs.test_waivers import sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def rides(city: None) -> Program:
    return make_program("slmpd-ride-along", "ride_along", rules=[("participation", None, 1)])


@pytest.fixture
def month(rides: Program) -> Cohort:
    return make_cohort(rides, name="December", mode="first_come", starts_in=8, days=30)


@pytest.fixture
def staff(rides: Program, sign_in: Any) -> Any:
    return sign_in(make_manager(rides))


# --- one person, one chance ---------------------------------------------------------------------------


def test_one_account_has_one_ticket_whatever_the_spelling(month: Cohort, sign_in: Any) -> None:
    Cohort.objects.update(mode="draw", seed_hash="0" * 64)
    me = sign_in(make_resident())
    assert apply(me, month, RIDER).status_code == 201
    for name, born_on in [("Alexander Example", "1990-05-17"), ("Alex Example", "1991-01-01")]:
        again = apply(me, month, {"name": name, "born_on": born_on})
        assert (again.status_code, again.json()["type"]) == (409, "applied-already")
    grown_up = apply(me, month, RIDER | {"name": "Other"}, is_for_self=False, guardian=GUARDIAN)
    assert grown_up.json()["errors"][0]["pointer"] == "/participant/born_on"


def test_one_account_asks_for_a_family_and_not_for_a_school(city: None, sign_in: Any) -> None:
    camp = make_cohort(make_program("camp", "camp", rules=[("guardian", None, 18)]), mode="first_come")
    me = sign_in(make_resident())
    family = {"is_for_self": False, "guardian": GUARDIAN}
    made = [apply(me, camp, CHILD | {"name": f"Child {n}"}, **family) for n in range(8)]
    assert [answer.status_code for answer in made] == [201] * 6 + [409] * 2
    assert made[-1].json()["type"] == "too-many"


def test_whom_staff_declined_does_not_come_back_by_applying_again(city: None, sign_in: Any) -> None:
    program = make_program("police-explorers", "explorers", rules=[("screening", None, None)])
    cohort = make_cohort(program, mode="first_come", places=1)
    me, staff = sign_in(make_resident()), sign_in(make_manager(program))
    handled = f"programs/police-explorers/applications/{apply(me, cohort, RIDER).json()['id']}"
    post(staff, f"{handled}/review")
    post(staff, f"{handled}/decline", code="not_cleared", words="The check did not clear.")
    for name in ("Alex Example", "Alexander Example"):
        again = apply(me, cohort, RIDER | {"name": name})
        assert (again.status_code, again.json()["type"]) == (409, "declined-already")


@pytest.mark.parametrize(
    "name", ["ALEX  example", "Aléx Example", "Alex\u00a0Example", "Alex Exam\u0301ple", "Alex-Example"]
)
def test_a_name_is_the_same_however_it_is_written(name: str) -> None:
    assert plain_name(name).replace(" ", "") == plain_name("Alex Example").replace(" ", "")


@pytest.mark.parametrize(
    "name",
    ["", "   ", "1234", "Alex\u200bExample", "Alex\u202eelpmaxE", "Alex\x01", "\u200b", "Alex\ufffe", "…"],
)
def test_what_is_no_name_is_refused(month: Cohort, sign_in: Any, name: str) -> None:
    assert not is_name(name)
    refused = apply(sign_in(make_resident()), month, RIDER | {"name": name})
    assert refused.json()["errors"][0]["pointer"] == "/participant/name"


def test_a_name_is_one_line_in_every_document(month: Cohort, sign_in: Any) -> None:
    forged = RIDER | {"name": "Alex Example\nWitness: Sgt. Nobody"}
    made = apply(sign_in(make_resident()), month, forged).json()
    assert made["participant"] == "Alex Example Witness: Sgt. Nobody"


def test_once_a_year_is_once_also_with_a_new_account(month: Cohort, sign_in: Any) -> None:
    first = make_resident()
    make_application(month, first, status="completed")
    sign_in(first).delete("/api/v1/me")
    assert not User.objects.filter(pk=first.pk).exists()
    again = apply(sign_in(make_resident("again@example.org")), month, RIDER)
    assert (again.status_code, again.json()["type"]) == (409, "applied-already")


def test_nobody_learns_of_another_persons_ride(month: Cohort, rides: Program, sign_in: Any) -> None:
    """By name and birthday one could ask of anybody; the answer has no date, and is the same for both."""
    make_application(month, make_resident(), status="completed")
    live = make_cohort(rides, name="Next", mode="review", starts_in=20, days=5)
    make_application(live, make_resident("b@example.org"), name="Bo Example")
    stranger = sign_in(make_resident("nosy@example.org"))
    took_part = apply(stranger, live, RIDER)
    applied = apply(stranger, live, RIDER | {"name": "Bo Example"})
    assert (took_part.status_code, took_part.content) == (409, applied.content)
    assert "20" not in took_part.json()["detail"]


# --- places -------------------------------------------------------------------------------------------


def test_a_kept_place_that_nobody_signs_for_goes_on(
    month: Cohort, staff: Any, sign_in: Any, now: Any
) -> None:
    waiver = post(staff, "programs/slmpd-ride-along/waivers", text="At my own risk.").json()
    offer(staff, month, ride())
    silent, waits = sign_in(make_resident()), sign_in(make_resident("b@example.org"))
    first = apply(silent, month, RIDER).json()
    second = apply(waits, month, RIDER | {"name": "Bo"}).json()
    assert (first["has_place"], second["status"]) == (True, "waitlisted")
    now.shift(timedelta(days=7, minutes=-1))
    moving.lapse_unsigned(timezone.now())
    assert Application.objects.get(pk=first["id"]).has_place
    now.shift(timedelta(minutes=2))
    moving.lapse_unsigned(timezone.now())
    rows = {str(a.pk): a for a in Application.objects.all()}
    assert (rows[first["id"]].status, rows[first["id"]].has_place) == ("waitlisted", False)
    assert (rows[second["id"]].status, rows[second["id"]].has_place) == ("under_review", True)
    assert rows[first["id"]].turn > rows[second["id"]].turn
    waits = sign_in(User.objects.get(email_index=rows[second["id"]].applicant.email_index))
    sign(waits, f"applications/{second['id']}", waiver["sha256"], name="Bo", signed_at=str(timezone.now()))
    moving.lapse_unsigned(timezone.now() + timedelta(days=30))
    assert Application.objects.get(pk=second["id"]).status == "accepted"


def test_who_may_not_does_not_stand_in_the_way(
    rides: Program, month: Cohort, staff: Any, sign_in: Any
) -> None:
    other = make_cohort(rides, name="Other", mode="first_come", starts_in=8, days=30)
    slot = offer(staff, month, ride()).json()["ids"][0]
    offer(staff, other, ride(area="slmpd-beat-401"))
    holder, both, third = (sign_in(make_resident(f"{n}@example.org")) for n in "abc")
    held = apply(holder, month, RIDER).json()
    blocked = apply(both, month, RIDER | {"name": "Bo"}).json()
    assert apply(both, other, RIDER | {"name": "Bo"}).json()["status"] == "accepted"
    waiting = apply(third, month, RIDER | {"name": "Cy"}).json()
    assert (blocked["status"], waiting["status"]) == ("waitlisted", "waitlisted")
    post(holder, f"applications/{held['id']}/withdraw")
    assert Application.objects.get(pk=waiting["id"]).status == "accepted"
    assert Application.objects.get(pk=blocked["id"]).status == "waitlisted"
    assert str(Application.objects.get(pk=waiting["id"]).slot_id) == slot


def test_a_higher_quota_is_for_who_waits(rides: Program, month: Cohort, staff: Any, sign_in: Any) -> None:
    rides.rules.create(kind="places_a_month", high=1, words="One a month.")
    offer(staff, month, ride(), ride(day="2026-12-09"))
    clients = [sign_in(make_resident(f"{n}@example.org")) for n in range(2)]
    made = [apply(me, month, RIDER | {"name": f"Rider {n}x"}).json() for n, me in enumerate(clients)]
    assert [m["status"] for m in made] == ["accepted", "waitlisted"]
    raised = staff.put(
        "/api/v1/programs/slmpd-ride-along/rules/places_a_month",
        {"words": "Two a month.", "low": None, "high": 2},
        content_type="application/json",
    )
    assert raised.status_code == 200, raised.content
    assert Application.objects.get(pk=made[1]["id"]).status == "accepted"


def test_a_line_for_one_item_is_no_line_for_another(city: None, sign_in: Any) -> None:
    program = make_program("locks", "supplies")
    gone, there = (program.supplies.create(name=name, stock=stock) for name, stock in (("A", 0), ("B", 5)))
    cohort = make_cohort(program, mode="first_come")
    clients = [sign_in(make_resident(f"{n}@example.org")) for n in range(2)]
    waits = apply(clients[0], cohort, RIDER, supply=str(gone.pk)).json()
    gets = apply(clients[1], cohort, RIDER | {"name": "Bo"}, supply=str(there.pk)).json()
    assert (waits["status"], gets["status"]) == ("waitlisted", "accepted")


def test_what_is_over_is_not_given_back(city: None, sign_in: Any, now: Any) -> None:
    program = make_program("locks", "supplies")
    lock = program.supplies.create(name="Lock", stock=1)
    day = make_cohort(program, mode="first_come", starts_in=3, days=0)
    resident = make_resident()
    path = f"applications/{apply(sign_in(resident), day, RIDER, supply=str(lock.pk)).json()['id']}"
    now.shift(timedelta(days=3, hours=1))
    assert post(sign_in(resident), f"{path}/withdraw").json()["type"] == "already-begun"
    lock.refresh_from_db()
    assert lock.stock == 0


# --- rides and draws ----------------------------------------------------------------------------------


def test_a_new_ride_after_a_cancelled_one_needs_the_waiver_of_today(
    month: Cohort, staff: Any, sign_in: Any
) -> None:
    first = post(staff, "programs/slmpd-ride-along/waivers", text="At my own risk.").json()
    slot, _ = offer(staff, month, ride(), ride(day="2026-12-09")).json()["ids"]
    me = sign_in(make_resident())
    path = f"applications/{apply(me, month, RIDER).json()['id']}"
    sign(me, path, first["sha256"], name="Alex Example")
    second = post(staff, "programs/slmpd-ride-along/waivers", text="At my own risk!").json()
    post(staff, f"rides/{slot}/cancel", reason="Called away.")
    mine = me.get(f"/api/v1/{path}").json()
    assert (mine["status"], mine["has_place"], mine["ride"], mine["missing"]) == (
        *("under_review", True, None),
        ["waiver"],
    )
    sign(me, path, second["sha256"], name="Alex Example")
    mine = me.get(f"/api/v1/{path}").json()
    assert (mine["status"], mine["ride"]["starts_at"][:10]) == ("accepted", "2026-12-09")


def test_an_officer_drives_one_car_at_a_time(month: Cohort, staff: Any) -> None:
    assert offer(staff, month, ride()).status_code == 201
    overlapping = ride() | {"starts_at": local("2026-12-07 21:59").isoformat()}
    overlapping["ends_at"] = local("2026-12-07 23:00").isoformat()
    assert offer(staff, month, overlapping).json()["type"] == "officer-taken"
    endless = ride(day="2026-12-20") | {"ends_at": local("2026-12-24 18:00").isoformat()}
    assert offer(staff, month, endless).json()["errors"][0]["pointer"] == "/ends_at"
    after = ride() | {"starts_at": local("2026-12-07 22:00").isoformat()}
    after["ends_at"] = local("2026-12-07 23:00").isoformat()
    assert offer(staff, month, after).status_code == 201
    assert RideSlot.objects.count() == 2


def test_a_draw_that_was_called_off_stays_to_be_seen(
    month: Cohort, staff: Any, client: DocumentedClient
) -> None:
    Cohort.objects.update(mode="draw", seed="SEED", seed_hash="a" * 64)
    path = f"programs/slmpd-ride-along/cohorts/{month.pk}"
    post(staff, f"{path}/cancel", reason="We want another result.")
    shown = client.get(f"/api/v1/{path}/draw").json()
    assert (shown["seed_hash"], shown["seed"], shown["is_cancelled"]) == ("a" * 64, None, True)
    listed = client.get("/api/v1/programs/slmpd-ride-along/cohorts").json()["results"]
    assert [(c["id"], c["is_cancelled"]) for c in listed] == [(str(month.pk), True)]


# --- staff --------------------------------------------------------------------------------------------


def test_nobody_judges_whose_names_they_read(city: None, sign_in: Any) -> None:
    program = make_program("award", "award")
    make_manager(program)
    admin = User.objects.create_user(kind=User.Kind.STAFF, email="a@example.org", is_administrator=True)
    give = {"role": "judge", "since": "2026-11-23"}
    for email in ("manager@example.org", "a@example.org"):
        refused = sign_in(admin).put(
            "/api/v1/programs/award/seats", {"email": email, **give}, content_type="application/json"
        )
        assert (refused.status_code, refused.json()["type"]) == (409, "reads-names")
    ended = {"email": "manager@example.org", "role": "manager", "since": "2024-01-01", "until": "2026-11-22"}
    done = sign_in(admin).put("/api/v1/programs/award/seats", ended, content_type="application/json")
    assert done.status_code == 200, done.content
    later = sign_in(admin).put(
        "/api/v1/programs/award/seats",
        {"email": "manager@example.org", **give},
        content_type="application/json",
    )
    assert later.status_code == 200, later.content
    nobody = {"email": "no-such@example.org", **give}
    assert (
        sign_in(admin)
        .put("/api/v1/programs/award/seats", nobody, content_type="application/json")
        .status_code
        == 404
    )


def test_what_staff_cannot_state(rides: Program, staff: Any) -> None:
    intake = {
        "name": "Far",
        "mode": "review",
        "starts_on": "2026-12-10",
        "ends_on": "2026-12-31",
        "opens_at": "2026-11-24T09:00:00-06:00",
    }
    for wrong, pointer in [
        ({"starts_on": "9999-12-01", "ends_on": "9999-12-31"}, "/ends_on"),
        ({"starts_on": "0001-01-01"}, "/starts_on"),
        ({"opens_at": "9999-12-31T23:59:00Z"}, "/ends_on"),
        ({"ends_on": "2026-12-01"}, "/ends_on"),
        ({"name": "\u202eXX"}, "/name"),
        ({"area": "slcpd-precinct-1"}, "/area"),
        ({"places": 0}, "/places"),
    ]:
        refused = post(staff, "programs/slmpd-ride-along/cohorts", **intake | wrong)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, pointer), wrong
    rides.rules.create(kind="age", low=18, words="18")
    for low in (30000, 121):
        refused = staff.put(
            "/api/v1/programs/slmpd-ride-along/rules/age",
            {"words": "Old", "low": low, "high": None},
            content_type="application/json",
        )
        assert refused.status_code == 400
    for schema in (
        {"type": "object", "additionalProperties": False, "properties": {"a": True}},
        {"type": "object", "additionalProperties": False, "title": "<script>x</script>"},
        {"type": "object", "additionalProperties": False, "title": "n\u0000l"},
    ):
        refused = post(staff, "programs/slmpd-ride-along/forms", schema=schema, accept_former_until=None)
        assert refused.json()["errors"][0]["pointer"] == "/schema"


def test_an_answer_where_nothing_is_asked_is_words(city: None, sign_in: Any) -> None:
    cohort = make_cohort(make_program())
    resident = make_resident()
    asked = make_application(cohort, resident, status="action_needed", born_on=date(1990, 1, 1))
    me, path = sign_in(resident), f"applications/{asked.pk}/answer"
    refused = post(me, path, answers={"x": {"y": "<script>"}})
    assert refused.json()["errors"][0]["pointer"] == "/answers"
    assert post(me, path, words="<b>x</b>").json()["errors"][0]["pointer"] == "/words"
    assert post(me, path).json()["errors"][0]["pointer"] == "/words"
    assert post(me, path, words="Olive Street").json()["status"] == "under_review"


# --- what a second reading found ----------------------------------------------------------------------


def test_an_intake_that_is_over_takes_nobody(city: None, sign_in: Any, now: Any) -> None:
    camp = make_cohort(make_program("camp", "camp"), mode="first_come", starts_in=1, days=1, closes_at=None)
    now.shift(timedelta(days=3))
    over = apply(sign_in(make_resident()), camp, RIDER)
    assert (over.status_code, over.json()["type"]) == (409, "not-open")


def test_calling_a_month_off_takes_its_cars_back_and_frees_its_quota(
    rides: Program, month: Cohort, staff: Any, sign_in: Any
) -> None:
    rides.rules.create(kind="places_a_month", high=1, words="One a month.")
    other = make_cohort(rides, name="Other", mode="first_come", starts_in=8, days=30)
    offer(staff, month, ride())
    offer(staff, other, ride(area="slmpd-beat-401", day="2026-12-09"))
    apply(sign_in(make_resident("a@example.org")), month, RIDER)
    waits = apply(sign_in(make_resident("b@example.org")), other, RIDER | {"name": "Bo"}).json()
    assert waits["status"] == "waitlisted"
    post(staff, f"programs/slmpd-ride-along/cohorts/{month.pk}/cancel", reason="No cars.")
    assert Application.objects.get(pk=waits["id"]).status == "accepted"
    assert RideSlot.objects.on_offer().filter(cohort=month).count() == 0
    assert offer(staff, other, ride()).status_code == 201  # the officer is free then


def test_a_seat_that_was_only_kept_never_was_theirs(
    rides: Program, month: Cohort, staff: Any, sign_in: Any
) -> None:
    rides.rules.create(kind="screening", words="A records check.")
    offer(staff, month, ride())
    me = sign_in(make_resident())
    url = post(me, "me/feed").json()["url"].partition("/feeds/")[2]
    path = f"applications/{apply(me, month, RIDER).json()['id']}"
    post(me, f"{path}/withdraw")
    assert b"BEGIN:VEVENT" not in me.get(f"/feeds/{url}").content


def test_an_award_month_has_a_deadline(city: None, sign_in: Any) -> None:
    program = make_program("award", "award")
    refused = post(
        sign_in(make_manager(program)),
        "programs/award/cohorts",
        name="May",
        mode="review",
        starts_on="2026-12-01",
        ends_on="2026-12-31",
        opens_at="2026-12-01T09:00:00-06:00",
    )
    assert refused.json()["errors"][0]["pointer"] == "/closes_at"


def test_a_quota_of_days_is_asked_day_by_day(rides: Program, month: Cohort, staff: Any, sign_in: Any) -> None:
    rides.rules.filter(kind="participation").update(low=10, high=1)
    earlier = make_cohort(rides, name="Earlier", mode="first_come", starts_in=8, days=30)
    offer(staff, earlier, ride(day="2026-12-07"))
    offer(staff, month, ride(area="slmpd-beat-401", day="2026-12-16"), ride(day="2026-12-17"))
    me = sign_in(make_resident())
    assert apply(me, earlier, RIDER).json()["ride"]["starts_at"].startswith("2026-12-07")
    assert apply(me, month, RIDER).json()["ride"]["starts_at"].startswith("2026-12-17")


# --- what a second attack found -----------------------------------------------------------------------


def test_which_events_are_a_programs_its_staff_say_and_they_alone_change_them(
    city: None, officer: User, outsider: User, sign_in: Any
) -> None:
    program = make_program(has_public_sessions=True)
    boss, walker = make_manager(program), sign_in(officer)
    body = {
        "kind": "other",
        "title": "Not ours",
        "areas": ["slmpd-beat-402"],
        "first_on": "2026-12-04",
        "start_time": "18:00",
        "place": {"name": "Library"},
    }
    for client, areas in ((walker, ["slmpd-beat-402"]), (sign_in(outsider), ["slcpd-precinct-1"])):
        sent = body | {"areas": areas, "program": "citizens-academy"}
        assert client.post("/api/v1/events", sent, content_type="application/json").status_code == 403
    admin = sign_in(
        User.objects.create_user(kind=User.Kind.STAFF, email="x@example.org", is_administrator=True)
    )
    for wrong in ({"program": "no-such"}, {"program": "citizens-academy", "areas": ["slcpd-precinct-1"]}):
        refused = admin.post("/api/v1/events", body | wrong, content_type="application/json")
        assert refused.json()["errors"][0]["pointer"] == "/program", wrong
    cohort = make_cohort(program, starts_in=7)
    plan = {"first_on": "2026-12-02", "start_time": "18:00", "duration_minutes": 60, "topics": ["A"]}
    where = {"areas": ["slmpd-beat-402"], "place": {"name": "Academy"}}
    path = f"programs/citizens-academy/cohorts/{cohort.pk}/sessions"
    planned = post(sign_in(boss), path, **plan, **where)
    assert planned.status_code == 201, planned.content
    session = planned.json()[0]
    taken = walker.patch(
        f"/api/v1/events/{session['event']}", {"program": ""}, content_type="application/json"
    )
    assert taken.status_code == 403
    assert post(sign_in(boss), f"events/{session['event']}/cancel", reason="Snow.").status_code == 200


def test_a_number_beyond_all_numbers_is_no_json(month: Cohort, sign_in: Any) -> None:
    me = sign_in(make_resident())
    raw = json.dumps({"program": "slmpd-ride-along", "cohort": str(month.pk), "answers": {"n": 1}}).replace(
        "1}", "1e400}"
    )
    assert me.post("/api/v1/applications", raw, content_type="application/json").status_code == 400


def test_a_seat_is_listed_and_ended_whenever_it_began(rides: Program, sign_in: Any) -> None:
    boss = make_manager(rides)
    admin = sign_in(
        User.objects.create_user(kind=User.Kind.STAFF, email="x@example.org", is_administrator=True)
    )
    path = "/api/v1/programs/slmpd-ride-along/seats"
    assert [row["email"] for row in admin.get(path).json()] == ["manager@example.org"]
    assert sign_in(boss).get(path).status_code == 403
    ends = {"email": "manager@example.org", "role": "manager", "since": "2026-11-01", "until": "2026-11-22"}
    assert admin.put(path, ends, content_type="application/json").json()["until"] == "2026-11-22"
    assert sign_in(boss).get("/api/v1/programs/slmpd-ride-along/applications").status_code == 403
    assert admin.put(path, ends, content_type="application/json").status_code == 404


def test_when_the_clocks_go_back_a_ride_is_as_long_as_it_lasts(rides: Program, staff: Any) -> None:
    rides.rules.create(kind="hours", high=4, words="Four hours at most.")
    month = make_cohort(rides, name="November", starts_on=date(2027, 11, 1), ends_on=date(2027, 11, 30))

    def at(start: str, end: str) -> int:
        seat = ride(day="2026-12-07") | {"starts_at": f"2027-11-07T{start}", "ends_at": f"2027-11-07T{end}"}
        return int(offer(staff, month, seat).status_code)

    assert at("00:00:00-05:00", "04:00:00-06:00") == 400  # five hours by any watch
    assert at("01:15:00-06:00", "01:30:00-05:00") == 400  # ends before it starts
    assert at("01:45:00-05:00", "01:30:00-06:00") == 201  # three quarters of an hour


def test_a_place_that_nobody_waits_for_does_not_lapse(
    month: Cohort, staff: Any, sign_in: Any, now: Any
) -> None:
    post(staff, "programs/slmpd-ride-along/waivers", text="At my own risk.")
    offer(staff, month, ride())
    made = apply(sign_in(make_resident()), month, RIDER).json()
    now.shift(timedelta(days=8))
    moving.lapse_unsigned(timezone.now())
    row = Application.objects.get(pk=made["id"])
    assert (row.has_place, row.changes.filter(move="lapse").count()) == (True, 0)


def test_who_was_there_after_all_is_no_no_show(month: Cohort, staff: Any) -> None:
    row = make_application(month, make_resident(), status="no_show")
    back = post(staff, f"programs/slmpd-ride-along/applications/{row.pk}/reinstate")
    assert (back.json()["status"], back.json()["has_place"]) == ("accepted", True)


def test_a_site_ends_with_the_concern_that_it_came_from(
    city: None, liaison: User, resident: User, sign_in: Any
) -> None:
    program = make_program("clean", "cleanup")
    area = Area.objects.get(slug="slmpd-beat-402")
    told = Concern.objects.create(
        category_id="noise", description="Tires", address="1915 Olive St", area=area, reporter=resident
    )
    path = f"triage/concerns/{told.pk}/site"
    assert post(sign_in(liaison), path, program="clean").status_code == 201
    assert post(sign_in(liaison), path, program="clean").json()["type"] == "suggested-already"
    sign_in(resident).patch("/api/v1/me", {"safe_at_home": True}, content_type="application/json")
    assert program.sites.get().place == ""
    program.sites.update(place="1915 Olive St")
    Concern.objects.update(address="")
    prune(timezone.now())
    assert program.sites.get().place == ""


def test_a_long_line_costs_little(city: None, sign_in: Any) -> None:
    """Statements, not seconds: as many people as wait must not be asked for one place."""
    program = make_program("locks", "supplies")
    gone, there = (program.supplies.create(name=name, stock=stock) for name, stock in (("A", 0), ("B", 5)))
    cohort, crowd = make_cohort(program, mode="first_come"), make_resident()
    for n in range(40):
        make_application(
            cohort, crowd, name=f"Person {n}x", status="waitlisted", supply=gone, is_for_self=False
        )
    me = sign_in(make_resident("b@example.org"))
    for item, most in ((gone, 60), (there, 70)):
        with CaptureQueriesContext(connection) as seen:
            made = apply(me, cohort, RIDER, supply=str(item.pk))
        assert made.status_code == 201
        assert len(seen) < most, (item.name, len(seen))
        post(me, f"applications/{made.json()['id']}/withdraw")


def test_nobody_joins_a_course_halfway(city: None, sign_in: Any, now: Any) -> None:
    program = make_program()
    program.topics.create(number=1, title="History")
    cohort = make_cohort(program, starts_in=7, days=80, places=1)
    first, second = make_resident(), make_resident("b@example.org")
    held = make_application(cohort, first, status="accepted")
    waits = make_application(cohort, second, name="Bo", status="waitlisted")
    now.shift(timedelta(days=30))
    assert post(sign_in(first), f"applications/{held.pk}/withdraw").json()["status"] == "withdrawn"
    waits.refresh_from_db()
    assert waits.status == "waitlisted"


def test_who_has_the_bike_gets_its_number_back(city: None, liaison: User, sign_in: Any) -> None:
    program = make_program("bikes", "registry")
    squatter, owner = sign_in(make_resident()), sign_in(make_resident("owner@example.org"))
    bike = {"kind": "bike", "decal": 12, "serial": "WTU 123", "make": "Example", "color": "red"}
    item = post(squatter, "registry/items", **bike).json()["id"]
    assert post(owner, "registry/items", **bike).status_code == 409
    path, why = f"registry/items/{item}/strike", {"reason": "The owner showed the bike and its bill."}
    assert post(sign_in(liaison), path, **why).status_code == 403
    assert post(sign_in(make_manager(program)), path, **why).status_code == 204
    assert post(owner, "registry/items", **bike).status_code == 201
    assert AuditRow.objects.get(action="struck an item").reason == why["reason"]
